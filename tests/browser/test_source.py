"""The Source view in a real browser: typing, problems, saving, and two people at once."""

import pytest
from playwright.sync_api import expect

from jobs.demo.workspace import import_missing
from tests.browser.looks import WIDE, each_look
from workflows import services
from workspaces.models import Role


@each_look
def test_look(open_as, axe, screenshot, lab, size, theme):
    import_missing(lab.actor.workspace, actor=lab.actor)
    look = f"{'wide' if size == WIDE else 'narrow'}-{theme}"
    page = open_as(Role.BUILDER, workspace=lab.actor.workspace, size=size, theme=theme, path="/workflows/expense-report/build/source/")
    box = page.get_by_role("textbox", name="expense-report.yaml")
    expect(box).to_be_visible()
    expect(page.get_by_role("heading", name="No problems")).to_be_visible()
    screenshot(page, f"source-{look}")
    axe(page)
    box.click()
    page.keyboard.press("Control+Home")
    page.keyboard.type("# a note\nfoo: 1\n")
    expect(page.get_by_text("will not be kept")).to_be_visible()
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    screenshot(page, f"source-problem-{look}")
    axe(page)
    flow = lab.actor.workspace.workflows.get(slug="expense-report")
    services.save_draft(actor=lab.actor, workflow=flow, expected_revision=1, description="Theirs")
    page.keyboard.press("Control+s")
    expect(page.get_by_role("heading", name="Somebody else saved")).to_be_visible()
    screenshot(page, f"source-conflict-{look}")
    axe(page)
