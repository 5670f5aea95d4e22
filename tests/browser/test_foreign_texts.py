"""Texts that have broken out of pages elsewhere, in every place that shows a text: each stays a text, and is seen.

A dialog, a console error and a request to another host fail the test by the fixtures' own doing. A new address needs a
line here: a visit, or a reason why no foreign text is on it.

Over 300 lines because every address of the staff UI has its line.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import yaml
from django.urls import reverse

from tests.browser.hostile import EVERYTHING, FILE_NAME, HELP, LINES, NAMES, HostilePlace, broken_definition
from tests.browser.hostile_builder import edit_with_hostile_texts, of_the_builder
from tests.browser.sweep import FOREIGN, Sweep, Visit
from tests.pages.matrix import OPEN, PERSONAL, ROWS
from tests.pages.xss import XSS
from workspaces.admin_site import site

SHOW_NOTHING = {
    "jobs:new_ready": "an empty answer",
    "account_logout": "shows the person, as every page does, and answers GET with a question",
    **dict.fromkeys(
        ("account_change_password", "account_set_password", "account_theme", "account_keys", "account_workspace"),
        "takes a form, and shows no text of others",
    ),
    **dict.fromkeys(
        (name for name in PERSONAL | OPEN if name.startswith("mfa_")), "shows codes of ours and no foreign text"
    ),
    **dict.fromkeys(
        (name for name in OPEN if name.startswith(("account_inactive", "account_reset"))), "has sentences of ours alone"
    ),
    **dict.fromkeys(("errors", "problems", "schema", "api-docs"), "documents the code, not what people wrote"),
    **dict.fromkeys(("healthz", "readyz", "api-missing"), "answers machines"),
}  # fmt: skip
"""Addresses that are not visited, each with a reason."""


def of_jobs(place: HostilePlace) -> Iterator[Visit]:
    """Everything about jobs but the steps."""
    chosen = urlencode([("job", job.pk) for job in place.queued])
    done = urlencode([("job", job.pk) for job in (place.failed, place.completed, place.cancelled)])
    rows = urlencode([("row", job.pk) for job in place.queued])
    titles = tuple(NAMES[1:])
    yield Visit(name="overview", address="/", shows=(NAMES[0], EVERYTHING[:60]))
    yield Visit(name="jobs:now", address="/jobs/now/", shows=(NAMES[0],))
    yield Visit(name="jobs:list", address="/jobs/", shows=titles)
    for line in XSS:
        if line.startswith(("<img src=x onerror=alert", '"', "javascript:", "</title>", "{{")):
            yield Visit(name="jobs:list", address=f"/jobs/?search={quote(line)}", shows=(line,))
    yield Visit(name="jobs:list", address=f"/jobs/?{quote(XSS[7])}={quote(XSS[5])}", shows=(XSS[7],))
    yield Visit(name="jobs:list", address=f"/jobs/?status={quote(XSS[7])}&workflow={quote(XSS[5])}&created_after={quote(XSS[9])}&reference={quote(XSS[7])}&created_by={quote(XSS[3])}")  # fmt: skip
    yield Visit(name="jobs:list", address=f"/jobs/?cursor={quote(XSS[7])}")
    yield Visit(name="jobs:rows", address=f"/jobs/rows/?{rows}", shows=titles)
    yield Visit(name="jobs:cancel_selected", address=f"/jobs/cancel/?{chosen}", shows=titles)
    yield Visit(name="jobs:rerun_selected", address=f"/jobs/run-again/?{done}", shows=(NAMES[0],))
    yield Visit(name="jobs:of_workflow", address="/jobs/of-workflow/hostile/", shows=(NAMES[0],))
    yield Visit(name="jobs:new", address="/jobs/new/", shows=(NAMES[2], NAMES[4]))
    yield Visit(name="jobs:new", address=f"/jobs/new/?workflow={quote(XSS[7])}")
    yield Visit(
        name="jobs:new",
        address="/jobs/new/?workflow=hostile",
        shows=(*NAMES[:8], *HELP, *LINES, "\n".join(LINES)),
    )
    yield Visit(
        name="jobs:new", address=f"/jobs/new/?from={place.failed.pk}", shows=(NAMES[0], FILE_NAME, *LINES)
    )
    for name in ("state", "step_list", "graph", "audit", "evidence"):
        yield Visit(name=f"jobs:{name}", address=reverse(f"jobs:{name}", args=[place.failed.pk]))
    yield Visit(name="jobs:detail", address=f"/jobs/{place.subjob.pk}/", shows=(NAMES[2],))
    yield Visit(
        name="jobs:detail",
        address=f"/jobs/{place.failed.pk}/",
        shows=(NAMES[0], NAMES[1], *NAMES, EVERYTHING),
    )
    yield Visit(name="jobs:detail", address=f"/jobs/{place.cancelled.pk}/", shows=(NAMES[6],))
    yield Visit(name="jobs:detail", address=f"/jobs/{place.completed.pk}/", shows=tuple(NAMES))
    yield Visit(name="jobs:detail", address=f"/jobs/{place.waiting.pk}/", shows=(NAMES[5],))
    yield Visit(name="jobs:cancel", address=f"/jobs/{place.queued[0].pk}/cancel/", shows=(NAMES[1],))
    yield Visit(name="jobs:values", address=f"/jobs/{place.failed.pk}/values/", shows=(*XSS, FILE_NAME))
    yield Visit(name="jobs:values", address=f"/jobs/{place.completed.pk}/values/", shows=(*NAMES, *LINES))
    yield Visit(name="jobs:inside", address=f"/jobs/{place.failed.pk}/inside/?path=loop", shows=LINES[:10])
    yield Visit(
        name="jobs:inside", address=f"/jobs/{place.failed.pk}/inside/?path=loop%5B0%5D", shows=(NAMES[7],)
    )
    number = place.cancelled.pk
    yield Visit(name="jobs:audit", address=f"/jobs/{number}/audit/", shows=(NAMES[6],))
    for seq in range(1, place.cancelled.head_seq + 1):
        yield Visit(name="jobs:audit_entry", address=f"/jobs/{number}/audit/{seq}/")


def of_steps(place: HostilePlace) -> Iterator[Visit]:
    """The panel of a step of each kind, with its tabs; beside the job's page, and alone."""
    job = place.failed
    expected: dict[tuple[str, str], tuple[str, ...]] = {
        ("s0", "summary"): (NAMES[0], EVERYTHING),
        ("log", "log"): LINES,
        ("log", "input"): LINES,
        ("log", "output"): LINES,
        ("end", "summary"): (EVERYTHING, NAMES[-1]),
        ("loop[0].refuse", "summary"): (LINES[0], NAMES[7]),
        ("loop[0].refuse", "log"): (LINES[0],),
    }
    tabs = {"s0": ["summary"], "log": ["input", "output", "log"], "end": ["summary", "attempts"]}
    for path in place.paths(job):
        for tab in tabs.get(path, ["summary", "log"] if path.endswith("refuse") else ["summary", "output"]):
            query = urlencode({"path": path, "tab": tab})
            shows = expected.get((path, tab), ())
            yield Visit(name="jobs:step", address=f"/jobs/{job.pk}/steps/?{query}", shows=shows)
    yield Visit(name="jobs:step", address=f"/jobs/{job.pk}/steps/?path={quote(XSS[7])}&tab={quote(XSS[5])}")
    yield Visit(name="jobs:detail", address=f"/jobs/{job.pk}/?path=end", shows=(EVERYTHING,))


