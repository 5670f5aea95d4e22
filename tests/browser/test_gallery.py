"""The gallery in a real browser: from an empty workspace to a draft, in every look."""

import pytest
from playwright.sync_api import expect

from tests.browser.looks import WIDE, each_look
from workspaces.models import Role

ENTRIES = ["expense-report", "payment-reminders", "price-monitoring"]


@each_look
def test_every_page_of_the_gallery_is_accessible_in_every_look(open_as, axe, screenshot, lab, size, theme):
    page = open_as(Role.BUILDER, workspace=lab.actor.workspace, size=size, theme=theme, path="/workflows/")
    look = f"{'wide' if size == WIDE else 'narrow'}-{theme}"
    for name in ["", *ENTRIES]:
        page.goto(f"/workflows/gallery/{name}")
        axe(page)
        screenshot(page, f"gallery-{name or 'list'}-{look}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_from_an_empty_workspace_a_workflow_is_read_and_becomes_a_draft(open_as, lab, script):
    page = open_as(Role.BUILDER, workspace=lab.actor.workspace, path="/", script=script)
    page.get_by_role("link", name="Gallery").click()
    page.get_by_role("link", name="Invoice check against orders").click()
    page.get_by_role("link", name="Check every invoice").first.click()
    expect(page.locator("#invoice-check-check")).to_be_in_viewport()
    with page.expect_download() as download:
        page.get_by_role("link", name="orders.csv").click()
    assert download.value.suggested_filename == "orders.csv"
    page.get_by_role("button", name="Use this workflow").click()
    expect(page.get_by_text("is here as a draft of yours")).to_be_visible()
    assert page.url.partition("/workflows/")[2].startswith("invoice-check/")


def test_a_workflow_is_taken_by_the_keyboard_alone(open_as, lab):
    page = open_as(Role.BUILDER, workspace=lab.actor.workspace, path="/workflows/gallery/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Use this workflow").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Expense report is here as a draft of yours")).to_be_visible()


@pytest.mark.parametrize(
    ("slug", "gives"), [("price-monitoring", "2 of 4 products are undercut"), ("monthly-report", "8108")]
)
def test_a_copy_is_tried_out_with_its_samples_by_two_clicks(
    open_as, axe, screenshot, lab, run_jobs, slug, gives
):
    page = open_as(Role.BUILDER, workspace=lab.actor.workspace, path=f"/workflows/gallery/{slug}/")
    page.get_by_role("button", name="Use this workflow").click()
    page.goto(f"/workflows/{slug}/preview/")
    page.get_by_role("button", name="Use the sample inputs").click()
    page.wait_for_load_state()
    axe(page)
    screenshot(page, f"gallery-preview-{slug}")
    page.get_by_role("button", name="Run preview").click()
    page.wait_for_url("**/preview/*/")
    run_jobs()
    expect(page.locator("#outputs")).to_contain_text(gives)
    screenshot(page, f"gallery-preview-{slug}-done")
