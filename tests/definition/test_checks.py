"""What is checked before a workflow can run."""

import pytest
import yaml
from hypothesis import given, settings

from integrations.actions import Action
from tests.definition.examples import EXPENSE_REPORT, STEPS, step, workflow
from tests.definition.test_parse import near_definitions
from workflows.definition.checks import CalledWorkflow, CheckContext, check
from workflows.definition.parse import parse_frozen

SCHEMAS = {
    "http.request": (
        {
            "type": "object",
            "properties": {
                "method": {"enum": ["GET", "POST"]},
                "url": {"type": "string", "pattern": "^https?://"},
                "headers": {"type": "object", "additionalProperties": {"type": "string"}},
                "redirects": {"type": "integer", "maximum": 10},
                "json": {},
            },
            "required": ["url"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {"status": {"type": "integer"}, "body": {}},
            "additionalProperties": False,
        },
    ),
    "text.render": (
        {"type": "object", "properties": {"text": {"type": "string"}, "filename": {"type": "string"}}},
        {"type": "object", "properties": {"text": {"type": "string"}, "file": {"type": "object"}}},
    ),
    "csv.read": (
        {
            "type": "object",
            "properties": {
                "file": {"anyOf": [{"type": "object"}, {"type": "string", "pattern": "^file_"}]},
                "columns": {},
            },
            "required": ["file"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {
                "rows": {"type": "array", "items": {"type": "object"}},
                "columns": {"type": "array"},
            },
            "additionalProperties": False,
        },
    ),
}


def action(type_):
    if type_ not in SCHEMAS:
        return None
    config, output = SCHEMAS[type_]
    return Action(
        type=type_,
        version=1,
        catalogue=1,
        title="",
        description="",
        config_schema=config,
        output_schema=output,
        run=lambda config, _context: config,
        idempotent=lambda _config: True,
    )


def called(slug, *, active=True, cycle=(), inputs=(), outputs=()):
    read = parse_frozen(workflow(inputs=list(inputs), outputs=list(outputs)))
    return CalledWorkflow(slug=slug, active=active, inputs=read.inputs, outputs=read.outputs, cycle=cycle)


CALLED = {
    "classify-expense": called(
        "classify-expense",
        inputs=[
            {"key": "category", "type": "text"},
            {"key": "amount", "type": "number", "minimum": 0},
            {"key": "token", "type": "text", "secret": True, "required": False},
            {"key": "note", "type": "text", "default": "none"},
        ],
        outputs=[
            {"key": "kind", "type": "text", "value": "'x'"},
            {"key": "sum", "type": "number", "value": "1"},
        ],
    ),
    "sleeping": called("sleeping", active=False),
    "round-about": called("round-about", cycle=("this", "round-about", "this")),
}
CONTEXT = CheckContext(actions=action, resolve_workflow=CALLED.get)


def problems(raw):
    return [(one.code, one.path) for one in check(raw, context=CONTEXT)]


def errors(raw):
    return [(one.code, one.path) for one in check(raw, context=CONTEXT) if one.level == "error"]


def set_(key, value="1", **fields):
    return step("set", key, values={"v": value}, **fields)


def test_the_example_of_the_contract_has_only_what_comes_later():
    assert problems(yaml.safe_load(EXPENSE_REPORT)) == [
        ("not_yet_available", "steps[3].branches[0].steps[0].type"),
    ]


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


def http(**config):
    return workflow(step("http.request", config=config), inputs=[{"key": "x", "type": "text"}])


CONFIGS = [
    ({"url": "https://example.com"}, []),
    ({"url": "{{ inputs.x }}"}, []),
    ({"url": "x{{ inputs.x }}"}, []),
    ({"url": "example.com"}, [("invalid_config", "url")]),
    ({}, [("missing_field", "url")]),
    ({"url": 1}, [("invalid_config", "url")]),
    ({"url": "{{ inputs.x }}", "method": "GTE"}, [("invalid_config", "method")]),
    ({"url": "{{ inputs.x }}", "method": "{{ inputs.x }}"}, []),
    ({"url": "{{ inputs.x }}", "headers": "{{ inputs.x }}"}, []),
    ({"url": "{{ inputs.x }}", "headers": "a {{ inputs.x }}"}, [("invalid_config", "headers")]),
    (
        {"url": "{{ inputs.x }}", "headers": {"A": 1, "B": "{{ inputs.x }}"}},
        [("invalid_config", "headers.A")],
    ),
    ({"url": "{{ inputs.x }}", "redirects": 11}, [("invalid_config", "redirects")]),
    ({"url": "{{ inputs.x }}", "redirects": "{{ 11 }}"}, []),
    ({"ulr": "{{ inputs.x }}"}, [("unknown_field", "ulr"), ("missing_field", "url")]),
]


@pytest.mark.parametrize(("config", "expected"), CONFIGS)
def test_a_config_fits_its_action(config, expected):
    found = errors(http(**config))
    assert sorted(found) == sorted((code, f"steps[0].config.{path}") for code, path in expected)


def test_a_file_of_a_connection_comes_later():
    raw = workflow(step("csv.read", config={"file": {"connection": "drive", "path": "a.csv"}}))
    assert problems(raw) == [("not_yet_available", "steps[0].config.file")]


def test_an_unknown_step_type_is_told_with_a_suggestion():
    (problem,) = check(workflow(step("foreach")), context=CONTEXT)
    assert (problem.code, problem.fix) == ("unknown_step_type", "Did you mean 'for_each'?")


GOOD_CALL = {"category": "{{ inputs.x }}", "amount": 5}
CALLS = [
    ("classify-expense", GOOD_CALL, []),
    ("classify", GOOD_CALL, [("workflow_missing", "workflow")]),
    ("sleeping", {}, [("workflow_inactive", "workflow")]),
    ("round-about", {}, [("workflow_cycle", "workflow")]),
    ("classify-expense", {"amount": 5}, [("inputs_do_not_fit", "inputs.category")]),
    ("classify-expense", {**GOOD_CALL, "categori": 1}, [("inputs_do_not_fit", "inputs.categori")]),
    ("classify-expense", {**GOOD_CALL, "amount": "5"}, [("inputs_do_not_fit", "inputs.amount")]),
    ("classify-expense", {**GOOD_CALL, "amount": -5}, [("inputs_do_not_fit", "inputs.amount")]),
    ("classify-expense", {**GOOD_CALL, "amount": "{{ inputs.x }}"}, [("inputs_do_not_fit", "inputs.amount")]),
    ("classify-expense", {**GOOD_CALL, "amount": "{{ len(inputs.x) }}"}, []),
    ("classify-expense", {**GOOD_CALL, "amount": "{{ inputs.n }}"}, []),
    (
        "classify-expense",
        {**GOOD_CALL, "amount": "{{ inputs.n }} EUR"},
        [("inputs_do_not_fit", "inputs.amount")],
    ),
]


@pytest.mark.parametrize(("slug", "inputs", "expected"), CALLS)
def test_a_called_workflow_is_there_and_its_inputs_fit(slug, inputs, expected):
    raw = workflow(
        step("workflow", workflow=slug, inputs=inputs),
        inputs=[{"key": "x", "type": "text"}, {"key": "n", "type": "number"}],
    )
    assert errors(raw) == [(code, f"steps[0].{path}") for code, path in expected]


def test_the_outputs_of_a_called_workflow_are_known():
    raw = workflow(
        step("workflow", workflow="classify-expense", inputs={"category": "a", "amount": 1}),
        set_("two", "{{ steps.one.output.kind }}{{ steps.one.output.knd }}"),
        outputs=[{"key": "o", "type": "number", "value": "steps.one.output.kind"}],
    )
    assert errors(raw) == [("unknown_attribute", "steps[1].values.v"), ("output_type", "outputs[0].value")]


OUTPUTS = [
    ("number", "1", None),
    ("number", "'1'", "output_type"),
    ("number", "'a' + 'b'", None),
    ("number", "f'{inputs.n}'", "output_type"),
    ("integer", "inputs.n", None),
    ("integer", "1.5", "output_type"),
    ("boolean", "inputs.n > 1", None),
    ("boolean", "len(inputs.t)", "output_type"),
    ("text", "inputs.n", "output_type"),
    ("text", "null", "output_type"),
    ("text", "'a' if inputs.n else 'b'", None),
    ("number", "'a' if inputs.n else 'b'", "output_type"),
    ("number", "first(inputs.n, 'x')", None),
    ("date", "'2026-03-31'", None),
    ("date", "'soon'", "output_type"),
    ("date", "inputs.d", None),
    ("list", "inputs.t", "output_type"),
    ("list", "[n for n in range(3)]", None),
    ("object", "{'a': 1}", None),
    ("text", "steps.s.output.v", "output_type"),
    ("number", "steps.s.output.v", None),
    ("text", "steps.s.status", None),
    ("number", "steps.s.status", "output_type"),
    ("file", "inputs.f", None),
    ("file", "inputs.t", "output_type"),
]


@pytest.mark.parametrize(("type_", "value", "code"), OUTPUTS)
def test_an_output_can_have_its_type(type_, value, code):
    raw = workflow(
        step("set", "s", values={"v": 1}),
        inputs=[
            {"key": "n", "type": "number"},
            {"key": "t", "type": "text"},
            {"key": "d", "type": "date"},
            {"key": "f", "type": "file"},
        ],
        outputs=[{"key": "o", "type": type_, "value": value}],
    )
    assert errors(raw) == ([(code, "outputs[0].value")] if code else [])


def test_null_is_fine_for_an_output_that_is_not_required():
    assert errors(workflow(outputs=[{"key": "o", "type": "text", "value": "null", "required": False}])) == []


def test_a_finish_step_gives_the_outputs_that_there_are():
    outputs = [
        {"key": "a", "type": "text", "value": "'x'"},
        {"key": "b", "type": "number", "value": "1"},
        {"key": "c", "type": "text", "value": "'x'", "required": False},
    ]
    assert errors(workflow(step("finish", outputs={"a": "x", "b": 1}), outputs=outputs)) == []
    assert errors(workflow(step("finish", outputs={"b": "{{ 'x' }}", "d": 1}), outputs=outputs)) == [
        ("unknown_output", "steps[0].outputs.d"),
        ("missing_output", "steps[0].outputs"),
        ("output_type", "steps[0].outputs.b"),
    ]


def test_items_must_be_able_to_be_a_list():
    def each(items):
        return workflow(step("for_each", items=items, steps=[]), inputs=[{"key": "t", "type": "text"}])

    for items in ("'abc'", "null", "inputs.t", "1000000", "{'a': 1}"):
        assert errors(each(items)) == [("wrong_type", "steps[0].items")]
    for items in ("[1]", "range(3)", "inputs.t.split(',')"):
        assert errors(each(items)) == []


def test_a_date_to_wait_for_must_be_one():
    assert errors(workflow(step("delay", until="tomorrow"))) == [("wrong_type", "steps[0].until")]
    assert errors(workflow(step("delay", until="2026-12-24"))) == []
    assert errors(workflow(step("delay", until="{{ job.today }}"))) == []


def test_a_default_must_fit():
    raw = workflow(
        inputs=[
            {"key": "a", "type": "number", "default": "x"},
            {"key": "b", "type": "number", "default": 1},
            {"key": "c", "type": "choice", "choices": ["x"], "default": "y"},
            {"key": "d", "type": "date", "minimum": "today", "default": "2020-01-01"},
            {"key": "e", "type": "table", "columns": [{"key": "n", "type": "number", "default": "x"}]},
        ]
    )
    assert errors(raw) == [
        ("invalid_value", "inputs[0].default"),
        ("invalid_value", "inputs[2].default"),
        ("invalid_value", "inputs[4].columns[0].default"),
    ]


def test_names_that_hide_others_are_told():
    raw = workflow(
        set_("items"),
        set_("class"),
        step("for_each", "each", items="[]", steps=[], **{"as": "inputs"}),
        inputs=[{"key": "title", "type": "text"}, {"key": "name", "type": "text"}],
    )
    assert problems(raw) == [
        ("shadows_method", "inputs[0].key"),
        ("shadows_method", "steps[0].key"),
        ("reserved_word", "steps[1].key"),
        ("reserved_name", "steps[2].as"),
    ]


def test_a_step_after_an_end_is_told():
    raw = workflow(step("fail", message="no"), set_("a"))
    assert problems(raw) == [("unreachable", "steps[1]")]
    assert problems(workflow(step("fail", message="no", when="1 > 2"), set_("a"))) == []


SECRET = [{"key": "password", "type": "text", "secret": True}, {"key": "name", "type": "text"}]
SHOWN = {
    "output": (
        workflow(inputs=SECRET, outputs=[{"key": "o", "type": "text", "value": "inputs.password"}]),
        "outputs[0].value",
    ),
    "all inputs": (
        workflow(inputs=SECRET, outputs=[{"key": "o", "type": "object", "value": "inputs"}]),
        "outputs[0].value",
    ),
    "another input": (
        workflow(inputs=SECRET, outputs=[{"key": "o", "type": "text", "value": "inputs.name"}]),
        None,
    ),
    "expression": (
        workflow(
            inputs=SECRET, outputs=[{"key": "o", "type": "text", "value": "inputs.password[:2].upper()"}]
        ),
        "outputs[0].value",
    ),
    "through set": (
        workflow(
            step("set", "s", values={"p": "x{{ inputs.password }}", "n": "{{ inputs.name }}"}),
            inputs=SECRET,
            outputs=[{"key": "o", "type": "text", "value": "steps.s.output.p"}],
        ),
        "outputs[0].value",
    ),
    "the other field of set": (
        workflow(
            step("set", "s", values={"p": "x{{ inputs.password }}", "n": "{{ inputs.name }}"}),
            inputs=SECRET,
            outputs=[{"key": "o", "type": "text", "value": "steps.s.output.n"}],
        ),
        None,
    ),
    "through code": (
        workflow(
            step("code", "c", source="inputs['p']", inputs={"p": "{{ inputs.password }}"}),
            inputs=SECRET,
            outputs=[{"key": "o", "type": "text", "value": "steps.c.output"}],
        ),
        "outputs[0].value",
    ),
    "through a loop": (
        workflow(
            step("for_each", "e", items="[inputs.password]", steps=[set_("s", "{{ item }}")]),
            inputs=SECRET,
            outputs=[{"key": "o", "type": "list", "value": "steps.e.output"}],
        ),
        "outputs[0].value",
    ),
    "through a branch": (
        workflow(
            step("branch", "b", branches=[{"key": "a", "when": "True", "value": "inputs.password"}]),
            inputs=SECRET,
            outputs=[{"key": "o", "type": "text", "value": "steps.b.output.value"}],
        ),
        "outputs[0].value",
    ),
    "file name": (
        workflow(
            step("text.render", "t", config={"text": "x", "filename": "{{ inputs.password }}.txt"}),
            inputs=SECRET,
        ),
        "steps[0].config.filename",
    ),
    "rendered": (
        workflow(
            step("text.render", "t", config={"text": "{{ inputs.password }}"}),
            inputs=SECRET,
            outputs=[{"key": "o", "type": "text", "value": "steps.t.output.text"}],
        ),
        "outputs[0].value",
    ),
    "header": (
        workflow(
            step(
                "http.request",
                "h",
                config={"url": "https://example.com", "headers": {"A": "{{ inputs.password }}"}},
            ),
            inputs=SECRET,
            outputs=[{"key": "o", "type": "integer", "value": "steps.h.output.status"}],
        ),
        None,
    ),
    "message": (workflow(step("fail", message="{{ inputs.password }}"), inputs=SECRET), "steps[0].message"),
    "finish": (
        workflow(
            step("finish", outputs={"o": "{{ inputs.password }}"}),
            inputs=SECRET,
            outputs=[{"key": "o", "type": "text", "value": "'x'"}],
        ),
        "steps[0].outputs.o",
    ),
    "an open input of a sub-workflow": (
        workflow(
            step(
                "workflow",
                workflow="classify-expense",
                inputs={"category": "{{ inputs.password }}", "amount": 1},
            ),
            inputs=SECRET,
        ),
        "steps[0].inputs.category",
    ),
    "a secret input of a sub-workflow": (
        workflow(
            step(
                "workflow",
                workflow="classify-expense",
                inputs={"category": "a", "amount": 1, "token": "{{ inputs.password }}"},
            ),
            inputs=SECRET,
        ),
        None,
    ),
}


@pytest.mark.parametrize("name", SHOWN)
def test_a_secret_that_would_be_shown_is_told(name):
    raw, path = SHOWN[name]
    assert errors(raw) == ([("secret_shown", path)] if path else [])


def test_checks_go_on_where_a_part_cannot_be_read():
    raw = workflow(step("set", "a", values=[]), set_("b", "{{ inputs.x }}"))
    assert errors(raw) == [("wrong_type", "steps[0].values"), ("unknown_input", "steps[1].values.v")]


def test_a_thousand_steps_are_checked_at_once():
    steps = [set_("s0")] + [set_(f"s{n}", f"{{{{ steps.s{n - 1}.output.v }}}}") for n in range(1, 1000)]
    assert problems(workflow(*steps)) == []


@given(near_definitions)
@settings(max_examples=200, deadline=None)
def test_nothing_that_can_be_read_makes_it_raise(value):
    for type_, fields in STEPS.items():
        field = next(iter(fields))
        check(workflow(step(type_, **{**fields, field: value}), inputs=value, outputs=value), context=CONTEXT)
