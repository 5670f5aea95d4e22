"""Roles in words: nothing of the permission table is left out, and nobody is offered more than they have."""

import pytest

from tests.factories import make_actor
from workspaces.models import Role
from workspaces.permissions import TABLE, Permission
from workspaces.role_words import ROLES, WORDS, permission_rows, role_words, roles_at_most


def test_every_permission_and_every_role_is_in_words():
    assert set(WORDS) == set(Permission)
    assert set(ROLES) == set(Role)
    rows = permission_rows()
    assert len(rows) == len(Permission)
    for row, permission in zip(rows, WORDS, strict=True):
        assert row.has == tuple(permission in TABLE[role] for role in ROLES)


def test_a_role_is_explained_by_what_it_adds():
    assert role_words(Role.REVIEWER) == "May do all that the role operator may, and decide approvals."
    assert "start jobs, cancel jobs" in role_words(Role.OPERATOR)
    assert role_words(Role.VIEWER).startswith("May see jobs, ")
    assert "only where that is granted" in role_words(Role.AUDITOR)


@pytest.mark.django_db
@pytest.mark.parametrize("role", Role)
def test_a_token_is_offered_no_role_with_a_right_that_its_maker_lacks(role):
    for offered in roles_at_most(make_actor(role)):
        assert TABLE[offered] <= TABLE[role]
    assert role in roles_at_most(make_actor(role))
