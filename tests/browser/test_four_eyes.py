"""Activating by two people in two real browsers, callers brought along, and versions taken back."""

import pytest
from playwright.sync_api import expect

from tests.browser.looks import WIDE, each_look
from tests.workflows.four_eyes import asked as ask
from tests.workflows.four_eyes import second, switch
from workflows import services
from workflows.models import Workflow
from workspaces.models import Role

SET = "steps: [{key: a, type: set, values: {x: 1}}]"
CALLS = "steps: [{key: c, type: workflow, workflow: petty-cash}]"


@pytest.fixture
def flow(lab):
    """An active workflow with a caller and a caller of that, and a changed draft."""
    lab.workflow(SET, slug="petty-cash")
    lab.workflow(CALLS, slug="month-end")
    lab.workflow("steps: [{key: c, type: workflow, workflow: month-end}]", slug="year-end")
    flow = Workflow.objects.get(slug="petty-cash")
    changed = {"format": 1, "name": "Petty cash", "timeout": "1h", "steps": [
        {"key": "a", "name": "Add up", "type": "set", "values": {"x": 2}},
        {"key": "b", "name": "Keep it", "type": "set", "values": {"y": "{{ steps.a.output.x }}"}}]}  # fmt: skip
    services.save_draft(actor=lab.actor, workflow=flow, expected_revision=None, definition=changed)
    return flow


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_one_asks_and_another_one_approves_in_two_sessions(open_as, lab, flow, script):
    workspace = lab.actor.workspace
    admin = open_as(Role.ADMIN, workspace=workspace, path="/settings/workspace/", script=script)
    admin.get_by_label("Activating a workflow takes two people").check()
    admin.get_by_role("button", name="Save").click()
    expect(admin.get_by_text("Saved.")).to_be_visible()

    ada = open_as(Role.BUILDER, workspace=workspace, path="/workflows/petty-cash/", script=script)
    ada.get_by_role("link", name="Activate", exact=True).click()
    ada.get_by_label("Note").fill("Adds up twice")
    ada.get_by_role("button", name="Ask for activation").click()
    expect(ada.get_by_role("button", name="Approve and activate")).to_be_disabled()

    bob = open_as(Role.BUILDER, workspace=workspace, path="/", script=script)
    bob.get_by_role("link", name="Activate Petty cash").click()
    expect(bob.get_by_text("Adds up twice")).to_be_visible()
    expect(bob.get_by_role("button", name="Withdraw")).to_have_count(0)
    bob.get_by_role("button", name="Approve and activate").click()
    expect(bob.get_by_text("Version 2 is frozen and active")).to_be_visible()
    expect(bob.get_by_role("heading", name="Who calls an earlier version")).to_be_visible()

    ada.reload()
    expect(ada.get_by_role("heading", name="Request to activate")).to_contain_text("Approved")


def test_a_refusal_is_read_by_who_asked_by_the_keyboard_alone(open_as, lab, flow):
    switch(lab.actor, on=True)
    asked = ask(lab.actor, flow)
    address = f"/workflows/petty-cash/requests/{asked.pk}/"
    bob = open_as(Role.BUILDER, workspace=lab.actor.workspace, path=address)
    bob.get_by_label("Why you refuse it").focus()
    bob.keyboard.type("The timeout is too short")
    bob.keyboard.press("Enter")
    expect(bob.get_by_text("Refused. Who asked for it reads why")).to_be_visible()
    ada = open_as(user=lab.actor.user, path=address)
    expect(ada.get_by_text("The timeout is too short")).to_be_visible()


def test_callers_are_brought_along_one_click_each(open_as, lab, flow):
    page = open_as(Role.BUILDER, workspace=lab.actor.workspace, path="/workflows/petty-cash/activate/")
    page.get_by_role("button", name="Activate", exact=True).click()
    expect(page.get_by_text("after month-end")).to_be_visible()
    page.get_by_role("button", name="Activate anew on version 2 month-end").click()
    page.get_by_role("button", name="Activate anew on version 2 year-end").click()
    expect(page.get_by_text("Every active workflow that calls it")).to_be_visible()


def test_a_version_is_compared_run_and_made_the_draft_again(open_as, lab, flow):
    services.activate(actor=lab.actor, workflow=flow)
    page = open_as(Role.BUILDER, workspace=lab.actor.workspace, path="/workflows/petty-cash/versions/")
    page.get_by_label("Compare").select_option("version 1")
    page.get_by_label("with").select_option("version 2")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="What changes from version 1 to version 2")).to_be_visible()
    page.get_by_role("link", name="Make it my draft version 1").click()
    expect(page.get_by_text("Nothing is lost")).to_be_visible()
    page.get_by_role("button", name="Make it my draft").click()
    expect(page.get_by_text("The draft is what version 1 holds")).to_be_visible()
    page.get_by_role("link", name="All versions").click()
    page.get_by_role("link", name="New job on version 1").click()
    page.get_by_role("button", name="Execute job").click()
    page.wait_for_url("**/jobs/*/")
    lab.drain()
    expect(page.locator("#job-state")).to_contain_text("Completed")
    expect(page.get_by_role("link", name="version 1").first).to_be_visible()


@each_look
def test_every_page_of_it_is_accessible_in_every_look(open_as, axe, screenshot, lab, flow, size, theme):
    workspace = lab.actor.workspace
    lab.workflow("steps: [{key: c, type: workflow, workflow: petty-cash, inputs: {}}]", slug="quarter-end")
    switch(lab.actor, on=True)
    judge = second(lab.actor)
    asked = ask(lab.actor, flow, note="Adds up twice, and keeps what comes of it")
    look = f"{'wide' if size == WIDE else 'narrow'}-{theme}"
    page = open_as(user=judge.user, size=size, theme=theme)

    def see(name, path):
        page.goto(path)
        page.locator("[hx-trigger~=load], .htmx-request").first.wait_for(state="detached")
        axe(page)
        screenshot(page, f"four-eyes-{name}-{look}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name

    see("overview", "/")
    see("list", "/workflows/")
    see("workflow", "/workflows/petty-cash/")
    see("activate-blocked", "/workflows/petty-cash/activate/")
    see("request", f"/workflows/petty-cash/requests/{asked.pk}/")
    services.refuse(actor=judge, request=asked, comment="The timeout is too short")
    see("refused", f"/workflows/petty-cash/requests/{asked.pk}/")
    see("activate", "/workflows/petty-cash/activate/")
    services.activate(actor=None, workflow=flow)
    see("callers", "/workflows/petty-cash/callers/")
    see("versions", "/workflows/petty-cash/versions/?a=1&b=2")
    see("version", "/workflows/petty-cash/versions/1/")
    services.save_draft(actor=lab.actor, workflow=flow, expected_revision=None, name="Petty cash, unfinished")
    see("draft-from-version", "/workflows/petty-cash/versions/1/draft/")
    admin = open_as(Role.ADMIN, workspace=workspace, size=size, theme=theme, path="/settings/workspace/")
    axe(admin)
    screenshot(admin, f"four-eyes-settings-{look}")
