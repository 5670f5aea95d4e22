"""The graph of a job: each step's state, summed up, with a way to the run that says most."""

import pytest

from jobs.selectors.graph import job_graph
from tests.engine.lab import Lab

pytestmark = pytest.mark.django_db
LOOP = """
steps:
  - key: each
    type: for_each
    items: "[1, 2, 3]"
    on_item_error: continue
    steps:
      - {key: deny, type: fail, when: item == 2, message: Two}
      - {key: after, type: set, values: {n: 1}}
  - key: way
    type: branch
    branches: [{key: left, when: "True", steps: [{key: l, type: set, values: {n: 1}}]}]
    else: {steps: [{key: r, type: set, values: {n: 1}}]}
  - {key: end, type: delay, duration: 1h}
  - {key: last, type: set, values: {n: 1}}
"""


@pytest.fixture
def lab():
    return Lab()


def said(graph):
    return {box.key: (str(box.state.look.word), box.state.note) for box in graph.boxes}


def test_loops_and_branches_are_summed_up(lab, django_assert_num_queries):
    job = lab.run(LOOP)
    job_graph(job)
    with django_assert_num_queries(2):
        graph = job_graph(job)
    assert said(graph) == {
        "each": ("Completed", "2 of 3, 1 failed"),
        "deny": ("Failed", "2 of 3, 1 failed"),
        "after": ("Completed", "2 of 2"),
        "way": ("Completed", ""),
        "l": ("Completed", ""),
        "r": ("Skipped", ""),
        "end": ("Waiting", ""),
        "last": ("Pending", ""),
    }
    links = {box.key: box.href for box in graph.boxes}
    assert links["deny"] == f"/jobs/{job.pk}/steps/?path=each%5B1%5D.deny"
    assert links["last"] == f"/jobs/{job.pk}/steps/?path=last"


def test_what_a_failed_job_did_not_reach_is_skipped(lab):
    job = lab.run(
        "steps: [{key: a, type: fail, message: Stop}, {key: l, type: for_each, items: '[1]', steps: [{key: i, type: set, values: {n: 1}}]}]"
    )
    graph = job_graph(job)
    assert said(graph) == {"a": ("Failed", ""), "l": ("Skipped", ""), "i": ("Skipped", "")}
    assert graph.boxes[2].href.endswith("?path=l")  # no item ever began
