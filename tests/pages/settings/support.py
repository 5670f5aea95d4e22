"""What the tests of the settings share."""

from django.test import Client

from audit.models import AuditEntry


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def text(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def log_of(workspace):
    return " ".join(AuditEntry.objects.filter(workspace=workspace).values_list("body", flat=True))