def of_previews(place: HostilePlace) -> Iterator[Visit]:
    """The form, a preview that failed, its regions and steps."""
    number = place.preview.pk
    page = f"/workflows/hostile/preview/{number}/"
    yield Visit(name="jobs:preview", address="/workflows/hostile/preview/", shows=(NAMES[3], XSS[7], *HELP))
    yield Visit(name="jobs:preview", address=f"/workflows/broken/preview/?until={quote(XSS[7])}")
    yield Visit(name="jobs:preview", address="/workflows/hostile/preview/?panel=1", shows=(XSS[7],))
    yield Visit(name="jobs:preview_run", address=page, shows=(NAMES[0], EVERYTHING[:500]))
    yield Visit(name="jobs:preview_detail", address=f"/jobs/previews/{number}/?panel=1", shows=(NAMES[1],))
    for name in ("state", "step_list", "inside"):
        yield Visit(name=f"jobs:preview_{name}", address=reverse(f"jobs:preview_{name}", args=[number]))
    for path, tab in (("s0", "summary"), ("log", "log"), ("loop[0].refuse", "summary"), ("end", "summary")):
        query = urlencode({"path": path, "tab": tab})
        yield Visit(name="jobs:preview_step", address=f"/jobs/previews/{number}/steps/?{query}")
        yield Visit(name="jobs:preview_run", address=f"{page}?step={quote(path)}&tab={tab}")


