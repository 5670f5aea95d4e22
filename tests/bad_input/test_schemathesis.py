"""Every operation of the OpenAPI document, called with what fits its schema and with what does not.

The document is generated from the code, so an operation that is added is tested from then on. Whatever is sent, the
answer is one that the document has, in the form that it says, and never a 5xx. `SCHEMATHESIS_EXAMPLES` asks for more
examples of each operation than the few of the usual run, and lets chance choose them anew each time.
"""

import os
import re
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import ProjectsConfig, SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from common import seats
from tests.bad_input.asking import soon, undone
from tests.bad_input.world import World

ASKED = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "0"))
EXAMPLES = ASKED or 20

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    allow_header_conformance,
]


def described() -> Any:
    """The document as it is now, with the application that it describes."""
    config = SchemathesisConfig(projects=ProjectsConfig())
    config.projects.default.generation.update(with_security_parameters=False)
    schema = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(public=True), config=config)
    schema.app = get_wsgi_application()
    return schema


schema = described()
OPERATIONS = [each.ok() for each in schema.get_all_operations()]


@pytest.fixture
def calls(world: World, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """What the calls find. The connection stays open from one to the next, as with Django's own test client; exports
    find a seat, though this client never closes what it was sent.
    """
    monkeypatch.setattr(seats, "_free", threading.Semaphore(1_000_000))
    settings.ALLOWED_HOSTS = ["localhost"]
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield world
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def answered_well(world: World, case: Any) -> None:
    """Make the call and undo what it did. Fails unless the answer is one that the document has."""
    named = world.name_what_there_is(case)
    wait_for_nothing(case)
    with undone(), soon():
        response = case.call(headers={"Authorization": f"Token {world.key}"})
    # An empty parameter is one that was not given, as forms send it.
    as_generated = not named and not re.search("=(&|$)", urlsplit(response.request.url).query)
    case.validate_response(response, checks=[*CHECKS, *[negative_data_rejection] * as_generated])


def wait_for_nothing(case: Any) -> None:
    """Let calls that would wait for a job not do so; what is no number of seconds stays."""
    query = dict(case.query or {})
    if case.operation.path.endswith("/wait/"):
        query.setdefault("timeout", "0")
    if changed := {name for name in ("wait", "timeout") if str(query.get(name)).isdecimal()}:
        query |= dict.fromkeys(changed, "0")
    if query != (case.query or {}):
        case.query = query


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_every_call_is_answered_by_the_document(calls: World, operation: Any) -> None:
    generation = schema.config.generation_for(operation=operation)
    modes = list(GenerationMode)
    for case in schema.iter_coverage_cases(operation, generation_modes=modes, generation_config=generation):
        answered_well(calls, case)

    @settings(
        max_examples=EXAMPLES,
        derandomize=not ASKED,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.one_of([operation.as_strategy(mode) for mode in modes]))
    def call(case: Any) -> None:
        answered_well(calls, case)

    call()
