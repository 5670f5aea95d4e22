"""Each kind of step does what the definition says."""

from dataclasses import replace

import pytest

from integrations import registry
from integrations.registry import get_action
from tests.engine.lab import error_of, outputs, statuses, value


def test_steps_run_in_order_and_outputs_are_checked(lab):
    job = lab.run(
        """
        inputs: [{key: n, type: integer}]
        steps:
          - {key: one, type: set, values: {x: "{{ inputs.n }}"}}
          - {key: two, type: code, source: "inputs['x'] + 1", inputs: {x: "{{ steps.one.output.x }}"}}
        outputs: [{key: total, type: integer, value: steps.two.output * 2}]
        """,
        n=20,
    )
    assert job.status == "completed", error_of(job)
    assert outputs(job) == {"total": 42}
    assert statuses(job) == {"one": "completed", "two": "completed"}
    assert (job.done, job.total) == (2, 2)


def test_a_false_condition_skips_a_step_and_its_output_is_null(lab):
    job = lab.run(
        """
        steps:
          - {key: never, type: set, when: 1 > 2, values: {x: 1}}
          - {key: after, type: set, values: {x: "{{ steps.never.output }}"}}
        """
    )
    assert job.status == "completed", error_of(job)
    assert statuses(job) == {"never": "skipped", "after": "completed"}
    assert value(job, "after") == {"x": None}


def test_a_branch_takes_the_first_true_one(lab):
    job = lab.run(
        """
        inputs: [{key: n, type: integer}]
        steps:
          - key: size
            type: branch
            branches:
              - {key: large, when: inputs.n > 10, steps: [{key: big, type: set, values: {v: big}}], value: steps.big.output.v}
              - {key: medium, when: inputs.n > 5, steps: [{key: mid, type: set, values: {v: mid}}], value: steps.mid.output.v}
            else: {value: "'small'"}
        outputs: [{key: size, type: text, value: steps.size.output.value}]
        """,
        n=7,
    )
    assert job.status == "completed", error_of(job)
    assert outputs(job) == {"size": "mid"}
    assert value(job, "size") == {"taken": "medium", "value": "mid"}


def test_branches_side_by_side_give_their_values(lab):
    job = lab.run(
        """
        steps:
          - key: both
            type: parallel
            branches:
              - {key: left, steps: [{key: a, type: code, source: "1 + 1"}]}
              - {key: right, steps: [{key: b, type: code, source: "2 + 2"}], value: steps.b.output * 10}
        outputs: [{key: both, type: object, value: steps.both.output}]
        """
    )
    assert job.status == "completed", error_of(job)
    assert outputs(job) == {"both": {"left": 2, "right": 40}}


def test_the_first_branch_to_end_stops_the_others(lab):
    job = lab.run(
        """
        steps:
          - key: race
            type: parallel
            wait_for: any
            branches:
              - {key: slow, steps: [{key: nap, type: delay, duration: 1h}, {key: late, type: set, values: {x: 1}}]}
              - {key: quick, steps: [{key: b, type: code, source: "'won'"}]}
        outputs: [{key: race, type: object, value: steps.race.output}]
        """
    )
    assert job.status == "completed", error_of(job)
    assert outputs(job) == {"race": {"slow": None, "quick": "won"}}
    assert statuses(job)["nap"] == "cancelled"
    assert "late" not in statuses(job)


def test_try_catches_what_fits_and_finally_runs(lab):
    job = lab.run(
        """
        steps:
          - key: guarded
            type: try
            steps: [{key: boom, type: fail, message: broken, reason: mine, details: {a: 1}}]
            catch:
              - {errors: [timeout], steps: [{key: wrong, type: set, values: {x: 1}}]}
              - {errors: [step_failed], steps: [{key: note, type: set, values: {why: "{{ error.message }}", a: "{{ error.detail.a }}"}}]}
            finally: [{key: tidy, type: set, values: {done: true}}]
          - {key: after, type: set, values: {failed: "{{ steps.guarded.output.failed }}"}}
        """
    )
    assert job.status == "completed", error_of(job)
    assert value(job, "note") == {"why": "broken", "a": 1}
    assert value(job, "after") == {"failed": True}
    assert statuses(job) == {
        "guarded": "completed", "boom": "failed", "note": "completed", "tidy": "completed", "after": "completed",
    }  # fmt: skip


