"""`make screenshots`: the pictures of the README, taken of a demonstration that is started for them and gone afterwards.

It is the real product: web server and cluster of `manage.py up` on a database, a folder and a port of their own, jobs of
the samples that workers run, pages in Chromium. `SCREENSHOTS_PORT` names the port; without it, a free one is taken.
"""

import base64
import os
import secrets
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.browser.chromium import FLAGS, find_chromium

ROOT = Path(__file__).parent.parent.parent
PICTURES = ROOT / "docs" / "pictures"
SIZE = ViewportSize(width=1280, height=800)
LARGEST = 150_000
"""Bytes of a picture: who reads the README waits for it."""
_TRIES = 60


def main() -> int:
    """The exit status is 1 where there is no Chromium, or a picture is too large."""
    program = find_chromium()
    if program is None:
        sys.stderr.write(
            "There is no Chromium. Install it (on Debian: apt install chromium), or name one in CHROMIUM.\n"
        )
        return 1
    with tempfile.TemporaryDirectory(prefix="workledger-") as folder, demonstration(Path(folder)) as shown:
        url, password, failed = shown
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=program, headless=True, chromium_sandbox=False, args=FLAGS
            )
            for theme in ("light", "dark"):
                page = sign_in(browser, url, password, dark=theme == "dark")
                page.goto(f"{url}/jobs/{failed}/")
                take(page, f"job-{theme}")
                open_while_one_runs(page, f"{url}/jobs/")
                take(page, f"jobs-{theme}")
                page.goto(f"{url}/workflows/expense-report/build/?at=steps[3].branches[0]")
                page.locator("#builder-graph svg").first.wait_for()
                take(page, f"builder-{theme}")
            browser.close()
    large = [path.name for path in PICTURES.glob("*.png") if path.stat().st_size > LARGEST]
    if large:
        sys.stderr.write(f"Larger than {LARGEST} bytes: {', '.join(large)}\n")
    return 1 if large else 0


@contextmanager
def demonstration(folder: Path) -> Iterator[tuple[str, str, int]]:
    """Address, password of `admin`, and the number of a failed job, while it runs."""
    port = int(os.environ.get("SCREENSHOTS_PORT") or _free_port())
    os.environ.update(_environment(folder, port))
    import django  # noqa: PLC0415 - the settings read the environment

    django.setup()
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    from jobs.demo.server import running  # noqa: PLC0415
    from jobs.demo.workspace import set_up_demo  # noqa: PLC0415
    from tests.browser.office import Office  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    demo = set_up_demo()
    assert demo.password is not None
    within = settings.STOP_GRACE + 15
    with running(base_dir=ROOT, port=port, log=folder / "server.log", stop_within=within):
        yield f"http://127.0.0.1:{port}", demo.password, Office(demo).fill()


def sign_in(browser: Browser, url: str, password: str, *, dark: bool) -> Page:
    """Through the door, as a person."""
    context = browser.new_context(viewport=SIZE, color_scheme="dark" if dark else "light")
    page = context.new_page()
    page.goto(f"{url}/")
    page.get_by_label("User name or e-mail").fill("admin")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Overview").wait_for()
    return page


def open_while_one_runs(page: Page, address: str) -> None:
    """The list at a moment when a job is in progress: one that waits for its sub-jobs is so again and again."""
    running = page.locator("tbody .col-state").get_by_text("In progress")
    for _ in range(_TRIES):
        page.goto(address)
        if running.count():
            return


def take(page: Page, name: str) -> None:
    """What a person sees first of the page that is open."""
    page.locator(".htmx-request").first.wait_for(state="detached")
    path = PICTURES / f"{name}.png"
    page.screenshot(path=path, animations="disabled", caret="hide")
    sys.stdout.write(f"{path.relative_to(ROOT)}: {path.stat().st_size} bytes\n")


def _environment(folder: Path, port: int) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
        "DATABASE_URL": f"sqlite:///{folder / 'workledger.sqlite3'}",
        "STORAGE_URL": f"file://{folder / 'blobs'}",
        "PORT": str(port),
        "BASE_URL": f"http://127.0.0.1:{port}",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "CREDENTIAL_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "AUDIT_SIGNING_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "LOG_LEVEL": "WARNING",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
