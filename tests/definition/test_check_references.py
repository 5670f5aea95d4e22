"""Where an expression may read which step and which name."""

import pytest

from tests.definition.checking import CONTEXT, errors, problems, set_
from tests.definition.examples import step, workflow
from workflows.definition.checks import check

READS = "{{ steps.pay.output.v }}"
PAY = set_("pay")
INSIDE = {
    "an earlier step": ([PAY, set_("after", READS)], None),
    "a later step": ([set_("before", READS), PAY], "not_run_before"),
    "itself": ([set_("pay", READS)], "not_run_before"),
    "a step that is not there": ([set_("after", "{{ steps.payy.output.v }}"), PAY], "unknown_step"),
    "an earlier step from inside a loop": (
        [PAY, step("for_each", items="[1]", steps=[set_("a", READS)])],
        None,
    ),
    "an earlier step of the same item": (
        [step("for_each", items="[1]", steps=[PAY, set_("a", READS)])],
        None,
    ),
    "a step of a loop from outside": (
        [step("for_each", items="[1]", steps=[PAY]), set_("after", READS)],
        "inside_loop",
    ),
    "a step of a repeat from outside": (
        [step("repeat", max_times=2, steps=[PAY]), set_("after", READS)],
        "inside_loop",
    ),
    "the loop from inside": (
        [step("for_each", "pay", items="[1]", steps=[set_("a", "{{ steps.pay.output[0] }}")])],
        "not_run_before",
    ),
    "a step inside from the items": (
        [step("for_each", items="list(steps.pay.output.v)", steps=[PAY])],
        "not_run_before",
    ),
    "a step inside from collect": (
        [step("for_each", items="[1]", steps=[PAY], collect="steps.pay.output.v")],
        None,
    ),
    "a turn's step from until": (
        [step("repeat", max_times=2, steps=[PAY], until="steps.pay.output.v > 1")],
        None,
    ),
    "a branch's step from its value": (
        [
            step(
                "branch",
                branches=[{"key": "a", "when": "True", "steps": [PAY], "value": "steps.pay.output.v"}],
            )
        ],
        None,
    ),
    "a branch's step from its condition": (
        [step("branch", branches=[{"key": "a", "when": "steps.pay.output.v > 1", "steps": [PAY]}])],
        "not_run_before",
    ),
    "a branch's step from after it": (
        [step("branch", branches=[{"key": "a", "when": "True", "steps": [PAY]}]), set_("after", READS)],
        "may_not_have_run",
    ),
    "the whole output of a branch's step": (
        [
            step("branch", branches=[{"key": "a", "when": "True", "steps": [PAY]}]),
            set_("x", "{{ steps.pay.output }}"),
        ],
        "may_not_have_run",
    ),
    "a branch's step, softly": (
        [
            step("branch", branches=[{"key": "a", "when": "True", "steps": [PAY]}]),
            set_(
                "after",
                "{{ steps.pay.output.get('v') }}{{ first(steps.pay.output, 1) }}{{ steps.pay.status }}",
            ),
        ],
        None,
    ),
    "another branch's step": (
        [
            step(
                "branch",
                branches=[
                    {"key": "a", "when": "True", "steps": [PAY]},
                    {"key": "b", "when": "True", "steps": [set_("x", READS)]},
                ],
            )
        ],
        "not_run_before",
    ),
    "else's step": (
        [
            step(
                "branch",
                branches=[{"key": "a", "when": "True", "steps": [PAY]}],
                **{"else": {"value": "steps.pay.output.v"}},
            )
        ],
        "not_run_before",
    ),
    "a parallel step at the same time": (
        [
            step(
                "parallel", branches=[{"key": "a", "steps": [PAY]}, {"key": "b", "steps": [set_("x", READS)]}]
            )
        ],
        "not_run_before",
    ),
    "a parallel step afterwards": (
        [step("parallel", branches=[{"key": "a", "steps": [PAY]}]), set_("after", READS)],
        None,
    ),
    "a parallel step of any": (
        [step("parallel", wait_for="any", branches=[{"key": "a", "steps": [PAY]}]), set_("after", READS)],
        "may_not_have_run",
    ),
    "a tolerated parallel's step": (
        [
            step("parallel", on_error="continue", branches=[{"key": "a", "steps": [PAY]}]),
            set_("after", READS),
        ],
        "may_not_have_run",
    ),
    "a tried step afterwards": (
        [step("try", steps=[PAY], catch=[{"steps": []}]), set_("after", READS)],
        "may_not_have_run",
    ),
    "a tried step without catch": ([step("try", steps=[PAY]), set_("after", READS)], None),
    "a tried step from catch": (
        [step("try", steps=[PAY], catch=[{"steps": [set_("x", READS)]}])],
        "may_not_have_run",
    ),
    "a tried step from finally": (
        [step("try", steps=[PAY], **{"finally": [set_("x", READS)]})],
        "may_not_have_run",
    ),
    "a caught step from the tried": (
        [step("try", steps=[set_("x", READS)], catch=[{"steps": [PAY]}])],
        "not_run_before",
    ),
    "a finally step afterwards": ([step("try", steps=[], **{"finally": [PAY]}), set_("after", READS)], None),
    "a step in a block that may be skipped": (
        [step("try", steps=[PAY], when="inputs.x"), set_("after", READS)],
        "may_not_have_run",
    ),
}


