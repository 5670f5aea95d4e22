"""A connection that the server has closed is replaced before anybody notices; one that is there costs no question."""

import psycopg
import pytest
from django.db import OperationalError, ProgrammingError, connection, connections, transaction

from config.settings import DATABASES
from tests.factories import make_user
from workspaces.models import User

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no server"),
]


@pytest.fixture
def backend_ended():
    """Ends the server's side of the test's connection, as a restart of the server does."""

    def end():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (pid,) = cursor.fetchone()
        parameters = connection.get_connection_params()
        names = {
            name: parameters[name] for name in ("host", "port", "user", "password") if name in parameters
        }
        with psycopg.connect(dbname="postgres", autocommit=True, **names) as other:
            assert other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid]).fetchone() == (True,)
        return pid

    return end


def test_these_are_the_checks_of_the_settings():
    assert DATABASES["default"]["CONN_HEALTH_CHECKS"] is True
    assert connection.settings_dict["ENGINE"] == "common.postgresql"


def test_a_connection_that_is_there_is_usable_without_a_question(django_assert_num_queries):
    make_user()
    sent = connection.connection.pgconn
    with django_assert_num_queries(0):
        assert connection.is_usable()
    assert connection.connection.pgconn is sent
    assert User.objects.count() == 1


def test_the_next_request_after_the_server_ended_the_connection_gets_a_new_one(backend_ended, monkeypatch):
    ended = backend_ended()
    mine = connections["default"]
    monkeypatch.setattr(mine, "health_check_enabled", True)
    monkeypatch.setattr(mine, "health_check_done", False)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone() != (ended,)


def test_it_is_found_out_whatever_the_server_said_before(backend_ended):
    with connection.cursor() as cursor:
        cursor.execute("LISTEN something")
        cursor.execute("NOTIFY something")
    assert connection.is_usable()
    backend_ended()
    assert not connection.is_usable()
    with pytest.raises(OperationalError), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    connection.close()


def test_a_connection_in_a_failed_transaction_is_not_usable():
    with transaction.atomic(), connection.cursor() as cursor:
        assert connection.is_usable()
        with pytest.raises(ProgrammingError):
            cursor.execute("SELECT nothing_of_that_name")
        assert not connection.is_usable()
        transaction.set_rollback(True)
    assert connection.is_usable()


def test_what_is_closed_here_is_not_usable():
    make_user()
    connection.connection.close()
    assert not connection.is_usable()
    connection.close()
    assert not connection.is_usable()
