"""The Builder in a real browser: it saves by itself, two people at once, a lost connection, the keyboard, no script."""

import pytest
from playwright.sync_api import expect

from common.canonical import loads
from tests.browser.looks import NARROW, WIDE, each_look
from tests.browser.waiting import settled
from workflows import services
from workflows.models import Workflow
from workspaces.models import Role

PATH = "/workflows/flow/build/"
FLOW = {
    "format": 1,
    "name": "Flow",
    "inputs": [{"key": "limit", "label": "Limit", "type": "number", "default": 5}],
    "steps": [
        {"key": "first", "name": "First", "type": "set", "values": {"x": "{{ inputs.limit }}"}},
        {
            "key": "each",
            "name": "Each",
            "type": "for_each",
            "items": "[1, 2]",
            "steps": [{"key": "one", "name": "One", "type": "set", "values": {"y": "{{ item }}"}}],
        },
        {
            "key": "which",
            "name": "Which",
            "type": "branch",
            "branches": [{"key": "big", "name": "Big", "when": "steps.first.output.x > 3", "steps": []}],
        },
        {"key": "program", "name": "Program", "type": "code", "source": "1 + 1\n"},
    ],
}


@pytest.fixture
def flow(lab):
    workspace = lab.actor.workspace
    return services.create_workflow(actor=lab.actor, workspace=workspace, slug="flow", definition=FLOW)


@pytest.fixture
def build(open_as, lab, flow):
    """Opens the Builder as a person of their own."""

    def open_builder(at="", **look):
        path = f"{PATH}?at={at}" if at else PATH
        page = open_as(Role.BUILDER, workspace=lab.actor.workspace, path=path, **look)
        settled(page)  # what stands beside the form has come
        return page

    return open_builder


def draft():
    return loads(Workflow.objects.get(slug="flow").draft)


def saved(page):
    expect(page.locator("#builder-saved")).to_have_text("Saved")
    settled(page)


@each_look
def test_it_is_accessible_in_every_look(build, axe, screenshot, size, theme):
    page = build(size=size, theme=theme)
    look = f"{'wide' if size == WIDE else 'narrow'}-{theme}"
    for name, query in (
        ("settings", ""),
        ("input", "?at=inputs[0]"),
        ("values", "?at=step:first"),
        ("loop", "?at=step:each"),
        ("condition", "?at=steps[2].branches[0]"),
        ("code", "?at=step:program"),
        ("add", "?add=steps"),
        ("history", "history/"),
    ):
        page.goto(PATH + query)
        settled(page)
        axe(page)
        screenshot(page, f"builder-{name}-{look}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


def test_it_saves_while_one_types_and_neither_the_focus_nor_a_letter_is_lost(build):
    page = build("step:first")
    name = page.get_by_label("Name", exact=True)
    name.fill("")
    name.press_sequentially("A long name that is typed while it is saved", delay=60)
    expect(name).to_be_focused()
    saved(page)
    assert name.input_value() == "A long name that is typed while it is saved"
    assert draft()["steps"][0]["name"] == "A long name that is typed while it is saved"
    expect(page.get_by_role("navigation", name="Outline")).to_contain_text("A long name that is typed")
    page.reload()
    expect(name).to_have_value("A long name that is typed while it is saved")


def test_a_problem_comes_to_its_place_and_goes_while_one_types(build):
    page = build("step:each")
    field = page.get_by_role("textbox", name="List to go through")
    field.fill("steps.nobody.output")
    expect(page.locator("#f-items-problems")).to_contain_text("nobody")
    expect(page.get_by_role("link", name="1 problem").first).to_be_visible()
    expect(page.locator("#builder-graph")).to_contain_text("Problem")
    field.fill("[1, 2, 3]")
    expect(page.locator("#f-items-problems")).to_have_count(0)
    expect(page.get_by_text("Ready to activate")).to_be_visible()


def test_values_are_added_row_by_row_and_removed(build):
    page = build("step:first")
    page.get_by_label("Add a value: Name").fill("total")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.insert_text("{{ inputs.limit + 1 }}")
    expect(page.get_by_role("button", name="Remove total")).to_be_visible()
    expect(page.get_by_label("Add a value: Name")).to_have_value("")
    saved(page)
    assert draft()["steps"][0]["values"] == {"x": "{{ inputs.limit }}", "total": "{{ inputs.limit + 1 }}"}
    page.get_by_role("button", name="Remove x").click()
    expect(page.get_by_role("button", name="Remove x")).to_have_count(0)
    assert draft()["steps"][0]["values"] == {"total": "{{ inputs.limit + 1 }}"}


def test_a_condition_is_put_together_from_rows(build):
    page = build("steps[2].branches[0]")
    group = page.get_by_role("group", name="Taken if: conditions")
    group.get_by_role("combobox", name="Comparison").first.select_option(label="is at most")
    saved(page)
    assert draft()["steps"][2]["branches"][0]["when"] == "steps.first.output.x <= 3"


def test_a_step_is_found_added_moved_by_the_keyboard_deleted_and_brought_back(build):
    page = build()
    page.get_by_role("link", name="Add a step").last.click()
    page.get_by_label("Name", exact=True).fill("Pause")
    page.get_by_label("Search", exact=True).fill("wait for")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Pause Wait")).to_be_visible()
    row = page.get_by_role("navigation", name="Outline").get_by_role("link", name="Pause")
    row.focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("#builder-last")).to_contain_text("Moved Pause")
    assert [step["key"] for step in draft()["steps"]] == ["first", "each", "which", "pause", "program"]
    page.get_by_role("button", name="Delete").click()
    expect(page.locator("#builder-last")).to_contain_text("Deleted Pause")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#builder-last")).to_contain_text("Went back")
    assert [step["key"] for step in draft()["steps"]] == ["first", "each", "which", "pause", "program"]


