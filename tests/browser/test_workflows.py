"""Workflows in a real browser: from a YAML file with mistakes to an active workflow, in every look."""

import pytest
from playwright.sync_api import expect

from jobs.demo.samples import FOLDER
from jobs.demo.workspace import import_missing
from tests.browser.conftest import NARROW, WIDE
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
    flows = {flow.slug: flow for flow in lab.actor.workspace.workflows.all()}
    return flows


def change(lab, workflow, before, after):
    text = (FOLDER / f"{workflow.slug}.yaml").read_text(encoding="utf-8").replace(before, after)
    return import_workflows(
        actor=lab.actor, workspace=lab.actor.workspace, documents=load_documents(text), mode=ImportMode.DRAFT
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
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
        page.wait_for_load_state("networkidle")
        axe(page)
        screenshot(page, f"workflows-{name}-{look}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
