"""What is inside `finally` is shielded from the stop around it, not from stops that begin inside."""

from tests.engine.lab import statuses


def test_a_race_inside_finally_stops_its_losers(lab):
    job = lab.run(
        """
        steps:
          - key: guarded
            type: try
            steps: [{key: x, type: set, values: {}}]
            finally:
              - key: race
                type: parallel
                wait_for: any
                branches:
                  - {key: fast, steps: [{key: f, type: set, values: {x: 1}}]}
                  - {key: slow, steps: [{key: d, type: delay, duration: 1d}]}
        """
    )
    assert job.status == "completed", (job.status, statuses(job))
