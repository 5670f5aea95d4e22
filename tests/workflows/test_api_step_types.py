"""`/step-types/`."""

import jsonschema_rs
import pytest

from tests.factories import ApiClient, make_api

pytestmark = pytest.mark.django_db


def test_every_step_type_comes_with_its_schemas() -> None:
    answer = make_api("viewer").get("/step-types/")
    assert answer.status_code == 200
    found = {one["type"]: one for one in answer.json()["results"]}
    assert {"set", "branch", "for_each", "workflow", "http.request"} <= found.keys()
    request = found["http.request"]
    assert (request["group"], request["version"]) == ("action", 1)
    config = jsonschema_rs.validator_for(request["config_schema"])
    assert config.is_valid({"method": "GET", "url": "https://example.org"})
    assert not config.is_valid({"method": "GET", "address": "https://example.org"})
    assert found["for_each"]["group"] == "block"
    assert "items" in [field["name"] for field in found["for_each"]["fields"]]


def test_it_takes_a_token_and_no_parameters() -> None:
    assert ApiClient().get("/step-types/").status_code == 401
    assert make_api("viewer").get("/step-types/?type=set").status_code == 422
