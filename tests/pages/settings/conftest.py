"""An admin, their browser, and a viewer beside them."""

import pytest

from tests.factories import make_actor, make_member, make_user
from tests.pages.settings.support import signed_in
from workspaces.models import Role


@pytest.fixture
def admin():
    return make_actor(Role.ADMIN, user=make_user("ada", first_name="Ada", last_name="Lovelace"))


@pytest.fixture
def client(admin):
    return signed_in(admin.user)


@pytest.fixture
def viewer(admin):
    return make_member(Role.VIEWER, workspace=admin.workspace)
