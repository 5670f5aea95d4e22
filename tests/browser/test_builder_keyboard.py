"""The Builder once through by the keyboard alone."""

from playwright.sync_api import expect

from common.canonical import loads
from jobs.models import Job
from tests.browser.test_builder import build, flow  # noqa: F401 - fixtures
from tests.browser.waiting import settled
from workflows.models import Workflow

MOST_TABS = 150


def draft():
    return loads(Workflow.objects.get(slug="flow").draft)


def go_to(page, role, name):
    """Press Tab until it has the focus."""
    wanted = page.get_by_role(role, name=name, exact=True).first
    expect(wanted).to_be_visible()
    for _ in range(MOST_TABS):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"No Tab leads to {name}.")


def saved(page):
    expect(page.locator("#builder-saved")).to_have_text("Saved")
    settled(page)


def test_a_part_is_chosen_edited_added_moved_filled_previewed_and_activated(build, run_jobs):  # noqa: F811
    page = build()
    go_to(page, "link", "First")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="First Set values")).to_be_visible()

    go_to(page, "textbox", "Name")
    page.keyboard.press("End")
    page.keyboard.type(" of all")
    saved(page)
    assert draft()["steps"][0]["name"] == "First of all"

    go_to(page, "link", "Add a step after this")
    page.keyboard.press("Enter")
    name = page.get_by_role("textbox", name="Name", exact=True)
    expect(name).to_be_focused()
    page.keyboard.type("Work it out")
    page.keyboard.press("Tab")
    page.keyboard.type("name values")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Work it out Set values")).to_be_visible()
    expect(page.get_by_label("Add a value: Name")).to_be_focused()

    settled(page)  # what can be inserted has come
    page.keyboard.type("twice")
    go_to(page, "link", "Insert a value into Values")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Search values to insert")).to_be_focused()
    page.keyboard.type("limit")
    page.keyboard.press("Enter")
    page.keyboard.type(" * 2")
    saved(page)
    assert draft()["steps"][1]["values"] == {"twice": "{{ inputs.limit }} * 2"}

    go_to(page, "link", "Work it out")
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("#builder-last")).to_contain_text("Moved Work it out")
    assert [step["key"] for step in draft()["steps"]][:2] == ["work_it_out", "first"]

    go_to(page, "button", "Run preview")
    page.keyboard.press("Enter")
    expect(page.locator("#preview")).to_contain_text("Queued")
    run_jobs()
    expect(page.locator("#preview").get_by_text("Completed").first).to_be_visible()
    assert Job.objects.filter(kind="job").count() == 0

    go_to(page, "link", "Activate")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Activate Flow")).to_be_visible()
    go_to(page, "button", "Activate")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Version 1 is frozen and active").first).to_be_visible()
