"""Loops run their steps for each item or until a condition holds, and say what failed."""

from tests.engine.lab import error_of, outputs, statuses


def test_a_loop_collects_in_order_and_nests(lab):
    job = lab.run(
        """
        inputs: [{key: rows, type: list}]
        steps:
          - key: outer
            type: for_each
            items: inputs.rows
            as: row
            steps:
              - key: inner
                type: for_each
                items: row
                as: cell
                steps: [{key: twice, type: set, values: {v: "{{ cell * 2 + index }}"}}]
                collect: steps.twice.output.v
            collect: steps.inner.output
        outputs: [{key: all, type: list, value: steps.outer.output}]
        """,
        rows=[[1, 2], [3], []],
    )
    assert job.status == "completed", error_of(job)
    assert outputs(job) == {"all": [[2, 5], [6], []]}
    assert statuses(job)["outer[0].inner[1].twice"] == "completed"


def test_items_run_side_by_side_and_failures_are_counted(lab):
    job = lab.run(
        """
        steps:
          - key: each
            type: for_each
            items: range(5)
            concurrency: 3
            on_item_error: continue
            steps: [{key: half, type: code, source: "10 // (inputs['n'] - 2)", inputs: {n: "{{ item }}"}}]
            collect: steps.half.output
        outputs:
          - {key: all, type: list, value: steps.each.output}
          - {key: failed, type: integer, value: steps.each.failed}
          - {key: where, type: list, value: "[e.index for e in steps.each.errors]"}
        """
    )
    assert job.status == "completed", error_of(job)
    assert outputs(job) == {"all": [-5, -10, None, 10, 5], "failed": 1, "where": [2]}
    assert statuses(job)["each[2]"] == "failed"


def test_a_failed_item_fails_the_block_after_the_others_have_finished(lab):
    job = lab.run(
        """
        steps:
          - key: each
            type: for_each
            items: range(4)
            steps: [{key: half, type: code, source: "10 // (inputs['n'] - 1)", inputs: {n: "{{ item }}"}}]
        """
    )
    assert job.status == "failed"
    error = error_of(job)
    assert (error["code"], error["step"], error["path"]) == ("code_error", "half", "each[1].half")
    assert error["detail"]["index"] == 1
    assert statuses(job)["each[3]"] == "completed"
    assert statuses(job)["each"] == "failed"


def test_too_many_failures_end_the_loop(lab):
    job = lab.run(
        """
        steps:
          - key: each
            type: for_each
            items: range(10)
            on_item_error: continue
            max_failures: 1
            steps: [{key: bad, type: fail, message: "no {{ item }}"}]
        """
    )
    assert job.status == "failed"
    assert error_of(job)["message"] == "no 0"
    assert "each[2]" not in statuses(job)


def test_repeat_ends_when_its_condition_is_true(lab):
    job = lab.run(
        """
        steps:
          - key: count
            type: repeat
            max_times: 10
            until: steps.next.output.n >= 3
            steps: [{key: next, type: set, values: {n: "{{ (last or 0) + 1 }}"}}]
            collect: steps.next.output.n
        outputs: [{key: turns, type: list, value: steps.count.output}]
        """
    )
    assert job.status == "completed", error_of(job)
    assert outputs(job) == {"turns": [1, 2, 3]}


def test_an_exhausted_repeat_fails_as_limit_exceeded(lab):
    job = lab.run(
        """
        steps:
          - {key: never, type: repeat, max_times: 3, until: "False", steps: [{key: x, type: set, values: {n: 1}}]}
        """
    )
    assert (job.status, job.error_code) == ("failed", "limit_exceeded")
    assert error_of(job)["step"] == "never"
