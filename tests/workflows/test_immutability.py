"""A version can never be changed or removed, by the ORM, by SQL, by anybody."""

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction

from audit.triggers import missing
from tests.workflows.conftest import MakeWorkflow, active
from workflows.models import VERSION_TABLE, WorkflowVersion

pytestmark = pytest.mark.django_db


def execute(statement: str) -> Callable[[], None]:
    def run() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    return run


ATTEMPTS: dict[str, Callable[[], object]] = {
    "update of one field": lambda: WorkflowVersion.objects.update(note="other"),
    "save": lambda: WorkflowVersion.objects.get().save(),
    "delete": lambda: WorkflowVersion.objects.all()._raw_delete("default"),
    "SQL update": execute(f"UPDATE {VERSION_TABLE} SET definition = definition"),
    "SQL delete": execute(f"DELETE FROM {VERSION_TABLE}"),
}


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS)
def test_a_version_is_neither_changed_nor_removed(
    make_workflow: MakeWorkflow, attempt: Callable[[], object]
) -> None:
    version = active(make_workflow("sums"))
    with pytest.raises(DatabaseError), transaction.atomic():
        attempt()
    again = WorkflowVersion.objects.get()
    assert (again.definition, again.note) == (version.definition, version.note)


def test_replacing_or_truncating_is_refused_too(make_workflow: MakeWorkflow) -> None:
    make_workflow("sums")
    columns = "id, workflow_id, number, definition, manifest, digest, needs, note, created_at, created_by_id"
    statement = (
        f"TRUNCATE {VERSION_TABLE} CASCADE"
        if connection.vendor == "postgresql"
        else f"INSERT OR REPLACE INTO {VERSION_TABLE} ({columns}) SELECT {columns} FROM {VERSION_TABLE}"
    )
    with pytest.raises(DatabaseError), transaction.atomic():
        execute(statement)()
    assert WorkflowVersion.objects.count() == 1


def test_the_triggers_stand() -> None:
    assert VERSION_TABLE not in missing(connection)
