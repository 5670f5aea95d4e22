"""Fields with expressions in a real browser: rows of conditions, and the picker, with the keyboard and without a script."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.expression_page import Control, opener
from tests.browser.looks import NARROW, WIDE, each_look
from tests.workflows.builder.test_conditions import SAID
from workflows.builder.conditions import Comparison, Condition, Kind, Row, posted, write
from workflows.expressions.syntax import ExpressionSyntaxError, parse_expression


@pytest.fixture
def open_form(new_page, db):
    return opener(new_page)


def when(text: str = "", **more: Any) -> Control:
    return Control(name="f.when", label="Only when", text=text, condition=True, **more)


def rows(page):
    return page.locator("[data-row-of-condition]")


def fill_row(page, number: int, row: Row) -> None:
    one = rows(page).nth(number)
    one.get_by_label("Value to compare").fill(row.left)
    one.get_by_label("Comparison", exact=True).select_option(row.comparison)
    if row.comparison.has_right:
        one.get_by_label("Compared with what kind of value").select_option(row.kind)
        one.get_by_label("Compared with", exact=True).fill(row.right)


@each_look
def test_the_field_and_its_picker_are_accessible_in_every_look(open_form, axe, screenshot, size, theme):
    text = 'row.amount > inputs.limit and (inputs.person.name.first == "Ada" or inputs.urgent) and inputs.lines not in [null, "", []]'
    page = open_form(
        when(text),
        Control(name="f.items", label="The list", text="steps.rows.output.rows"),
        Control(
            name="f.config.url", label="Address", text="https://example.com/{{ row.amount }}", template=True
        ),
        Control(name="f.until", label="Until", text="a + b", condition=True),
        size=size,
        theme=theme,
    )
    axe(page)
    page.get_by_role("link", name="Insert a value into Address").click()
    axe(page)
    screenshot(page, f"expressions-{'wide' if size == WIDE else 'narrow'}-{theme}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_rows_are_written_in_the_browser_as_on_the_server(open_form):
    page = open_form(when())
    text = page.locator("textarea")
    for expression, row in SAID:
        fill_row(page, 0, row)
        assert text.input_value() == expression
    fill_row(page, 0, Row(**{**vars(SAID[1][1]), "left": "a if b else c", "right": "007"}))
    assert text.input_value() == "(a if b else c) != 7"


def is_valid(expression: str) -> bool:
    try:
        return bool(parse_expression(expression))
    except ExpressionSyntaxError:
        return False


SIDES = [
    *(
        "inputs.a",
        "a or b",
        "not a",
        "a if b else c",
        "x in y",
        "a + b",
        "-a",
        "5",
        "-1.5",
        "f(a, b)",
        "[1, 2]",
        "{'a': 1}",
    ),
    *(
        "'a or b'",
        '"a, b"',
        "a['x or y']",
        "[x for x in y]",
        "lambda: 1",
        "",
        " ",
        "_",
        "{{ a.b }}",
        "len(a or b) + 1",
    ),
    *(
        "a, b",
        ' "a, b" ,c',
        '"say ""hi""", x',
        "007",
        "+5",
        "1e5",
        "2026-01-31",
        "yes",
        "No",
        "a\\",
        "}}",
        "ü 🙂",
    ),
]


def test_whatever_is_typed_is_written_in_the_browser_as_on_the_server(open_form):
    page = open_form(when())
    rows = [
        Row(left=left, comparison=comparison, kind=kind, right=right if comparison.has_right else "")
        for n, left in enumerate(SIDES)
        for right in SIDES[n % 5 :: 5]
        for comparison in Comparison
        for kind in Kind
        if left.strip() and (comparison.has_right or kind is Kind.TEXT)
    ]
    found = page.evaluate(
        """rows => { const condition = document.querySelector("[data-condition]");
        const parts = ["left", "is", "kind", "right"].map((name) => condition.querySelector(`.condition-${name}`));
        return rows.map((values) => { parts.forEach((part, n) => { part.value = values[n]; }); return conditions.written(condition); }); }""",
        [[row.left, row.comparison.value, row.kind.value, row.right] for row in rows],
    )
    said = [write(Condition(groups=((row,),))) for row in rows]
    both = zip(rows, found, said, strict=True)
    assert [
        (row, one, two) for row, one, two in both if one != two and (is_valid(one) or is_valid(two))
    ] == []


