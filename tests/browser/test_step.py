"""The panel of a step, the values and the graph in a real browser: in every look, by keyboard, without scripts, and with
texts that have broken out of other pages.
"""

import re

import yaml
from playwright.sync_api import expect

from jobs.models import Job
from jobs.storage import file_value, put_bytes, register
from tests.browser.looks import WIDE, each_look
from tests.pages.xss import XSS
from workspaces.models import Role

SUB = """
inputs: [{key: n, type: integer}]
steps:
  - {key: inner, name: Hold it against the policy, type: fail, when: inputs.n == 2, message: "Row 2 is above the limit of its category.", reason: too_much}
"""
FLOW = """
description: Checks rows.
inputs:
  - {key: report, label: Expense report (CSV), type: file, help: From the travel desk.}
  - {key: limit, label: Limit that needs a second look, type: number, default: 2500}
  - {key: urgent, label: Urgent, type: boolean, default: true}
  - {key: api_key, label: Key of the service, type: text, secret: true}
  - {key: note, label: Note, type: text, multiline: true, required: false}
  - key: lines
    label: Lines
    type: table
    columns: [{key: who, label: Employee, type: text}, {key: amount, label: Amount, type: number}, {key: when, label: Day, type: date}]
steps:
  - {key: begin, name: Put the facts together, type: set, values: {limit: "{{ inputs.limit }}", nested: {who: {name: Ada, tags: [a, b, c]}, empty: [], none: "{{ None }}"}, rows: "{{ inputs.lines }}", text: "{{ inputs.note }}"}}
  - key: code
    name: Look up the policy
    type: code
    source: |
      for n in range(40):
          print("category", n, "has the limit", n * 100)
      {"limit": 800, "group": "Travel"}
  - key: check
    name: Check every row
    type: for_each
    items: "[1, 2, 3]"
    as: row
    concurrency: 2
    steps:
      - {key: verdict, name: Classify it, type: workflow, workflow: classify, inputs: {n: "{{ row }}"}}
  - {key: last, name: Write the summary, type: set, values: {n: 1}}
outputs: [{key: total, label: Total, type: number, value: inputs.limit}]
"""


def prepare(lab):
    lab.workflow(SUB, slug="classify")
    lab.workflow(FLOW, slug="expense-report")
    file = register(
        workspace_id=lab.actor.workspace.pk,
        name="october.csv",
        media_type="text/csv",
        sha256=put_bytes(b"a,b\n" * 900),
        size=3600,
    )
    lines = [{"who": f"Employee {n}", "amount": n * 12.5, "when": "2026-10-02"} for n in range(1, 31)]
    job = lab.start(
        "expense-report",
        report=file.pk,
        api_key="tango4711",
        lines=lines,
        note="A long note with a \u202ehidden turn\u202c and more words to come. " * 12,
    )
    lab.drain()
    job.refresh_from_db()
    assert job.status == "failed"
    assert file_value(file)["bytes"] == 3600
    return job


def where(job: Job, path: str, tab: str = "summary") -> str:
    return f"/jobs/{job.pk}/steps/?path={path}&tab={tab}"


