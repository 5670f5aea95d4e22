import jsonschema_rs
import pytest

from integrations.registry import CATALOGUE, all_actions, get_action

TYPES = [
    "csv.read", "csv.write", "http.request", "json.parse", "spreadsheet.read", "spreadsheet.write", "text.render",
]  # fmt: skip


def test_every_action_is_found_by_its_type():
    assert [action.type for action in all_actions()] == TYPES
    for action in all_actions():
        assert get_action(action.type) is action
        assert get_action(action.type, action.version) is action
        assert action.catalogue <= CATALOGUE
    assert get_action("no.such") is None
    assert get_action("http.request", 99) is None


@pytest.mark.parametrize("action", all_actions(), ids=TYPES)
def test_schemas_are_closed_valid_and_speak_to_people(action):
    schema = action.config_schema
    jsonschema_rs.meta.validate(schema)
    jsonschema_rs.meta.validate(action.output_schema)
    assert schema["$schema"].endswith("2020-12/schema")
    assert schema["additionalProperties"] is False
    assert set(schema["required"]) <= set(schema["properties"])
    assert all(field["title"] for field in schema["properties"].values())
    assert action.title
    assert action.description.endswith(".")


@pytest.mark.parametrize("action", all_actions(), ids=TYPES)
def test_defaults_fit_their_own_fields(action):
    for field in action.config_schema["properties"].values():
        if "default" in field:
            jsonschema_rs.Draft202012Validator(field).validate(field["default"])


def test_only_requests_may_do_harm_twice():
    assert [action.type for action in all_actions() if not action.idempotent({"method": "POST"})] == [
        "http.request"
    ]