def test_finally_runs_when_nothing_caught_the_error(lab):
    job = lab.run(
        """
        steps:
          - key: guarded
            type: try
            steps: [{key: boom, type: fail, message: broken}]
            finally: [{key: tidy, type: set, values: {done: true}}]
        """
    )
    assert job.status == "failed"
    assert error_of(job)["message"] == "broken"
    assert statuses(job)["tidy"] == "completed"
    assert statuses(job)["guarded"] == "failed"


def test_finish_ends_the_workflow_as_completed(lab):
    job = lab.run(
        """
        steps:
          - key: both
            type: parallel
            branches:
              - key: ends
                steps:
                  - key: guarded
                    type: try
                    steps: [{key: stop, type: finish, outputs: {x: "{{ 40 + 2 }}"}}]
                    finally: [{key: tidy, type: set, values: {y: 1}}]
              - {key: sleeps, steps: [{key: nap, type: delay, duration: 2h}]}
          - {key: never, type: set, values: {y: 1}}
        outputs: [{key: x, type: integer, value: 1 - 1}, {key: z, type: text, value: "'z'", required: false}]
        """
    )
    assert job.status == "completed", error_of(job)
    assert outputs(job) == {"x": 42, "z": None}
    assert statuses(job)["tidy"] == "completed"
    assert statuses(job)["nap"] == "cancelled"
    assert "never" not in statuses(job)


def test_a_tolerated_failure_leaves_its_error_for_later_steps(lab):
    job = lab.run(
        """
        steps:
          - {key: boom, type: fail, message: broken, on_error: continue}
          - {key: after, type: set, values: {code: "{{ steps.boom.error.code }}", out: "{{ steps.boom.output }}"}}
        """
    )
    assert job.status == "completed", error_of(job)
    assert value(job, "after") == {"code": "step_failed", "out": None}
    assert statuses(job)["boom"] == "failed"


def test_an_output_of_the_wrong_type_fails_the_job(lab):
    job = lab.run(
        """
        inputs: [{key: any, type: object}]
        steps: [{key: one, type: set, values: {x: 1}}]
        outputs: [{key: total, type: number, value: inputs.any.x}]
        """,
        any={"x": "text"},
    )
    assert (job.status, job.error_code) == ("failed", "output_invalid")


@pytest.mark.parametrize("wanted", ["inputs.any.totl", "inputs.any.totl + 1"])
def test_an_output_that_cannot_be_evaluated_is_named_and_belongs_to_no_step(lab, wanted):
    job = lab.run(
        f"""
        inputs: [{{key: any, type: object}}]
        steps: []
        outputs: [{{key: fine, type: integer, value: "1 + 1"}}, {{key: total, type: number, value: {wanted}}}]
        """,
        any={"total": 1},
    )
    error = error_of(job)
    assert (error["code"], error["step"], error["path"]) == ("expression_error", None, None)
    assert error["message"].startswith("outputs.total: ")
    assert error["happened"] == "An expression of the workflow could not be evaluated."


def test_an_expression_error_names_the_path_and_what_was_there(lab):
    job = lab.run(
        """
        inputs: [{key: any, type: object}]
        steps: [{key: one, type: set, values: {x: "{{ inputs.any.totl }}"}}]
        """,
        any={"total": 1},
    )
    error = error_of(job)
    assert error["code"] == "expression_error"
    assert "totl" in error["message"]
    assert error["detail"]["available"] == ["total"]
    assert error["happened"]
    assert error["fix"]
    assert error["prevent"]


def test_a_job_runs_the_version_of_an_action_that_its_version_pins(lab, monkeypatch):
    newest = get_action("text.render")
    assert newest is not None
    later = replace(newest, version=2, run=lambda _config, _context: {"text": "new meaning", "file": None})
    lab.workflow("steps: [{key: old, type: text.render, config: {text: as it was}}]")
    monkeypatch.setitem(registry._NEWEST, "text.render", later)
    monkeypatch.setitem(registry._BY_VERSION, ("text.render", 2), later)
    job = lab.start()
    lab.drain()
    assert value(job, "old")["text"] == "as it was"
    assert job.step_runs.get(path="old").action_version == 1


def test_moments_and_days_of_the_job_can_be_reckoned_with(lab):
    job = lab.run(
        """
        steps:
          - key: s
            type: set
            values: {year: "{{ job.created_at.year }}", later: "{{ (job.created_at + days(1)).date() == job.today + days(1) }}"}
        """
    )
    assert job.status == "completed", error_of(job)
    assert value(job, "s") == {"later": True, "year": job.created_at.year}
