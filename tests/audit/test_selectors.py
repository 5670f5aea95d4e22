"""Finding entries of a long log without reading it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from audit.models import AuditEntry
from audit.selectors import first_since
from audit.services import append
from audit.triggers import without_triggers
from tests.audit.conftest import draft

BEGIN = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture
def ids(workspace) -> list[int]:
    """Sixty entries, a minute apart, two of them gone."""
    for minute in range(60):
        at = BEGIN + timedelta(minutes=minute)
        with transaction.atomic():
            append(stream_row=workspace, workspace=workspace, drafts=[draft()], at=at)
    ids = list(AuditEntry.objects.order_by("pk").values_list("pk", flat=True))
    with without_triggers(connection):
        AuditEntry.objects.filter(pk__in=[ids[30], ids[31]]).delete()
    return ids


@pytest.mark.parametrize("minute", [0, 1, 29, 30, 31, 32, 59])
def test_the_first_entry_since_a_moment_is_found(ids, minute):
    first = first_since(BEGIN + timedelta(minutes=minute))
    later = AuditEntry.objects.filter(at__gte=BEGIN + timedelta(minutes=minute))
    assert set(later) == set(AuditEntry.objects.filter(pk__gte=first))


def test_before_the_first_and_after_the_last_there_is_all_and_nothing(ids):
    assert first_since(BEGIN - timedelta(days=1)) <= ids[0]
    assert first_since(BEGIN + timedelta(days=1)) > ids[-1]


def test_it_takes_few_looks(ids):
    with CaptureQueriesContext(connection) as queries:
        first_since(BEGIN + timedelta(minutes=45))
    assert len(queries) <= 8


def test_an_empty_log_has_no_first_entry(db):
    assert not AuditEntry.objects.filter(pk__gte=first_since(BEGIN)).exists()
