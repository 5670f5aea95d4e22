"""Requests, definitions and expressions that make no sense, thousands of them."""

import json
import re
from collections import Counter, deque
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import yaml
from django.test import Client

from benchmarks.faults import workloads
from benchmarks.faults.chaos import Chaos
from benchmarks.faults.rig import Rig
from benchmarks.scratch import ROOT
from common.clock import monotonic
from jobs.demo.samples import WORKFLOWS, definition_text
from workspaces.models import Role
from workspaces.services import create_token

SLOW = 2.0
_MEDIA = ("application/json",) * 8 + ("text/plain", "multipart/form-data; boundary=x", "application/xml", "")


@dataclass(frozen=True, kw_only=True)
class Operation:
    """A method and a path of the API's document, and the names of its query parameters."""

    method: str
    path: str
    query: tuple[str, ...]


def requests(rig: Rig) -> None:
    """F17: in this process; a request that never ends is ended by the run's own bound."""
    chaos = Chaos(rig.chance)
    client = _client(rig)
    workloads.quick(rig)
    good = [yaml.safe_load(definition_text(slug)) for slug in WORKFLOWS]
    operations = _operations()
    statuses: Counter[int] = Counter()
    slowest = 0.0
    for number in range(rig.scale(10_000, 200)):
        if rig.chance.random() < 0.4:
            call = _definition(chaos, good[number % len(good)], number)
        else:
            call = _operation(chaos, rig.chance.choice(operations))
        start = monotonic()
        status = _send(client, call)
        took = monotonic() - start
        statuses[status] += 1
        rig.expect(status < 500, f"{status} for {_short(call)}")
        if "/wait/" not in call["path"]:  # it is there to wait
            slowest = max(slowest, took)
            rig.expect(rig.in_time(took, SLOW), f"{took:.1f} s for {_short(call)}")
    rig.measured |= {"requests": statuses.total(), "slowest_s": round(slowest, 2)}
    rig.measured |= {str(status): count for status, count in sorted(statuses.items())}
    rig.cluster()  # some of it started jobs
    rig.finish(within=120)


def _client(rig: Rig) -> Client:
    _, key = create_token(
        user=rig.actor.user,
        workspace=rig.actor.workspace,
        role=Role.ADMIN,
        name="fuzz",
        expiry=None,
        actor=None,
    )
    return Client(
        raise_request_exception=False, SERVER_NAME="127.0.0.1", headers={"Authorization": f"Token {key}"}
    )


def _operations() -> list[Operation]:
    document = yaml.safe_load((ROOT / "docs" / "openapi.yaml").read_text())
    return [
        Operation(
            method=method.upper(),
            path=path,
            query=tuple(each["name"] for each in told.get("parameters", ()) if each.get("in") == "query"),
        )
        for path, methods in document["paths"].items()
        for method, told in methods.items()
        if (method, path) != ("delete", "/api/v1/tokens/{id}/")
    ]


def _operation(chaos: Chaos, operation: Operation) -> dict[str, Any]:
    chance = chaos.chance
    known = ("1", "quick", "edited", "0", "-1", str(2**64), "a" * 300)
    path = re.sub(
        r"\{\w+\}",
        lambda _: quote(
            (chance.choice(known) if chance.random() < 0.7 else chaos.text()).encode("utf-8", "replace"),
            safe="",
        )[:500],
        operation.path,
    )
    names = [name for name in operation.query if chance.random() < 0.4]
    values = {name: str(chaos.value())[:2_000].encode("utf-8", "replace") for name in names}
    query = "&".join(f"{name}={quote(value)}" for name, value in values.items())
    method = (
        operation.method if chance.random() < 0.95 else chance.choice(("PUT", "TRACE", "OPTIONS", "HEAD"))
    )
    return {
        "method": method,
        "path": path + (f"?{query}" if query else ""),
        "body": chaos.body() if method in ("POST", "PATCH", "PUT") else b"",
        "media_type": chance.choice(_MEDIA),
        "key": chaos.text() if chance.random() < 0.1 else "",
    }


def _definition(chaos: Chaos, good: dict[str, Any], number: int) -> dict[str, Any]:
    broken = chaos.definition(good)
    slug = f"fuzz-{number}" if chaos.chance.random() < 0.3 else "quick"
    body = {"slug": slug, "definition": broken} if slug != "quick" else {"definition": broken}
    return {
        "method": "POST" if slug != "quick" else "PATCH",
        "path": "/api/v1/workflows/" + ("" if slug != "quick" else "quick/"),
        "body": json.dumps(body).encode(),
        "media_type": "application/json",
        "key": "",
    }


def _send(client: Client, call: dict[str, Any]) -> int:
    headers = {"If-Match": "*"}
    if call["key"]:
        headers["Idempotency-Key"] = call["key"].encode("latin-1", "replace").decode("latin-1")
    answer = client.generic(
        call["method"], call["path"], call["body"], content_type=call["media_type"], headers=headers
    )
    deque(answer, maxlen=0)  # a streamed answer is made only as it is read
    answer.close()
    return int(answer.status_code)


def _short(call: dict[str, Any]) -> str:
    return f"{call['method']} {call['path'][:200]} {call['media_type']} {call['body'][:1_500]!r}"
