"""What the tests of the job page share."""

FAILS = "steps: [{key: a, name: Close the month, type: fail, message: The ledger is closed}, {key: b, type: set, values: {v: 1}}]"
SLEEPS = "steps: [{key: a, name: Wait for the bank, type: delay, duration: 2h}]"
WORKS = "steps: [{key: a, type: set, values: {v: 1}}]"
INNER = """
name: Book a row
inputs: [{key: n, type: integer}]
steps: [{key: book, name: Book it, type: fail, when: "inputs.n == 2", message: The ledger is closed}]
"""
OUTER = """
steps:
  - key: each
    name: Check every row
    type: for_each
    items: "[1, 2, 3]"
    steps: [{key: go, name: Classify it, type: workflow, workflow: inner, inputs: {n: "{{ item }}"}}]
"""


def page_of(client, job, query=""):
    answer = client.get(f"/jobs/{job.pk}/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def nested(lab):
    lab.workflow(INNER, slug="inner")
    return lab.run(OUTER)
