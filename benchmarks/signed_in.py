"""The process that `benchmarks.people` starts: COUNT [ADDRESS…]. Makes people with open sessions, and counts queries.

Prints one line of JSON: the cookie of each, and for each address how many queries a request of the first of them makes,
which is one that htmx sends: with the revision that the address itself gave just before, if it gave one.
"""

import json
import re
import sys

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from benchmarks.installation import WORKSPACE  # noqa: E402
from workspaces.models import Membership, Role, User, Workspace  # noqa: E402


def main(count: int, addresses: list[str]) -> None:
    """Make, count, print."""
    clients = [_signed_in(user) for user in _operators(count)]
    queries = {address: _queries(clients[0], address) for address in addresses}
    name = settings.SESSION_COOKIE_NAME
    cookies = [f"{name}={client.cookies[name].value}" for client in clients]
    print(json.dumps({"cookies": cookies, "queries": queries}))


def _operators(count: int) -> list[User]:
    workspace = Workspace.objects.get(slug=WORKSPACE)
    have = User.objects.count()
    users = User.objects.bulk_create(
        [User(username=f"person{have + number}", password="!") for number in range(count)]
    )
    Membership.objects.bulk_create(
        [Membership(workspace=workspace, user=user, role=Role.OPERATOR) for user in users]
    )
    return users


def _signed_in(user: User) -> Client:
    client = Client(SERVER_NAME="127.0.0.1", headers={"hx-request": "true"})
    client.force_login(user)
    return client


def _queries(client: Client, address: str) -> int:
    found = re.search(r"[?;&]revision=([0-9a-f]+)", client.get(address).content.decode())
    with CaptureQueriesContext(connection) as asked:
        client.get(address, {"revision": found[1]} if found else {})
    return len(asked)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
