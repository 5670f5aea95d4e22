"""Invitations as admins see them: the link is shown once, mailed if it can be, and taken back."""

import pytest
from django.core import mail
from django.test import Client

from tests.factories import make_invitation
from tests.pages.settings.support import log_of, text
from workspaces.models import Invitation

pytestmark = pytest.mark.django_db


def made_link(client, **given):
    answer = client.post("/settings/invitations/new/", {"role": "operator", "days": "7", **given})
    assert answer.status_code == 201
    return answer, answer.context["link"]


def test_the_link_is_shown_once_on_a_page_that_nobody_keeps(client, admin, settings):
    settings.BASE_URL = "https://workledger.example"
    answer, link = made_link(client)
    token = link.removeprefix("https://workledger.example/join/").removesuffix("/")
    assert answer["Cache-Control"] == "no-store"
    assert answer.content.decode().count(token) == 1
    invitation = Invitation.objects.get()
    for path in ("/settings/invitations/", f"/settings/invitations/{invitation.uid}/", "/settings/"):
        assert token not in text(client, path)
        assert invitation.digest not in text(client, path)
    assert token not in log_of(admin.workspace)


def test_an_invitation_with_an_address_is_mailed(client):
    answer, link = made_link(client, email="grace@example.com")
    assert "was mailed to grace@example.com" in answer.content.decode()
    assert link in mail.outbox[0].body


def test_a_failed_mail_is_told_and_the_invitation_stands(client, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    answer, _ = made_link(client, email="grace@example.com")
    assert "did not take the mail" in answer.content.decode()
    assert Invitation.objects.open().count() == 1


def test_without_a_mail_server_the_admin_passes_the_link_on(client, settings, capsys):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert "No mail server is set up" in text(client, "/settings/invitations/new/")
    answer, link = made_link(client, email="grace@example.com")
    assert "nothing was sent" in answer.content.decode()
    assert link not in "".join(capsys.readouterr())


def test_what_does_not_fit_is_told_at_its_field(client):
    answer = client.post("/settings/invitations/new/", {"role": "viewer", "days": "7", "email": "nowhere"})
    assert answer.status_code == 422
    assert 'id="id_email_error"' in answer.content.decode()
    answer = client.post("/settings/invitations/new/", {"days": "7"})
    assert "Choose a role." in answer.content.decode()
    assert client.post("/settings/invitations/new/", {"role": "viewer", "days": "31"}).status_code == 422


def test_open_invitations_are_listed_and_revoked(client, admin):
    invitation, token = make_invitation(workspace=admin.workspace, email="grace@example.com", note="For May")
    make_invitation(email="stranger@example.com")
    page = text(client, "/settings/invitations/")
    assert "grace@example.com" in page
    assert "For May" in page
    assert "stranger" not in page
    assert client.post(f"/settings/invitations/{invitation.uid}/")["Location"] == "/settings/invitations/"
    assert "No invitation is open" in text(client, "/settings/invitations/")
    assert Client().get(f"/join/{token}/").status_code == 410
    assert client.get(f"/settings/invitations/{invitation.uid}/").status_code == 404
