"""A prepared query gives what Django's own gives, whatever is asked of it next."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import BigIntegerField, CharField, DateTimeField

from common import clock
from common.prepared import Given, Prepared
from jobs.models import Job
from tests.factories import make_member
from workspaces.models import Membership, User

pytestmark = pytest.mark.django_db


def test_rows_are_what_the_query_itself_gives_each_time(django_assert_num_queries):
    members = [make_member(), make_member()]
    user = Given("user", BigIntegerField())
    prepared = Prepared(lambda: Membership.objects.filter(user=user).select_related("workspace"))
    for member in (*members, members[0]):
        with django_assert_num_queries(1):
            (row,) = prepared.rows(user=member.user_id)
            found = row.workspace.slug
        assert (row, found) == (member, member.workspace.slug)
        assert row.joined_at == Membership.objects.get(pk=member.pk).joined_at
    assert prepared.rows(user=0) == []


def test_its_sql_is_made_once():
    asked = []

    def make():
        asked.append(1)
        return User.objects.filter(pk=Given("pk", BigIntegerField()))

    prepared = Prepared(make)
    member = make_member()
    for _ in range(3):
        prepared.rows(pk=member.user_id)
    assert asked == [1]


def test_values_are_bound_as_their_field_stores_them():
    now = clock.now()
    for key, expires in (("old", now - timedelta(seconds=1)), ("new", now + timedelta(seconds=1))):
        Session.objects.create(session_key=key, session_data="x", expire_date=expires)
    later = Given("now", DateTimeField())
    prepared = Prepared(lambda: Session.objects.filter(expire_date__gt=later).values_list("session_key"))
    assert prepared.rows(now=now) == [("new",)]
    by_key = Prepared(lambda: Session.objects.filter(session_key=Given("key", CharField())))
    for text in ("' OR 1=1 --", "%s", "new\x01"):
        assert by_key.rows(key=text) == []


def test_what_no_column_holds_finds_nothing_and_breaks_nothing(django_assert_num_queries):
    member = make_member()
    by_pk = Prepared(lambda: User.objects.filter(pk=Given("pk", BigIntegerField())))
    by_key = Prepared(lambda: Session.objects.filter(session_key=Given("key", CharField())))
    with django_assert_num_queries(0):
        for number in (2**63, -(2**63) - 1, 10**30):
            assert by_pk.rows(pk=number) == []
        assert by_key.rows(key="\0aaaaaaaa") == []
    assert by_pk.rows(pk=2**63 - 1) == []
    assert by_pk.rows(pk=member.user_id) == [member.user]


def test_a_value_that_is_missing_is_a_mistake_and_not_the_one_before():
    prepared = Prepared(lambda: Job.objects.filter(pk=Given("pk", BigIntegerField())))
    prepared.rows(pk=1)
    with pytest.raises(KeyError):
        prepared.rows()


@pytest.mark.django_db(transaction=True)
def test_it_outlives_its_connection():
    member = make_member()
    prepared = Prepared(lambda: User.objects.filter(pk=Given("pk", BigIntegerField())))
    for _ in range(2):
        assert prepared.rows(pk=member.user_id) == [member.user]
        connection.close()
