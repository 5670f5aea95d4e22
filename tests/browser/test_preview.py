"""A draft tried out in the browser: started, watched, pinned, run until a step."""

import pytest
import yaml
from playwright.sync_api import expect

from jobs.models import File, SampleInputs
from tests.browser.conftest import session_cookie
from tests.browser.looks import each_look
from tests.browser.test_new_job import drop
from tests.factories import make_member
from workflows.services.drafts import create_workflow

DRAFT = """
format: 1
name: Pay the invoice
inputs:
  - {key: amount, label: Amount, type: number, minimum: 0}
  - {key: note, label: Note, type: text, required: false}
steps:
  - {key: total, name: Add the tax, type: set, values: {amount: "{{ inputs.amount * 1.2 }}"}}
  - key: send
    name: Tell the bank
    type: http.request
    config: {method: POST, url: "https://bank.example/pay", json: {amount: "{{ steps.total.output.amount }}", note: "{{ inputs.note }}"}}
  - key: lines
    name: Check every line
    type: for_each
    items: "[1, 2, 3]"
    steps: [{key: line, name: Check it, type: set, values: {ok: true}}]
  - {key: receipt, name: Keep the receipt, type: set, values: {number: "{{ steps.send.output.body.id }}"}}
outputs:
  - {key: number, label: Receipt, type: integer, value: steps.receipt.output.number}
"""
FORM = "/workflows/pay/preview/"
MONTH = """
format: 1
name: The month
inputs:
  - {key: report, label: Report, type: file, accept: [.csv]}
  - {key: lines, label: Lines, type: table, columns: [{key: item, label: Item, type: text}]}
  - {key: urgent, label: Urgent, type: boolean, default: false}
  - {key: reason, label: Reason, type: text, required: false, show_when: inputs.urgent}
steps:
  - {key: count, type: set, values: {rows: "{{ len(inputs.lines) }}"}}
"""


@pytest.fixture
def builder(lab, open_as):
    create_workflow(
        actor=lab.actor, workspace=lab.actor.workspace, slug="pay", definition=yaml.safe_load(DRAFT)
    )

    def open_page(**look):
        return open_as("builder", path=FORM, user=lab.actor.user, **look)

    return open_page


def start(page):
    """Run the preview; its page is open then."""
    page.get_by_role("button", name="Run preview").click()
    page.wait_for_url(f"**{FORM}*/")


def test_a_draft_is_previewed_its_answer_pinned_and_it_is_run_again(builder, run_jobs, axe):
    page = builder()
    page.get_by_label("Amount").fill("100")
    start(page)
    run_jobs()
    expect(page.get_by_text("has no output; pin one for it")).to_be_visible()
    page.locator("#steps").get_by_role("link", name="Tell the bank").click()
    panel = page.locator("#step-panel")
    expect(panel.get_by_text("This would have been sent")).to_be_visible()
    axe(page)
    panel.get_by_text("Pin an output of your own").click()
    panel.get_by_label("Output as JSON").fill('{"status": 200, "body": {"id": 77}}')
    panel.get_by_role("button", name="Pin it").click()
    expect(panel.get_by_text("An output is pinned for it")).to_be_visible()
    page.get_by_role("button", name="Run again").click()
    page.wait_for_url(f"**{FORM}*/")
    run_jobs()
    expect(page.locator("#outputs")).to_contain_text("77")
    page.get_by_role("link", name="Change inputs").click()
    expect(page.get_by_label("Amount")).to_have_value("100")
    page.get_by_label("Run until").select_option("total")
    start(page)
    run_jobs()
    expect(page.get_by_text("It ran until Add the tax")).to_be_visible()
    expect(page.locator("#steps")).not_to_contain_text("Keep the receipt")


def test_everything_works_without_a_script(builder, run_jobs, expect_errors):
    expect_errors("status of 422")
    page = builder(script=False)
    page.get_by_label("Amount").fill("many")
    page.get_by_role("button", name="Run preview").click()
    expect(page.get_by_text("No preview was started.")).to_be_visible()
    page.get_by_label("Amount").fill("100")
    start(page)
    run_jobs()
    page.reload()
    page.locator("#steps").get_by_role("link", name="Add the tax").click()
    page.get_by_role("button", name="Pin this output").click()
    expect(page.get_by_text("An output is pinned for it")).to_be_visible()
    page.get_by_role("button", name="Run again").click()
    run_jobs()
    page.reload()
    expect(page.get_by_text("not run: this is the pinned output")).to_be_visible()


@pytest.mark.parametrize("where", ["alone", "beside the draft"])
def test_its_fields_take_files_rows_and_conditions_like_those_of_a_job(
    lab, open_as, run_jobs, axe, screenshot, where
):
    create_workflow(
        actor=lab.actor, workspace=lab.actor.workspace, slug="month", definition=yaml.safe_load(MONTH)
    )
    alone = where == "alone"
    address = "/workflows/month/" + ("preview/" if alone else "build/")
    page = open_as("builder", path=address, user=lab.actor.user)
    if not alone:
        page.get_by_role("link", name="Preview", exact=True).click()
    panel = page.locator("#preview")
    expect(panel.get_by_label("Reason")).to_be_hidden()
    panel.get_by_label("Urgent").check()
    expect(panel.get_by_label("Reason")).to_be_visible()
    held = []
    page.route("**/jobs/new/file/**", lambda route: held.append(route))  # noqa: PLW0108 - playwright marks it
    drop(page, panel.locator("[data-drop]"), "june.csv", "a,b\n1,2\n")
    expect(panel.get_by_role("progressbar", name="Upload")).to_be_visible()
    panel.get_by_role("button", name="Run preview").click()
    expect(panel.get_by_text("A file is still being uploaded")).to_be_visible()
    held.pop().continue_()
    expect(panel.get_by_role("button", name="Remove june.csv")).to_be_visible()
    expect(panel.get_by_text("A file is still being uploaded")).to_be_hidden()
    panel.get_by_label("Item, Row 1").fill("Paper")
    axe(page)
    screenshot(page, f"preview-fields-{where.replace(' ', '-')}")
    panel.get_by_role("button", name="Run preview").click()
    expect(panel.get_by_text("Queued").first).to_be_visible()
    run_jobs()
    expect(panel.get_by_text("Completed").first).to_be_visible()
    kept = SampleInputs.objects.get(workflow__slug="month").inputs
    assert '"lines":[{"item":"Paper"}]' in kept
    assert File.objects.get(name="june.csv").pk in kept


