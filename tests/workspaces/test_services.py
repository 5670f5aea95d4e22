"""Workspaces, members and tokens: who may change what, and what the audit log says of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from audit.models import AuditEntry
from common import clock
from common.errors import Problem
from tests.factories import make_actor, make_member, make_token, make_user, make_workspace
from workspaces import services
from workspaces.authentication import token_actor
from workspaces.models import Membership, Role, Token

pytestmark = pytest.mark.django_db


def actions(workspace):
    return list(
        AuditEntry.objects.filter(workspace=workspace).order_by("id").values_list("action", flat=True)
    )


def code_of(call):
    with pytest.raises(Problem) as refused:
        call()
    return refused.value.errors[0].code if refused.value.errors else refused.value.code


def test_a_new_workspace_has_its_admin_and_two_entries():
    user = make_user()
    workspace = services.create_workspace(slug="ledger", name="Ledger", admin=user, actor=None)
    assert Membership.objects.get(workspace=workspace, user=user).role == Role.ADMIN
    assert actions(workspace) == ["workspace.created", "member.added"]


@pytest.mark.parametrize(
    ("slug", "name", "code"),
    [
        ("", "Name", "pattern"),
        ("Ledger", "Name", "pattern"),
        ("-a", "Name", "pattern"),
        ("a" * 64, "Name", "pattern"),
        ("fine", " ", "required"),
        ("fine", "x" * 201, "too_long"),
        ("fine", "pay\u202efdp", "format"),
        ("fine", "zero\u200bwidth", "format"),
        ("fine", "nul\x00", "format"),
        ("fine", "two\nlines", "format"),
        ("fine", "lone \ud800", "format"),
        ("taken", "Name", "duplicate"),
    ],
)
def test_a_workspace_with_a_bad_slug_or_name_is_refused(slug, name, code):
    make_workspace("taken")
    user = make_user()
    assert code_of(lambda: services.create_workspace(slug=slug, name=name, admin=user, actor=None)) == code


def test_a_member_is_added_once():
    admin = make_actor(Role.ADMIN)
    user = make_user()

    def add():
        services.add_member(workspace=admin.workspace, user=user, role=Role.VIEWER, actor=admin)

    add()
    assert code_of(add) == "member_already"
    assert actions(admin.workspace) == ["member.added"]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR, Role.REVIEWER, Role.BUILDER, Role.AUDITOR])
def test_only_an_admin_changes_members(role):
    actor = make_actor(role)
    other = make_member(Role.VIEWER, workspace=actor.workspace)
    add = lambda: services.add_member(  # noqa: E731
        workspace=actor.workspace, user=make_user(), role=Role.ADMIN, actor=actor
    )
    change = lambda: services.change_role(membership=other, role=Role.ADMIN, actor=actor)  # noqa: E731
    remove = lambda: services.remove_member(membership=other, actor=actor)  # noqa: E731
    assert [code_of(call) for call in (add, change, remove)] == ["role_too_low"] * 3


def test_the_last_admin_stays():
    admin = make_actor(Role.ADMIN)
    membership = Membership.objects.get(user=admin.user)
    change = lambda: services.change_role(  # noqa: E731
        membership=membership, role=Role.VIEWER, actor=admin
    )
    remove = lambda: services.remove_member(membership=membership, actor=admin)  # noqa: E731
    assert code_of(change) == code_of(remove) == "last_admin"
    make_member(Role.ADMIN, workspace=admin.workspace)
    remove()
    assert not Membership.objects.filter(user=admin.user).exists()


def test_a_change_of_role_says_what_was_before():
    admin = make_actor(Role.ADMIN)
    member = make_member(Role.VIEWER, workspace=admin.workspace)
    services.change_role(membership=member, role=Role.AUDITOR, sees_payloads=True, actor=admin)
    services.change_role(membership=member, role=Role.AUDITOR, sees_payloads=True, actor=admin)
    (entry,) = AuditEntry.objects.filter(workspace=admin.workspace)
    assert entry.action == "member.changed"
    assert '"before":{"role":"viewer","sees_payloads":false}' in entry.body
    assert entry.actor == admin.label


def test_what_a_change_does_not_name_stays_as_others_have_set_it_meanwhile():
    admin = make_actor(Role.ADMIN)
    seen = make_member(Role.VIEWER, workspace=admin.workspace)
    services.change_role(membership=seen, role=Role.AUDITOR, actor=admin)
    assert seen.role == Role.VIEWER
    services.change_role(membership=seen, sees_payloads=True, actor=admin)
    seen.refresh_from_db()
    assert (seen.role, seen.sees_payloads) == (Role.AUDITOR, True)


def test_a_removed_member_loses_their_tokens():
    token, key = make_token(Role.VIEWER)
    membership = Membership.objects.get(user=token.user)
    services.remove_member(membership=membership, actor=None)
    token.refresh_from_db()
    assert token.revoked_at is not None
    assert code_of(lambda: token_actor(key)) == "invalid_token"
    make_member(Role.ADMIN, workspace=token.workspace, user=token.user)
    assert code_of(lambda: token_actor(key)) == "invalid_token"


def test_a_token_is_stored_only_as_a_hash():
    token, key = make_token()
    row = Token.objects.filter(pk=token.pk).values().get()
    assert key not in [str(value) for value in row.values()]
    assert key.startswith(row["token_key"])
    entry = AuditEntry.objects.get(workspace=token.workspace, action="token.created")
    assert key not in entry.body
    assert token.digest not in entry.body


def test_nobody_hands_out_more_than_they_have():
    actor = make_actor(Role.OPERATOR)

    def make(role, **more):
        asked = {"user": actor.user, "workspace": actor.workspace, "role": role, "name": "n", "expiry": None}
        return services.create_token(**{**asked, "actor": actor, **more})

    assert make(Role.VIEWER)[0].role == Role.VIEWER
    assert make(Role.OPERATOR)[0].role == Role.OPERATOR
    assert code_of(lambda: make(Role.BUILDER)) == "too_large"
    assert code_of(lambda: make(Role.AUDITOR)) == "too_large"
    assert code_of(lambda: make(Role.AUDITOR, actor=None)) == "too_large"
    assert code_of(lambda: make(Role.VIEWER, user=make_user())) == "not_a_choice"
    assert code_of(lambda: make(Role.VIEWER, expiry=clock.now())) == "too_small"
    assert code_of(lambda: make(Role.VIEWER, name="")) == "required"


def test_a_token_cannot_make_one_that_outlives_it():
    soon = clock.now() + timedelta(hours=1)
    _, key = make_token(Role.OPERATOR, expiry=soon)
    actor = token_actor(key)

    def make(expiry):
        return services.create_token(
            user=actor.user, workspace=actor.workspace, role=Role.VIEWER, name="n", expiry=expiry, actor=actor
        )

    assert make(soon)[0].expiry == soon
    assert code_of(lambda: make(None)) == "too_large"
    assert code_of(lambda: make(soon + timedelta(seconds=1))) == "too_large"


def test_others_tokens_are_revoked_by_an_admin_only():
    token, key = make_token(Role.VIEWER)
    other = make_actor(Role.BUILDER, workspace=token.workspace)
    admin = make_actor(Role.ADMIN, workspace=token.workspace)
    assert code_of(lambda: services.revoke_token(token=token, actor=other)) == "role_too_low"
    services.revoke_token(token=token, actor=admin)
    services.revoke_token(token=token, actor=admin)
    assert actions(token.workspace) == ["token.created", "token.revoked"]
    assert code_of(lambda: token_actor(key)) == "invalid_token"


def test_the_command_prints_only_the_key(capsys):
    member = make_member(Role.BUILDER)
    named = {"user": member.user.username, "workspace": member.workspace.slug, "role": "operator"}
    call_command("create_token", name="nightly", days=3, **named)
    key = capsys.readouterr().out.removesuffix("\n")
    actor = token_actor(key)
    assert actor.role == Role.OPERATOR
    assert actor.label == f"token:nightly ({member.user.username})"


def test_the_command_says_what_is_wrong():
    member = make_member(Role.VIEWER)
    named = {"user": member.user.username, "workspace": member.workspace.slug, "name": "n"}
    with pytest.raises(CommandError, match="expected at most the role viewer, got admin"):
        call_command("create_token", role="admin", **named)
    with pytest.raises(CommandError, match="no user nobody"):
        call_command("create_token", role="admin", **{**named, "user": "nobody"})
    with pytest.raises(CommandError, match="no workspace nowhere"):
        call_command("create_token", role="admin", **{**named, "workspace": "nowhere"})
    for days in (10**7, 10**12):
        with pytest.raises(CommandError, match="choose fewer"):
            call_command("create_token", role="viewer", days=days, **named)


def test_a_workspace_is_made_by_command(capsys):
    user = make_user("ada")
    call_command("create_workspace", slug="books", name="Books", admin="ada")
    assert "ada is its admin" in capsys.readouterr().out
    assert Membership.objects.get(user=user).workspace.slug == "books"
    with pytest.raises(CommandError, match="is taken"):
        call_command("create_workspace", slug="books", name="Books", admin="ada")


def test_a_workspace_gets_another_name_and_time_zone_and_the_log_says_what_changed():
    admin = make_actor(Role.ADMIN)
    before = admin.workspace.name

    def change(**given):
        return services.change_workspace(workspace=admin.workspace, actor=admin, **given)

    assert change(name="Ledger", time_zone="Europe/Berlin").time_zone == "Europe/Berlin"
    change(name="Ledger", time_zone="Europe/Berlin")
    (entry,) = AuditEntry.objects.filter(workspace=admin.workspace)
    assert f'"name":{{"after":"Ledger","before":"{before}"}}' in entry.body
    assert '"time_zone":{"after":"Europe/Berlin","before":"UTC"}' in entry.body
    assert code_of(lambda: change(time_zone="Mars/Base")) == "not_a_choice"
    assert code_of(lambda: change(name=" ")) == "required"


def test_only_who_runs_the_installation_makes_workspaces_in_person():
    user = make_user(is_superuser=True)
    actor = make_actor(Role.VIEWER, user=user)
    made = services.create_workspace(
        slug="new", name="New", admin=user, time_zone="Asia/Kolkata", actor=actor
    )
    assert made.time_zone == "Asia/Kolkata"
    token, _ = make_token(Role.VIEWER, workspace=actor.workspace, user=user)
    for who in (make_actor(Role.ADMIN), replace(actor, token=token)):
        make = lambda who=who: services.create_workspace(slug="no", name="No", admin=user, actor=who)  # noqa: E731
        assert code_of(make) == "forbidden"
