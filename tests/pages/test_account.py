"""A person's page, and what is asked of a name, an address and a time zone."""

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from tests.factories import make_member, make_user
from workspaces.models import Role

pytestmark = pytest.mark.django_db
GIVEN = {"first_name": "Ada", "last_name": "L.", "email": "ada@example.com", "time_zone": "Europe/Berlin"}


@pytest.fixture
def person():
    return make_member(Role.VIEWER, user=make_user("ada", email="old@example.com")).user


@pytest.fixture
def client(person):
    client = Client()
    client.force_login(person)
    return client


def test_a_person_changes_themselves_and_an_earlier_address_stops_to_count(client, person):
    EmailAddress.objects.create(user=person, email="old@example.com", verified=True, primary=True)
    assert client.post("/account/", GIVEN)["Location"] == "/account/"
    person.refresh_from_db()
    assert {name: getattr(person, name) for name in GIVEN} == GIVEN
    assert not EmailAddress.objects.exists()
    assert "Saved." in client.get("/account/").content.decode()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("email", "not an address", "Expected an e-mail address"),
        ("email", "GRACE@example.com", "Somebody else here uses this address"),
        ("time_zone", "Mars/Base", "Select a valid choice"),
        ("first_name", "x" * 151, "at most 150 characters"),
    ],
)
def test_what_does_not_fit_is_told_at_its_field(client, person, field, value, words):
    make_user("grace", email="grace@example.com")
    answer = client.post("/account/", {**GIVEN, field: value})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page
    assert f'id="id_{field}_error"' in page
    person.refresh_from_db()
    assert person.email == "old@example.com"


def test_a_zone_that_this_machine_does_not_know_counts_as_utc(client, person):
    person.time_zone = "no zone of this world"
    person.save()
    assert client.get("/").status_code == 200
