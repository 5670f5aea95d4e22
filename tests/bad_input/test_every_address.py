"""What no address of the API may be talked into, tried at every one of them.

What single addresses refuse is tested beside them: tests/api/test_platform_auth.py (tokens), test_platform_bodies.py
(JSON), test_platform_lists.py (cursors, pages), test_jobs_*.py and test_files.py, tests/workspaces/test_idempotency.py
(keys, races), tests/workflows/test_api_*.py (drafts, If-Match).
"""

import gzip
from typing import Any

import pytest

from common import clock
from tests.bad_input.addresses import OPERATIONS, READING, WRITING, Operation, at, by_collection
from tests.bad_input.asking import answered, nothing_is_made, refused, soon
from tests.bad_input.world import World
from tests.factories import ApiClient, make_token
from workspaces.models import Role, Token

each_operation = by_collection(OPERATIONS)
each_member = by_collection([each for each in OPERATIONS if "{" in each.path])
each_reading = by_collection(READING)
each_writing = by_collection(WRITING)
each_json = by_collection([each for each in WRITING if "application/json" in each.media_types])


def call(api: ApiClient, operation: Operation, path: str, body: Any = b"", **headers: str) -> Any:
    kind = headers.pop("content_type", "application/json")
    return api.generic(operation.method, path, body, content_type=kind, headers=headers)


def waits_not(path: str, but: str = "") -> str:
    """What makes the one address that waits answer at once, unless that very parameter is tried."""
    return "&timeout=0" if path.endswith("/wait/") and but != "timeout" else ""


@each_operation
def test_only_a_valid_token_gets_in(world: World, operations: list[Operation]) -> None:
    for operation in operations:
        with at(operation):
            path = world.path_of(operation.path)
            expired, expired_key = make_token(Role.ADMIN, workspace=world.actor.workspace)
            revoked, revoked_key = make_token(Role.ADMIN, workspace=world.actor.workspace)
            Token.objects.filter(pk=expired.pk).update(expiry=clock.now())
            Token.objects.filter(pk=revoked.pk).update(revoked_at=clock.now())
            with nothing_is_made():
                for header in (
                    "", "Token", f"token={world.key}", f"Token {world.key} {world.key}", f"Token {world.key},Token {world.key}",
                    f"Bearer {world.key}", f"Token {world.key[:-1]}", f"Token {expired_key}", f"Token {revoked_key}", "Token \xff",
                ):  # fmt: skip
                    refused(call(ApiClient(), operation, path, Authorization=header), 401)
                refused(call(ApiClient(), operation, f"{path}?token={world.key}"), 401)
                refused(call(ApiClient(), operation, f"{path}?Authorization=Token%20{world.key}"), 401)


@each_member
def test_what_belongs_to_others_is_not_there(world: World, operations: list[Operation]) -> None:
    for operation in operations:
        with at(operation):
            _, stranger = make_token(Role.ADMIN)
            body = "{}" if "application/json" in operation.media_types else ""
            with nothing_is_made():
                answer = call(
                    ApiClient(stranger), operation, world.path_of(operation.path), body, **{"If-Match": "*"}
                )
                refused(answer, 404)


BODIES: list[tuple[str, bytes]] = [
    ("nothing", b""),
    ("no JSON", b"{"),
    ("a list", b"[]"),
    ("null", b"null"),
    ("a text", b'"x"'),
    ("two objects", b"{}{}"),
    ("a key twice", b'{"inputs": 1, "inputs": 2}'),
    ("NaN", b'{"x": NaN}'),
    ("1e400", b'{"x": 1e400}'),
    ("an integer past 64 bits", b'{"x": 18446744073709551617}'),
    ("5,000 digits", b'{"x": ' + b"9" * 5000 + b"}"),
    ("10,000 deep", b'{"x": ' + b"[" * 10_000 + b"]" * 10_000 + b"}"),
    ("NUL", b'{"x": "\\u0000", "\\u0000": 1}'),
    ("a lone surrogate", b'{"x": "\\ud800", "\\udfff": 1}'),
    ("no UTF-8", b'{"x": "\xff"}'),
    ("UTF-16", '{"x": 1}'.encode("utf-16")),
    ("a prototype", b'{"__proto__": {"role": "admin"}, "constructor": {}, "__class__": "x"}'),
    ("10,000 names", b"{" + b",".join(b'"k%d": 1' % n for n in range(10_000)) + b"}"),
    ("a mebibyte in a name", b'{"' + b"k" * (1 << 20) + b'": 1}'),
    ("ten mebibytes and one", b'{"x": "' + b"x" * (10 << 20) + b'"}'),
    ("a form", b"workflow=sums&inputs=1"),
    ("gzip", gzip.compress(b" " * 1_000_000, mtime=0)),
]
"""None of them is a request that any address takes."""
_MAY_BE_EMPTY = ("/preview/", "activate/", "/approve/", "/withdraw/", "/archive/", "/restore/", "/cancel/", "/resume/", "/rerun/")  # fmt: skip


