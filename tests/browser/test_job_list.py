"""The list of jobs in a real browser: looks, filters, rows that keep up, choosing, keys, and all of it without scripts."""

import re

import pytest
from playwright.sync_api import expect

from jobs.models import Job
from jobs.services import start_job
from tests.browser.looks import NARROW, WIDE, each_look
from workspaces.models import Role

EXPENSES = """
inputs:
  - {key: month, type: text, label: Month, required: false}
  - {key: limit, type: number, label: Limit, default: 500}
  - {key: token, type: text, label: Token, secret: true, required: false}
steps:
  - {key: check_every_row, type: code, source: "1 / inputs['n']", inputs: {n: "{{ inputs.limit }}"}}
"""
SLEEPS = "steps: [{key: wait_for_the_bank, type: delay, duration: 2h}]"


@pytest.fixture
def jobs(lab):
    """Some of every kind, with long names, the newest queued."""
    lab.workflow(EXPENSES, slug="expense-report")
    lab.workflow(SLEEPS, slug="bank")

    def start(slug="expense-report", inputs=None, **fields):
        return start_job(actor=lab.actor, workflow=slug, inputs=inputs or {}, **fields).job

    start(inputs={"month": "October 2026", "token": "s3cret"}, title="Expense report October")
    start(
        inputs={"month": "September 2026", "limit": 0},
        title="Expense report September, with all the receipts that came late",
        reference="INV-2026-0117",
    )
    start("bank", reference="SEPA-88")
    start(inputs={"month": "August 2026"})
    lab.drain()
    stopped = start(inputs={"month": "July 2026"}, title="Expense report July")
    Job.objects.filter(pk=stopped.pk).update(status="cancelled", finished_at=stopped.created_at)
    start(inputs={"month": "November 2026"}, title="Expense report November")
    return start


def without_the_jobs_page(page):
    """What is tried is the way to a job's page, not that page."""
    page.route(
        re.compile(r"/jobs/\d+/$"), lambda route: route.fulfill(content_type="text/html", body="A job")
    )


def look_of(size, theme):
    return f"{'wide' if size == WIDE else 'narrow'}-{theme}"


@each_look
def test_it_is_accessible_in_every_look(open_as, lab, jobs, axe, screenshot, size, theme, expect_errors):
    expect_errors("422")
    look = look_of(size, theme)
    page = open_as(workspace=lab.actor.workspace, size=size, theme=theme, path="/jobs/")
    expect(page.get_by_role("link", name="Expense report November")).to_be_visible()
    axe(page)
    screenshot(page, f"jobs-{look}")
    page.goto("/jobs/?status=failed&workflow=expense-report&created_by=nobody")
    axe(page)
    screenshot(page, f"jobs-nothing-{look}")
    page.goto("/jobs/?status=failed")
    screenshot(page, f"jobs-failed-{look}")
    page.goto("/jobs/?created_after=yesterday&source=api")
    axe(page)
    screenshot(page, f"jobs-wrong-{look}")
    page.goto("/jobs/?status=failed&search=Expense&source=api&reference=INV-2026-0117")
    axe(page)
    screenshot(page, f"jobs-chips-{look}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_an_empty_list_says_what_a_job_is(open_as, lab, axe, screenshot, size):
    page = open_as(workspace=lab.actor.workspace, size=size, path="/jobs/")
    expect(page.get_by_role("heading", name="No job has run here yet")).to_be_visible()
    axe(page)
    screenshot(page, f"jobs-none-{look_of(size, 'light')}")


def test_a_wide_page_has_dense_rows_a_header_that_stays_and_nothing_cut_off(open_as, lab, jobs):
    for _ in range(40):
        jobs()
    page = open_as(workspace=lab.actor.workspace, path="/jobs/")
    rows = page.locator("tbody tr")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert {round(row.bounding_box()["height"]) for row in rows.all()[:-1]} <= {34, 35}
    rows.last.scroll_into_view_if_needed()
    header = page.get_by_role("columnheader", name="Workflow").bounding_box()
    assert header["y"] == pytest.approx(page.locator(".topbar").bounding_box()["height"], abs=1)


def test_filters_change_the_address_and_chips_and_the_way_back_take_them_away(open_as, lab, jobs):
    page = open_as(workspace=lab.actor.workspace, path="/jobs/")
    page.get_by_role("navigation", name="Jobs by status").get_by_role("link", name="Failed").click()
    expect(page).to_have_url(re.compile(r"/jobs/\?status=failed$"))
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page).to_have_title(re.compile("^Failed · Jobs"))
    page.get_by_label("Workflow").select_option(label="bank")
    page.get_by_role("button", name="Filter").click()
    expect(page).to_have_url(re.compile(r"/jobs/\?status=failed&workflow=bank$"))
    expect(page.get_by_role("heading", name="No job matches")).to_be_visible()
    page.get_by_role("group", name="Filters that are on").get_by_role("link", name="Status: Failed").click()
    expect(page).to_have_url(re.compile(r"/jobs/\?workflow=bank$"))
    expect(page.get_by_role("row", name="Waiting")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="No job matches")).to_be_visible()
    page.get_by_role("link", name="Clear all").first.click()
    expect(page).to_have_url(re.compile("/jobs/$"))
    expect(page.locator("tbody tr")).to_have_count(6)