@pytest.mark.parametrize("name", INSIDE)
def test_a_step_can_be_read_where_it_has_run(name):
    steps, code = INSIDE[name]
    found = errors(workflow(*steps, inputs=[{"key": "x", "type": "boolean"}]))
    assert [one for one, _ in found] == ([code] if code else [])


def test_a_step_that_may_be_skipped_is_a_warning_unless_the_reader_is_guarded():
    raw = workflow(
        set_("pay", when="inputs.x"),
        set_("a", READS),
        set_("b", READS, when="inputs.x"),
        set_("c", READS, when="steps.pay.status == 'completed'"),
        set_("d", "{{ steps.pay.output.v if steps.pay.output else null }}"),
        set_("e", "{{ steps.pay.output }}"),
        inputs=[{"key": "x", "type": "boolean"}],
    )
    assert problems(raw) == [("may_be_skipped", "steps[1].values.v")]


NAMES = [
    ("{{ inputs.limt }}", "unknown_input"),
    ("{{ inputs.get('limt') }}", None),
    ("{{ limit }}", "unknown_name"),
    ("{{ pay }}", "unknown_name"),
    ("{{ env.SECRET }}", "unknown_name"),
    ("{{ secrets }}", "unknown_name"),
    ("{{ index }}", "unknown_name"),
    ("{{ last }}", "unknown_name"),
    ("{{ error }}", "unknown_name"),
    ("{{ item }}", "unknown_name"),
    ("{{ job.today }} {{ workspace.slug }} {{ step.attempt }}", None),
    ("{{ job.tody }}", "unknown_attribute"),
    ("{{ workspace.secret }}", "unknown_attribute"),
    ("{{ steps.pay.output.w }}", "unknown_attribute"),
    ("{{ steps.pay.output.get('w') }}", None),
    ("{{ steps.pay.errors }}", "unknown_attribute"),
    ("{{ steps.call.output.body.anything[0] }}", None),
    ("{{ steps.call.output.boddy }}", "unknown_attribute"),
    ("{{ inputs.report.name }}", None),
    ("{{ inputs.report.nme }}", "unknown_attribute"),
    ("{{ inputs.limit.x }}", "unknown_attribute"),
    ("{{ inputs.day.year }} {{ inputs.name.upper() }}", None),
    ("{{ [row.amount for row in inputs.rows] }}", None),
    ("{{ inputs.rows[0].amount }}", None),
    ("{{ inputs.rows[0].amnt }}", "unknown_attribute"),
    ("{{ inputs.rows.amount }}", "unknown_attribute"),
    ("{{ steps.choice.output.taken }}{{ steps.choice.output.value.x }}", None),
    ("{{ steps.choice.output.a }}", "unknown_attribute"),
]


@pytest.mark.parametrize(("value", "code"), NAMES)
def test_names_and_members_must_be_there(value, code):
    raw = workflow(
        PAY,
        step("http.request", "call", config={"url": "https://example.com"}),
        step("branch", "choice", branches=[{"key": "a", "when": "True"}]),
        set_("after", value),
        inputs=[
            {"key": "limit", "type": "number"},
            {"key": "report", "type": "file"},
            {"key": "day", "type": "date"},
            {"key": "name", "type": "text"},
            {"key": "rows", "type": "table", "columns": [{"key": "amount", "type": "number"}]},
        ],
    )
    assert errors(raw) == ([(code, "steps[3].values.v")] if code else [])


def test_names_of_blocks_exist_inside_them():
    raw = workflow(
        step(
            "for_each",
            "each",
            items="[1]",
            **{"as": "row"},
            steps=[
                set_("a", "{{ row }}{{ index }}"),
                step(
                    "repeat",
                    "again",
                    max_times=2,
                    steps=[set_("b", "{{ row }}{{ last }}{{ index }}")],
                    until="last == row and index > 1",
                ),
            ],
            collect="row",
        ),
        step("try", "t", steps=[], catch=[{"steps": [set_("c", "{{ error.code }}")]}]),
        set_("d", "{{ steps.each.failed }}{{ steps.each.errors }}{{ steps.t.output.error.message }}"),
    )
    assert problems(raw) == []


def test_outputs_and_show_when_see_less():
    raw = workflow(
        inputs=[
            {"key": "a", "type": "text", "show_when": "inputs.b == 1"},
            {"key": "b", "type": "number", "show_when": "steps.x.output"},
            {"key": "c", "type": "number", "show_when": "inputs.c == 1"},
            {"key": "d", "type": "number", "show_when": "inputs.z == 1"},
        ],
        outputs=[{"key": "o", "type": "text", "value": "step.attempt"}],
    )
    assert errors(raw) == [
        ("unknown_name", "outputs[0].value"),
        ("unknown_name", "inputs[1].show_when"),
        ("unknown_input", "inputs[2].show_when"),
        ("unknown_input", "inputs[3].show_when"),
    ]


def test_what_is_not_filled_in_yet_is_told_as_such():
    raw = workflow(
        set_("a", when="inputs.x == _"),
        inputs=[{"key": "x", "type": "text"}, {"key": "y", "type": "text", "show_when": "_ == 1"}],
    )
    found = check(raw, context=CONTEXT)
    assert [(one.code, one.path) for one in found] == [
        ("unknown_name", "steps[0].when"),
        ("unknown_name", "inputs[1].show_when"),
    ]
    assert {one.fix for one in found} == {"Fill it in, or take that part out."}
