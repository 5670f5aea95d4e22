"""The job page in a real browser: watched to its end, a failure found, resumed, cancelled; both sizes and themes."""

import re

import pytest
from playwright.sync_api import expect

from jobs.models import Job
from jobs.states import JobStatus
from tests.browser.conftest import NARROW, WIDE

LOOKS = [(WIDE, "light"), (NARROW, "dark"), (WIDE, "dark"), (NARROW, "light")]
each_look = pytest.mark.parametrize(("size", "theme"), LOOKS, ids=["wide", "narrow-dark", "wide-dark", "narrow"])

LEDGER = """
inputs: [{key: n, type: integer}]
steps:
  - {key: rate, name: Take the rate, type: set, values: {v: 1}}
  - {key: book, name: Book it, type: fail, when: "inputs.n == 2", message: "The ledger of March is closed."}
"""
REPORT = """
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
    expect(page).to_have_title(f"Failed · report #{failed.pk}")
    box = page.get_by_role("region", name="The ledger of March is closed.")
    expect(box.get_by_text("How to fix it")).to_be_visible()
    expect(box.get_by_role("link", name="Book it")).to_be_visible()
    expect(page.get_by_role("button", name="Resume")).to_be_enabled()
    expect(page.get_by_role("button", name="Cancel job")).to_be_disabled()
    expect(page.get_by_text("Cancel job: The job has ended.")).to_be_visible()
    axe(page)
