"""Proof in a real browser: find an entry, open it, verify the log, export it; take the evidence of a job and verify it."""

import re
import subprocess
import sys

import pytest
from django.db import connection
from playwright.sync_api import expect

from audit.checkpoints import write_checkpoint
from audit.models import AuditEntry
from audit.triggers import without_triggers
from tests.browser.looks import each_look
from workspaces.models import Role

CALLEE = "steps: [{key: s, type: set, values: {x: 1}}]"
CALLER = """
inputs: [{key: n, type: number}]
steps:
  - key: each
    type: for_each
    items: "[1, 2]"
    steps: [{key: call, type: workflow, workflow: check-row, inputs: {}}]
  - {key: last, type: fail, when: "inputs.n > 1", message: The ledger is closed}
"""


@pytest.fixture
def job(lab):
    """A job with sub-jobs that ended well, after one that failed."""
    lab.workflow(CALLEE, slug="check-row")
    lab.workflow(CALLER, slug="expense-report")
    lab.start("expense-report", n=2)
    done = lab.start("expense-report", n=1)
    lab.drain()
    write_checkpoint(workspace=lab.actor.workspace)
    return done


@each_look
def test_the_log_is_read_filtered_opened_and_verified(open_as, lab, job, axe, screenshot, size, theme):
    name = f"{size[0]}-{theme}"
    page = open_as("auditor", path="/audit/", workspace=lab.actor.workspace, size=size, theme=theme)
    expect(page.get_by_role("heading", name="Audit log", exact=True)).to_be_visible()
    axe(page)
    screenshot(page, f"audit-{name}")
    page.get_by_label("Happened").select_option(label="Job failed")
    page.get_by_role("button", name="Filter", exact=True).click()
    expect(page).to_have_url(re.compile("action=job.failed"))
    expect(page.locator(".log > li")).to_have_count(1)
    page.locator(".log summary").click()
    expect(page.get_by_text("Hash of the entry before")).to_be_visible()
    axe(page)
    screenshot(page, f"audit-open-{name}")
    page.get_by_text("What this log proves").click()
    page.get_by_role("link", name="Remove this filter").click()
    expect(page).to_have_url(re.compile(r"/audit/$"))
    page.goto("/audit/?action=job.failed&actor=user:nobody")
    expect(page.get_by_role("heading", name="No entry matches")).to_be_visible()
    axe(page)
    screenshot(page, f"audit-empty-{name}")
    page.get_by_role("button", name="Verify now").click()
    expect(page.get_by_role("status").get_by_text("Nothing wrong was found.")).to_be_visible()
    axe(page)
    screenshot(page, f"audit-verified-{name}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@each_look
def test_the_evidence_of_a_job_is_taken_and_verified_on_the_command_line(
    open_as, lab, job, axe, screenshot, tmp_path, size, theme
):
    page = open_as(
        "viewer", path=f"/jobs/{job.pk}/evidence/", workspace=lab.actor.workspace, size=size, theme=theme
    )
    axe(page)
    screenshot(page, f"evidence-{size[0]}-{theme}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download evidence").click()
    pack = tmp_path / download.value.suggested_filename
    download.value.save_as(pack)
    assert re.fullmatch(r"evidence-[\w-]+-job-\d+-\d{8}-\d{6}\.zip", pack.name)
    done = subprocess.run([sys.executable, str(pack)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 jobs" in done.stdout
    assert "Nothing wrong was found." in done.stdout


def test_all_of_it_works_without_a_script(open_as, lab, job):
    page = open_as(Role.ADMIN, path="/audit/", workspace=lab.actor.workspace, script=False)
    page.get_by_label("Happened").select_option(label="Version activated")
    page.get_by_role("button", name="Filter", exact=True).click()
    page.get_by_text("activated version 1 of check-row").click()
    page.get_by_role("link", name="Open this entry").click()
    expect(page.get_by_text("Its exact text, of which")).to_be_visible()
    page.get_by_role("link", name="Audit log").nth(-1).click()
    page.get_by_text("Export", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    assert download.value.suggested_filename.endswith(".csv")
    with page.expect_download() as download:
        page.get_by_role("button", name="JSON Lines").click()
    assert download.value.suggested_filename.endswith(".jsonl")
    page.get_by_role("button", name="Verify now").click()
    expect(page.get_by_text("Nothing wrong was found.")).to_be_visible()
    page.goto(f"/jobs/{job.pk}/evidence/")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download evidence").click()
    assert download.value.suggested_filename.endswith(".zip")


def test_the_keyboard_alone_filters_opens_and_closes(open_as, lab, job):
    page = open_as("auditor", path="/audit/", workspace=lab.actor.workspace)
    page.get_by_label("Name").focus()
    page.keyboard.type("check-row")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("search=check-row"))
    page.locator(".log summary").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Its exact text, of which")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Its exact text, of which")).to_be_hidden()


def test_something_wrong_is_told_so_that_nobody_overlooks_it(open_as, lab, job, axe, screenshot):
    with without_triggers(connection):
        AuditEntry.objects.filter(stream=job.stream, seq=2).update(body="{}")
    page = open_as("admin", path="/audit/", workspace=lab.actor.workspace)
    page.get_by_role("button", name="Verify now").click()
    expect(page.get_by_role("alert")).to_contain_text("things are wrong")
    axe(page)
    screenshot(page, "audit-wrong")
