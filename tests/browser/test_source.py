"""The Source view in a real browser: typing, problems at their lines, saving, two people at once, a lost connection."""

import pytest
from playwright.sync_api import expect

from common.canonical import loads
from jobs.demo.workspace import import_missing
from tests.browser.looks import WIDE, each_look
from workflows import services
from workspaces.models import Role

SUMS = "steps: [{key: a, type: set, values: {x: 1}}]"
PATH = "/workflows/sums/build/source/"


@pytest.fixture
def sums(lab):
    lab.workflow(SUMS, slug="sums")
    return lab.actor.workspace.workflows.get(slug="sums")


@pytest.fixture
def edit(open_as, lab):
    """Opens the Source view of a workflow; the page and its editor."""

    def open_source(path=PATH, **look):
        page = open_as(Role.BUILDER, workspace=lab.actor.workspace, path=path, **look)
        box = page.locator("[contenteditable=true][role=textbox]")
        expect(box).to_be_visible()
        return page, box

    return open_source


def write(page, box, text):
    """Write `text` before everything that is there."""
    box.click()
    page.keyboard.press("Control+Home")
    page.keyboard.insert_text(text)


def theirs(lab, workflow):
    services.save_draft(actor=lab.actor, workflow=workflow, expected_revision=None, description="Theirs")


@each_look
def test_it_is_accessible_in_every_look(edit, expect_errors, axe, screenshot, lab, size, theme):
    import_missing(lab.actor.workspace, actor=lab.actor)
    look = f"{'wide' if size == WIDE else 'narrow'}-{theme}"

    def looked_at(name):
        axe(page)
        screenshot(page, f"source-{name}-{look}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name

    page, box = edit("/workflows/expense-report/build/source/", size=size, theme=theme)
    expect(page.get_by_role("textbox", name="expense-report.yaml")).to_be_visible()
    expect(page.get_by_role("heading", name="No problems")).to_be_visible()
    looked_at("editor")
    write(page, box, "# The limit is from the handbook.\nlimit: 2500\n")
    expect(page.get_by_text("The comment in line 1 will not be kept")).to_be_visible()
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    looked_at("problem")
    theirs(lab, lab.actor.workspace.workflows.get(slug="expense-report"))
    expect_errors("409")
    page.keyboard.press("Control+s")
    expect(page.get_by_role("heading", name="was changed while you edited it")).to_be_focused()
    looked_at("conflict")


def test_problems_come_while_one_types_stand_at_their_lines_and_go_when_they_are_solved(edit, sums):
    page, box = edit()
    write(page, box, "nonsense: 1\n")
    expect(page.get_by_role("heading", name="1 problem")).to_be_visible()
    expect(page.locator(".cm-lint-marker-error")).to_have_count(1)
    page.keyboard.press("Control+End")
    page.get_by_role("link", name="Line 1").click()
    expect(box).to_be_focused()
    page.keyboard.press("Shift+End")
    page.keyboard.insert_text("description: Adds.")
    expect(page.get_by_role("heading", name="No problems")).to_be_visible()
    expect(page.locator(".cm-lint-marker-error")).to_have_count(0)
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Saved as revision 2")).to_be_visible()
    expect(page.get_by_text("Not saved yet")).to_be_hidden()
    sums.refresh_from_db()
    assert loads(sums.draft)["description"] == "Adds."


def test_it_is_saved_again_and_again_without_a_conflict_with_oneself(edit, sums):
    page, box = edit()
    for number, letter in enumerate("abc", start=2):
        write(page, box, f"{letter}: 1\n")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text(f"Saved as revision {number}")).to_be_visible()


def test_of_two_people_each_sees_both_sides_and_chooses(edit, expect_errors, sums, lab):
    expect_errors("409")
    expect_errors("htmx:(sendError|sendAbort|afterRequest)")  # a check under way when the page is left
    page, box = edit()
    write(page, box, "timeout: 1h\n")
    theirs(lab, sums)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row", name="description: Theirs")).to_contain_text("theirs")
    expect(page.get_by_role("row", name="timeout: 1h")).to_contain_text("yours")
    page.get_by_role("button", name="Go on editing").click()
    expect(page.get_by_text("Revision 2 was saved elsewhere")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Keep mine").click()
    expect(page.get_by_text("Saved as revision 3")).to_be_visible()
    expect(page.get_by_role("button", name="Keep mine")).to_have_count(0)
    theirs(lab, sums)
    write(page, box, "priority: low\n")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Take theirs").click()
    expect(box).to_contain_text("description: Theirs")
    expect(page.get_by_text("a text of yours that was not saved")).to_be_visible()
    page.get_by_role("button", name="Bring it back").click()
    expect(box).to_contain_text("priority: low")


def test_a_lost_connection_loses_nothing_and_the_text_is_offered_after_a_reload(edit, expect_errors, sums):
    expect_errors("ERR_INTERNET_DISCONNECTED")
    expect_errors("htmx:(sendError|sendAbort|afterRequest)")
    expect_errors("dialog")
    page, box = edit()
    page.context.set_offline(True)
    write(page, box, "timeout: 1h\n")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The server does not answer")).to_be_visible()
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    page.context.set_offline(False)
    with page.expect_event("dialog"):  # the person is asked, and stays
        page.evaluate("setTimeout(() => location.reload())")
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    with page.context.expect_page() as opened:
        page.evaluate("window.open(location.href)")  # which takes what this browser keeps for the tab along
    again = opened.value
    again.get_by_role("button", name="Bring it back").click()
    expect(again.locator("[contenteditable=true][role=textbox]")).to_contain_text("timeout: 1h")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved as revision 2")).to_be_visible()


def test_without_a_script_it_is_a_form(open_as, expect_errors, lab, sums):
    expect_errors("409")
    page = open_as(Role.BUILDER, workspace=lab.actor.workspace, path=PATH, script=False)
    field = page.get_by_label("sums.yaml")
    text = field.input_value()
    field.fill(f"nonsense: 1 # why\n{text}")
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("The comment in line 1 will not be kept")).to_be_visible()
    expect(page.get_by_role("link", name="Line 1")).to_be_visible()
    theirs(lab, sums)
    field.fill(f"timeout: 1h\n{text}")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row", name="description: Theirs")).to_be_visible()
    assert field.input_value() == f"timeout: 1h\n{text}"
    page.get_by_role("button", name="Keep mine").click()
    expect(page.get_by_text("The draft is saved as revision 3")).to_be_visible()


