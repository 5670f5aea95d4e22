"""A real browser on a real server. One Chromium for the whole session, one context for each person of a test.

`open_as("operator")` gives a page of a person with that role, signed in; `width`, `theme` and `script=False` vary it.
A console error, a script's error or a request to another host fails the test; what a test provokes on purpose it
names with `expect_errors("…")`. `run_jobs()` runs what is queued while the page watches.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    Request,
    sync_playwright,
)

from tests.browser.chromium import FLAGS, find_chromium
from tests.browser.looks import WIDE
from tests.engine.lab import Lab
from tests.factories import make_member, make_user
from workspaces.models import Role, User, Workspace

SCREENSHOTS = Path(settings.VAR_DIR) / "screenshots"
AXE = Path(settings.NODE_MODULES) / "axe-core/axe.min.js"

Open = Callable[..., Page]
Spare = dict[bool, list[BrowserContext]]
"""By whether scripts run in them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is marked `browser`, and skipped where there is none."""
    missing = pytest.mark.skip(reason="there is no Chromium: see tests/browser/chromium.py")
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if find_chromium() is None:
                item.add_marker(missing)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The one browser of the session."""
    with pytest.MonkeyPatch.context() as patch:
        # Playwright's loop lives in this thread, where tests ask the database too.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        with sync_playwright() as playwright:
            launched = playwright.chromium.launch(
                executable_path=find_chromium(), headless=True, chromium_sandbox=False, args=FLAGS
            )
            yield launched
            launched.close()


class Watch:
    """Collects what no page may do."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._expected: list[str] = []
        self.found: list[str] = []

    def follow(self, page: Page) -> None:
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self._note(f"script error: {error}"))
        page.on("request", self._on_request)
        page.on("dialog", self._on_dialog)

    def expect(self, pattern: str) -> None:
        self._expected.append(pattern)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._note(f"console: {message.text}")

    def _on_dialog(self, dialog: Dialog) -> None:
        self._note(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith((self._base, "data:", "blob:", "about:")):
            self._note(f"request to another host: {request.url}")

    def _note(self, what: str) -> None:
        self.found.append(what)

    def unexpected(self) -> list[str]:
        return [
            what for what in self.found if not any(re.search(pattern, what) for pattern in self._expected)
        ]


@pytest.fixture
def watch(live_server: Any) -> Iterator[Watch]:
    """Fails the test at its end for each error that nobody expected."""
    watching = Watch(live_server.url)
    yield watching
    assert watching.unexpected() == []


@pytest.fixture
def expect_errors(watch: Watch) -> Callable[[str], None]:
    """Names an error, as a regular expression, that the test provokes on purpose."""
    return watch.expect


@pytest.fixture(scope="session")
def spare_contexts() -> Spare:
    """What former tests are done with. A new context would start a process, and read every style and script anew."""
    return {True: [], False: []}


@pytest.fixture
def new_page(browser: Browser, live_server: Any, watch: Watch, spare_contexts: Spare) -> Iterator[Open]:
    """A page of a visitor, in a context of its own, on the size and in the theme asked for."""
    used: list[tuple[bool, BrowserContext]] = []

    def open_page(
        *, size: tuple[int, int] = WIDE, theme: str = "light", script: bool = True, user: User | None = None
    ) -> Page:
        if spare_contexts[script]:
            context = spare_contexts[script].pop()
        else:
            context = browser.new_context(
                base_url=live_server.url, java_script_enabled=script, reduced_motion="reduce"
            )
            context.set_default_timeout(10_000)
        used.append((script, context))
        if user is not None:
            context.add_cookies([session_cookie(user, live_server.url)])
        page = context.new_page()
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        watch.follow(page)
        return page

    yield open_page
    for script, context in used:
        for page in context.pages:
            page.close()
        context.clear_cookies()
        context.clear_permissions()
        context.set_offline(False)
        spare_contexts[script].append(context)


@pytest.fixture
def open_as(new_page: Open) -> Open:
    """`open_as("operator", path="/")`: a page of a new person with that role, signed in and opened at `path`.

    `workspace` puts them into one that exists, `user` takes one who is a member already.
    """

    def open_page(
        role: Role | str = Role.OPERATOR,
        *,
        path: str = "/",
        workspace: Workspace | None = None,
        user: User | None = None,
        **look: Any,
    ) -> Page:
        person = user or make_member(role, workspace=workspace, user=make_user(first_name="Ada")).user
        page = new_page(user=person, **look)
        page.goto(path)
        return page

    return open_page


@pytest.fixture
def lab(transactional_db: None, browser: Browser) -> Lab:
    """A workspace (`lab.actor.workspace`) with workflows of the test's own making, and a worker of this process."""
    return Lab()


@pytest.fixture
def run_jobs(lab: Lab) -> Callable[[], None]:
    """Runs what is queued until nothing is due; `lab.step` runs one job as far as it goes."""
    return lab.drain


@pytest.fixture
def screenshot(request: pytest.FixtureRequest) -> Callable[[Page, str], Path]:
    """Keeps a picture of the whole page in `var/screenshots`."""

    def take(page: Page, name: str) -> Path:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        page.screenshot(path=path, full_page=True)
        return path

    return take


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """Fails on what axe-core calls serious or critical, with the place and the rule."""

    def check(page: Page) -> None:
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        assert [
            f"{each['id']}: {node['target']} {node['failureSummary']}"
            for each in found["violations"]
            if each["impact"] in ("serious", "critical")
            for node in each["nodes"]
        ] == []

    return check


def session_cookie(user: User, url: str) -> Any:
    """The cookie of a session of that person's, fresh."""
    client = Client()
    client.force_login(user)
    return {
        "name": settings.SESSION_COOKIE_NAME,
        "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
        "url": url,
    }