def test_a_step_is_dragged_into_a_block(build):
    page = build()
    handle = page.locator('li[data-key="first"] > .outline-row > i')
    target = page.locator('li[data-key="one"] > .outline-row')
    start = handle.bounding_box()
    page.mouse.move(start["x"] + 4, start["y"] + 8)
    page.mouse.down()
    for _step in range(6):  # the rows make room while one drags
        end = target.bounding_box()
        page.mouse.move(end["x"] + 40, end["y"] + 20, steps=5)
    inside = page.locator('[data-list="steps[1].steps"] > li[data-key="first"]')
    expect(inside).to_have_count(1)
    page.mouse.up()
    expect(page.locator("#builder-last")).to_contain_text("Moved First")
    assert sorted(step["key"] for step in draft()["steps"][0]["steps"]) == ["first", "one"]


def test_two_people_at_the_same_field_see_both_sides_and_nothing_is_lost(build, expect_errors):
    expect_errors("409")
    mine, theirs = build("step:first"), build("step:first")
    theirs.get_by_label("Name", exact=True).fill("Theirs")
    saved(theirs)
    mine.get_by_label("Name", exact=True).fill("Mine")
    expect(mine.get_by_role("heading", name="Theirs was changed by somebody else")).to_be_visible()
    expect(mine.get_by_role("row", name="Name Mine Theirs")).to_be_visible()
    mine.get_by_role("button", name="Keep mine").click()
    expect(mine.get_by_label("Name", exact=True)).to_have_value("Mine")
    assert draft()["steps"][0]["name"] == "Mine"


def test_two_tabs_at_different_fields_of_a_step_are_brought_together(build):
    one, other = build("step:each"), build("step:each")
    one.get_by_label("Name", exact=True).fill("Every one")
    saved(one)
    other.get_by_label("Name of one item").fill("row")
    saved(other)
    expect(other.get_by_role("navigation", name="Outline")).to_contain_text("Every one")
    step = draft()["steps"][1]
    assert (step["name"], step["as"]) == ("Every one", "row")


