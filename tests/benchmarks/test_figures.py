from pathlib import Path

import pytest

from benchmarks import report, workloads
from benchmarks.bed import unix
from benchmarks.figures import Figure, percentile
from workflows.definition.parse import parse


def _figure(*values: float, met: bool | None = None) -> Figure:
    return Figure(
        workload="W1",
        database="sqlite",
        name="whole",
        unit="ms",
        values=values,
        goal="≤ 10",
        met=met,
        load=0.5,
    )


@pytest.mark.parametrize(("share", "expected"), [(0.5, 10), (0.95, 19), (1.0, 20), (0.0, 1)])
def test_a_percentile_is_the_smallest_value_that_so_many_do_not_exceed(share, expected):
    assert percentile(range(20, 0, -1), share) == expected


def test_a_line_of_the_results_holds_every_run():
    line = _figure(3, 1, 2).as_json()
    assert (line["median"], line["min"], line["max"], line["runs"]) == (2, 1, 3, [3, 1, 2])


def test_the_table_says_which_goals_were_missed():
    facts = {"at": "now", "commit": "abc", "cpus": 2, "cpu": "some", "python": "3.11"}
    table = report.markdown(facts, [_figure(12, met=False), _figure(8, met=True)])
    assert "| W1 | sqlite | whole | 12 ms | 12 to 12 | ≤ 10 | **missed** |  | 0.5 |" in table
    assert "| 8 ms | 8 to 8 | ≤ 10 | met |" in table


def test_the_page_takes_a_new_table_in_the_place_of_the_old_one(tmp_path: Path, monkeypatch):
    page = tmp_path / "benchmarks.md"
    page.write_text(f"before\n{report._BEGIN}\nold\n{report._END}\nafter\n")
    monkeypatch.setattr(report, "DOCS", page)
    report.write_docs("new\n")
    assert page.read_text() == f"before\n{report._BEGIN}\nnew\n{report._END}\nafter\n"


def test_both_databases_forms_of_a_time_are_the_same_moment():
    assert unix("2026-01-01 00:00:00.500000") == 1767225600.5


@pytest.mark.parametrize(
    "definition",
    [
        workloads.light_code(),
        workloads.effects("POST", slug="w1e"),
        workloads.long_code(),
        workloads.one_step(),
        workloads.one_call(),
        workloads.waits(),
        workloads.moves(),
        workloads.loop_plain(),
        workloads.loop_expression(),
        workloads.loop_io(),
    ],
    ids=lambda definition: definition["name"],
)
def test_what_is_measured_are_workflows_without_problems(definition):
    parsed = parse(definition)
    assert parsed.definition is not None
    assert parsed.problems == ()