@pytest.fixture
def beside(lab, open_as):
    """The draft of a step `keep`, and beside it the form of its preview."""
    definition = {"format": 1, "name": "Notes", "inputs": [{"key": "extra", "label": "Extra", "type": "object"}],
                  "steps": [{"key": "keep", "name": "Keep it", "type": "set", "values": {"x": 1}}]}  # fmt: skip
    create_workflow(actor=lab.actor, workspace=lab.actor.workspace, slug="notes", definition=definition)
    page = open_as("builder", path="/workflows/notes/build/?at=step:keep", user=lab.actor.user)
    page.locator("#preview").get_by_label("Extra").scroll_into_view_if_needed()
    return page


def test_a_field_that_was_drawn_larger_is_replaced_without_an_error(beside):
    field = beside.locator("#preview").get_by_label("Extra")
    box = field.bounding_box()
    corner = (box["x"] + box["width"] - 4, box["y"] + box["height"] - 4)
    beside.mouse.move(*corner)
    beside.mouse.down()
    beside.mouse.move(corner[0], corner[1] + 60, steps=3)
    beside.mouse.up()
    assert "height" in field.get_attribute("style")
    beside.get_by_role("link", name="Preview until this step").click()
    expect(beside.get_by_label("Run until")).to_have_value("keep")


def test_to_run_until_a_step_leaves_what_was_filled_in(beside, run_jobs):
    beside.locator("#preview").get_by_label("Extra").fill('{"a": 1}')
    beside.get_by_role("link", name="Preview until this step").click()
    expect(beside.get_by_label("Run until")).to_have_value("keep")
    expect(beside.locator("#preview").get_by_label("Extra")).to_have_value('{"a": 1}')
    beside.get_by_role("button", name="Run preview").click()
    expect(beside.locator("#preview").get_by_text("Queued").first).to_be_visible()
    run_jobs()
    expect(beside.get_by_text("It ran until Keep it")).to_be_visible()


def test_what_one_person_filled_in_is_not_put_before_the_next_in_the_same_tab(lab, beside, live_server):
    beside.locator("#preview").get_by_label("Extra").fill('{"a": 1}')
    beside.reload()
    expect(beside.locator("#preview").get_by_label("Extra")).to_have_value('{"a": 1}')
    beside.context.clear_cookies()
    colleague = make_member("builder", workspace=lab.actor.workspace).user
    beside.context.add_cookies([session_cookie(colleague, live_server.url)])
    beside.reload()
    expect(beside.locator("#preview").get_by_label("Extra")).to_have_value("")


def test_what_was_filled_in_goes_along_to_another_part_of_the_draft_until_it_runs(lab, open_as, run_jobs):
    create_workflow(
        actor=lab.actor, workspace=lab.actor.workspace, slug="month", definition=yaml.safe_load(MONTH)
    )
    page = open_as("builder", path="/workflows/month/build/", user=lab.actor.user)
    panel = page.locator("#preview")
    panel.get_by_label("Urgent").check()
    panel.get_by_label("Reason").fill("Late")
    drop(page, panel.locator("[data-drop]"), "june.csv", "a,b\n1,2\n")
    expect(panel.get_by_role("button", name="Remove june.csv")).to_be_visible()
    panel.get_by_label("Item, Row 1").fill("Paper")
    for heading in ("Lines", "count"):
        page.get_by_role("navigation", name="Outline").get_by_role("link", name=heading, exact=True).click()
        expect(page.locator("#builder-main h2").first).to_contain_text(heading)
        expect(panel.get_by_label("Reason")).to_have_value("Late")
        expect(panel.get_by_role("button", name="Remove june.csv")).to_be_visible()
        expect(panel.get_by_label("Item, Row 1")).to_have_value("Paper")
    panel.get_by_role("button", name="Run preview").click()
    expect(panel.get_by_text("Queued").first).to_be_visible()
    run_jobs()
    expect(panel.get_by_text("Completed").first).to_be_visible()
    page.get_by_role("link", name="Lines", exact=True).first.click()
    expect(panel.get_by_text("Completed").first).to_be_visible()


@each_look
def test_how_it_looks(builder, run_jobs, axe, screenshot, size, theme):
    page = builder(size=size, theme=theme)
    look = f"{'wide' if size[0] > 400 else 'narrow'}-{theme}"
    axe(page)
    screenshot(page, f"preview-form-{look}")
    page.get_by_label("Amount").fill("100")
    start(page)
    run_jobs()
    expect(page.locator("#job-failure")).to_be_visible()
    page.goto(page.url + "?step=send")
    axe(page)
    screenshot(page, f"preview-run-{look}")
