"""A new job in a real browser: choose, fill in, drop a file, execute; bad input, tables, files, conditions, no script."""

import re

import pytest
from django.test import Client
from playwright.sync_api import expect

from jobs.models import File, Job
from tests.browser.looks import NARROW, WIDE, each_look
from tests.factories import make_member, make_user
from tests.pages.newjob import EVERYTHING, STEPS, inputs_of, small
from workspaces.models import Role


def look(size, theme):
    return f"{'wide' if size == WIDE else 'narrow'}-{theme}"


def execute(page):
    page.get_by_role("button", name="Execute job").click()


def drop(page, target, name, content, kind="text/csv"):
    """Drop a file as a person does who drags it from a folder."""
    data = page.evaluate_handle(
        """([name, content, kind]) => {
          const data = new DataTransfer();
          data.items.add(new File([content], name, {type: kind}));
          return data;
        }""",
        [name, content, kind],
    )
    target.dispatch_event("drop", {"dataTransfer": data})


@each_look
def test_a_job_is_started_as_the_documentation_tells_it(
    open_as, lab, run_jobs, axe, screenshot, expect_errors, size, theme
):
    expect_errors("404")  # the job's page has its own tests
    small(
        lab,
        "[{key: report, label: Report, type: file, accept: [.csv], help: The month as exported.}, {key: limit, label: Limit, type: number, default: 2500}]",
        "month",
    )
    small(lab, "[]", "other")
    page = open_as(workspace=lab.actor.workspace, size=size, theme=theme)
    (page.get_by_role("link", name="New job")).first.click() if page.get_by_role(
        "link", name="New job"
    ).count() else page.goto("/jobs/new/")
    axe(page)
    screenshot(page, f"new-choose-{look(size, theme)}")
    page.get_by_label("Workflow", exact=True).focus()
    page.get_by_label("Workflow", exact=True).select_option("month")
    expect(page.get_by_label("Limit")).to_have_value("2500")
    expect(page).to_have_url(re.compile(r"workflow=month$"))
    expect(page.get_by_label("Workflow", exact=True)).to_be_focused()
    drop(page, page.locator("[data-drop]"), "june.csv", "a,b\n1,2\n")
    expect(page.get_by_role("button", name="Remove june.csv")).to_be_visible()
    axe(page)
    screenshot(page, f"new-filled-{look(size, theme)}")
    execute(page)
    page.wait_for_url(re.compile(r"/jobs/\d+/$"))
    job = Job.objects.get()
    assert inputs_of(job)["report"]["name"] == "june.csv"
    run_jobs()
    job.refresh_from_db()
    assert job.status == "completed"


