"""Branches of a parallel step that end at different times."""

from tests.engine.lab import error_of, outputs


def test_a_branch_that_ended_does_not_keep_the_owner_from_hearing_of_the_others(lab):
    job = lab.run(
        """
        steps:
          - key: both
            type: parallel
            branches:
              - {key: left, steps: [{key: a, type: set, values: {x: 1}}], value: steps.a.output.x}
              - {key: right, steps: [{key: b, type: code, source: "sum(range(1000))"}], value: steps.b.output}
        outputs: [{key: both, type: object, value: steps.both.output}]
        """
    )
    assert job.status == "completed", error_of(job)
    assert outputs(job) == {"both": {"left": 1, "right": 499500}}
