import pytest

from common.errors import StepError
from tests.integrations.actions import run_action


@pytest.fixture
def run(context):
    return lambda action, **config: run_action(action, config, context())


def test_json_is_read_from_a_text_and_from_a_file(run, files):
    value = files.create(
        name="a.json", media_type="application/json", content=b'\xef\xbb\xbf{"a": [1, null]}'
    )
    assert run("json.parse", text='{"a": [1, null]}') == {"a": [1, None]}
    assert run("json.parse", file=value) == {"a": [1, None]}
    assert run("json.parse", file=value["id"]) == {"a": [1, None]}


@pytest.mark.parametrize(
    "text", ["", " \n", "{", "NaN", "[1e999]", "'a'", '"\\ud800"', "[" * 300 + "]" * 300]
)
def test_text_that_is_not_json_is_a_bad_response(run, text):
    with pytest.raises(StepError) as caught:
        run("json.parse", text=text)
    assert caught.value.code == "bad_response"


def test_exactly_one_source_of_json_is_taken(run):
    for config in ({}, {"text": "1", "file": "file_" + "0" * 32}):
        with pytest.raises(StepError) as caught:
            run("json.parse", **config)
        assert caught.value.code == "wrong_type"


def test_a_json_file_over_the_bound_is_refused(run, files, settings):
    settings.MAX_OUTPUT_BYTES = 10
    value = files.create(name="a.json", media_type="application/json", content=b"[" + b"1," * 10 + b"1]")
    with pytest.raises(StepError) as caught:
        run("json.parse", file=value)
    assert caught.value.code == "limit_exceeded"


def test_a_text_becomes_a_file_only_if_it_has_a_name(run, files):
    assert run("text.render", text="Grüße") == {"text": "Grüße", "file": None}
    output = run("text.render", text="<p>ü</p>", filename="letter.html")
    assert output["file"]["media_type"] == "text/html"
    assert files.contents[output["file"]["id"]] == "<p>ü</p>".encode()


@pytest.mark.parametrize(("value", "text"), [(5, "5"), (True, "true"), (None, ""), (1.5, "1.5")])
def test_a_value_is_rendered_as_text(run, value, text):
    assert run("text.render", text=value)["text"] == text
