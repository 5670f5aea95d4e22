"""What a person keeps for the next preview, and what the last one gave."""

import pytest

from common.errors import Problem
from jobs.models import SampleInputs
from jobs.previews import (
    forget_pin,
    keep_sample_inputs,
    last_preview,
    pin_output,
    pins_of,
    sample_inputs_of,
)
from jobs.previews.kept import MOST_PINS, keep_pin
from tests.factories import make_actor
from tests.previews.support import POST

pytestmark = pytest.mark.django_db
DRAFT = f"""
inputs: [{{key: n, type: integer}}, {{key: pass, type: text, secret: true, required: false}}]
steps:
  - {{key: a, type: set, values: {{v: "{{{{ inputs.n }}}}"}}}}
  - {{key: each, type: for_each, items: "[7, 8]", steps: [{{key: in, type: set, values: {{v: "{{{{ item }}}}"}}}}]}}
  - {{key: big, type: code, source: "'x' * 40_000"}}
  - {{key: huge, type: code, source: "'x' * 100_000"}}
{POST.strip(chr(10))}
  - {{key: bad, type: fail, message: Closed}}
"""


def test_sample_inputs_are_kept_for_one_person_and_one_workflow_without_secrets(bench):
    workflow, other = bench.draft(DRAFT), bench.draft(DRAFT, slug="other")
    assert sample_inputs_of(bench.actor, workflow) == {}
    given = {"n": 4, "pass": "hunter-two", "gone": 1}
    assert keep_sample_inputs(actor=bench.actor, workflow=workflow, inputs=given)
    assert sample_inputs_of(bench.actor, workflow) == {"n": 4}
    assert sample_inputs_of(bench.actor, other) == {}
    colleague = make_actor("builder", workspace=bench.actor.workspace)
    assert sample_inputs_of(colleague, workflow) == {}


def test_sample_inputs_that_are_too_large_leave_what_was_kept(bench):
    workflow = bench.draft("inputs: [{key: t, type: text}]\nsteps: []")
    keep_sample_inputs(actor=bench.actor, workflow=workflow, inputs={"t": "small"})
    assert not keep_sample_inputs(actor=bench.actor, workflow=workflow, inputs={"t": "x" * 300_000})
    assert sample_inputs_of(bench.actor, workflow) == {"t": "small"}
    assert SampleInputs.objects.count() == 1


def test_a_pin_is_replaced_and_forgotten_and_is_not_told_of_a_step_that_is_gone(bench):
    workflow = bench.draft(DRAFT)
    keep_pin(actor=bench.actor, workflow=workflow, key="a", output=1)
    keep_pin(actor=bench.actor, workflow=workflow, key="a", output={"v": 2})
    assert pins_of(bench.actor, workflow) == {"a": {"v": 2}}
    assert pins_of(bench.actor, bench.draft("steps: []")) == {}
    workflow = bench.draft(DRAFT)
    assert pins_of(bench.actor, workflow) == {"a": {"v": 2}}
    assert forget_pin(actor=bench.actor, workflow=workflow, key="a")
    assert not forget_pin(actor=bench.actor, workflow=workflow, key="a")


def test_the_output_of_an_item_is_pinned_for_the_step(bench):
    job = bench.preview(DRAFT, {"n": 4})
    assert pin_output(actor=bench.actor, preview=job, path="each[1].in") == "in"
    assert pins_of(bench.actor, job.workflow) == {"in": {"v": 8}}


@pytest.mark.parametrize(
    ("path", "code"), [("nobody", "not_found"), ("bad", "no_output"), ("each[0]", "not_found")]
)
def test_what_gave_no_output_cannot_be_pinned(bench, path, code):
    job = bench.preview(DRAFT, {"n": 4})
    with pytest.raises(Problem) as refused:
        pin_output(actor=bench.actor, preview=job, path=path)
    assert refused.value.code == code


def test_so_many_pins_and_no_more(bench):
    steps = ", ".join(f"{{key: s{n}, type: set, values: {{v: 1}}}}" for n in range(MOST_PINS + 1))
    workflow = bench.draft(f"steps: [{steps}]")
    for number in range(MOST_PINS):
        keep_pin(actor=bench.actor, workflow=workflow, key=f"s{number}", output=1)
    keep_pin(actor=bench.actor, workflow=workflow, key="s0", output=2)
    with pytest.raises(Problem) as refused:
        keep_pin(actor=bench.actor, workflow=workflow, key=f"s{MOST_PINS}", output=1)
    assert refused.value.code == "too_many_pins"


def test_only_who_may_preview_keeps_anything(bench):
    workflow = bench.draft(DRAFT)
    operator = make_actor("operator", workspace=bench.actor.workspace)
    job = bench.preview(DRAFT, {"n": 4})
    for keep in (
        lambda: keep_sample_inputs(actor=operator, workflow=workflow, inputs={}),
        lambda: keep_pin(actor=operator, workflow=workflow, key="a", output=1),
        lambda: pin_output(actor=operator, preview=job, path="a"),
        lambda: forget_pin(actor=operator, workflow=workflow, key="a"),
    ):
        with pytest.raises(Problem) as refused:
            keep()
        assert refused.value.status == 403


def test_the_last_preview_tells_the_output_of_each_step_large_ones_cut(bench, django_assert_num_queries):
    bench.preview(DRAFT, {"n": 1})
    job = bench.preview(DRAFT, {"n": 4})
    workflow = job.workflow
    with django_assert_num_queries(3):
        last = last_preview(bench.actor, workflow)
    assert last is not None
    assert (last.id, last.status) == (job.pk, "failed")
    told = {key: (one.value, one.cut, one.mark) for key, one in last.outputs.items()}
    assert told == {
        "a": ({"v": 4}, False, ""),
        "each": ([{"v": 7}, {"v": 8}], False, ""),
        "in": ({"v": 7}, False, ""),
        "big": (None, True, ""),
        "huge": (None, True, ""),
        "send": (None, False, "held_back"),
    }
    assert last.outputs["in"].path == "each[0].in"


def test_the_last_preview_is_the_persons_own(bench):
    job = bench.preview(DRAFT, {"n": 1})
    assert last_preview(make_actor("builder", workspace=bench.actor.workspace), job.workflow) is None
    bench.run("steps: [{key: a, type: set, values: {v: 1}}]")
    last = last_preview(bench.actor, job.workflow)
    assert last is not None
    assert last.id == job.pk


def test_a_secret_that_a_step_gave_is_pinned_masked(bench):
    job = bench.preview(
        """
inputs: [{key: word, type: text, secret: true}]
steps: [{key: a, type: set, values: {v: "{{ inputs.word }}"}}]
""",
        {"word": "hunter-two-three"},
    )
    pin_output(actor=bench.actor, preview=job, path="a")
    assert pins_of(bench.actor, job.workflow) == {"a": {"v": "•••"}}
