"""Each kind of step does what the definition says."""

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