@each_look
def test_every_tab_and_the_values_are_accessible_in_every_look(open_as, axe, screenshot, lab, size, theme):
    job = prepare(lab)
    page = open_as(
        Role.OPERATOR,
        workspace=lab.actor.workspace,
        size=size,
        theme=theme,
        path=where(job, "check[1].verdict/inner"),
    )
    look = f"{'wide' if size == WIDE else 'narrow'}-{theme}"
    expect(page.get_by_text("Row 2 is above the limit").first).to_be_visible()
    for name, path, tab in (
        ("failed", "check[1].verdict/inner", "summary"),
        ("call", "check[1].verdict", "summary"),
        ("loop", "check", "summary"),
        ("output", "begin", "output"),
        ("log", "code", "log"),
        ("attempts", "check[1].verdict/inner", "attempts"),
        ("unreached", "last", "summary"),
    ):
        page.goto(where(job, path, tab))
        axe(page)
        screenshot(page, f"step-{name}-{look}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    page.goto(f"/jobs/{job.pk}/values/")
    axe(page)
    screenshot(page, f"values-{look}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_tabs_are_links_that_keys_reach(open_as, lab):
    job = prepare(lab)
    page = open_as("viewer", workspace=lab.actor.workspace, path=where(job, "begin"))
    tabs = page.get_by_role("navigation", name="About this step")
    tabs.get_by_role("link", name="Summary").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(tabs.get_by_role("link", name="Output")).to_have_attribute("aria-current", "page")
    expect(page).to_have_url(re.compile("tab=output"))
    expect(page.get_by_text("Copy as JSON")).to_be_visible()


def test_the_way_leads_from_a_loop_to_the_step_that_failed_without_scripts_too(open_as, lab):
    job = prepare(lab)
    page = open_as("viewer", workspace=lab.actor.workspace, path=where(job, "check"), script=False)
    page.get_by_role("link", name="check[1].verdict/inner").click()
    expect(page.get_by_role("heading", name="Hold it against the policy")).to_be_visible()
    page.get_by_role("link", name="Item 2").click()
    page.get_by_role("link", name="Input").click()
    expect(page.locator(".value-number")).to_have_text("2")
    page.goto(where(job, "begin", "output"))
    page.get_by_text("Show all 30 rows").click()
    expect(page.get_by_text("Employee 30", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Copy"))).to_have_count(0)


def test_values_and_paths_are_copied_as_they_are_stored(open_as, lab):
    job = prepare(lab)
    page = open_as("viewer", workspace=lab.actor.workspace, path=where(job, "begin", "output"))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])

    def copied_by(name: str, *, key: str = "") -> str:
        button = page.get_by_role("button", name=name)
        button.press(key) if key else button.click()
        expect(button).to_have_class(re.compile("is-copied"))
        return str(page.evaluate("navigator.clipboard.readText()"))

    assert copied_by("Copy value of limit") == "2500"
    assert copied_by("Copy path of limit", key="Enter") == "steps.begin.output.limit"
    assert "\u202ehidden turn\u202c" in copied_by("Copy value of text")
    assert copied_by("Copy as JSON").startswith("{")


def test_it_follows_a_step_while_it_waits_and_keeps_what_is_open(open_as, lab, run_jobs):
    lab.workflow("steps: [{key: a, name: Rest, type: delay, duration: 1h}]")
    job = lab.start()
    page = open_as("viewer", workspace=lab.actor.workspace, path=where(job, "a"))
    expect(page.get_by_text("the job is queued")).to_be_visible()
    run_jobs()
    expect(page.get_by_text("It waits for a delay to pass.")).to_be_visible()
    lab.pass_time(3600)
    run_jobs()
    expect(page.locator(".step-head").get_by_text("Completed")).to_be_visible()
    expect(page.locator("[data-poll]")).to_have_count(0)


def test_hostile_texts_run_nothing_wherever_they_stand(open_as, lab):
    """As names, labels, keys, values, file names, errors and logs; a dialog or a foreign request fails the test."""
    names = [" ".join(payload.split())[:150].replace("{{", "{ {").replace("}}", "} }") for payload in XSS]
    steps = [
        {"key": f"s{number}", "name": name, "description": name, "type": "set", "values": {"v": 1}}
        for number, name in enumerate(names)
    ]
    steps.append({"key": "log", "type": "code", "source": "for x in inputs['x']:\n    print(x)\ninputs['x']",
                  "inputs": {"x": "{{ inputs.hostile.texts }}"}})  # fmt: skip
    steps.append({"key": "end", "type": "fail", "message": "{{ str(inputs.hostile.texts) }}"})
    inputs = [
        {"key": "hostile", "label": names[0], "help": names[5], "type": "object"},
        {"key": "file", "label": names[7], "type": "file"},
    ]
    lab.workflow(yaml.safe_dump({"inputs": inputs, "steps": steps}))
    file = register(
        workspace_id=lab.actor.workspace.pk,
        name=XSS[7],
        media_type="text/html",
        sha256=put_bytes(b"<script>alert(1)</script>"),
        size=25,
    )
    hostile = {
        "texts": list(XSS),
        "keys": {payload: payload for payload in XSS},
        "rows": [{names[n]: payload} for n, payload in enumerate(XSS[:10])],
        "long": XSS[0] * 40,
    }
    job = lab.start(hostile=hostile, file=file.pk)
    lab.drain()
    page = open_as("viewer", workspace=lab.actor.workspace, path=f"/jobs/{job.pk}/values/")
    for address in (
        f"/jobs/{job.pk}/values/",
        where(job, "s5"),
        where(job, "log", "log"),
        where(job, "log", "input"),
        where(job, "log", "output"),
        where(job, "end"),
        where(job, "end", "attempts"),
    ):
        page.goto(address)
        page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        for button in page.get_by_role("button", name=re.compile("Copy value")).all()[:3]:
            button.hover(force=True)
        expect(page.locator("iframe, object, embed, img, form[action^=javascript]")).to_have_count(0)
        assert page.evaluate("[...document.links].every(link => link.protocol.startsWith('http'))")
    assert (
        page.evaluate("document.querySelectorAll('script:not([src])').length") == 1
    )  # the words, which are JSON
