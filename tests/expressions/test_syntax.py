"""What is an expression, where it ends, and what it reads."""

import pytest

from workflows.expressions.syntax import ExpressionSyntaxError, Soft, parse_expression, parse_value


@pytest.mark.parametrize(
    "text",
    [
        "{{ {'a': {'b': 1}} }}",
        "{{ {'a': {'b': 1}}}}",
        "{{ '}}' }}",
        "{{ \"}}\" + '{{' }}",
        "{{ f'{inputs.limit}}}' }}",
        "{{ f\"{inputs['limit']:>{10}}\" }}",
        "{{ '''a ' }} \" b''' }}",
        "{{ 'it\\'s }}' }}",
        "{{ [x for x in {1: 2}] }}",
        "{{\n  1 +\n  2\n}}",
    ],
)
def test_the_end_of_an_expression_is_found_behind_strings_and_brackets(text: str) -> None:
    value = parse_value(text)
    assert len(value.expressions) == 1
    assert value.expressions[0].source == text[2:-2].strip()


def test_text_around_expressions_is_kept() -> None:
    value = parse_value("a {{ inputs.x }}} b }} {{inputs.y}}")
    assert [expression.source for expression in value.expressions] == ["inputs.x", "inputs.y"]
    assert value.plain
    assert not value.constant


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{", "never closed"),
        ("{{ {{ 1 }}", "never closed"),
        ("{{{{ 1 }}", "never closed"),
        ("{{ 'a }}", "quotes"),
        ("{{ }}", "empty"),
        ("{{ 1 + }}", "not an expression"),
        ("{{ (1 }}", "closes nothing"),
        ("{{ 1) + (2 }}", "closes nothing"),
        ("{{ 1 # }}", "comment"),
        ("{{ (x := 1) }}", "assign"),
        ("{{ (yield) }}", "yield"),
        ("{{ await x }}", "await"),
        ("{{ [x async for x in y] }}", "await"),
        ("{{ x = 1 }}", "not an expression"),
        ("{{ import os }}", "not an expression"),
        ("{{ b'x' }}", "cannot hold"),
        ("{{ ... }}", "cannot hold"),
        ("{{ 1j }}", "cannot hold"),
        ("{{ open('/etc/passwd') }}", "no function 'open'"),
        ("{{ __import__('os') }}", "no function"),
        ("{{ eval('1') }}", "no function"),
        ("{{ getattr(inputs, 'x') }}", "no function"),
        ("{{ ''.__class__() }}", "no method"),
        ("{{ _dot }}", "do not begin with _"),
        ("{{ [__x for __x in []] }}", "do not begin with _"),
        ("{{ [1 for a.b in [1]] }}", "plain name"),
        ("{{ steps.rows }}", "steps.KEY.output"),
        ("{{ steps.rows.rows }}", "steps.KEY.output"),
        ("{{ steps }}", "steps.KEY.output"),
        ("{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}", "never closed"),
        ("{{ " + "(" * 900 + "1" + ")" * 900 + " }}", "nested"),
        ("{{ " + "-" * 1900 + "1 }}", "nested"),
        ("{{ " + "+".join(["1"] * 900) + " }}", "nested"),
        ("{{ " + "+".join(["1"] * 20_000) + " }}", "never closed"),
        ("{{ '" + "x" * 1999 + "' }}", "2001 characters"),
        ("{{ '\x00' }}", "not an expression"),
        ("{{ '\ud800' }}", "not an expression"),
    ],
)
def test_what_is_not_an_expression_is_refused_with_a_sentence(text: str, said: str) -> None:
    with pytest.raises(ExpressionSyntaxError) as caught:
        parse_value(text)
    assert said in caught.value.message


def test_2000_characters_are_allowed() -> None:
    assert parse_expression("'" + "x" * 1998 + "'").source


def test_an_error_says_where_in_a_value_it_is() -> None:
    with pytest.raises(ExpressionSyntaxError) as caught:
        parse_value({"json": {"items": [1, "ok {{ 1 + }}"]}})
    assert caught.value.path == "json.items[1]"
    assert caught.value.position >= 5


def test_braces_around_a_single_expression_may_be_left_out() -> None:
    assert parse_expression("inputs.limit > 3").source == parse_expression(" {{ inputs.limit > 3 }} ").source
    with pytest.raises(ExpressionSyntaxError, match="nothing may follow"):
        parse_expression("{{ 1 }} and {{ 2 }}")


def test_an_expression_lists_the_longest_paths_that_it_reads() -> None:
    expression = parse_expression(
        "sum(r.amount * inputs.rates[r.name] for r in steps.rows.output['all rows'][-1].list if r.ok) + job.id.count('x')"
    )
    assert [reference.source for reference in expression.references] == [
        "steps.rows.output['all rows'][-1].list",
        "inputs.rates",
        "job.id",
    ]
    assert expression.references[0].parts == ("rows", "output", "all rows", -1, "list")
    assert expression.calls == {"sum"}
    assert expression.reference is None


def test_names_of_loops_and_lambdas_are_not_references() -> None:
    expression = parse_expression("sorted([x for y in items for x in y], key=lambda z, w=limit: z + y)")
    assert [reference.source for reference in expression.references] == ["items", "limit", "y"]


def test_a_plain_path_is_known_as_one() -> None:
    assert parse_expression("steps.rows.output.rows[0].name").reference is not None
    soft = parse_expression("inputs.get('limit')").reference
    assert soft is not None
    assert isinstance(soft.parts[0], Soft)
    assert parse_expression("inputs.get('limit', 3)").reference is None
    assert parse_expression("inputs[inputs.key]").reference is None
    assert parse_expression("inputs.x[1:2]").reference is None


def test_constants_have_no_expressions() -> None:
    value = parse_value({"a": [1, "x", None], "b": "{ {not one} }"})
    assert value.constant
    assert value.plain


def test_parsing_a_long_hostile_text_ends_soon() -> None:
    for text in ("{{" + "'''" * 100_000, "{{ '" * 50_000, "{{" + "{" * 300_000, "{{" * 300_000):
        with pytest.raises(ExpressionSyntaxError):
            parse_value(text)
