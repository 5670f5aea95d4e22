"""The grid of a table input in a real browser: typing, keys, the clipboard of a spreadsheet, a file."""

import re

from playwright.sync_api import expect

from jobs.models import Job
from tests.browser.test_new_job import execute
from tests.pages.newjob import inputs_of, small

TABLE = """[{key: lines, label: Lines, type: table, columns: [{key: item, label: Item, type: text},
  {key: price, label: Price, type: number, minimum: 0}, {key: paid, label: Paid, type: boolean, required: false},
  {key: day, label: Day, type: date, required: false}]}]"""


def paste(locator, text):
    locator.evaluate(
        """(element, text) => {
          const data = new DataTransfer();
          data.setData("text/plain", text);
          element.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }""",
        text,
    )


def test_a_table_takes_typing_keys_and_a_spreadsheets_clipboard(open_as, lab, axe, screenshot, expect_errors):
    expect_errors("404|422")
    small(lab, TABLE)
    page = open_as(path="/jobs/new/?workflow=flow", workspace=lab.actor.workspace)
    paste(
        page.get_by_label("Item, Row 1"),
        "Item\tPrice\tPaid\tDay\nPaper\t4.5\tyes\t2026-01-31\nHelp, good\t10\t\t31.1.2026\n",
    )
    expect(page.get_by_label("Item, Row 2")).to_have_value("Help, good")
    expect(page.get_by_label("Day, Row 1")).to_have_value("2026-01-31")
    expect(page.get_by_label("Day, Row 2")).to_have_value("31.1.2026")
    expect(page.get_by_text("Rows: 2")).to_be_visible()
    page.get_by_label("Price, Row 2").press("Enter")
    expect(page.get_by_label("Price, Row 3")).to_be_focused()
    page.keyboard.type("-1")
    page.get_by_label("Item, Row 3").fill("Third")
    page.get_by_label("Item, Row 3").press("Alt+ArrowUp")
    expect(page.get_by_label("Item, Row 2")).to_be_focused()
    expect(page.get_by_label("Item, Row 2")).to_have_value("Third")
    axe(page)
    execute(page)
    expect(
        page.get_by_text("Row 2, Price: expected at least 0, got the number -1", exact=True)
    ).to_be_visible()
    expect(page.get_by_label("Price, Row 2")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Day, Row 3")).to_have_value("31.1.2026")
    screenshot(page, "new-table-wide-light")
    page.get_by_role("button", name="Remove row 2").click()
    page.get_by_label("Day, Row 2").fill("2026-01-31")
    page.get_by_role("button", name="Move up: row 2").click()
    execute(page)
    page.wait_for_url(re.compile(r"/jobs/\d+/$"))
    assert inputs_of(Job.objects.get())["lines"] == [
        {"item": "Help, good", "price": 10, "paid": None, "day": "2026-01-31"},
        {"item": "Paper", "price": 4.5, "paid": True, "day": "2026-01-31"},
    ]


def test_a_table_is_filled_from_a_file(open_as, lab, expect_errors):
    expect_errors("422")
    small(lab, TABLE)
    page = open_as(path="/jobs/new/?workflow=flow", workspace=lab.actor.workspace)
    chooser = page.get_by_label("Or fill it from a CSV or Excel file: Lines")
    chooser.set_input_files({"name": "wrong.csv", "mimeType": "text/csv", "buffer": b"Item,Prize\na,1\n"})
    expect(page.get_by_text("wrong.csv: Expected the columns Item, Price, Paid and Day")).to_be_visible()
    chooser.set_input_files({"name": "good.csv", "mimeType": "text/csv", "buffer": b"Price;Item\n1;a\n2;b\n"})
    expect(page.get_by_label("Item, Row 2")).to_have_value("b")
    expect(page.get_by_label("Price, Row 2")).to_have_value("2")
    expect(page.get_by_text("wrong.csv")).to_have_count(0)