def test_a_condition_of_two_groups_is_built_sent_and_read_again(open_form):
    page = open_form(when())
    fill_row(page, 0, SAID[0][1])
    fill_row(page, 1, SAID[1][1])
    fill_row(page, 2, SAID[2][1])
    rows(page).nth(2).get_by_label("How this row is joined").select_option(label="or")
    said = 'inputs.a == "x" and (inputs.a != 5 or row.amount > -1.5e3)'
    expect(page.locator("[data-written]")).to_have_text(said)
    page.get_by_label("How many must hold").select_option("or")
    expect(page.locator("[data-written]")).to_have_text(
        'inputs.a == "x" or (inputs.a != 5 and row.amount > -1.5e3)'
    )
    page.get_by_label("How many must hold").select_option("and")
    rows(page).nth(0).get_by_role("button", name="Remove this row").click()
    expect(page.locator("[data-written]")).to_have_text("inputs.a != 5 or row.amount > -1.5e3")
    expect(rows(page)).to_have_count(3)
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/sent/")
    assert posted(page.sent[0], "f.when") is None
    assert page.sent[0]["f.when"] == "inputs.a != 5 or row.amount > -1.5e3"


def test_a_text_that_was_changed_by_hand_counts_also_when_the_rows_are_shown_again(open_form):
    page = open_form(when("inputs.n > 6"))
    fill_row(page, 0, SAID[0][1])
    page.get_by_role("radio", name="Expression", exact=True).check(force=True)
    page.locator("textarea").fill("inputs.n > 7")
    page.get_by_role("radio", name="Conditions").check(force=True)
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/sent/")
    assert posted(page.sent[0], "f.when") is None
    assert page.sent[0]["f.when"] == "inputs.n > 7"


def test_without_a_script_rows_are_filled_in_and_sent(open_form, screenshot):
    page = open_form(when("inputs.n > 6"), script=False)
    fill_row(page, 1, SAID[3][1])
    page.get_by_role("radio", name="Expression", exact=True).check(force=True)
    expect(page.locator("textarea")).to_be_visible()
    expect(rows(page).first).to_be_hidden()
    page.get_by_role("radio", name="Conditions").check(force=True)
    screenshot(page, "expressions-no-script")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/sent/")
    assert posted(page.sent[0], "f.when") == 'inputs.n > 6 and row["net amount"] >= inputs.limit'


def test_the_picker_inserts_at_the_cursor_with_the_keyboard_alone(open_form):
    page = open_form(
        Control(name="f.config.url", label="Address", text="https://x/", template=True),
        Control(name="f.items", label="The list"),
    )
    page.evaluate("addEventListener('change', (event) => document.title += ' ' + event.target.name)")
    page.get_by_label("Address", exact=True).focus()
    page.keyboard.press("End")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Search values to insert")).to_be_focused()
    page.keyboard.type("rows rows")
    expect(page.get_by_role("button", name="rows List steps.rows.output.rows")).to_be_visible()
    expect(page.get_by_role("button", name="row.amount")).to_be_hidden()
    page.keyboard.press("Enter")
    address = page.get_by_label("Address", exact=True)
    expect(address).to_be_focused()
    expect(address).to_have_value("https://x/{{ steps.rows.output.rows }}")
    assert "f.config.url" in page.title()

    address.evaluate("field => field.setSelectionRange(field.value.length - 3, field.value.length - 3)")
    page.get_by_label("Search values to insert").focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("sorted(")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(address).to_have_value("https://x/{{ steps.rows.output.rowssorted() }}")
    page.keyboard.type("[1]")
    expect(address).to_have_value("https://x/{{ steps.rows.output.rowssorted([1]) }}")

    page.get_by_role("link", name="Insert a value into The list").click()
    expect(page.get_by_label("Search values to insert")).to_have_value("")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".pick").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_label("The list", exact=True)).to_be_focused()
    expect(page.get_by_label("Search values to insert")).to_be_hidden()


def test_a_value_that_is_inserted_on_the_right_of_a_row_makes_it_an_expression(open_form):
    page = open_form(when('row.amount > date("2026-01-31")'))
    right = rows(page).first.get_by_label("Compared with", exact=True)
    assert right.get_attribute("type") == "date"
    right.focus()
    page.locator("#picker > summary").click()
    page.get_by_role("button", name="inputs.report").first.click()
    expect(page.locator("textarea")).to_have_value("row.amount > inputs.report")


def test_what_only_another_field_sees_is_hidden_until_that_field_is_chosen(open_form):
    page = open_form(
        Control(name="f.items", label="The list"),
        Control(name="f.collect", label="What each turn gives"),
        at="steps[1]",
        size=NARROW,
    )
    page.locator("#picker > summary").click()
    page.get_by_label("The list", exact=True).focus()
    expect(page.locator(".picker-group", has_text="In this loop")).to_be_hidden()
    page.get_by_label("What each turn gives", exact=True).focus()
    expect(page.locator(".picker-group", has_text="In this loop")).to_be_visible()