def test_a_wrong_value_is_told_at_its_field_by_the_form_too(open_as, lab, jobs, expect_errors):
    expect_errors("422")
    page = open_as(workspace=lab.actor.workspace, path="/jobs/?created_after=yesterday")
    field = page.get_by_label("Created from")
    expect(field).to_have_value("yesterday")
    expect(field).to_have_accessible_description("Expected a day like 2026-11-22.")
    field.fill("tomorrow")
    page.get_by_role("button", name="Filter").click()
    expect(page).to_have_url(re.compile("created_after=tomorrow"))
    page.get_by_label("Created from").fill("2020-01-01")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("tbody tr")).to_have_count(6)


def test_rows_keep_up_without_losing_what_is_chosen_and_newer_jobs_wait_to_be_shown(
    open_as, lab, jobs, run_jobs
):
    page = open_as(workspace=lab.actor.workspace, path="/jobs/")
    row = page.get_by_role("row", name="Expense report November")
    expect(row).to_contain_text("Queued")
    row.get_by_role("checkbox").check()
    page.keyboard.press("Escape")
    run_jobs()
    jobs(title="Just now")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(row).to_contain_text("Completed")
    expect(row.get_by_role("checkbox")).to_be_checked()
    expect(page.get_by_text("1 job chosen")).to_be_visible()
    expect(page.get_by_role("link", name="Just now")).to_have_count(0)
    page.get_by_role("link", name="1 new job").click()
    expect(page.get_by_role("link", name="Just now")).to_be_visible()


def test_a_page_is_chosen_at_once_and_cancelled_after_a_question(open_as, lab, jobs, axe, screenshot):
    page = open_as(workspace=lab.actor.workspace, path="/jobs/")
    expect(page.get_by_role("button", name="Cancel…")).to_be_disabled()
    page.get_by_label("Choose all on this page").check()
    expect(page.get_by_text("6 jobs chosen")).to_be_visible()
    page.get_by_role("button", name="Cancel…").click()
    expect(page.get_by_role("heading", name="Cancel 6 jobs?")).to_be_visible()
    axe(page)
    screenshot(page, "jobs-cancel-wide-light")
    page.get_by_role("button", name="Cancel 6 jobs").click()
    expect(page.get_by_text("Done for 2 jobs.")).to_be_visible()
    expect(page.get_by_role("row", name="has ended already (failed)")).to_be_visible()
    axe(page)
    screenshot(page, "jobs-cancel-done-wide-light")


def test_everything_works_without_scripts(open_as, lab, jobs, screenshot, axe):
    page = open_as(workspace=lab.actor.workspace, path="/jobs/", script=False, size=NARROW)
    page.get_by_role("navigation", name="Jobs by status").get_by_role("link", name="Completed").click()
    page.get_by_label("Search", exact=True).fill("Expense report October")
    page.get_by_role("button", name="Filter").click()
    expect(page).to_have_url(re.compile(r"search=Expense\+report\+October&status=completed$"))
    page.get_by_role("row", name="Expense report October").get_by_role("checkbox").check()
    page.get_by_role("button", name="Run again…").click()
    screenshot(page, "jobs-again-narrow-light")
    page.get_by_role("button", name="Run 1 job again").click()
    expect(page.get_by_text("Done for 1 job.")).to_be_visible()
    screenshot(page, "jobs-again-done-narrow-light")
    page.get_by_role("link", name="Back to the jobs").click()
    expect(page.locator("tbody tr")).to_have_count(7)


def test_keys_walk_the_rows_choose_them_and_open_one_also_after_they_were_told_anew(
    open_as, lab, jobs, run_jobs
):
    page = open_as(workspace=lab.actor.workspace, path="/jobs/")
    without_the_jobs_page(page)
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.locator("#search").press("Tab")
    page.evaluate("document.activeElement.blur()")
    for key in "jj":
        page.keyboard.press(key)
    second = page.locator("tbody tr").nth(1)
    expect(second.get_by_role("link")).to_be_focused()
    page.keyboard.press("x")
    expect(second.get_by_role("checkbox")).to_be_checked()
    run_jobs()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("tbody tr").first).to_contain_text("Completed")
    page.keyboard.press("j")
    expect(page.locator("tbody tr").nth(2).get_by_role("link")).to_be_focused()
    number = page.locator("tbody tr").nth(2).get_attribute("id").removeprefix("job-")
    with page.expect_navigation(url=re.compile(f"/jobs/{number}/$")):
        page.keyboard.press("Enter")


def test_the_api_call_is_copied(open_as, lab, jobs, axe, screenshot):
    page = open_as(workspace=lab.actor.workspace, path="/jobs/?status=failed")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("summary", has_text="Copy as API call").click()
    axe(page)
    screenshot(page, "jobs-call-wide-light")
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert "/api/v1/jobs/?status=failed'" in page.evaluate("navigator.clipboard.readText()")


def test_a_viewer_chooses_no_rows(open_as, lab, jobs):
    page = open_as(Role.VIEWER, workspace=lab.actor.workspace, path="/jobs/")
    expect(page.locator("tbody tr")).to_have_count(6)
    expect(page.get_by_role("checkbox")).to_have_count(0)