@each_json
def test_a_body_that_is_not_the_object_asked_for_is_refused(
    world: World, api: ApiClient, operations: list[Operation]
) -> None:
    for operation in operations:
        with at(operation):
            path = world.path_of(operation.path)
            for name, body in BODIES:
                if name == "nothing" and (operation.method == "PATCH" or path.endswith(_MAY_BE_EMPTY)):
                    continue  # changes nothing, or all that it takes
                with nothing_is_made(), soon():
                    refused(call(api, operation, path, body, **{"If-Match": "*"}), 400, 413, 422)


@each_writing
def test_a_body_of_another_kind_than_the_header_says_is_refused(
    world: World, api: ApiClient, operations: list[Operation]
) -> None:
    for operation in operations:
        with at(operation):
            path = world.path_of(operation.path)
            form = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n{}\r\n--x--\r\n'
            for kind in (
                "multipart/form-data; boundary=x",
                "application/x-www-form-urlencoded",
                "text/plain",
                "a/b/c",
                ";",
                "\xff",
            ):
                if kind.split(";")[0] in operation.media_types or not operation.media_types:
                    continue
                with nothing_is_made():
                    refused(call(api, operation, path, form, content_type=kind, **{"If-Match": "*"}), 415)
            for body, kind in ((form, "application/json"), (b"{}", "multipart/form-data; boundary=x")):
                if operation.media_types:
                    with nothing_is_made():
                        answer = call(api, operation, path, body, content_type=kind, **{"If-Match": "*"})
                        refused(answer, 400, 415, 422)


FORBIDDEN = (
    "id", "pk", "uid", "workspace", "workspace_id", "status", "state", "draft", "active_version", "created_by",
    "created_at", "started_at", "finished_at", "owner", "fence", "head", "head_seq", "digest", "manifest", "key",
    "is_superuser", "is_staff", "password", "permissions", "priority_", "source", "parent", "root", "kind", "outputs", "error",
)  # fmt: skip


@each_json
def test_no_field_is_taken_that_the_address_does_not_name(
    world: World, api: ApiClient, operations: list[Operation]
) -> None:
    for operation in operations:
        with at(operation):
            if operation.path.endswith("/import/"):
                continue  # takes whole definitions: tests/bad_input/test_definitions.py
            path = world.path_of(operation.path)
            for name in FORBIDDEN:
                if name in operation.fields:
                    continue
                with nothing_is_made():
                    body = refused(call(api, operation, path, f'{{"{name}": 1}}', **{"If-Match": "*"}), 422)
                assert (name, "unknown") in [(each["path"], each["code"]) for each in body["errors"]]


NASTY = [
    "", " ", "%00", "%ff%fe", "%ed%a0%80", "-1", "0", "1e9", "NaN", "٣", "9" * 19, "9" * 5000, "null", "true",
    "'%20OR%201=1--", "%25_%5C", "__", "..%2f..%2fetc", "%3Cscript%3E", "0001-01-01T00:00:00%2B14:00",
    "9999-12-31T23:59:59-14:00", "2026-01-01T00:00:00-16:52", "2026-02-30", "2026-01-01T25:00Z", "%F0%9F%99%82" * 50, "x" * 4000, "%0d%0aX:%20y",
]  # fmt: skip
"""Values for anything that stands in an address."""


@each_reading
def test_any_value_of_a_query_parameter_is_answered(
    world: World, api: ApiClient, operations: list[Operation]
) -> None:
    for operation in operations:
        with at(operation):
            path = world.path_of(operation.path)
            for name in sorted(operation.query):
                for value in NASTY:
                    if name == "timeout" and not value:
                        continue  # not given: it waits for half a minute
                    with soon():
                        answered(call(api, operation, f"{path}?{name}={value}{waits_not(path, name)}"))
                answered(
                    call(api, operation, f"{path}?{name}=1&{name}=2&{name}=failed{waits_not(path, name)}")
                )


