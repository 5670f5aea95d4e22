"""Definitions as YAML text."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.definition.examples import EXPENSE_REPORT, STEPS, step, workflow
from workflows.definition.yaml_text import MAX_DEPTH, YamlError, dump, dump_documents, load_documents


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("False", False),
        ("yes", "yes"),
        ("on", "on"),
        ("no", "no"),
        ("y", "y"),
        ("2026-03-31", "2026-03-31"),
        ("2026-03-31 10:00:00", "2026-03-31 10:00:00"),
        ("12:30", "12:30"),
        ("12:30:45", "12:30:45"),
        ("1_000", "1_000"),
        ("017", 17),
        ("0o17", 15),
        ("0x1F", 31),
        ("0b11", "0b11"),
        ("+12", 12),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("1.", 1.0),
        ("'1'", "1"),
        ('"true"', "true"),
        ("!!str 1", "1"),
        ("! 1", "1"),
        ("!!int 1", 1),
        ("2d", "2d"),
        ("=", "="),
        ("<<", "<<"),
        ("{a: ~, b: null, c: , d: ''}", {"a": None, "b": None, "c": None, "d": ""}),
        ("&x [1, *y]", None),
        ("a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
        ("<<: 1", {"<<": 1}),
        ("text: |\n  a\n  b\n", {"text": "a\nb\n"}),
    ],
)
def test_plain_texts_are_read_by_the_core_schema(text, value):
    if value is None:
        with pytest.raises(YamlError, match="names nothing"):
            load_documents(text)
    else:
        (found,) = load_documents(text)
        assert found == value
        assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "message", "line", "column"),
    [
        ("a: 1\na: 2", "twice", 2, 1),
        ("1: 2", "not a text", 1, 1),
        ("a: {true: 2}", "not a text", 1, 5),
        ("? [a]\n: 1", "key must be a text", 1, 3),
        ("a: !!python/object/apply:os.system [ls]", "tag", 1, 4),
        ("a: !!binary aGk=", "tag", 1, 4),
        ("a: !mine 1", "tag", 1, 4),
        ("a: .inf", "no such number", 1, 4),
        ("a: .NaN", "no such number", 1, 4),
        ("a: 1e999", "no such number", 1, 4),
        ("a: [1", "not YAML", 2, 1),
        ("a: &x [*x]", "names nothing", 1, 8),
        ("a: " + "9" * 5000, "too many digits", 1, 4),
    ],
)
def test_an_error_says_what_and_where(text, message, line, column):
    with pytest.raises(YamlError, match=message) as caught:
        load_documents(text)
    assert (caught.value.line, caught.value.column) == (line, column)


def test_aliases_that_unfold_without_end_are_refused():
    text = "a0: &a0 [x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 20)
    )
    with pytest.raises(YamlError, match="unfold"):
        load_documents(text)


def test_depth_is_bounded():
    assert load_documents("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    with pytest.raises(YamlError):
        load_documents("[" * 100_000)


def test_size_is_bounded():
    with pytest.raises(YamlError, match="larger"):
        load_documents(b"a" * (10 * 1024 * 1024 + 1))


@pytest.mark.parametrize("text", [b"\xff\xfea", b"a: \xc3\x28", "a: \ud800", "a: \x00"])
def test_what_is_not_text_is_refused(text):
    with pytest.raises(YamlError):
        load_documents(text)


def test_several_documents_and_empty_ones():
    assert load_documents(b"\xef\xbb\xbf---\na: 1\n---\n---\nb: 2\n...\n") == [{"a": 1}, {"b": 2}]
    assert load_documents("") == []
    assert load_documents("# nothing\n") == []


def test_fields_are_written_as_people_write_them():
    (definition,) = load_documents(EXPENSE_REPORT)
    shuffled = dict(sorted(definition.items()))
    text = dump(shuffled, slug="expense-report")
    assert text.startswith("format: 1\nslug: expense-report\nname: Expense report\ndescription: ")
    assert "  - key: rows\n    name: Read the rows\n    type: csv.read\n    config:\n" in text
    assert load_documents(text) == [{"slug": "expense-report", **definition}]


def test_every_step_type_comes_back():
    raw = workflow(*[step(type_, f"s{n}", **fields) for n, (type_, fields) in enumerate(STEPS.items())])
    assert load_documents(dump_documents([raw, raw])) == [raw, raw]


texts = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    [
        "yes",
        "1",
        "1e3",
        "0o17",
        "0x1",
        "~",
        "",
        " a",
        "a ",
        "a\n",
        "\na",
        "a: b",
        "- a",
        "# a",
        "{{ x }}",
        "2026-01-01",
        "a\n\n b\n",
    ]
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(["format", "steps", "name", "inputs", "x"]) | texts, json_values))
@settings(max_examples=200, deadline=None)
def test_every_json_object_comes_back_as_it_was(value):
    assert load_documents(dump(value)) == [value]


@given(st.text() | st.binary())
@settings(max_examples=150, deadline=None)
def test_no_text_makes_it_raise_anything_else(text):
    with contextlib.suppress(YamlError):
        load_documents(text)
