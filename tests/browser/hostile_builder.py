"""The Builder with foreign texts in every place: names, values, conditions, names of fields, problems, saves, and both
sides of a conflict.
"""

from collections.abc import Iterator
from urllib.parse import quote, urlencode

from playwright.sync_api import expect

from common.canonical import loads
from tests.browser.hostile import HELP, LINES, NAMES, HostilePlace
from tests.browser.sweep import Sweep, Visit
from tests.browser.waiting import settled
from tests.pages.xss import XSS
from workflows import services
from workflows.builder.nodes import walk

BUILD = "/workflows/hostile/build/"
BROKEN = "/workflows/broken/build/"


def of_the_builder(place: HostilePlace) -> Iterator[Visit]:
    """Every part of a draft that can be read, some of one that cannot, the menus, the picture and the history."""
    shows = {
        "": (NAMES[3], NAMES[4]),
        "inputs[1]": (NAMES[1], HELP[1 % len(HELP)]),
        "inputs[3]": LINES[:10],
        "inputs[7].columns[4]": (NAMES[4],),
        "steps[0].branches[1].steps[0]": LINES[:20],
    }
    for node in walk(loads(place.flow.draft)):
        query = urlencode({"at": node.path})
        yield Visit(
            name="workflows:builder",
            address=f"{BUILD}?{query}",
            shows=(node.title, *shows.get(node.path, ())),
        )
    for at in ("", "inputs[0]", "steps[2]", "steps[12]", "steps[20]", "steps[22]"):
        yield Visit(name="workflows:builder", address=f"{BROKEN}?{urlencode({'at': at})}", shows=LINES[10:30])
    for line in LINES[10:14]:
        yield Visit(
            name="workflows:builder", address=f"{BROKEN}?{urlencode({'at': f'step:{line}'})}", shows=(line,)
        )
    for add in ("steps", "inputs", "outputs", "steps[0].branches", "steps[0].branches[1].steps"):
        query = urlencode({"add": add, "index": XSS[7]})
        yield Visit(name="workflows:builder", address=f"{BUILD}?{query}", shows=(NAMES[3],))
    for line in (XSS[5], XSS[7], XSS[25]):
        query = urlencode({"at": line, "add": line, "index": line})
        yield Visit(name="workflows:builder", address=f"{BUILD}?{query}")
        yield Visit(
            name="jobs:preview_scope", address=f"/workflows/hostile/preview/scope/?{urlencode({'at': line})}"
        )
    yield Visit(name="workflows:builder_graph", address=f"{BUILD}graph/", shows=(NAMES[4],))
    yield Visit(name="workflows:builder_graph", address=f"{BROKEN}graph/", shows=(LINES[21],))
    for slug in ("hostile", "broken"):
        for at in ("", "steps[0]", "steps[3]", "steps[0].branches[1].steps[0]"):
            yield Visit(
                name="jobs:preview_scope",
                address=f"/workflows/{slug}/preview/scope/?{urlencode({'at': at})}",
            )
    yield from _of_the_history(place)
    yield Visit(name="workflows:new", address="/workflows/new/")
    yield Visit(
        name="workflows:new", address=f"/workflows/new/?{urlencode({'name': XSS[7], XSS[5]: XSS[5]})}"
    )


def _of_the_history(place: HostilePlace) -> Iterator[Visit]:
    services.save_draft(
        actor=place.actor,
        workflow=place.flow,
        expected_revision=None,
        definition={**loads(place.flow.draft), "description": NAMES[5]},
        what=XSS[7],
    )
    place.flow.refresh_from_db()
    yield Visit(name="workflows:builder_history", address=f"{BUILD}history/", shows=(XSS[7],))
    for save in place.flow.saves.all():
        yield Visit(
            name="workflows:builder_history",
            address=f"{BUILD}history/?revision={save.revision}",
            shows=(XSS[7],),
        )
    yield Visit(name="workflows:builder_history", address=f"{BUILD}history/?revision={quote(XSS[7])}")


def edit_with_hostile_texts(sweep: Sweep, place: HostilePlace) -> None:
    """What is typed is saved by the script and comes back as text; then two people change the same field, and delete it."""
    page = sweep.page
    address = f"{BROKEN}?{urlencode({'at': 'steps[15]'})}"
    page.goto(address)
    for field, text in (
        ("Name", XSS[7]),
        ("Value to compare", f"'{LINES[3]}'"),
        ("Compared with", XSS[47]),
        ("Key", LINES[33]),
    ):
        control = page.get_by_label(field, exact=True).first
        control.evaluate("(each) => each.closest('details')?.setAttribute('open', '')")
        control.fill(text)
        expect(page.locator("#builder-saved")).to_have_text("Saved")
        settled(page)
        sweep.look(Visit(name="", address=f"{field} of a step, saved", shows=(text, XSS[7])))
    page.goto(address)
    _changed_meanwhile(place, "steps[15]", name=XSS[21])
    page.get_by_label("Name", exact=True).fill(XSS[5])
    page.get_by_role("button", name="Keep mine").wait_for()
    sweep.look(Visit(name="", address="a conflict in the Builder", shows=(XSS[21], XSS[5])))
    page.goto(address)
    _changed_meanwhile(place, "steps[15]")
    page.get_by_label("Name", exact=True).fill(XSS[34])
    page.get_by_role("button", name="Put it back").wait_for()
    sweep.look(Visit(name="", address="what was deleted in the Builder", shows=(XSS[34],)))


def _changed_meanwhile(place: HostilePlace, path: str, **fields: str) -> None:
    """By somebody else: the fields of the step, or without any it is deleted."""
    place.broken.refresh_from_db()
    definition = loads(place.broken.draft)
    number = int(path.removeprefix("steps[").removesuffix("]"))
    definition["steps"][number : number + 1] = [{**definition["steps"][number], **fields}] if fields else []
    services.save_draft(
        actor=place.actor, workflow=place.broken, expected_revision=None, definition=definition
    )
