"""The job page in a real browser: watched to its end, a failure found, resumed, cancelled; both sizes and themes."""

import re

import pytest
from playwright.sync_api import expect

from jobs.models import Job
from tests.browser.looks import each_look

LEDGER = """
name: Book a row
inputs: [{key: n, type: integer}]
steps:
  - {key: rate, name: Take the rate, type: set, values: {v: 1}}
  - {key: book, name: Book it, type: fail, when: "inputs.n == 2", message: "The ledger of March is closed."}
"""
REPORT = """
name: Expense report
steps:
  - {key: read, name: Read the rows, type: set, values: {v: 1}}
  - key: each
    name: Check every row
    type: for_each
    items: "[1, 2, 3]"
    steps: [{key: go, name: Classify it, type: workflow, workflow: ledger, inputs: {n: "{{ item }}"}}]
  - key: size
    name: Is it large?
    type: branch
    branches:
      - {key: large, name: above the limit, when: "1 > 2", steps: [{key: ask, name: Ask a second person, type: set, values: {v: 1}}]}
  - {key: summary, name: Write the summary, type: set, values: {v: 1}}
"""

WATCHED = """
name: Month close
inputs: [{key: month, type: text, label: Month, default: March}]
steps:
  - {key: read, name: Read the rows, type: set, values: {v: 1}}
  - key: each
    name: Check every row
    type: for_each
    items: "[1, 2, 3, 4]"
    steps: [{key: wait, name: Wait for the bank, type: delay, duration: 2h, when: "item > 1"}]
  - {key: summary, name: Write the summary, type: set, values: {v: Four rows were checked}}
outputs: [{key: summary, type: text, label: Summary, value: steps.summary.output.v}]
"""


@pytest.fixture
def failed(lab):
    lab.workflow(LEDGER, slug="ledger")
    lab.workflow(REPORT, slug="report")
    job = lab.start("report")
    lab.drain()
    return job


def path_of(job):
    return f"/jobs/{job.pk}/"


@each_look
def test_a_failure_inside_a_sub_job_inside_a_loop_is_told_at_once(
    failed, lab, open_as, axe, screenshot, size, theme
):
    page = open_as("operator", path=path_of(failed), workspace=lab.actor.workspace, size=size, theme=theme)
    screenshot(page, f"job-failed-{size[0]}-{theme}")
    expect(page).to_have_title(f"Failed · Expense report #{failed.pk} · Workledger")
    box = page.get_by_role("region", name="The ledger of March is closed.")
    expect(box.get_by_text("How to fix it")).to_be_visible()
    expect(box.get_by_role("link", name="Book it")).to_be_visible()
    expect(page.get_by_role("button", name="Resume")).to_be_enabled()
    expect(page.get_by_role("button", name="Cancel job")).to_be_disabled()
    expect(page.get_by_text("Cancel job: The job has ended.")).to_be_visible()
    steps = page.get_by_role("region", name="Steps", exact=True)
    expect(steps.get_by_text("The ledger of March is closed.").last).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    axe(page)


@each_look
def test_a_job_is_watched_to_its_end_without_reloading(lab, run_jobs, open_as, screenshot, axe, size, theme):
    lab.workflow(WATCHED, slug="watched")
    job = lab.start("watched")
    page = open_as("operator", path=path_of(job), workspace=lab.actor.workspace, size=size, theme=theme)
    expect(page.get_by_text("Next in line")).to_be_visible()
    page.evaluate("window.untouched = true")
    screenshot(page, f"job-queued-{size[0]}-{theme}")
    run_jobs()
    expect(page.locator("#job-sentence")).to_have_text("Step 2 of 3: Check every row, 1 of 4")
    expect(page.get_by_role("region", name="Waiting")).to_contain_text("waits for a delay to pass")
    screenshot(page, f"job-waiting-{size[0]}-{theme}")
    axe(page)
    steps = page.get_by_role("region", name="Steps", exact=True)
    steps.get_by_text("4 items").click()
    steps.locator("summary").filter(has_text="Item 2").click()
    expect(steps.get_by_role("link", name="Wait for the bank", exact=True)).to_be_visible()
    page.locator("#entry-1-details > summary").click()
    for _ in range(4):
        lab.pass_time(7_300)
        run_jobs()
    expect(page).to_have_title(re.compile("^Completed · "))
    expect(page.locator("#job-sentence")).to_have_text("All steps are done")
    expect(page.locator("#outputs")).to_contain_text("Four rows were checked")
    expect(page.locator("[data-poll]")).to_have_count(0)
    expect(steps.get_by_role("link", name="Wait for the bank", exact=True)).to_be_visible()
    expect(page.locator("#entry-1-details[open]")).to_have_count(1)
    expect(page.locator("#graph")).not_to_contain_text("Pending")
    expect(page.get_by_role("region", name="Audit log")).to_contain_text("Job completed")
    assert page.evaluate("window.untouched") is True
    screenshot(page, f"job-completed-{size[0]}-{theme}")
    axe(page)


def test_resume_goes_on_from_the_failed_step(failed, lab, run_jobs, open_as):
    page = open_as("operator", path=path_of(failed), workspace=lab.actor.workspace)
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("Resumed: it goes on from its failed steps.")).to_be_visible()
    expect(page).to_have_title(re.compile("^Queued · "))
    run_jobs()
    expect(page).to_have_title(re.compile("^Failed · "))
    expect(page.get_by_text("once")).to_be_visible()
    expect(page.get_by_text("attempt 2").first).to_be_attached()


