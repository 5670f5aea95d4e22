"""`Idempotency-Key`, at `POST /members/` and `POST /tokens/`: created once, whatever happens."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections

from common import clock
from tests.api.test_platform_auth import refused
from tests.factories import ApiClient, make_api, make_token, make_user
from workspaces.idempotency import purge_expired
from workspaces.models import IdempotencyKey, Membership, Token


@pytest.fixture
def api(db):
    return make_api("admin")


def add(api, user, role="viewer", key="k1"):
    return api.post("/members/", {"user": user.username, "role": role}, headers={"Idempotency-Key": key})


def test_the_same_request_gives_the_first_answer_again(api):
    user = make_user()
    first, second = add(api, user), add(api, user)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert "Idempotent-Replayed" not in first
    assert second["Idempotent-Replayed"] == "true"
    assert Membership.objects.filter(user=user).count() == 1


def test_spaces_and_the_order_of_members_do_not_matter(api):
    user = make_user()
    headers = {"Idempotency-Key": "k"}
    first = api.post("/members/", f'{{"user": "{user.username}", "role": "viewer"}}', headers=headers)
    second = api.post("/members/", f'{{ "role":"viewer","user":"{user.username}"}}', headers=headers)
    assert (first.status_code, second.status_code) == (201, 201)
    assert second["Idempotent-Replayed"] == "true"


def test_another_body_or_address_under_the_key_is_a_conflict(api):
    add(api, make_user())
    refused(add(api, make_user()), 409, "idempotency_conflict")
    answer = api.post("/tokens/", {"name": "n", "role": "viewer"}, headers={"Idempotency-Key": "k1"})
    refused(answer, 409, "idempotency_conflict")
    assert Token.objects.count() == 1


def test_the_key_belongs_to_its_user_and_workspace(api):
    user = make_user()
    assert add(api, user).status_code == 201
    _, key = make_token("admin", workspace=api.token.workspace)
    refused(add(ApiClient(key), user), 409, "member_already")
    _, key = make_token("admin", user=api.token.user)
    assert "Idempotent-Replayed" not in add(ApiClient(key), user)
    _, key = make_token("admin", user=api.token.user, workspace=api.token.workspace)
    assert add(ApiClient(key), user)["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb", "ä\x7f"])
def test_a_bad_key_is_refused(api, key):
    refused(add(api, make_user(), key=key), 422, "invalid")
    assert Membership.objects.count() == 1


def test_255_characters_are_a_key(api):
    assert add(api, make_user(), key="x" * 255).status_code == 201


def test_nothing_is_kept_of_what_was_refused(api):
    user = make_user()
    refused(add(api, user, role="owner"), 422, "invalid")
    assert add(api, user, role="viewer").status_code == 201
    refused(add(api, user, key="k2"), 409, "member_already")
    Membership.objects.filter(user=user).delete()
    assert add(api, user, key="k2").status_code == 201


def test_after_a_day_the_key_is_free_again(api):
    user = make_user()
    add(api, user)
    IdempotencyKey.objects.update(created_at=clock.now() - timedelta(hours=24, seconds=1))
    refused(add(api, user), 409, "member_already")
    other = make_user()
    assert add(api, other).status_code == 201


def test_the_sweep_forgets_old_keys(api):
    add(api, make_user())
    add(api, make_user(), key="k2")
    IdempotencyKey.objects.filter(key="k2").update(created_at=clock.now() - timedelta(hours=25))
    assert purge_expired() == 1
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["k1"]


def test_a_key_of_a_token_is_never_stored(api):
    headers = {"Idempotency-Key": "k"}
    first = api.post("/tokens/", {"name": "n", "role": "viewer"}, headers=headers).json()
    second = api.post("/tokens/", {"name": "n", "role": "viewer"}, headers=headers).json()
    assert first["key"]
    assert second == {**first, "key": None}
    assert first["key"] not in IdempotencyKey.objects.get().answer


def call_together(calls):
    barrier = threading.Barrier(len(calls))

    def run(call):
        barrier.wait()
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.mark.django_db(transaction=True)
def test_of_ten_requests_at_once_exactly_one_creates():
    _, key = make_token("admin")
    answers = call_together(
        [
            lambda: ApiClient(key).post(
                "/tokens/", {"name": "once", "role": "viewer"}, headers={"Idempotency-Key": "race"}
            )
            for _ in range(10)
        ]
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("Idempotent-Replayed" not in answer for answer in answers) == 1
    assert Token.objects.filter(name="once").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_ten_different_requests_under_one_key_exactly_one_creates():
    _, key = make_token("admin")
    answers = call_together(
        [
            lambda name=f"n{number}": ApiClient(key).post(
                "/tokens/", {"name": name, "role": "viewer"}, headers={"Idempotency-Key": "race"}
            )
            for number in range(10)
        ]
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
    assert Token.objects.filter(name__startswith="n").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_crash_in_the_middle_leaves_neither_key_nor_object(monkeypatch):
    _, key = make_token("admin")
    api = ApiClient(key)
    body, headers = {"name": "crash", "role": "viewer"}, {"Idempotency-Key": "k"}

    def crash(*_args, **_kwargs):
        connection.close()
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr("rest_framework.response.Response.__init__", crash)
        with pytest.raises(SystemExit):
            api.post("/tokens/", body, headers=headers)
    assert not IdempotencyKey.objects.exists()
    assert not Token.objects.filter(name="crash").exists()
    assert api.post("/tokens/", body, headers=headers).status_code == 201
