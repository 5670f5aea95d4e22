"""Conditions and values that are inserted, in the Builder itself: saved by itself, and there after a reload."""

import pytest
from playwright.sync_api import expect

from common.canonical import loads
from tests.browser.looks import NARROW, WIDE, each_look
from tests.browser.waiting import settled
from tests.pages.test_builder_expressions import FLOW
from workflows import services
from workflows.models import Workflow

PATH = "/workflows/flow/build/?at=step:tell"
PICK = """(wanted) => [...document.querySelectorAll("[data-picker] .pick")]
  .find((pick) => pick.querySelector("code").textContent === wanted).click()"""


@pytest.fixture
def flow(lab):
    workspace = lab.actor.workspace
    return services.create_workflow(actor=lab.actor, workspace=workspace, slug="flow", definition=FLOW)


def step():
    return loads(Workflow.objects.get(slug="flow").draft)["steps"][1]


def saved(page):
    expect(page.locator("#builder-saved")).to_have_text("Saved")


def opened(open_as, lab, **look):
    page = open_as("builder", workspace=lab.actor.workspace, path=PATH, **look)
    page.locator("summary", has_text="When it runs").click() if not page.get_by_label(
        "Value to compare"
    ).first.is_visible() else None
    return page


@each_look
def test_a_condition_in_the_builder_is_accessible_in_every_look(
    open_as, lab, flow, axe, screenshot, size, theme
):
    page = opened(open_as, lab, size=size, theme=theme)
    page.get_by_role("link", name="Insert a value").first.click()
    axe(page)
    screenshot(page, f"builder-condition-{'wide' if size == WIDE else 'narrow'}-{theme}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_rows_are_saved_while_they_are_filled_in_and_text_is_read_as_rows_again(open_as, lab, flow):
    page = opened(open_as, lab)
    rows = page.locator("[data-row-of-condition]")
    rows.nth(1).get_by_label("Value to compare").fill("inputs.limit")
    rows.nth(1).get_by_label("Comparison", exact=True).select_option("less")
    rows.nth(1).get_by_label("Compared with what kind of value").select_option("number")
    rows.nth(1).get_by_label("Compared with", exact=True).fill("9000")
    saved(page)
    said = "steps.total.output.amount > inputs.limit and inputs.limit < 9000"
    assert step()["when"] == said
    expect(rows).to_have_count(3)

    page.get_by_role("radio", name="Expression", exact=True).check(force=True)
    page.locator('textarea[name="f.when"]').fill("inputs.limit == 1 or inputs.limit == 2")
    saved(page)
    assert step()["when"] == "inputs.limit == 1 or inputs.limit == 2"
    page.get_by_role("radio", name="Conditions").check(force=True)
    expect(rows.nth(1).get_by_label("Compared with", exact=True)).to_have_value("2")
    expect(page.get_by_label("How many must hold")).to_have_value("or")
    rows.nth(0).get_by_role("button", name="Remove this row").click()
    saved(page)
    assert step()["when"] == "inputs.limit == 2"
    page.reload()
    expect(rows).to_have_count(2)


def test_a_value_is_inserted_into_a_field_of_the_step_and_saved(open_as, lab, flow):
    page = opened(open_as, lab, size=NARROW)
    value = page.get_by_label("Value of x", exact=True)
    value.fill("Total: ")
    value.focus()
    page.locator("#picker > summary").click()
    page.get_by_label("Search values to insert").fill("amount")
    page.keyboard.press("Enter")
    expect(value).to_have_value("Total: {{ steps.total.output.amount }}")
    saved(page)
    assert step()["values"] == {"x": "Total: {{ steps.total.output.amount }}"}


def begin_a_save(page):
    """Type something; gives what lets the answer come."""
    held = []
    page.route("**/build/", lambda route: held.append(route), times=1)  # noqa: PLW0108 - playwright marks it
    page.get_by_label("Value of x", exact=True).fill("one")
    expect(page.locator("#builder-saved")).to_have_attribute("data-kind", "busy")
    return lambda: held.pop().continue_()


def test_values_that_are_inserted_while_a_save_comes_back_have_a_row_each(open_as, lab, flow):
    page = opened(open_as, lab)
    page.locator("#picker > summary").click()
    answer = begin_a_save(page)
    page.get_by_label("Value", exact=True).focus()
    page.evaluate(PICK, "inputs.limit")
    page.evaluate(PICK, "steps.total.output.amount")
    # The next save is in line, and sent as soon as the answer has taken the place of the form.
    page.evaluate("htmx.trigger(document.querySelector('form[data-part]'), 'save')")
    answer()
    saved(page)
    page.reload()
    assert step()["values"] == {
        "x": "one",
        "limit": "{{ inputs.limit }}",
        "amount": "{{ steps.total.output.amount }}",
    }


def test_the_focus_stays_on_a_link_while_a_save_comes_back(open_as, lab, flow):
    page = opened(open_as, lab)
    answer = begin_a_save(page)
    link = page.get_by_role("link", name="Insert a value into Values")
    link.focus()
    answer()
    saved(page)
    settled(page)
    expect(link).to_be_focused()
