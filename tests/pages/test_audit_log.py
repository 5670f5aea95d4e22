"""The audit log's pages: what they say, to whom, what they find, what they cost. Addresses and roles: matrix.py."""

import json

import pytest
from django.db import connection
from django.test import Client

from audit.actions import Action
from audit.checkpoints import write_checkpoint
from audit.models import AuditEntry
from audit.triggers import without_triggers
from tests.engine.lab import Lab
from tests.factories import make_member, make_user
from workspaces.models import Role
from workspaces.services import change_workspace
from workspaces.told import GROUPS, SENTENCES, group_of, grouped_actions, sentence_of

pytestmark = pytest.mark.django_db
SETS = "steps: [{key: a, type: set, values: {x: 1}}]"
FAILS = "steps: [{key: a, type: fail, message: The ledger is closed}]"


@pytest.fixture
def lab():
    return Lab()


@pytest.fixture
def client(lab):
    client = Client()
    client.force_login(make_member(Role.ADMIN, workspace=lab.actor.workspace, user=make_user("grace")).user)
    return client


def shown(client, **query):
    answer = client.get("/audit/", query, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_action_is_offered_once_and_belongs_to_a_kind():
    offered = [value for _words, choices in grouped_actions() for value, _label in choices]
    assert sorted(offered) == sorted(Action.values)
    for action in Action.values:
        assert action.startswith(GROUPS[group_of(action)][2])
    assert set(SENTENCES) <= set(Action.values)


def test_every_action_can_be_told_even_with_odd_content():
    for action in [*Action.values, "from.a.later.release"]:
        assert "{0.__class__}" in sentence_of(action, "user:{ada}", "{0.__class__}", {}) or action in (
            Action.AUDIT_EXPORTED,
            Action.AUDIT_VERIFIED,
        )


def test_entries_are_told_in_words_the_newest_first(lab, client):
    lab.workflow(FAILS, slug="expense-report")
    job = lab.start("expense-report")
    lab.drain()
    page = shown(client)
    user = lab.actor.user.username
    assert f"{user} activated version 1 of expense-report" in page
    assert f"{user} started Job #{job.pk}" in page
    assert "The ledger is closed" in page
    assert page.index(f"Job #{job.pk} failed") < page.index(f"started Job #{job.pk}")


def test_what_others_did_is_not_shown(client):
    other = Lab()
    other.run(FAILS)
    assert "The ledger is closed" not in shown(client)
    entry = AuditEntry.objects.filter(workspace=other.actor.workspace).earliest("pk")
    assert client.get(f"/audit/{entry.pk}/").status_code == 404


def test_filters_are_those_of_the_api_and_stand_as_chips(lab, client):
    job = lab.run(FAILS)
    other = lab.run(SETS)
    page = shown(client, target_type="job", target_id=job.pk, action=["job.created", "job.failed"])
    assert page.count("<summary data-row>") == 2
    assert "Job created" in page
    assert page.count('class="chip"') == 4
    assert f"Job #{other.pk}" not in page
    assert 'href="?action=job.failed&amp;target_type=job' in page or "target_type=job&amp;" in page
    assert "No entry matches" in shown(client, actor="user:nobody")
    emptied = client.get("/audit/?search=&actor=user:a&cursor=")
    assert emptied["Location"] == "/audit/?actor=user%3Aa"
    assert shown(client, search=f"Job #{job.pk}").count("<summary data-row>") > 2
    assert shown(client, actor=f" user:{lab.actor.user.username} ", action="").count("<summary data-row>") > 2


def test_a_value_that_a_filter_does_not_take_is_told_at_its_field(lab, client):
    lab.run(SETS)
    answer = client.get("/audit/", {"created_after": "yesterday"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="filter-created_after-error"' in page
    assert "Nothing is listed" in page
    assert client.get("/audit/", {"cursor": "x"}).status_code == 422


def test_times_of_filters_are_in_the_zone_of_the_person(lab, client):
    lab.run(SETS)
    entry = AuditEntry.objects.latest("pk")
    user = make_user(time_zone="Pacific/Kiritimati")
    make_member(Role.AUDITOR, workspace=lab.actor.workspace, user=user)
    client.force_login(user)
    utc = entry.at.strftime("%Y-%m-%dT%H:%M")  # 14 hours before the person's own time
    assert "No entry matches" in shown(client, created_before=utc)
    assert "No entry matches" not in shown(client, created_after=utc)


def test_an_entry_has_its_exact_text_and_its_place_in_the_chain(lab, client):
    job = lab.run(SETS)
    first, second = AuditEntry.objects.filter(stream=job.stream).order_by("seq")[:2]
    page = client.get(f"/audit/{second.pk}/").content.decode()
    assert bytes(second.hash).hex() in page
    assert f'href="/audit/{first.pk}/">{bytes(second.prev).hex()}' in page
    assert json.loads(client.get(f"/audit/{second.pk}/").context["entry"].body)["seq"] == 2
    part = client.get(f"/audit/{first.pk}/?part=1").content.decode()
    assert "<html" not in part
    assert "none: this is the first of its stream" in part


def test_markup_in_an_entry_is_text(lab, client):
    change_workspace(workspace=lab.actor.workspace, name="<img src=x onerror=alert(1)>", actor=None)
    page = shown(client)
    assert "<img" not in page
    assert "&lt;img" in page


def test_an_entry_of_a_thousand_events_costs_the_list_no_more_than_its_start(lab, client):
    lab.run(
        """
        steps:
          - key: each
            type: for_each
            items: range(400)
            steps: [{key: s, type: set, values: {}}]
        """
    )
    page = shown(client)
    assert "Steps of Job" in page
    assert len(page) < 100_000


def test_verifying_says_what_was_read_and_leaves_an_entry(lab, client):
    lab.run(SETS)
    write_checkpoint(workspace=lab.actor.workspace)
    page = client.post("/audit/verify/").content.decode()
    assert "Nothing wrong was found." in page
    assert "Signed checkpoints" in page
    assert AuditEntry.objects.filter(action=Action.AUDIT_VERIFIED, actor="user:grace").count() == 1


def test_what_was_tampered_with_is_told_in_a_sentence(lab, client):
    job = lab.run(SETS)
    with without_triggers(connection):
        AuditEntry.objects.filter(stream=job.stream, seq=2).update(body="{}")
    page = client.post("/audit/verify/").content.decode()
    assert "2 things are wrong." in page
    assert "Entry 2 was changed: its text does not give its hash." in page
    assert f"?stream={job.stream}".replace(":", "%3A") in page


def test_the_log_is_exported_with_the_same_filters(lab, client):
    job = lab.run(FAILS)
    answer = client.post("/audit/export/", {"format": "csv", "action": ["job.failed", "job.created"]})
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert answer["Content-Disposition"].startswith('attachment; filename="audit-')
    assert len(lines) == 3
    assert f"Job #{job.pk}" in lines[1]
    entry = AuditEntry.objects.get(action=Action.AUDIT_EXPORTED)
    assert json.loads(entry.body)["data"]["filters"] == {"action": ["job.failed", "job.created"]}


def test_json_lines_are_always_whole_and_other_forms_are_refused(lab, client):
    lab.run(SETS)
    lines = b"".join(client.post("/audit/export/", {"format": "jsonl"}).streaming_content).splitlines()
    assert json.loads(lines[-1])["record"] == "end"
    assert client.post("/audit/export/", {"format": "jsonl", "actor": "user:a"}).status_code == 422
    assert client.post("/audit/export/", {"format": "pdf"}).status_code == 422
    assert client.post("/audit/export/", {"format": "csv", "created_after": "x"}).status_code == 422
    assert client.get("/audit/export/").status_code == 405


def test_who_may_not_is_told_whom_to_ask(lab):
    client = Client()
    client.force_login(make_member(Role.BUILDER, workspace=lab.actor.workspace).user)
    page = client.get("/audit/")
    assert page.status_code == 403
    assert "this takes the role admin or the role auditor. Ask an admin" in page.content.decode()
    assert 'href="/audit/"' not in page.content.decode()


def test_a_page_costs_the_same_however_long_the_log_is(lab, client, django_assert_num_queries):
    lab.run(SETS)
    with django_assert_num_queries(3 + 2):  # the session; the entries, the people to choose from
        shown(client)
    for _ in range(15):
        lab.run(SETS)
    with django_assert_num_queries(3 + 2) as captured:
        page = shown(client)
    assert page.count("<summary data-row>") == 50
    assert 'rel="next"' in page
    assert not [query for query in captured if '"body", "' in query["sql"]]
    entry = AuditEntry.objects.filter(workspace=lab.actor.workspace).latest("pk")
    with django_assert_num_queries(3 + 2):  # the entry, the one before it
        client.get(f"/audit/{entry.pk}/?part=1")


def test_pages_lead_on_and_back(lab, client):
    for _ in range(15):
        lab.run(SETS)
    first = client.get("/audit/")
    second = client.get("/audit/", {"cursor": first.context["page"].next})
    ids = [entry.id for answer in (first, second) for entry in answer.context["entries"]]
    assert ids == sorted(ids, reverse=True)
    assert len(set(ids)) == len(ids)
