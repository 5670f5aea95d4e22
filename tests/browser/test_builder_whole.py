"""All of it in the browser alone, from an empty workspace: copied, changed, previewed, activated, executed, changed again."""

import re

import pytest
from playwright.sync_api import expect

from jobs.models import Job
from jobs.states import JobStatus
from tests.browser.person import Person
from workflows.gallery import FOLDER
from workflows.models import Workflow
from workspaces.models import Role

EXPENSES = FOLDER / "expense-report" / "expenses.csv"
ENDED = re.compile("^Completed")
BUILDER = "/workflows/expense-report/build/"


@pytest.fixture
def person(lab, open_as):
    """Somebody in an empty workspace, at the gallery."""
    return Person(open_as(Role.BUILDER, workspace=lab.actor.workspace, path="/workflows/gallery/"))


def test_a_copy_is_changed_and_run_and_a_job_that_runs_ends_on_its_version(person, lab, run_jobs):
    copy_from_the_gallery(person)
    change_the_condition(person, "is at least")
    add_a_loop_with_a_sub_workflow(person)
    preview_until_the_loop(person, run_jobs)
    activate(person, version=1)
    execute(person)
    run_jobs()
    expect(person.page).to_have_title(ENDED)
    first = Job.objects.get(kind="job")
    assert first.status == JobStatus.COMPLETED

    person.page.goto("/workflows/expense-report/")
    execute(person)
    lab.step()  # as far as the first sub-jobs
    running = Job.objects.filter(kind="job", parent=None).latest("pk")
    assert running.status in (JobStatus.IN_PROGRESS, JobStatus.WAITING)
    watched = person.page.url
    person.page.goto(BUILDER)
    change_the_condition(person, "is less than")
    activate(person, version=2)
    person.page.goto(watched)
    expect(person.page).not_to_have_title(ENDED)
    run_jobs()
    expect(person.page).to_have_title(ENDED)
    expect(person.page.get_by_role("main")).to_contain_text("version 1")
    running.refresh_from_db()
    assert running.status == JobStatus.COMPLETED
    assert Job.objects.filter(pk=running.pk, version__number=1).exists()
    assert Workflow.objects.filter(slug="expense-report", active_version__number=2).exists()


def copy_from_the_gallery(person):
    person.follow("Expense report", shows="Expense report")
    person.click("Use this workflow")
    expect(person.page.get_by_text("is here as a draft of yours")).to_be_visible()


def change_the_condition(person, comparison):
    person.follow("above the limit", shows="above the limit")
    person.choose("Comparison", comparison)
    person.sees_saved()


def add_a_loop_with_a_sub_workflow(person):
    page = person.page
    person.follow("Check every row", shows="Check every row")
    person.follow("Add a step after this", shows="Add a step")
    person.fill("Name", "Once more")
    person.click("For each")
    person.sees("Once more For each")
    expect(page.get_by_role("textbox", name="List to go through")).to_have_value("steps.check.output")
    person.follow("Add a step inside Once more", shows="Add a step")
    person.fill("Name", "Classify again")
    person.click("Run a workflow")
    person.sees("Classify again Run a workflow")
    person.choose("Workflow", "Classify an expense (classify-expense)")
    expect(page.get_by_label("Value of category", exact=True)).to_be_visible()
    person.fill("Value of category", "{{ item.category }}")
    person.fill("Value of amount", "{{ item.amount }}")
    person.sees_saved()


def preview_until_the_loop(person, run_jobs):
    page = person.page
    person.follow("Once more", shows="Once more For each")
    person.follow("Preview until this step", shows="Preview")
    expect(page.get_by_label("Run until")).to_have_value("once_more")
    person.give("Choose a file: Expense report (CSV)", EXPENSES)
    person.click("Run preview")
    expect(page.locator("#preview")).to_contain_text("Queued")
    run_jobs()
    expect(page.get_by_text("It ran until Once more")).to_be_visible()
    assert Job.objects.filter(kind="job").count() == 0


def activate(person, *, version):
    person.follow("Activate", shows="Activate Expense report")
    person.click("Activate")
    expect(person.page.get_by_text(f"Version {version} is frozen and active").first).to_be_visible()


def execute(person):
    person.follow("New job", shows="New job")
    person.give("Choose a file: Expense report (CSV)", EXPENSES)
    person.click("Execute job")
    person.page.wait_for_url("**/jobs/*/")
