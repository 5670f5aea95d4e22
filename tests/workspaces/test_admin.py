"""The admin site: who enters, what they see, and that nothing can be changed there."""

from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AuditEntry
from audit.triggers import without_triggers
from tests.factories import make_api, make_member, make_token, make_user, make_workspace
from workspaces.admin_site import ROWS_COUNTED, BoundedPaginator, actor_in, json_text, site
from workspaces.models import Membership, Role, Token, User
from workspaces.reading import record_payload_reading
from workspaces.services import change_workspace

pytestmark = pytest.mark.django_db

LISTS = ["workspace", "membership", "token", "user"]


def listed(model):
    app = "audit" if model == "auditentry" else "workspaces"
    return reverse(f"admin:{app}_{model}_changelist")


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def auditor():
    return make_member(Role.AUDITOR)


@pytest.mark.parametrize("role", Role)
def test_admins_and_auditors_of_a_workspace_enter(role):
    answer = signed_in(make_member(role).user).get("/admin/")
    assert answer.status_code == (200 if role in (Role.ADMIN, Role.AUDITOR) else 302)


def test_nobody_else_enters():
    assert Client().get("/admin/").status_code == 302
    assert signed_in(make_user(is_staff=True)).get("/admin/").status_code == 302
    assert signed_in(make_user(is_superuser=True)).get("/admin/").status_code == 200


