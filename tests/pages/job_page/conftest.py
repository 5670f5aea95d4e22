"""A workspace with a worker, and somebody who looks at its jobs."""

import pytest
from django.test import Client

from tests.engine.lab import Lab
from tests.factories import make_member
from workspaces.models import Role


@pytest.fixture
def lab():
    return Lab()


@pytest.fixture
def client_of(lab):
    def sign_in(role=Role.OPERATOR, **grant):
        client = Client()
        client.force_login(make_member(role, workspace=lab.actor.workspace, **grant).user)
        return client

    return sign_in


@pytest.fixture
def client(client_of):
    return client_of()
