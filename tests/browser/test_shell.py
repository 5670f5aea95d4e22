"""The shell, in every look: what surrounds each page."""

import pytest
from playwright.sync_api import expect

from tests.browser.looks import NARROW, WIDE, each_look
from tests.factories import make_member, make_workspace
from workspaces.models import Role


@each_look
def test_the_overview_and_the_persons_page_are_accessible_in_every_look(
    open_as, axe, screenshot, lab, size, theme
):
    lab.workflow(
        "{description: Adds one and one., steps: [{key: a, type: fail, message: The ledger is closed}]}"
    )
    for _ in range(2):
        lab.start()
    lab.drain()
    lab.workflow("steps: [{key: a, type: delay, duration: 2h}]", slug="slow")
    lab.start("slow")
    lab.drain()
    lab.start("slow")
    page = open_as(Role.ADMIN, workspace=lab.actor.workspace, size=size, theme=theme)
    look = f"{'wide' if size == WIDE else 'narrow'}-{theme}"
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    axe(page)
    screenshot(page, f"overview-{look}")
    page.goto("/account/")
    axe(page)
    screenshot(page, f"account-{look}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_scripts_menus_open_and_the_theme_and_workspace_change(open_as, lab):
    other = make_member(Role.VIEWER, workspace=lab.actor.workspace)
    make_member(Role.ADMIN, workspace=make_workspace("second", name="Second"), user=other.user)
    page = open_as(user=other.user, script=False, size=NARROW)
    page.locator("summary", has_text="Menu").first.click()
    expect(page.get_by_role("navigation", name="Menu").get_by_role("link", name="Overview")).to_be_visible()
    page.locator("summary", has_text="Your menu").click()
    page.get_by_role("button", name="Dark theme").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.locator("summary", has_text="Workspace:").click()
    page.get_by_role("button", name="Second").click()
    expect(page.locator("summary", has_text="Workspace:")).to_contain_text("Second")


def test_the_theme_of_the_system_needs_no_script(open_as):
    ground = "getComputedStyle(document.body).backgroundColor"
    light, dark = (open_as(theme=theme).evaluate(ground) for theme in ("light", "dark"))
    assert light != dark
    page = open_as(theme="dark", path="/account/")
    page.get_by_role("button", name="Light", exact=True).click()
    assert page.evaluate(ground) == light


def test_the_overview_follows_jobs_while_somebody_watches(open_as, lab, run_jobs):
    lab.workflow("steps: [{key: a, type: fail, message: The ledger is closed}]")
    page = open_as(workspace=lab.actor.workspace)
    expect(page.get_by_text("Nothing has run here yet")).to_be_visible()
    lab.start()
    running = page.get_by_role("region", name="Running now")
    expect(running.get_by_role("row", name="Queued flow")).to_be_visible()
    run_jobs()
    failed = page.get_by_role("region", name="Failed in the last day")
    expect(failed.get_by_text("The ledger is closed")).to_be_visible()


def test_the_keyboard_helps_and_is_quiet_in_fields_and_when_switched_off(open_as, axe):
    page = open_as(path="/account/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    axe(page)
    page.keyboard.press("Escape")
    page.get_by_label("Last name").press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_hidden()
    page.get_by_role("button", name="Switch these keys off").click()
    expect(page.get_by_role("button", name="Switch these keys on")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_hidden()


def test_the_first_tab_leads_past_the_menu(open_as):
    page = open_as()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_records_have_the_colours_of_the_pages_and_lead_back(open_as, axe, screenshot, theme):
    page = open_as(Role.AUDITOR, path="/admin/", theme=theme)
    screenshot(page, f"records-{theme}")
    colour = "getComputedStyle(document.querySelector('#header')).backgroundColor"
    records = page.evaluate(colour)
    page.get_by_role("link", name="Back to the pages").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    assert page.evaluate(colour.replace("#header", ".topbar")) == records


def test_the_page_of_the_api_works_under_its_policy(open_as):
    page = open_as(path="/api/docs/")
    expect(page.get_by_role("heading", name="Workledger API")).to_be_visible()


def test_an_open_menu_and_a_page_that_is_not_there_are_accessible(open_as, axe, screenshot, expect_errors):
    expect_errors("404")
    member = make_member(Role.ADMIN)
    make_member(Role.VIEWER, workspace=make_workspace("second", name="Second"), user=member.user)
    page = open_as(user=member.user)
    page.locator("summary", has_text="Your menu").click()
    axe(page)
    screenshot(page, "menu-wide-light")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    page.locator("summary", has_text="Workspace:").click()
    screenshot(page, "workspaces-wide-light")
    page.goto("/nothing/")
    expect(page.get_by_role("heading", name="Not Found")).to_be_visible()
    axe(page)
    screenshot(page, "error-wide-light")
