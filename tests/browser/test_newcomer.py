"""Who has never seen the Builder makes the expense report of the gallery from an empty draft, with the Builder alone.

What the path leaves out of the sample says nothing about its outputs: notes on steps, the size of the file, and how many
rows are checked at a time. The list is in `rows` and the rules in a workflow that is active already.
"""

import re

import pytest
from playwright.sync_api import expect

from jobs.models import Job
from tests.browser.person import Person
from tests.engine.lab import outputs
from tests.gallery.office import the_entry
from workflows import services
from workflows.gallery import FOLDER
from workspaces.models import Role

EXPENSES = FOLDER / "expense-report" / "expenses.csv"
MOST_ACTIONS = 93
"""What the path takes; before the Builder proposed anything it took 122."""


@pytest.fixture
def newcomer(lab, open_as):
    """Somebody in a workspace whose only workflow says what the policy is."""
    classify = the_entry("expense-report").definitions["classify-expense"]
    workspace = lab.actor.workspace
    workflow = services.create_workflow(
        actor=lab.actor, workspace=workspace, slug="classify-expense", definition=classify
    )
    services.activate(actor=lab.actor, workflow=workflow)
    return Person(open_as(Role.BUILDER, workspace=workspace, path="/workflows/"))


def test_the_expense_report_is_built_previewed_activated_and_executed(newcomer, run_jobs, screenshot):
    begin(newcomer)
    add_the_inputs(newcomer)
    read_the_rows(newcomer)
    preview(newcomer, run_jobs, EXPENSES)
    check_every_row(newcomer)
    add_up(newcomer)
    say_whether_it_is_large(newcomer)
    write_the_files(newcomer)
    choose_the_outputs(newcomer)
    screenshot(newcomer.page, "newcomer-built")
    preview_again(newcomer, run_jobs)
    activate_and_execute(newcomer, run_jobs)
    gives = the_entry("expense-report").gives
    found = outputs(Job.objects.get(kind="job"))
    assert {name: found[name] for name in ("claimed", "allowed", "refused")} == {
        name: gives[name] for name in ("claimed", "allowed", "refused")
    }
    assert found["is_it_large"] == gives["verdict"]
    assert found["checked_expenses"]["name"] == gives["checked"]
    assert found["summary_file"]["name"] == gives["summary"]
    assert newcomer.actions <= MOST_ACTIONS, newcomer.actions


def begin(person):
    person.follow("New workflow", shows="New workflow")
    person.fill("Name", "Expense report")
    person.click("Make workflow")
    person.sees("Builder")


def add_the_inputs(person):
    person.follow("Add the inputs", shows="Add")
    person.fill("Name", "Report")
    person.click("File")
    person.sees("Report File")
    person.fill("Kinds of files", ".csv")
    person.follow("Add another input", shows="Add")
    person.fill("Name", "Limit")
    person.click("Number")
    person.sees("Limit Number")
    person.fill("Filled in with", "2500")
    person.fill("At least", "0")
    person.follow("Add another input", shows="Add")
    person.fill("Name", "Currency")
    person.click("Choice")
    person.sees("Currency Choice")
    person.fill("Choices", "EUR\nUSD\nGBP\nCHF")
    person.fill("Filled in with", "EUR")


def add_step(person, link, name, kind, shows):
    person.follow(link, shows="Add a step")
    person.fill("Name", name)
    person.click(kind)
    person.sees(f"{name} {shows}")


def read_the_rows(person):
    add_step(person, "Add a step", "Rows", "Read a CSV file", "Read a CSV file")
    expect(person.page.get_by_label("CSV file", exact=True)).to_have_value("{{ inputs.report }}")
    person.fill("Add a value: Name", "amount")
    person.choose("Value", "Number")
    person.sees_saved()


def preview(person, run_jobs, file):
    person.give("Choose a file: Report", file)
    person.click("Run preview")
    expect(person.page.get_by_role("link", name="Change inputs")).to_be_visible()
    run_jobs()
    expect(person.page.locator("#preview").get_by_text("Completed").first).to_be_visible()