ADDED = """() => {
  const box = document.createElement("form");
  box.id = "added";
  box.innerHTML = '<label for="p">Program</label><div id="p-box"><textarea id="p" data-code="python">if True:\\n</textarea></div>';
  document.querySelector("main").append(box);
  window.told = [];
  for (const name of ["input", "change"]) box.addEventListener(name, (event) => told.push(name + event.target.value.length));
  htmx.process(box);
  box.dispatchEvent(new CustomEvent("htmx:load", {bubbles: true}));
}"""


MORPHED = """([form, text]) => {
  Idiomorph.morph(document.getElementById("added") ?? document.getElementById("other"), `<form id="${form}"><label for="p">The program</label>`
    + `<div id="p-box"><textarea id="p" data-code="python">${text}\n</textarea></div></form>`);
  document.querySelector("main").dispatchEvent(new CustomEvent("htmx:load", {bubbles: true}));
}"""


def test_a_morph_brings_what_the_server_changed_and_never_the_text_of_another_form(edit, sums):
    page, _box = edit()
    page.evaluate(ADDED)
    field = page.locator("#p-box [contenteditable]")
    expect(field).to_contain_text("if True:")
    page.evaluate(MORPHED, ["added", "if False:"])
    expect(field).to_contain_text("if False:")
    field.click()
    page.keyboard.type("x = 1")
    page.evaluate(MORPHED, ["added", "pass"])
    expect(field).to_contain_text("x = 1")
    page.evaluate(MORPHED, ["other", "pass"])
    expect(field).to_have_text("pass")
    assert page.locator("#p").input_value() == "pass\n"
    expect(page.locator("#other .form-hint")).to_have_count(1)


def test_a_code_field_that_comes_later_is_in_step_with_its_textarea_and_survives_a_morph(edit, sums):
    page, _box = edit()
    page.evaluate(ADDED)
    field = page.get_by_role("textbox", name="Program")
    expect(page.locator("#p")).to_be_hidden()  # it has become an editor
    page.get_by_text("Program", exact=True).click()
    expect(field).to_be_focused()
    page.keyboard.press("Control+End")
    page.keyboard.press("Tab")
    page.keyboard.type("x")
    expect(page.locator("#p")).to_have_value("if True:\n    x")
    html = page.evaluate("document.getElementById('added').outerHTML")
    page.evaluate(
        """() => Idiomorph.morph(document.getElementById("added"), '<form id="added"><label for="p">The program</label>'
           + '<div id="p-box"><textarea id="p" data-code="python">if True:\\n</textarea></div></form>')"""
    )
    assert "cm-editor" in html
    expect(page.locator("#added label")).to_have_text("The program")
    expect(field).to_be_focused()
    page.keyboard.type("y")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(field).not_to_be_focused()
    assert page.evaluate("told") == ["input13", "input14", "input15", "change15"]
    assert page.locator("#p").input_value() == "if True:\n    xy"


TWO = "steps: [{key: a, type: code, source: 'first = 1'}, {key: b, type: code, source: 'second = 2'}]"


def test_the_code_of_a_step_is_edited_in_the_builder_and_the_source_shows_it(
    edit, expect_errors, lab, screenshot
):
    expect_errors("htmx:(sendError|afterRequest)")  # the graph, when one leaves before it came
    lab.workflow(TWO, slug="sums")
    page, box = edit("/workflows/sums/build/?at=steps[0]")
    expect(box).to_have_text("first = 1")
    box.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" + 1")
    expect(page.locator("#builder-saved")).not_to_have_text("Saved")
    expect(page.locator("#builder-saved")).to_have_text("Saved")
    screenshot(page, "builder-code-wide-light")
    page.goto("/workflows/sums/build/?at=steps[1]")
    expect(box).to_have_text("second = 2")
    page.get_by_role("link", name="Source").click()
    expect(box).to_contain_text("source: first = 1 + 1")
    page.get_by_role("link", name="Outline").click()
    expect(page.get_by_role("heading", name="Builder")).to_be_visible()
