"""The permission table, role by role."""

import pytest

from common.errors import Problem
from tests.factories import make_actor
from workspaces.models import Role
from workspaces.permissions import LADDER, TABLE, Permission, can, lower, require, roles_that_can

FIRST_RUNG = {
    Permission.JOB_VIEW: Role.VIEWER,
    Permission.JOB_AUDIT: Role.VIEWER,
    Permission.JOB_EVIDENCE: Role.VIEWER,
    Permission.JOB_START: Role.OPERATOR,
    Permission.JOB_CANCEL: Role.OPERATOR,
    Permission.JOB_RESUME: Role.OPERATOR,
    Permission.JOB_RERUN: Role.OPERATOR,
    Permission.JOB_PICK_VERSION: Role.BUILDER,
    Permission.APPROVAL_VIEW: Role.VIEWER,
    Permission.APPROVAL_DECIDE: Role.REVIEWER,
    Permission.FILE_VIEW: Role.VIEWER,
    Permission.FILE_UPLOAD: Role.OPERATOR,
    Permission.WORKFLOW_VIEW: Role.VIEWER,
    Permission.WORKFLOW_EDIT: Role.BUILDER,
    Permission.WORKFLOW_PREVIEW: Role.BUILDER,
    Permission.WORKFLOW_ACTIVATE: Role.BUILDER,
    Permission.WORKFLOW_ARCHIVE: Role.BUILDER,
    Permission.TRIGGER_EDIT: Role.BUILDER,
    Permission.SCHEDULE_VIEW: Role.VIEWER,
    Permission.SCHEDULE_EDIT: Role.BUILDER,
    Permission.CONNECTION_VIEW: Role.VIEWER,
    Permission.CONNECTION_EDIT: Role.BUILDER,
    Permission.TOKEN_OWN: Role.VIEWER,
    Permission.TOKEN_ANY: Role.ADMIN,
    Permission.MEMBER_VIEW: Role.VIEWER,
    Permission.MEMBER_EDIT: Role.ADMIN,
    Permission.WEBHOOK_EDIT: Role.ADMIN,
    Permission.SETTINGS_EDIT: Role.ADMIN,
    Permission.AUDIT_VIEW: Role.ADMIN,
    Permission.AUDIT_VERIFY: Role.ADMIN,
    Permission.AUDIT_EXPORT: Role.ADMIN,
}
AUDITOR_TOO = {Permission.AUDIT_VIEW, Permission.AUDIT_VERIFY, Permission.AUDIT_EXPORT}


@pytest.mark.parametrize("permission", Permission)
@pytest.mark.parametrize("role", Role)
def test_every_role_may_exactly_what_the_table_says(role, permission):
    first = FIRST_RUNG[permission]
    if role is Role.AUDITOR:
        expected = first is Role.VIEWER or permission in AUDITOR_TOO
    else:
        expected = LADDER.index(role) >= LADDER.index(first)
    assert can(role, permission) is expected


@pytest.mark.parametrize("first", Role)
@pytest.mark.parametrize("second", Role)
def test_the_lower_of_two_roles_never_has_a_right_that_one_of_them_lacks(first, second):
    assert TABLE[lower(first, second)] <= TABLE[first] & TABLE[second]
    assert lower(first, second) is lower(second, first)


@pytest.mark.parametrize("role", Role)
def test_the_lower_of_a_role_and_admin_is_the_role(role):
    assert lower(role, Role.ADMIN) is role


@pytest.mark.django_db
def test_a_refusal_names_the_role_it_takes():
    with pytest.raises(Problem) as refused:
        require(make_actor(Role.VIEWER), Permission.WORKFLOW_EDIT)
    assert (refused.value.status, refused.value.code) == (403, "role_too_low")
    assert "the role builder or higher" in refused.value.detail


def test_the_system_may_do_all():
    require(None, Permission.SETTINGS_EDIT)


def test_what_admins_and_auditors_may_is_told_so():
    assert roles_that_can(Permission.AUDIT_EXPORT) == "the role admin or the role auditor"
    assert roles_that_can(Permission.MEMBER_EDIT) == "the role admin"
    assert roles_that_can(Permission.JOB_VIEW) == "the role viewer or higher"
