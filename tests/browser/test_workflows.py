"""Workflows in a real browser: from a YAML file with mistakes to an active workflow, in every look."""

import pytest
from playwright.sync_api import expect

from jobs.demo.samples import definition_text
from jobs.demo.workspace import import_missing
from tests.browser.looks import NARROW, WIDE, each_look
from workflows import services
from workflows.definition.yaml_text import load_documents
from workflows.services.importing import ImportMode, import_workflows
from workspaces.models import Role

BROKEN = """slug: petty-cash
format: 1
name: Petty cash
inputs:
  - key: amount
    label: Amount
    type: number
steps:
  - key: check
    type: branch
    branches:
      - key: large
        when: inputs.amuont > 100
        steps: []
  - key: note
    type: text.rendr
    config: {text: "{{ inputs.amount }}"}
outputs: []
"""
MENDED = BROKEN.replace("amuont", "amount").replace("rendr", "render")


@pytest.fixture
def samples(lab):
    """The samples, with a draft of one that has changes, and of another that has mistakes."""
    import_missing(lab.actor.workspace, actor=lab.actor)
    return {flow.slug: flow for flow in lab.actor.workspace.workflows.all()}


def change(lab, workflow, before, after):
    text = definition_text(workflow.slug).replace(before, after)
    return import_workflows(
        actor=lab.actor, workspace=lab.actor.workspace, documents=load_documents(text), mode=ImportMode.DRAFT
    )


@each_look
def test_every_page_of_workflows_is_accessible_in_every_look(
    open_as, axe, screenshot, lab, samples, size, theme
):
    change(lab, samples["classify-expense"], "name: Classify an expense", "name: Classify one expense")
    services.activate(actor=lab.actor, workflow=samples["classify-expense"], note="A clearer name")
    change(lab, samples["expense-report"], "default: 2500, minimum: 0", "default: 3000, minimum: 100")
    change(lab, samples["month-close"], "type: ", "type: x")
    lab.workflow("steps: [{key: a, type: fail, message: The ledger is closed}]", slug="ledger-check")
    lab.start("ledger-check")
    lab.drain()
    services.archive(actor=lab.actor, workflow=lab.actor.workspace.workflows.get(slug="ledger-check"))
    page = open_as(Role.BUILDER, workspace=lab.actor.workspace, size=size, theme=theme, path="/workflows/")
    look = f"{'wide' if size == WIDE else 'narrow'}-{theme}"
    pages = {
        "list": "",
        "archived": "?status=archived",
        "active": "expense-report/",
        "broken": "month-close/",
        "in-archive": "ledger-check/",
        "source": "month-close/source/",
        "version": "classify-expense/versions/1/?with=2",
        "activate": "expense-report/activate/",
        "refused": "month-close/activate/",
        "deactivate": "classify-expense/deactivate/",
        "import": "import/",
    }
    for name, path in pages.items():
        page.goto(f"/workflows/{path}")
        page.locator("[hx-trigger~=load], .htmx-request").first.wait_for(state="detached")
        axe(page)
        screenshot(page, f"workflows-{name}-{look}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_file_is_checked_mended_imported_activated_and_offers_a_job(
    open_as, axe, screenshot, lab, tmp_path, script
):
    path = tmp_path / "petty-cash.yaml"
    path.write_text(BROKEN, encoding="utf-8")
    page = open_as(Role.BUILDER, workspace=lab.actor.workspace, path="/workflows/", script=script)
    page.get_by_role("link", name="Import a YAML file").click()
    page.get_by_label("File", exact=True).set_input_files(path)
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("heading", name="not be activated yet")).to_be_visible()
    expect(page.get_by_role("button", name="Import and activate")).to_be_disabled()
    page.get_by_role("link", name="Line 13").first.click()
    expect(page.locator("#L13")).to_contain_text("inputs.amuont > 100")
    expect(page.locator("#L13")).to_be_in_viewport()
    if script:
        axe(page)
        screenshot(page, "workflows-import-problems-wide-light")
    page.get_by_label("Text", exact=True).fill(MENDED)
    page.get_by_role("button", name="Check again").click()
    expect(page.get_by_role("heading", name="Nothing stands against it")).to_be_visible()
    if script:
        axe(page)
        screenshot(page, "workflows-import-ready-wide-light")
    page.get_by_role("button", name="Import as draft").click()
    expect(page.get_by_role("heading", name="Petty cash")).to_contain_text("Draft")
    page.get_by_role("link", name="Activate").click()
    page.get_by_label("Note").fill("The first one")
    page.get_by_role("button", name="Activate").click()
    expect(page.get_by_text("Version 1 is frozen and active")).to_be_visible()
    expect(page.get_by_role("heading", name="Petty cash")).to_contain_text("Active")
    expect(page.get_by_role("row", name="Version 1")).to_contain_text("The first one")


def test_all_of_it_goes_by_the_keyboard_alone(open_as, lab):
    page = open_as(Role.BUILDER, workspace=lab.actor.workspace, path="/workflows/import/")

    def tab_to(name):
        for _ in range(40):
            page.keyboard.press("Tab")
            focused = page.locator("*:focus")
            if name in (focused.inner_text().strip(), focused.get_attribute("name")):
                return
        raise AssertionError(f"{name} cannot be reached")

    tab_to("text")
    page.keyboard.insert_text(MENDED)
    tab_to("Check")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nothing stands against it")).to_be_visible()
    tab_to("Import and activate")
    page.keyboard.press("Enter")
    expect(page.get_by_text("petty-cash is imported and active")).to_be_visible()
    tab_to("Deactivate")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Deactivate Petty cash?")).to_be_visible()
    tab_to("Deactivate")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Petty cash is no longer active")).to_be_visible()


def test_the_source_is_copied_without_its_line_numbers(open_as, lab, samples):
    page = open_as(workspace=lab.actor.workspace, path="/workflows/classify-expense/versions/1/")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == download.value.path().read_text(encoding="utf-8")


def test_the_latest_jobs_follow_a_job_while_somebody_watches(open_as, lab, run_jobs):
    lab.workflow("steps: [{key: a, type: fail, message: The ledger is closed}]")
    lab.start()
    page = open_as(workspace=lab.actor.workspace, path="/workflows/flow/")
    jobs = page.get_by_role("region", name="Latest jobs")
    expect(jobs.get_by_text("Queued")).to_be_visible()
    run_jobs()
    expect(jobs.get_by_text("The ledger is closed")).to_be_visible()


def test_without_a_script_the_latest_jobs_are_a_link_away(open_as, lab):
    lab.workflow("steps: [{key: a, type: fail, message: The ledger is closed}]")
    lab.start()
    page = open_as(workspace=lab.actor.workspace, path="/workflows/flow/", script=False)
    page.get_by_role("link", name="Show its latest jobs").click()
    expect(page.get_by_role("heading", name="Latest jobs")).to_be_visible()
    expect(page.get_by_role("row", name="Queued")).to_be_visible()


def test_what_may_not_be_done_is_disabled_and_says_why(open_as, lab, axe, screenshot):
    lab.workflow("steps: [{key: a, type: fail, message: The ledger is closed}]")
    page = open_as(Role.VIEWER, workspace=lab.actor.workspace, path="/workflows/flow/", size=NARROW)
    expect(page.get_by_role("button", name="Activate", exact=True)).to_be_disabled()
    expect(page.get_by_text("This takes the role builder or higher")).to_be_visible()
    axe(page)
    screenshot(page, "workflows-viewer-narrow-light")
