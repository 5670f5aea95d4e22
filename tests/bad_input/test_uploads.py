"""Forms that are broken, at both addresses that take one: refused, and nothing of them stays.

Names, sizes, cut-off forms, media types and rights are in tests/api/test_files.py; what a step makes of bad content is
in test_steps.py beside this.
"""

from pathlib import Path

import pytest

from jobs.storage import blobs
from tests.bad_input.asking import answered, nothing_is_made, refused, soon
from tests.bad_input.world import World
from tests.factories import ApiClient

B = b"x"


def part(head: bytes, content: bytes = b"a,b\n", boundary: bytes = B) -> bytes:
    return b"--" + boundary + b"\r\n" + head + b"\r\n\r\n" + content + b"\r\n"


def form(*parts: bytes, end: bytes = b"--x--\r\n") -> bytes:
    return b"".join(parts) + end


NAMED = b'Content-Disposition: form-data; name="file"; filename="a.csv"'
FORMS: dict[str, bytes] = {
    "nothing": b"",
    "only an end": b"--x--\r\n",
    "only a beginning": b"--x\r\n",
    "no end": form(part(NAMED), end=b""),
    "another boundary": form(part(NAMED, boundary=b"y"), end=b"--y--\r\n"),
    "no name": form(part(b'Content-Disposition: form-data; filename="a.csv"')),
    "another name": form(part(b'Content-Disposition: form-data; name="path"; filename="/etc/passwd"')),
    "a path instead of a file": form(part(b'Content-Disposition: form-data; name="file"', b"/etc/passwd")),
    "a path beside the file": form(part(NAMED), part(b'Content-Disposition: form-data; name="filepath"', b"/etc/passwd")),
    "an id beside the file": form(part(NAMED), part(b'Content-Disposition: form-data; name="id"', b"file_1")),
    "the file twice": form(part(NAMED), part(NAMED)),
    "no header": b"--x\r\n\r\na\r\n--x--\r\n",
    "a header without end": b"--x\r\n" + b"X" * 100_000,
    "a long header": form(part(NAMED + b"\r\nX: " + b"y" * 100_000)),
    "1,000 headers": form(part(NAMED + b"".join(b"\r\nX-%d: y" % n for n in range(1000)))),
    "a disposition that is none": form(part(b"Content-Disposition: ;;;===")),
    "quotes that never end": form(part(b'Content-Disposition: form-data; name="file; filename="a')),
    "a name in an unknown charset": form(part(b"Content-Disposition: form-data; name=\"file\"; filename*=klingon''%ff%00")),
    "a name in half a charset": form(part(b"Content-Disposition: form-data; name=\"file\"; filename*=utf-8'%ff")),
    "a name of control characters": form(part(b'Content-Disposition: form-data; name="fi\x00le"; filename="a"')),
    "base64 that is none": form(part(NAMED + b"\r\nContent-Transfer-Encoding: base64", b"%%%")),
    "base64 of the wrong length": form(part(NAMED + b"\r\nContent-Transfer-Encoding: base64", b"abcde")),
    "quoted-printable": form(part(NAMED + b"\r\nContent-Transfer-Encoding: quoted-printable", b"=ZZ")),
    "a form in the form": form(part(NAMED + b"\r\nContent-Type: multipart/mixed; boundary=y", b"--y\r\n\r\n--y--")),
    "2,000 fields": form(*[part(b'Content-Disposition: form-data; name="f%d"' % n, b"x") for n in range(2000)]),
    "2,000 files": form(*[part(b'Content-Disposition: form-data; name="f%d"; filename="x"' % n, b"x") for n in range(2000)]),
    "a field of 3 MB": form(part(b'Content-Disposition: form-data; name="file"', b"x" * 3_000_000)),
    "a length that lies": form(part(NAMED + b"\r\nContent-Length: 99999999999999999999", b"a,b\n")),
    "a length that is none": form(part(NAMED + b"\r\nContent-Length: abc", b"a,b\n")),
    "NULs": b"\x00" * 10_000,
}  # fmt: skip
KINDS = [
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "multipart/form-data; boundary=" + "x" * 300,
    'multipart/form-data; boundary="a b\x01"',
    "multipart/form-data; boundary=\xff",
    "multipart/mixed; boundary=x",
    "application/json; boundary=x",
]
LEGIBLE = {
    "a length that lies",
    "a length that is none",
    "quoted-printable",
    "a form in the form",
    "a name in half a charset",
    "a long header",
    "1,000 headers",
}
"""Forms that have one file named `file` all the same."""
ADDRESSES = ["/files/", "/workflows/import/"]


def post(api: ApiClient, path: str, body: bytes, kind: str = "multipart/form-data; boundary=x") -> object:
    return api.generic("POST", path, body, content_type=kind)


def stored() -> set[Path]:
    return set(blobs.stored_blobs())


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize("name", FORMS)
def test_a_broken_form_leaves_nothing(world: World, api: ApiClient, path: str, name: str) -> None:
    before = stored()
    if name in LEGIBLE:
        with soon():
            answered(post(api, path, FORMS[name]))
    else:
        with nothing_is_made(), soon():
            refused(post(api, path, FORMS[name]), 400, 413, 422)
        assert stored() == before
    assert not list(blobs.storage_root().glob(f"{blobs.TEMPORARY_PREFIX}*"))


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_header_that_names_no_boundary_is_refused(
    world: World, api: ApiClient, path: str, kind: str
) -> None:
    before = stored()
    with nothing_is_made():
        refused(post(api, path, form(part(NAMED)), kind), 400, 415, 422)
    assert stored() == before