@each_operation
def test_a_query_parameter_that_nobody_reads_is_refused(
    world: World, api: ApiClient, operations: list[Operation]
) -> None:
    for operation in operations:
        with at(operation):
            path = world.path_of(operation.path)
            for name in (
                "workspace",
                "limit",
                "page",
                "user__password__startswith",
                "id__gt",
                "_method",
                "%00",
                "format_",
                "x" * 500,
            ):
                with nothing_is_made():
                    body = refused(call(api, operation, f"{path}?{name}=1"), 422)
                assert [each["code"] for each in body["errors"]] == ["unknown"]


@each_member
def test_any_value_in_a_path_is_answered(world: World, api: ApiClient, operations: list[Operation]) -> None:
    for operation in operations:
        with at(operation):
            first, _, rest = operation.path.partition("{")
            after = rest.partition("}")[2]
            for (_, name), there in world.there.items():
                after = after.replace(f"{{{name}}}", there[0])
            for value in NASTY:
                with nothing_is_made(), soon():
                    refused(call(api, operation, f"{first}{value}{after}"), 404, 405, 415, 422)


@each_operation
def test_no_header_changes_who_calls_or_what_is_called(
    world: World, api: ApiClient, operations: list[Operation]
) -> None:
    for operation in operations:
        with at(operation):
            path = world.path_of(operation.path)
            for headers in (
                {"Content-Encoding": "gzip"}, {"Content-Encoding": "br, gzip"}, {"X-HTTP-Method-Override": "DELETE"},
                {"Origin": "null"}, {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "Forwarded": "host=evil.example"},
                {"Accept": "text/html;q=x, \xff"}, {"Accept-Language": "x" * 5000}, {"Range": "bytes=-1"}, {"If-None-Match": "\xff"},
                {"If-Match": "\"" + "9" * 400}, {"Idempotency-Key": ""}, {"Idempotency-Key": "k" * 256}, {"Idempotency-Key": "a\x00b"},
                {"Cookie": "sessionid=x; sessionid=\xff; csrftoken="}, {"X-Request-ID": "\r\nX: y"}, {"Expect": "100-continue"},
            ):  # fmt: skip
                answer = call(api, operation, f"{path}?{waits_not(path)}", **headers)
                answered(answer)
                assert "evil.example" not in str(answer.headers) + (
                    answer.content.decode() if not answer.streaming else ""
                )
                assert not [name for name in answer.headers if name.lower().startswith("access-control")]


@each_operation
def test_another_host_is_refused(
    world: World, api: ApiClient, operations: list[Operation], settings: Any
) -> None:
    for operation in operations:
        with at(operation):
            settings.ALLOWED_HOSTS = ["testserver"]
            for host in (
                "evil.example",
                "testserver:x",
                "testserver@evil.example",
                "a b",
                "[::1",
                "",
                "x" * 5000,
                "t\xeastserver",
            ):
                with nothing_is_made():
                    refused(call(api, operation, world.path_of(operation.path), Host=host), 400, 401, 404)


@pytest.mark.parametrize("path", sorted({each.path for each in OPERATIONS}))
def test_no_other_method_does_anything(world: World, api: ApiClient, path: str) -> None:
    there = world.path_of(path)
    for method in (
        "GET",
        "POST",
        "PUT",
        "PATCH",
        "DELETE",
        "OPTIONS",
        "TRACE",
        "CONNECT",
        "PROPFIND",
        "X" * 100,
    ):
        if method in {each.method for each in OPERATIONS if each.path == path}:
            continue
        with nothing_is_made():
            answer = api.generic(method, there, b"{}", content_type="application/json")
            assert "Allow" in answer
            refused(answer, 405)


@each_writing
def test_a_length_that_lies_is_no_failure(world: World, api: ApiClient, operations: list[Operation]) -> None:
    for operation in operations:
        with at(operation):
            path = world.path_of(operation.path)
            for length in ("abc", "1e3", "-1", "0x2", "2"):
                for kind in sorted(operation.media_types) or ["application/json"]:
                    answered(
                        api.generic(operation.method, path, b"{}", content_type=kind, CONTENT_LENGTH=length)
                    )