def of_workflows(place: HostilePlace) -> Iterator[Visit]:
    """Lists, details, versions, what differs, problems."""
    yield Visit(name="workflows:list", address="/workflows/", shows=(NAMES[3], NAMES[1], NAMES[4]))
    yield Visit(name="workflows:list", address=f"/workflows/?search={quote(XSS[7])}&status={quote(XSS[5])}")
    yield Visit(name="workflows:list", address="/workflows/?status=archived", shows=(NAMES[0],))
    yield Visit(name="workflows:detail", address="/workflows/hostile/", shows=(*NAMES[4:], HELP[0]))
    yield Visit(name="workflows:detail", address="/workflows/broken/", shows=(NAMES[1], LINES[12]))
    yield Visit(name="workflows:detail", address="/workflows/called/", shows=(NAMES[2], NAMES[0]))
    yield Visit(name="workflows:source", address="/workflows/hostile/source/", shows=(NAMES[3],))
    yield Visit(name="workflows:source", address="/workflows/broken/source/", shows=LINES[10:20])
    yield Visit(name="workflows:builder_source", address="/workflows/hostile/build/source/")
    yield Visit(
        name="workflows:builder_source", address="/workflows/broken/build/source/", shows=(LINES[12],)
    )
    yield Visit(name="workflows:import", address="/workflows/import/")
    yield Visit(name="workflows:gallery", address="/workflows/gallery/")
    yield Visit(name="workflows:gallery_entry", address="/workflows/gallery/incident-triage/")
    yield Visit(name="workflows:import_draft", address="/workflows/broken/import/", shows=LINES[10:20])
    yield Visit(name="workflows:activate", address="/workflows/hostile/activate/", shows=(NAMES[3],))
    yield Visit(name="workflows:activate", address="/workflows/broken/activate/", shows=(LINES[12],))
    yield Visit(name="workflows:deactivate", address="/workflows/hostile/deactivate/", shows=(NAMES[3],))
    yield Visit(name="workflows:archive", address="/workflows/broken/archive/", shows=(NAMES[1],))
    yield Visit(name="workflows:restore", address="/workflows/archived/restore/", shows=(NAMES[0],))
    yield Visit(
        name="workflows:version", address="/workflows/hostile/versions/1/", shows=(EVERYTHING[:500], NAMES[7])
    )
    yield Visit(
        name="workflows:version", address="/workflows/hostile/versions/2/", shows=(EVERYTHING[-500:],)
    )
    yield Visit(
        name="jobs:activation_preview", address="/workflows/hostile/preview/shown/", shows=(NAMES[3],)
    )
    yield Visit(name="workflows:callers", address="/workflows/called/callers/", shows=(NAMES[2],))
    for asked, shows in ((place.asked, XSS[7]), (place.refused, EVERYTHING[-500:].strip())):
        yield Visit(
            name="workflows:request", address=f"/workflows/hostile/requests/{asked.pk}/", shows=(shows,)
        )
    yield Visit(
        name="workflows:versions", address="/workflows/hostile/versions/", shows=(EVERYTHING[:500], NAMES[3])
    )
    for query in ("a=1&b=draft", f"a={quote(XSS[7])}&b=1"):
        yield Visit(name="workflows:versions", address=f"/workflows/hostile/versions/?{query}")
    yield Visit(
        name="workflows:draft_from_version", address="/workflows/hostile/versions/1/draft/", shows=(NAMES[3],)
    )
    for other in ("1", "draft", quote(XSS[7])):
        yield Visit(name="workflows:version", address=f"/workflows/hostile/versions/2/?with={other}")


