"""Conditions as rows: what they are written as, what is read, and that both mean the same."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from workflows.builder.conditions import Comparison, Condition, Join, Kind, Row, posted, read, write
from workflows.expressions.syntax import parse_expression

C, K = Comparison, Kind


def row(left: str, comparison: Comparison, kind: Kind = K.TEXT, right: str = "") -> Row:
    return Row(left=left, comparison=comparison, kind=kind, right=right)


def one(*of: Any) -> Condition:
    return Condition(groups=((row(*of),),))


SAID: list[tuple[str, Row]] = [
    ('inputs.a == "x"', row("inputs.a", C.EQUALS, K.TEXT, "x")),
    ("inputs.a != 5", row("inputs.a", C.IS_NOT, K.NUMBER, "5")),
    ("row.amount > -1.5e3", row("row.amount", C.GREATER, K.NUMBER, "-1.5e3")),
    ('row["net amount"] >= inputs.limit', row('row["net amount"]', C.AT_LEAST, K.EXPRESSION, "inputs.limit")),
    ('inputs.due < date("2026-01-31")', row("inputs.due", C.LESS, K.DATE, "2026-01-31")),
    ("inputs.a <= job.today", row("inputs.a", C.AT_MOST, K.EXPRESSION, "job.today")),
    ("inputs.a == true", row("inputs.a", C.EQUALS, K.BOOLEAN, "yes")),
    ("inputs.a == null", row("inputs.a", C.EQUALS, K.EXPRESSION, "null")),
    ('"x" in inputs.a', row("inputs.a", C.CONTAINS, K.TEXT, "x")),
    ("3 not in inputs.a", row("inputs.a", C.CONTAINS_NOT, K.NUMBER, "3")),
    ('inputs.a in ["x", "y, z", ""]', row("inputs.a", C.ONE_OF, K.TEXT, 'x, "y, z", ""')),
    ("inputs.a not in [1, 2]", row("inputs.a", C.NOT_ONE_OF, K.NUMBER, "1, 2")),
    ("inputs.a in inputs.list", row("inputs.a", C.ONE_OF, K.EXPRESSION, "inputs.list")),
    ('inputs.a in ["x", 1]', row("inputs.a", C.ONE_OF, K.EXPRESSION, '["x", 1]')),
    ('inputs.a.startswith("x")', row("inputs.a", C.STARTS_WITH, K.TEXT, "x")),
    ('inputs.a in [null, "", []]', row("inputs.a", C.EMPTY)),
    ('inputs.a not in [null, "", []]', row("inputs.a", C.NOT_EMPTY)),
    ("inputs.a", row("inputs.a", C.TRUE)),
    ("not inputs.a", row("inputs.a", C.FALSE)),
    ("len(inputs.list) > 0", row("len(inputs.list)", C.GREATER, K.NUMBER, "0")),
    ("inputs.a + 1 == 2", row("inputs.a + 1", C.EQUALS, K.NUMBER, "2")),
    ("inputs.a == _", row("inputs.a", C.EQUALS, K.EXPRESSION, "")),
    ("_ == 5", row("", C.EQUALS, K.NUMBER, "5")),
]


@pytest.mark.parametrize(("expression", "said"), SAID, ids=[expression for expression, _ in SAID])
def test_a_row_is_read_from_its_expression_and_written_as_it(expression: str, said: Row) -> None:
    assert read(expression) == Condition(groups=((said,),))
    assert write(Condition(groups=((said,),))) == expression


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        ("{{ inputs.a>5 }}", "inputs.a > 5"),
        ("not inputs.a == 'x'", None),
        ("inputs.a is null", "inputs.a == null"),
        ("inputs.a is not None", "inputs.a != None"),
        ("inputs.a in ('', None, [])", 'inputs.a in [null, "", []]'),
        ("(inputs.a\n  + 1) > 2", "inputs.a + 1 > 2"),
        ("(inputs.a or 1) == 2", "(inputs.a or 1) == 2"),
        ("a and (b and c)", "a and b and c"),
        ("a or b and c", "a or (b and c)"),
        ("(a or b) and not c", "(a or b) and not c"),
        ("'say \"hi\" \\\\ {{ }}' == inputs.a", "'say \"hi\" \\\\ {{ }}' == inputs.a"),
    ],
)
def test_other_ways_to_write_it_are_read_too(expression: str, written: str | None) -> None:
    condition = read(expression)
    assert (write(condition) if condition else None) == written


@pytest.mark.parametrize(
    "expression",
    [
        "a < b < c",
        "a if b else c",
        "a and (b or (c and d))",
        "a + b",
        "not (a and b)",
        "5",
        "[x for x in a]",
        "a is true",
        "not",
        "a) or (b",
        "'open",
        "a # b",
        "{{ a }} and b",
        "\x00",
        "x" * 3000,
        "(" * 300 + "a" + ")" * 300,
        " and ".join(["a == 1"] * 51),
    ],
)
def test_what_rows_cannot_say_is_left_to_the_expression(expression: str) -> None:
    assert read(expression) is None


def test_every_comparison_is_in_the_documentation_as_it_is_written() -> None:
    page = (Path(settings.BASE_DIR) / "docs/conditions.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| ([a-z ]+) \| `([^`]+)` \|$", page, re.MULTILINE)
    assert [label for label, _ in told] == [str(comparison.label) for comparison in Comparison]
    for label, expression in told:
        condition = read(expression)
        assert condition is not None
        assert condition.groups[0][0].comparison.label == label
        assert write(condition) == expression


def test_and_binds_groups_that_are_joined_by_or() -> None:
    a, b, c = (row(name, C.TRUE) for name in "abc")
    assert read("a and (b or c)") == Condition(groups=((a,), (b, c)), join=Join.AND)
    assert read("a and b or c") == Condition(groups=((a, b), (c,)), join=Join.OR)
    assert write(Condition(groups=((a, b),), join=Join.AND)) == "a or b"


@pytest.mark.parametrize(
    "text",
    [
        '"',
        "'",
        "\\",
        '\\"',
        '" or True or "',
        "{{ inputs.secret }}",
        "}}",
        "${x}",
        "a\\nb",
        "\x7f",
        "ü 🙂",
        "#",
    ],
)
def test_a_text_stays_a_text_whatever_it_holds(text: str) -> None:
    for comparison in (C.EQUALS, C.CONTAINS, C.STARTS_WITH):
        condition = one("inputs.a", comparison, K.TEXT, text)
        expression = parse_expression(write(condition))
        assert [reference.source for reference in expression.references] == ["inputs.a"]
        again = read(expression.source)
        assert again is not None
        if "\x7f" not in text:  # no field can hold it: it is shown as an expression, with an escape
            assert again == condition


@pytest.mark.parametrize(
    ("kind", "right", "expression"),
    [
        (K.NUMBER, "007", "a > 7"),
        (K.NUMBER, " +5 ", "a > 5"),
        (K.NUMBER, "-0", "a > -0"),
        (K.NUMBER, "1,000", 'a > "1,000"'),
        (K.NUMBER, "9" * 5000, f'a > "{"9" * 5000}"'),
        (K.NUMBER, "", "a > _"),
        (K.DATE, " 2026-01-31 ", 'a > date("2026-01-31")'),
        (K.DATE, 'x")', 'a > date("x\\")")'),
        (K.DATE, "", "a > _"),
        (K.BOOLEAN, "Yes", "a > true"),
        (K.BOOLEAN, "no", "a > false"),
        (K.BOOLEAN, "perhaps", 'a > "perhaps"'),
        (K.EXPRESSION, "b or c", "a > (b or c)"),
        (K.EXPRESSION, "1, 2", "a > (1, 2)"),
        (K.EXPRESSION, "{{ b }}", "a > b"),
        (K.EXPRESSION, "not b", "a > (not b)"),
    ],
)
def test_what_is_typed_in_becomes_a_value_of_its_kind(kind: Kind, right: str, expression: str) -> None:
    assert write(one("a", C.GREATER, kind, right)) == expression


def test_a_side_that_cannot_be_read_is_kept_as_it_is_and_makes_no_valid_condition_of_its_own() -> None:
    assert write(one("a) or (b", C.GREATER, K.NUMBER, "5")) == "a) or (b > 5"
    assert read("a) or (b > 5") is None
    assert write(one("5", C.STARTS_WITH, K.TEXT, "x")) == '(5).startswith("x")'


def form(name: str, *rows: tuple[str, ...], **more: str) -> dict[str, str]:
    """What a browser posts for these rows: left, comparison, kind, right."""
    parts = ("left", "is", "kind", "right", "with")
    fields = {
        f"{name}~{part}.{n}": text
        for n, each in enumerate(rows)
        for part, text in zip(parts, each, strict=False)
    }
    return fields | {f"{name}~{part}": text for part, text in more.items()}


def test_rows_of_a_form_become_an_expression() -> None:
    rows = (
        ("inputs.a", "equals", "text", "x"),
        ("inputs.n", "greater", "number", "5"),
        ("inputs.n", "empty", "text", "left over", "1"),
        ("", "equals", "text", " "),
        ("", "empty", "text", "left over"),
        ("inputs.b", "gone", "gone", "y"),
    )
    assert posted(form("f.when", *rows, mode="rows", join="and"), "f.when") == (
        'inputs.a == "x" and (inputs.n > 5 or inputs.n in [null, "", []]) and inputs.b == "y"'
    )
    assert (
        posted(form("f.when", *rows[:2], mode="rows", join="or"), "f.when")
        == 'inputs.a == "x" or inputs.n > 5'
    )


def test_the_text_counts_unless_the_rows_were_chosen_and_changed() -> None:
    rows = (("inputs.n", "greater", "number", "5"),)
    assert posted(form("w", *rows), "w") is None
    assert posted(form("w", *rows, mode="text"), "w") is None
    assert posted(form("w", *rows, mode="rows", was="{{ inputs.n>5 }}"), "w") is None
    assert posted(form("w", *rows, mode="rows", was="inputs.n > 6"), "w") == "inputs.n > 5"
    assert posted(form("w", mode="rows", was="inputs.n > 6"), "w") == ""
    assert posted(form("w", mode="rows", was=""), "w") is None


def test_rows_beyond_fifty_are_not_read() -> None:
    rows = [("a", "true", "text", "")] * 60
    said = posted(form("w", *rows, mode="rows"), "w")
    assert said == " and ".join(["a"] * 50)
    condition = read(said)
    assert condition is not None
    assert len(condition.lines) == 50


def test_a_form_shows_a_blank_row_more_and_which_rows_belong_together() -> None:
    condition = read("a and (b or c)")
    assert condition is not None
    assert [(line.number, line.row.left, line.together) for line in condition.lines] == [
        (0, "a", False),
        (1, "b", False),
        (2, "c", True),
        (3, "", False),
    ]
    assert [line.row.left for line in Condition().lines] == [""]
