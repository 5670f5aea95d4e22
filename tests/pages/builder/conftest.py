"""A builder, and the draft in front of them."""

import pytest

from tests.engine.lab import Lab
from tests.pages.builder.support import FLOW
from tests.pages.flows import client_of
from workflows import services


@pytest.fixture
def lab():
    return Lab()


@pytest.fixture
def client(lab):
    return client_of(lab)


@pytest.fixture
def flow(lab):
    workspace = lab.actor.workspace
    return services.create_workflow(actor=lab.actor, workspace=workspace, slug="flow", definition=FLOW)