def of_the_rest(place: HostilePlace) -> Iterator[Visit]:
    """The audit log, the person, and what is refused."""
    yield Visit(name="audit:list", address="/audit/", shows=(NAMES[0],))
    for line in (XSS[5], XSS[7], XSS[25]):
        yield Visit(name="audit:list", address=f"/audit/?{urlencode({'action': line, 'actor': line, 'target_id': line, line: line})}")  # fmt: skip
    for entry in place.entries():
        yield Visit(name="audit:entry", address=f"/audit/{entry}/")
    yield Visit(name="account", address="/account/", shows=(NAMES[1][:150],))
    yield Visit(
        name="account_reauthenticate", address=f"/account/reauthenticate/?next={quote('javascript:alert(1)')}"
    )
    yield Visit(name="account_login", address=f"/account/sign-in/?next={quote(XSS[7])}")
    for line in ("<img src=x onerror=alert(1)>", '"><svg onload=alert(1)>'):
        yield Visit(name="", address=f"/{quote(line)}/")
        yield Visit(name="", address=f"/workflows/{quote(line)}/")


def of_the_settings(place: HostilePlace) -> Iterator[Visit]:
    """People, invitations, tokens and the workspace."""
    name = quote(place.person.username)
    yield Visit(name="settings:index", address="/settings/")
    yield Visit(name="settings:members", address="/settings/members/", shows=(NAMES[1][:150],))
    yield Visit(name="settings:member", address=f"/settings/members/{name}/", shows=(NAMES[1][:150],))
    yield Visit(name="settings:invitations", address="/settings/invitations/", shows=(XSS[7],))
    yield Visit(name="settings:new_invitation", address="/settings/invitations/new/")
    yield Visit(
        name="settings:invitation", address=f"/settings/invitations/{place.invitation.uid}/", shows=(XSS[7],)
    )
    yield Visit(name="settings:tokens", address="/settings/tokens/", shows=(NAMES[4][:100],))
    yield Visit(name="settings:new_token", address="/settings/tokens/new/")
    yield Visit(
        name="settings:token", address=f"/settings/tokens/{place.token.uid}/", shows=(NAMES[4][:100],)
    )
    yield Visit(name="settings:workspace", address="/settings/workspace/", shows=(NAMES[0],))
    yield Visit(name="settings:new_workspace", address="/settings/workspace/new/")
    yield Visit(name="join", address=f"/join/{quote(XSS[7], safe='')}/")


RECORDS_SHOW = {
    "Workspace": (NAMES[0], NAMES[3]),
    "User": (NAMES[1][:150], NAMES[2][:150]),
    "Token": (NAMES[4][:100],),
    "Workflow": (NAMES[1], NAMES[2], NAMES[3], NAMES[4]),
    "WorkflowVersion": (EVERYTHING[:500], EVERYTHING[-500:]),
    "Job": tuple(NAMES),
    "File": (FILE_NAME,),
}


def of_the_records(place: HostilePlace) -> Iterator[Visit]:
    """Every list of the records, and the newest row of each."""
    yield Visit(name="admin", address="/admin/")
    yield Visit(name="admin", address=f"/admin/jobs/job/?q={quote(XSS[7])}", shows=(XSS[7],))
    yield Visit(name="admin", address=f"/admin/jobs/job/?{quote(XSS[7])}={quote(XSS[5])}")
    parts = dict.fromkeys(("StepRun", "Payload", "Wait"), f"?q={place.failed.pk}")
    found_by = {**parts, "File": f"?q={place.file.pk}"}
    for model in site._registry:
        base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        query = found_by.get(model.__name__, "")
        yield Visit(name="admin", address=f"{base}{query}", shows=RECORDS_SHOW.get(model.__name__, ()))
        newest = model._default_manager.order_by("-pk").values_list("pk", flat=True).first()
        yield Visit(name="admin", address=f"{base}{quote(str(newest))}/change/")


