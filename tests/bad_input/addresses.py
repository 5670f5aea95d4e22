"""Every operation of the OpenAPI document, so that one that is added later is tested from then on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator

from tests.bad_input.asking import undone
from tests.bad_input.world import collection_of


@dataclass(frozen=True, kw_only=True)
class Operation:
    """A method at an address. `query`, `media_types` and `fields` are what it takes."""

    method: str
    path: str
    query: frozenset[str] = frozenset()
    media_types: frozenset[str] = frozenset()
    fields: frozenset[str] = field(default=frozenset())

    def __str__(self) -> str:
        return f"{self.method} {self.path.removeprefix('/api/v1')}"


def operations() -> list[Operation]:
    """All of them, in the document's order."""
    document: dict[str, Any] = SchemaGenerator().get_schema(public=True)
    components = document["components"]["schemas"]
    found = []
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            bodies = described.get("requestBody", {}).get("content", {})
            schema = bodies.get("application/json", {}).get("schema", {})
            if "$ref" in schema:
                schema = components[schema["$ref"].rpartition("/")[2]]
            found.append(
                Operation(
                    method=method.upper(),
                    path=path,
                    query=frozenset(
                        each["name"] for each in described.get("parameters", ()) if each["in"] == "query"
                    ),
                    media_types=frozenset(bodies),
                    fields=frozenset(schema.get("properties", ())),
                )
            )
    return found


OPERATIONS = operations()
READING = [each for each in OPERATIONS if each.method == "GET"]
WRITING = [each for each in OPERATIONS if each.method != "GET"]


def by_collection(operations: list[Operation]) -> pytest.MarkDecorator:
    """Marks a test with `operations`, those of one collection after the other: all of them meet the same world."""
    groups: dict[str, list[Operation]] = {}
    for operation in operations:
        groups.setdefault(collection_of(operation.path), []).append(operation)
    return pytest.mark.parametrize("operations", groups.values(), ids=groups.keys())


@contextmanager
def at(operation: Operation) -> Iterator[None]:
    """Name the operation in what fails inside, and undo what was done."""
    try:
        with undone():
            yield
    except BaseException as error:
        error.add_note(f"at {operation}")
        raise