def check_every_row(person):
    add_step(person, "Add a step after this", "Check", "For each", "For each")
    page = person.page
    expect(page.get_by_role("textbox", name="List to go through")).to_have_value("steps.rows.output.rows")
    expect(page.get_by_label("Name of one item")).to_have_value("row")
    add_step(person, "Add a step inside Check", "Verdict", "Run a workflow", "Run a workflow")
    person.choose("Workflow", "Classify an expense (classify-expense)")
    expect(page.get_by_label("Value of category", exact=True)).to_be_visible()
    person.insert("row.category", "row.amount")
    person.fill("Value of has_receipt", "{{ row.receipt == 'yes' }}")
    add_step(person, "Add a step after this", "Line", "Set values", "Set values")
    person.insert("row.date", "row.employee", "row.category", "steps.verdict.output.group", "row.amount")
    person.insert("steps.verdict.output.allowed", "steps.verdict.output.reason")

    person.fill("Value of allowed", "{{ 'yes' if steps.verdict.output.allowed else 'no' }}")
    person.sees_saved()


def add_up(person):
    add_step(person, "Add a step", "Total", "Set values", "Set values")
    for name, value in (
        ("claimed", "round(sum(line.amount for line in steps.check.output), 2)"),
        ("allowed", "round(sum(line.amount for line in steps.check.output if line.allowed == 'yes'), 2)"),
        ("refused", "len([line for line in steps.check.output if line.allowed == 'no'])"),
    ):
        person.fill("Add a value: Name", name)
        person.fill("Value", "{{ " + value + " }}")
        expect(person.page.get_by_role("button", name=f"Remove {name}")).to_be_visible()


def say_whether_it_is_large(person):
    add_step(person, "Add a step after this", "Is it large", "Branch", "Branch")
    person.follow("Yes", shows="Yes")
    person.fill("Value to compare", "steps.total.output.claimed")
    person.choose("Comparison", "is greater than")
    person.fill("Compared with", "inputs.limit")
    person.fill("What it gives", "steps.note.output.text")
    add_step(person, "Add a step inside Yes", "Note", "Set values", "Set values")
    person.fill("Add a value: Name", "text")
    person.fill(
        "Value",
        "Needs a second look: {{ steps.total.output.claimed }} {{ inputs.currency }} is above the limit of "
        "{{ inputs.limit }} {{ inputs.currency }}.",
    )
    person.follow("Otherwise", shows="Otherwise")
    person.fill("What it gives", "'Within the limit.'")


def write_the_files(person):
    page = person.page
    add_step(person, "Add a step", "Checked expenses", "Write a CSV file", "Write a CSV file")
    expect(page.get_by_label("Rows", exact=True)).to_have_value("{{ steps.check.output }}")
    expect(page.get_by_label("File name", exact=True)).to_have_value("checked-expenses.csv")
    add_step(person, "Add a step after this", "Summary", "Make a text", "Make a text")
    person.fill(
        "Text",
        "Expense report of {{ job.today }}\n"
        "{{ len(steps.check.output) }} rows, {{ steps.total.output.claimed }} {{ inputs.currency }} claimed,\n"
        "{{ steps.total.output.allowed }} {{ inputs.currency }} allowed, {{ steps.total.output.refused }} rows refused.\n"
        "{{ steps.is_it_large.output.value }}\n",
    )
    person.fill("File name", "summary.txt")


def choose_the_outputs(person):
    person.follow("Add an output", shows="Add")
    person.tick("Claimed Total", "Allowed Total", "Refused Total", "Is it large")
    person.tick("Checked expenses", "Summary: file")
    person.click("Add what is ticked")
    person.sees("Summary: file File")


def preview_again(person, run_jobs):
    person.click("Run again")
    expect(person.page.locator("#preview")).to_contain_text("Queued")
    run_jobs()
    expect(person.page.locator("#outputs")).to_contain_text("2711.45")


def activate_and_execute(person, run_jobs):
    person.follow("Activate", shows="Activate Expense report")
    person.click("Activate")
    person.follow("New job", shows="New job")
    person.give("Choose a file: Report", EXPENSES)
    person.click("Execute job")
    person.page.wait_for_url("**/jobs/*/")
    run_jobs()
    expect(person.page).to_have_title(re.compile("^Completed"))