@each_look
def test_every_kind_of_field_looks_right_and_is_accessible_empty_and_with_errors(
    open_as, lab, axe, screenshot, expect_errors, size, theme
):
    expect_errors("422")
    lab.workflow(EVERYTHING)
    page = open_as(path="/jobs/new/?workflow=flow", workspace=lab.actor.workspace, size=size, theme=theme)
    axe(page)
    screenshot(page, f"new-everything-{look(size, theme)}")
    expect(page.get_by_label("Reason")).to_be_hidden()
    page.get_by_label("Urgent").check()
    expect(page.get_by_label("Reason")).to_be_visible()
    page.get_by_label("Amount").fill("a lot")
    page.get_by_label("Password").fill("hunter2!")
    page.get_by_label("Item, Row 1").fill("Paper")
    page.get_by_label("Price, Row 1").fill("cheap")
    page.get_by_label("Options").fill("{broken")
    execute(page)
    summary = page.locator("#problem")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("No job was started.")
    axe(page)
    screenshot(page, f"new-errors-{look(size, theme)}")
    expect(page.get_by_label("Amount")).to_have_value("a lot")
    expect(page.get_by_label("Price, Row 1")).to_have_value("cheap")
    expect(page.get_by_label("Price, Row 1")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Reason")).to_be_visible()
    expect(page.get_by_label("Password")).to_have_value("")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    summary.get_by_role("link", name="Amount").click()
    expect(page.get_by_label("Amount")).to_be_focused()


def test_an_empty_workspace_says_what_to_do(open_as, lab, axe, screenshot):
    page = open_as(path="/jobs/new/", workspace=lab.actor.workspace)
    expect(page.get_by_text("No workflow is active")).to_be_visible()
    axe(page)
    screenshot(page, "new-empty-wide-light")


def test_files_are_uploaded_with_progress_refused_at_their_field_and_removed(
    open_as, lab, screenshot, expect_errors
):
    expect_errors("422")
    small(lab, "[{key: all, label: Receipts, type: files, accept: [.csv], max_bytes: 2000000}]")
    page = open_as(path="/jobs/new/?workflow=flow", workspace=lab.actor.workspace)
    held = []
    page.route("**/jobs/new/file/**", lambda route: held.append(route))  # noqa: PLW0108 - playwright marks it
    chooser = page.get_by_label("Choose files: Receipts")
    chooser.set_input_files({"name": "one.csv", "mimeType": "text/csv", "buffer": b"x" * 1_000_000})
    expect(page.get_by_role("progressbar", name="Upload")).to_be_visible()
    screenshot(page, "new-uploading-wide-light")
    execute(page)
    expect(page.get_by_text("A file is still being uploaded")).to_be_visible()
    held.pop().continue_()
    expect(page.get_by_role("progressbar", name="Upload")).to_be_hidden()
    page.unroute("**/jobs/new/file/**")
    chooser.set_input_files(
        [
            {"name": "two.csv", "mimeType": "text/csv", "buffer": b"2"},
            {"name": "no.pdf", "mimeType": "application/pdf", "buffer": b"3"},
        ]
    )
    expect(page.get_by_text("no.pdf: Expected a file of type .csv")).to_be_visible()
    chooser.set_input_files({"name": "big.csv", "mimeType": "text/csv", "buffer": b"x" * 2_000_001})
    expect(page.get_by_text("big.csv: The file is larger than this field takes: 1.9 MiB.")).to_be_visible()
    page.get_by_role("button", name="Remove one.csv").click()
    expect(page.locator("[data-file-name]", has_text="two.csv").first).to_be_visible()
    expect(page.locator("[data-file]")).to_have_count(1)
    assert sorted(File.objects.values_list("name", flat=True)) == ["one.csv", "two.csv"]


def test_a_double_click_starts_one_job(open_as, lab, expect_errors):
    expect_errors("404")
    small(lab, "[{key: a, label: Alpha, type: text}]")
    page = open_as(path="/jobs/new/?workflow=flow", workspace=lab.actor.workspace)
    page.get_by_label("Alpha").fill("x")
    page.get_by_role("button", name="Execute job").dblclick()
    page.wait_for_url(re.compile(r"/jobs/\d+/$"))
    assert Job.objects.count() == 1


def test_an_ended_session_loses_nothing_that_was_typed(open_as, lab, new_page, expect_errors):
    expect_errors("401|404")
    small(lab, "[{key: a, label: Alpha, type: text, secret: true}]")
    user = make_member(Role.OPERATOR, workspace=lab.actor.workspace, user=make_user("ada")).user
    page = open_as(user=user, path="/jobs/new/?workflow=flow")
    page.get_by_label("Alpha").fill("open sesame")
    page.context.clear_cookies()
    execute(page)
    expect(page.get_by_text("You have been signed out. Nothing is lost")).to_be_visible()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in again").click()
    door = opened.value
    door.get_by_label("User name or e-mail").fill("ada")
    door.get_by_label("Password").fill("password")
    door.get_by_role("button", name="Sign in").click()
    expect(door.get_by_role("heading", name="Overview")).to_be_visible()
    execute(page)
    page.wait_for_url(re.compile(r"/jobs/\d+/$"))
    assert Job.objects.count() == 1


@each_look
def test_running_again_says_what_differs(open_as, lab, axe, screenshot, size, theme):
    small(
        lab, "[{key: n, label: Number, type: number}, {key: word, label: Password, type: text, secret: true}]"
    )
    job = lab.start(n=5, word="open sesame")
    small(
        lab,
        "[{key: n, label: Number, type: number, minimum: 6}, {key: word, label: Password, type: text, secret: true}, {key: extra, label: Extra, type: text}]",
    )
    page = open_as(path=f"/jobs/new/?from={job.pk}", workspace=lab.actor.workspace, size=size, theme=theme)
    expect(page.get_by_label("Number")).to_have_value("5")
    expect(page.get_by_text("Extra is new, and required.")).to_be_visible()
    axe(page)
    screenshot(page, f"new-again-{look(size, theme)}")
    page.get_by_role("link", name="Run version 1 instead").click()
    expect(page.get_by_label("Extra")).to_have_count(0)


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_all_of_it_works_without_a_script(open_as, lab, screenshot, expect_errors, size):
    expect_errors("404|422")
    lab.workflow(f"""
inputs:
  - {{key: report, label: Report, type: file}}
  - {{key: lines, label: Lines, type: table, columns: [{{key: a, label: A, type: text}}, {{key: n, label: N, type: number}}]}}
  - {{key: loud, label: Loud, type: boolean, default: false}}
  - {{key: why, label: Why, type: text, show_when: inputs.loud}}
{STEPS}""")
    page = open_as(path="/jobs/new/", workspace=lab.actor.workspace, script=False, size=size)
    page.get_by_label("Workflow", exact=True).select_option("flow")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_label("Why")).to_be_visible()
    page.get_by_label("Choose a file: Report").set_input_files(
        {"name": "a.csv", "mimeType": "text/csv", "buffer": b"1"}
    )
    page.get_by_label("Lines (rows as text)").fill("x;1\ny;two")
    execute(page)
    expect(page.get_by_text("Row 2, N: expected a number, got the text 'two'", exact=True)).to_be_visible()
    expect(page.get_by_label("Keep a.csv")).to_be_checked()
    screenshot(page, f"new-no-script-{'wide' if size == WIDE else 'narrow'}-light")
    page.get_by_label("Lines (rows as text)").fill("x;1\ny;2")
    execute(page)
    page.wait_for_url(re.compile(r"/jobs/\d+/$"))
    found = inputs_of(Job.objects.get())
    assert (found["report"]["name"], found["lines"][1]) == ("a.csv", {"a": "y", "n": 2})


def test_a_session_is_not_needed_to_be_led_to_the_form_after_signing_in():
    assert "next=/jobs/new/%3Fworkflow%3Dflow" in Client().get("/jobs/new/?workflow=flow")["Location"]
