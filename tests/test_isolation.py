"""The two promises of conftest.py: a transactional test leaves nothing behind, and the triggers stand again after it."""

import pytest
from django.db import DatabaseError, connection, transaction

from audit.models import AuditEntry
from audit.triggers import missing
from workspaces.models import User, Workspace
from workspaces.services import create_workspace

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("round_", [1, 2])
def test_each_transactional_test_begins_empty_and_guarded(round_: int) -> None:
    assert not User.objects.exists()
    assert not AuditEntry.objects.exists()
    assert missing(connection) == []
    ada = User.objects.create_user("ada")
    create_workspace(slug="acme", name="Acme", admin=ada, actor=None)
    assert Workspace.objects.count() == 1
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEntry.objects.all().delete()


def test_a_child_process_is_pointed_at_the_test_database(child_environment: dict[str, str], storage) -> None:
    assert str(connection.settings_dict["NAME"]) in child_environment["DATABASE_URL"]
    assert child_environment["STORAGE_URL"] == f"file://{storage}"