def test_an_auditor_comes_in_through_the_door_of_all_pages(auditor):
    client = Client()
    door = client.get("/admin/", follow=True)
    assert door.redirect_chain[-1][0] == "/account/sign-in/?next=/admin/"
    body = {"login": auditor.user.username, "password": "password", "next": "/admin/"}
    assert client.post("/account/sign-in/", body)["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_who_is_signed_in_but_sees_no_records_is_told_whom_to_ask():
    page = signed_in(make_member(Role.BUILDER).user).get("/admin/", follow=True)
    assert page.status_code == 403
    assert "for admins and auditors of a workspace" in page.content.decode()


def test_only_our_own_models_are_on_the_site():
    assert {model._meta.app_label for model in site._registry} <= {"workspaces", "audit", "workflows", "jobs"}


@pytest.mark.parametrize("model", [*LISTS, "auditentry"])
def test_an_auditor_sees_their_own_workspaces_only(auditor, model):
    make_token(Role.VIEWER, workspace=auditor.workspace, user=make_user("insider"), name="inside")
    make_token(Role.VIEWER, workspace=make_workspace("foreign"), user=make_user("outsider"), name="outside")
    page = signed_in(auditor.user).get(listed(model))
    assert page.status_code == 200
    text = page.content.decode()
    assert auditor.workspace.name in text or "insider" in text
    assert "outsider" not in text
    assert "outside" not in text
    assert "foreign" not in text.lower()


@pytest.mark.parametrize("model", [*LISTS, "auditentry"])
def test_a_list_costs_the_same_however_long(auditor, model, django_assert_max_num_queries):
    client = signed_in(auditor.user)
    for _ in range(3):
        make_token(workspace=auditor.workspace)
    with django_assert_max_num_queries(6):
        assert client.get(listed(model)).status_code == 200


def test_no_page_shows_a_hash_of_a_token_or_a_password(auditor):
    token, key = make_token(Role.VIEWER, workspace=auditor.workspace)
    for user in (auditor.user, make_user(is_superuser=True)):
        client = signed_in(user)
        for model in LISTS:
            text = client.get(listed(model)).content.decode()
            assert token.digest not in text
            assert key not in text
    client = signed_in(auditor.user)
    person = client.get(reverse("admin:workspaces_user_change", args=[token.user.pk])).content.decode()
    assert token.user.username in person
    assert "algorithm" not in person
    assert token.user.password not in person
    address = reverse("admin:workspaces_token_change", args=[token.digest])
    assert client.get(address).status_code == 302


@pytest.mark.parametrize("model", [*LISTS, "auditentry"])
def test_an_auditor_changes_nothing(auditor, model):
    token, _ = make_token(Role.VIEWER, workspace=auditor.workspace)
    client = signed_in(auditor.user)
    app = "audit" if model == "auditentry" else "workspaces"
    row = {
        "workspace": auditor.workspace, "membership": auditor, "token": token,
        "user": token.user, "auditentry": AuditEntry.objects.first(),
    }[model]  # fmt: skip
    assert client.post(reverse(f"admin:{app}_{model}_add"), {}).status_code == 403
    for name in ("change", "delete"):
        answer = client.post(reverse(f"admin:{app}_{model}_{name}", args=[row.pk]), {"role": "admin"})
        assert answer.status_code in (302, 403)
    assert Membership.objects.get(pk=auditor.pk).role == Role.AUDITOR
    assert type(row).objects.filter(pk=row.pk).exists()


def test_a_superuser_makes_and_disables_people_but_deletes_nobody():
    client = signed_in(make_user(is_superuser=True))
    fields = {"username": "grace", "password1": "a-long-passphrase", "password2": "a-long-passphrase"}
    fields["usable_password"] = "true"
    assert client.post(reverse("admin:workspaces_user_add"), fields).status_code == 302
    grace = User.objects.get(username="grace")
    address = reverse("admin:workspaces_user_change", args=[grace.pk])
    assert client.post(address, {"username": "grace", "time_zone": "UTC"}).status_code == 302
    grace.refresh_from_db()
    assert grace.is_active is False
    assert client.post(reverse("admin:workspaces_user_delete", args=[grace.pk])).status_code == 403


def test_an_entry_shows_its_exact_content_and_links_to_what_it_is_about(auditor):
    change_workspace(workspace=auditor.workspace, name="<script>alert(1)</script>", actor=None)
    entry = AuditEntry.objects.get()
    page = signed_in(auditor.user).get(reverse("admin:audit_auditentry_change", args=[entry.pk]))
    text = page.content.decode()
    assert "&quot;before&quot;" in text
    assert bytes(entry.hash).hex() in text
    assert "<script>alert" not in text
    assert f"{listed('workspace')}?q={auditor.workspace.slug}" in text
    assert f"{listed('auditentry')}?q={quote(entry.stream)}" in text


def test_an_entry_that_somebody_has_changed_is_shown_all_the_same(auditor):
    change_workspace(workspace=auditor.workspace, name="New", actor=None)
    with without_triggers(connection):
        AuditEntry.objects.update(body="no longer <an entry>")
    entry = AuditEntry.objects.get()
    page = signed_in(auditor.user).get(reverse("admin:audit_auditentry_change", args=[entry.pk]))
    assert "no longer &lt;an entry&gt;" in page.content.decode()
    answer = make_api(Role.AUDITOR, workspace=auditor.workspace).get("/audit/")
    assert answer.json()["results"][-1]["data"] == {}


def test_the_log_is_searched_by_stream_and_by_target(auditor):
    token, _ = make_token(Role.VIEWER, workspace=auditor.workspace)
    change_workspace(workspace=auditor.workspace, name="New", actor=None)
    client = signed_in(auditor.user)
    found = lambda term: client.get(listed("auditentry"), {"q": term}).context["cl"].result_count  # noqa: E731
    assert found(f"token {token.uid}") == 1
    assert found(auditor.workspace.stream) == 2
    assert found("token nothing") == found("job:nothing") == 0
    with CaptureQueriesContext(connection) as queries:
        found("job:nothing")
    assert any('"stream" = ' in each["sql"] for each in queries)  # not a comparison that no index serves
    assert client.get(listed("token"), {"q": str(token.uid)}).context["cl"].result_count == 1
    assert client.get(listed("token"), {"q": "no uuid"}).context["cl"].result_count == 0


def test_counting_stops_at_the_bound(django_assert_num_queries):
    assert BoundedPaginator([0] * (ROWS_COUNTED + 5), 50).count == ROWS_COUNTED
    make_token()
    with django_assert_num_queries(1):
        assert BoundedPaginator(Token.objects.order_by("created"), 50).count == 1


def test_an_auditor_who_reads_payloads_leaves_an_entry_and_others_do_not(auditor):
    request = RequestFactory().get("/")
    for user in (auditor.user, make_member(Role.ADMIN, workspace=auditor.workspace).user):
        request.user = user
        actor = actor_in(request, auditor.workspace)
        record_payload_reading(actor=actor, target=("job", "7", "Job 7"), paths=["inputs"])
    (entry,) = AuditEntry.objects.all()
    assert (entry.action, entry.actor, entry.target_id) == (
        "payload.read",
        f"user:{auditor.user.username}",
        "7",
    )


def test_a_superuser_beside_the_members_reads_as_an_auditor():
    request = RequestFactory().get("/")
    request.user = make_user(is_superuser=True)
    actor = actor_in(request, make_workspace())
    assert (actor.role, actor.sees_payloads) == (Role.AUDITOR, True)


def test_moments_have_seconds_and_a_zone(auditor):
    change_workspace(workspace=auditor.workspace, name="Renamed", actor=None)
    moment = AuditEntry.objects.latest("pk").at
    text = signed_in(auditor.user).get(listed("auditentry")).content.decode()
    assert f"{moment:%Y-%m-%d %H:%M:%S} UTC" in text


def test_what_is_not_there_is_never_called_deleted(auditor):
    address = reverse("admin:audit_auditentry_change", args=[10**9])
    text = signed_in(auditor.user).get(address, follow=True).content.decode()
    assert "There is no audit entry 1000000000 here" in text
    assert "deleted" not in text


def test_records_and_pages_lead_to_each_other_and_no_record_offers_an_empty_history(auditor):
    client = signed_in(auditor.user)
    assert 'href="/admin/"' in client.get("/").content.decode()
    assert 'href="/"' in client.get("/admin/").content.decode()
    change_workspace(workspace=auditor.workspace, name="Renamed", actor=None)
    entry = AuditEntry.objects.latest("pk")
    page = client.get(reverse("admin:audit_auditentry_change", args=[entry.pk]))
    assert "historylink" not in page.content.decode()


def test_json_shows_letters_and_hides_nothing():
    text = json_text({"name": "Müller \u202e\u200b\x7f\n<b>"})
    assert "Müller \\u202e\\u200b\\u007f\\n&lt;b&gt;" in text


def test_a_record_leads_to_its_page_and_the_page_to_its_record(auditor):
    client = signed_in(auditor.user)
    change_workspace(workspace=auditor.workspace, name="Renamed", actor=None)
    entry = AuditEntry.objects.get()
    record = reverse("admin:audit_auditentry_change", args=[entry.pk])
    assert f'href="/audit/{entry.pk}/">Open on the pages' in client.get(record).content.decode()
    assert f'href="{record}"' in client.get(f"/audit/{entry.pk}/").content.decode()


def test_a_record_of_a_workspace_that_is_not_chosen_says_which_one_to_choose(auditor):
    other = make_member(Role.AUDITOR, user=auditor.user)
    change_workspace(workspace=other.workspace, name="The other one", actor=None)
    record = reverse("admin:audit_auditentry_change", args=[AuditEntry.objects.get().pk])
    page = signed_in(auditor.user).get(record).content.decode()
    assert "in the workspace The other one: choose it there first" in page
    assert "Open on the pages" not in page