def test_a_lost_connection_in_the_middle_of_a_save_loses_nothing(build, expect_errors):
    expect_errors("ERR_FAILED|htmx:afterRequest|htmx:sendError")
    page = build("step:first")
    page.route("**/build/", lambda route: route.abort())
    page.get_by_label("Name", exact=True).fill("Typed in the tunnel")
    expect(page.locator("#builder-saved")).to_contain_text("the server does not answer")
    page.unroute("**/build/")
    saved(page)
    assert draft()["steps"][0]["name"] == "Typed in the tunnel"


def test_a_save_that_arrived_but_whose_answer_was_lost_is_no_conflict(build, expect_errors):
    expect_errors("ERR_FAILED|htmx:afterRequest|htmx:sendError")
    page = build("step:first")

    def arrive_and_be_lost(route):
        route.fetch()
        route.abort()

    page.route("**/build/", arrive_and_be_lost, times=1)
    page.get_by_label("Name", exact=True).fill("Arrived")
    saved(page)
    assert draft()["steps"][0]["name"] == "Arrived"
    page.get_by_label("Name", exact=True).fill("And on")
    saved(page)
    assert draft()["steps"][0]["name"] == "And on"


def test_what_could_not_be_saved_is_offered_after_the_page_was_closed(build, expect_errors):
    expect_errors("ERR_FAILED|htmx:afterRequest|htmx:sendError")
    page = build("step:first")
    page.route("**/build/", lambda route: route.abort())
    page.get_by_label("Name", exact=True).fill("Typed and closed")
    expect(page.locator("#builder-saved")).to_contain_text("the server does not answer")
    page.evaluate("document.querySelector('form[data-part]').reset()")  # as a browser that has crashed
    page.unroute("**/build/")
    page.reload()
    expect(page.get_by_text("There is text of yours that could not be saved")).to_be_visible()
    page.get_by_role("button", name="Use it").click()
    saved(page)
    assert draft()["steps"][0]["name"] == "Typed and closed"


def test_leaving_saves_first_and_the_back_button_shows_what_is_saved(build):
    page = build("step:first")
    page.get_by_label("Name", exact=True).fill("Before leaving")
    page.get_by_role("navigation", name="Outline").get_by_role("link", name="Each", exact=True).click()
    expect(page.get_by_role("heading", name="Each For each")).to_be_visible()
    assert draft()["steps"][0]["name"] == "Before leaving"
    page.go_back()
    name = page.get_by_label("Name", exact=True)
    expect(name).to_have_value("Before leaving")
    name.fill("And again")
    saved(page)
    assert draft()["steps"][0]["name"] == "And again"


def test_a_program_is_edited_with_colours_and_saved(build):
    page = build("step:program")
    box = page.locator("[contenteditable=true][role=textbox]")
    box.click()
    page.keyboard.press("Control+Home")
    page.keyboard.insert_text("# two\n")
    saved(page)
    assert draft()["steps"][3]["source"] == "# two\n1 + 1\n"


def test_without_a_script_every_control_is_a_form(build):
    page = build("step:first", script=False)
    page.get_by_label("Name", exact=True).fill("By hand")
    page.get_by_role("button", name="Down").click()
    assert [step["key"] for step in draft()["steps"]][:2] == ["each", "first"]
    assert draft()["steps"][1]["name"] == "By hand"
    page.get_by_role("link", name="Add a step after this").click()
    page.get_by_label("Name", exact=True).fill("Later")
    page.get_by_role("button", name="Wait Wait for some time").click()
    page.get_by_label("How long").fill("2h")
    page.get_by_role("button", name="Save").first.click()
    assert draft()["steps"][2] == {"key": "later", "name": "Later", "type": "delay", "duration": "2h"}
    page.get_by_role("button", name="Undo").click()
    assert "What changes" not in page.content()


def test_on_a_narrow_screen_the_form_comes_first(build):
    page = build("step:first", size=NARROW)
    main = page.locator("#builder-main").bounding_box()
    outline = page.get_by_role("navigation", name="Outline").bounding_box()
    assert main["y"] < outline["y"]