def downloads(place: HostilePlace) -> dict[str, str]:
    """What browsers keep as a file, by URL name."""
    job = place.failed.pk
    return {
        "jobs:csv": "/jobs/export.csv",
        "jobs:file": f"/jobs/files/{place.file.pk}/",
        "jobs:values_file": f"/jobs/{job}/values/inputs.json",
        "jobs:step_value": f"/jobs/{job}/steps/value/?path=log&kind=log",
        "workflows:gallery_file": "/workflows/gallery/invoice-check/files/orders.csv",
        "jobs:preview_step_value": f"/jobs/previews/{place.preview.pk}/steps/value/?path=log&kind=log",
        "workflows:export": "/workflows/hostile/export/?version=draft",
    }


def send_forms(sweep: Sweep) -> None:
    """Forms that come back with what was typed, and with what is wrong with it."""
    page = sweep.page
    text = yaml.safe_dump({"slug": "fresh", **broken_definition()}, allow_unicode=True)
    for given, shows in (
        (text, (LINES[12],)),
        ("a: [\n" + "\n".join(XSS), (XSS[7],)),
        (f"{{slug: {XSS[5]!r}}}", ()),
    ):
        page.goto("/workflows/import/")
        page.get_by_label("Text", exact=True).fill(given)
        with page.expect_navigation():
            page.get_by_role("button", name="Check").click()
        sweep.look(Visit(name="", address="the import of a text", shows=shows))
    page.goto("/jobs/new/?workflow=hostile")
    page.locator("[name=in-exact]").fill(XSS[5])
    page.locator("[name=in-line]").fill(XSS[7])
    page.get_by_role("button", name="Execute job").click()
    page.locator("#problem").wait_for()
    sweep.look(Visit(name="", address="the new job form, sent", shows=(XSS[5], XSS[7])))


def test_foreign_texts_are_texts_on_every_page(lab: Any, open_as: Any, expect_errors: Any) -> None:
    place = HostilePlace(lab)
    # A page that refuses is a failed load to the console.
    expect_errors(r"console: Failed to load resource: the server responded with a status of 4\d\d")
    sweep = Sweep(page=open_as(user=place.person))
    visits = [
        *of_jobs(place), *of_steps(place), *of_previews(place), *of_workflows(place), *of_the_settings(place), *of_the_rest(place),
        *of_the_builder(place), *of_the_records(place),
    ]  # fmt: skip
    for visit in visits:
        sweep.visit(visit)
    send_forms(sweep)
    edit_with_hostile_texts(sweep, place)
    kept = downloads(place)
    for address in kept.values():
        answer = sweep.page.request.get(address)
        assert answer.ok, address
        assert answer.headers["content-disposition"].startswith("attachment"), address
        assert answer.headers["x-content-type-options"] == "nosniff", address
    assert sweep.wrong == [], "\n".join(sweep.wrong)
    asked = {row.name for row in ROWS if row.method == "get"} | PERSONAL | OPEN
    assert asked - {visit.name for visit in visits} - kept.keys() - SHOW_NOTHING.keys() == set()


def test_no_reason_is_kept_for_an_address_that_is_gone() -> None:
    assert SHOW_NOTHING.keys() <= {row.name for row in ROWS} | PERSONAL | OPEN


@pytest.mark.parametrize(
    "payload", ["<marquee>x</marquee>", "<x hx-get=/account/>", "<a href=javascript:1>x</a>"]
)
def test_the_sweep_sees_what_breaks_out(new_page: Any, live_server: Any, payload: str) -> None:
    page = new_page()
    page.goto("/account/sign-in/")
    page.evaluate("(text) => document.body.insertAdjacentHTML('beforeend', text)", payload)
    assert page.evaluate(FOREIGN) != []
