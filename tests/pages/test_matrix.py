"""Every address of the staff UI, tried by everybody. `tests/pages/matrix.py` is the table."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse

from tests.factories import make_actor, make_member, make_user
from tests.pages.matrix import OPEN, PERSONAL, ROWS
from tests.pages.rows.row import Row
from workspaces.models import Role
from workspaces.permissions import can

pytestmark = pytest.mark.django_db
each_row = pytest.mark.parametrize("row", ROWS, ids=[f"{row.method}-{row.name}" for row in ROWS])


def names(patterns: Any, space: str = "") -> Iterator[str]:
    """The names of all addresses, without those of the API and of the records."""
    for pattern in patterns:
        if not hasattr(pattern, "url_patterns"):
            yield f"{space}{pattern.name}"
        elif pattern.namespace != "admin" and str(pattern.pattern) != "api/v1/":
            yield from names(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else space)


def address_of(row: Row, place: Any) -> str:
    """The address of the row, of an object that is made for it in the workspace of `place`."""
    return reverse(row.name, args=row.args(place) if row.args else None)


def ask_at(client: Client, row: Row, address: str) -> Any:
    return getattr(client, row.method)(address, row.data)


def ask(client: Client, row: Row, place: Any) -> Any:
    return ask_at(client, row, address_of(row, place))


@contextmanager
def undone() -> Iterator[None]:
    """Takes back what is done inside, so that the next one finds the object as it was."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_table_has_every_address_and_no_other() -> None:
    assert sorted({row.name for row in ROWS} | PERSONAL | OPEN) == sorted(
        set(names(get_resolver().url_patterns))
    )


@each_row
def test_a_visitor_is_led_to_the_door(row: Row) -> None:
    answer = ask(Client(), row, make_actor())
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/sign-in/?next=")


@pytest.mark.parametrize("name", sorted(PERSONAL))
def test_a_visitor_is_led_to_the_door_from_personal_pages(name: str) -> None:
    for method in ("get", "post"):
        answer = getattr(Client(), method)(reverse(name))
        assert answer.status_code in (302, 405)
        assert (
            answer.status_code == 405
            or answer["Location"].startswith("/account/sign-in/")
            or name == "account_logout"
        )


@each_row
def test_who_is_in_no_workspace_sees_nothing(row: Row) -> None:
    assert ask(signed_in(make_user()), row, make_actor()).status_code == 403


@each_row
def test_each_role_may_what_the_table_of_permissions_says(row: Row) -> None:
    place = make_actor()
    asked = address_of(row, place)
    for role in Role:
        member = make_member(role, workspace=place.workspace)
        with undone():
            mine = address_of(row, place) if row.own else asked
            answer = ask_at(signed_in(member.user), row, mine)
        allowed = row.permission is None or can(role, row.permission)
        expected = row.blind if row.blind and role is Role.AUDITOR else row.status
        assert answer.status_code == (expected if allowed else 403), role


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.args and not row.shared], ids=lambda row: f"{row.method}-{row.name}"
)
def test_what_belongs_to_others_is_not_found(row: Row) -> None:
    asked = address_of(row, make_actor())
    for role in Role:
        with undone():
            answer = ask_at(signed_in(make_member(role).user), row, asked)
        allowed = row.permission is None or can(role, row.permission)
        assert answer.status_code == (404 if allowed else 403), role