def test_cancelling_says_what_is_not_undone_and_keeps_the_reason(lab, run_jobs, open_as, screenshot, axe):
    lab.workflow(WATCHED, slug="watched")
    job = lab.start("watched")
    run_jobs()
    page = open_as("operator", path=path_of(job), workspace=lab.actor.workspace)
    page.get_by_role("link", name="Cancel job").click()
    expect(page.get_by_text("are not undone")).to_be_visible()
    axe(page)
    screenshot(page, "job-cancel")
    page.get_by_label("Reason").fill("The wrong month")
    page.get_by_role("button", name="Cancel job").click()
    expect(page.get_by_text("Cancel was asked. The job stops")).to_be_visible()
    run_jobs()
    expect(page).to_have_title(re.compile("^Cancelled · "))
    expect(page.locator("#job-cancel")).to_contain_text("The wrong month")
    screenshot(page, "job-cancelled")


def test_only_problems_and_the_page_of_a_sub_job(failed, lab, open_as, axe, screenshot):
    page = open_as("operator", path=path_of(failed), workspace=lab.actor.workspace)
    page.get_by_role("link", name="Only problems").click()
    steps = page.get_by_role("region", name="Steps", exact=True)
    expect(steps.get_by_text(re.compile("Check every row . Item 2 . Classify it"))).to_be_visible()
    expect(steps.get_by_text("Read the rows")).to_have_count(0)
    steps.get_by_text("Steps of sub-job").click()
    expect(steps.get_by_text("Book it")).to_be_visible()
    screenshot(page, "job-only-problems")
    steps.get_by_role("link", name=re.compile("ledger")).first.click()
    expect(page.get_by_text("only through its outermost job")).to_be_visible()
    expect(page.get_by_role("button", name="Resume")).to_have_count(0)
    crumbs = page.get_by_role("navigation", name="Breadcrumb")
    axe(page)
    screenshot(page, "job-sub-job")
    crumbs.get_by_role("link", name=f"Expense report #{failed.pk}").click()
    expect(page).to_have_title(re.compile(f"#{failed.pk} "))


def test_a_step_opens_beside_the_list_and_closes_again(failed, lab, open_as, axe, screenshot):
    page = open_as("operator", path=path_of(failed), workspace=lab.actor.workspace)
    steps = page.get_by_role("region", name="Steps", exact=True)
    steps.get_by_role("link", name="Book it").click()
    panel = page.get_by_role("region", name="Step Book it")
    expect(panel.get_by_text("How to fix it")).to_be_visible()
    expect(steps.get_by_text("Check every row")).to_be_visible()
    axe(page)
    screenshot(page, "job-step-beside")
    panel.get_by_role("link", name="Attempts").click()
    expect(panel.get_by_text("What went wrong")).to_be_visible()
    page.get_by_role("link", name="Close the step").click()
    expect(panel).to_have_count(0)
    expect(steps.get_by_role("link", name="Book it")).to_be_focused()


def test_the_link_of_the_page_is_copied(failed, lab, open_as):
    page = open_as("viewer", path=path_of(failed) + "?only=problems", workspace=lab.actor.workspace)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").endswith(path_of(failed))


def test_keys_lead_to_the_jobs_beside_it(lab, run_jobs, open_as):
    lab.workflow(
        REPORT.replace('workflow: ledger, inputs: {n: "{{ item }}"}', "set, values: {v: 1}").replace(
            "type: workflow, ", "type: "
        ),
        slug="report",
    )
    first, second = lab.start("report"), lab.start("report")
    page = open_as("viewer", path=path_of(second), workspace=lab.actor.workspace)
    page.keyboard.press("]")
    expect(page).to_have_url(re.compile(f"/jobs/{first.pk}/$"))
    page.keyboard.press("[")
    expect(page).to_have_url(re.compile(f"/jobs/{second.pk}/$"))


def test_without_a_script_everything_is_a_link_or_a_form(failed, lab, open_as, screenshot):
    page = open_as("operator", path=path_of(failed), workspace=lab.actor.workspace, script=False)
    page.locator("summary").filter(has_text="Item 1").click()
    page.get_by_role("link", name="Show them on a page of their own").first.click()
    steps = page.get_by_role("region", name="Steps", exact=True)
    expect(steps.get_by_text("Classify it")).to_be_visible()
    expect(steps.get_by_role("navigation", name="Where in the job")).to_contain_text("Item 1")
    screenshot(page, "job-item-no-script")
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("Resumed: it goes on")).to_be_visible()
    page.get_by_role("link", name="Cancel job").click()
    page.get_by_role("button", name="Cancel job").click()
    assert Job.objects.get(pk=failed.pk).cancel_at is not None


def test_a_queued_job_without_a_worker_says_what_to_do(lab, open_as, screenshot):
    lab.workflow(WATCHED, slug="watched")
    job = lab.start("watched")
    lab.worker.row.delete()
    page = open_as("viewer", path=path_of(job), workspace=lab.actor.workspace)
    expect(page.get_by_text("manage.py cluster")).to_be_visible()
    expect(page.get_by_text("This takes the role operator or higher").first).to_be_visible()
    screenshot(page, "job-no-worker")


def test_the_log_of_a_job_is_verified_from_its_page(failed, lab, open_as, axe, screenshot):
    page = open_as("auditor", path=path_of(failed), workspace=lab.actor.workspace)
    page.get_by_role("button", name="Verify now").click()
    expect(page.get_by_text("and nothing is wrong")).to_be_visible()
    page.locator("#entry-1-details > summary").click()
    axe(page)
    screenshot(page, "job-audit")
