"""What requests about workflows carry besides JSON: revisions in `If-Match`, documents in YAML or in a form."""

import re
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from common.api.bodies import announced_bytes, decode, loads_strictly, malformed, read_bounded
from common.canonical import Json
from common.errors import FieldError, Problem
from workflows.definition.yaml_text import YamlError, load_documents
from workflows.documents import listed_in
from workspaces.api.base import LARGE_BODY

_FORM_ITSELF = 64 << 10
"""Bytes that a form takes beside its file."""
_TAG = re.compile(r'(?:W/)?"?([0-9]{1,9})"?')


def etag(revision: int) -> str:
    """The `ETag` of a draft."""
    return f'"{revision}"'


def revision_to_match(request: Request, *, needed: bool) -> int | None:
    """The revision that `If-Match` names; None for `*`, and without the header where it is not needed.

    `Problem` 428 where it is needed and missing; a text that is no revision matches none.
    """
    given = request.headers.get("If-Match", "").strip()
    if not given:
        if needed:
            raise Problem(
                428,
                "if_match_required",
                "Send the header If-Match with the ETag of the draft that you edited, so that no other edit is lost.",
            )
        return None
    if given == "*":
        return None
    match = _TAG.fullmatch(given)
    return int(match[1]) if match else 0


class YamlParser(BaseParser):
    """A body of one or several YAML documents, as a list."""

    media_type = "application/yaml"

    def parse(  # type: ignore[override]  # the stubs know objects and forms alone
        self,
        stream: IO[Any],
        media_type: str | None = None,  # noqa: ARG002 - REST framework names it
        parser_context: Mapping[str, Any] | None = None,  # noqa: ARG002 - as above
    ) -> list[Json]:
        """The documents. Raises `Problem` 400 `malformed`, 413 `too_large`."""
        return yaml_documents(read_bounded(stream, LARGE_BODY))


def yaml_documents(body: bytes) -> list[Json]:
    """The YAML documents of `body`, which may be JSON too. Raises `Problem` 400 `malformed`."""
    try:
        return load_documents(decode(body))
    except YamlError as error:
        raise malformed(str(error).rstrip(".")) from error


def documents_of(request: Request) -> list[Json]:
    """The documents of an import, however they came: YAML, a JSON object or `{"workflows": […]}`, or a form's file.

    `Problem` 400 `malformed`, 413 `too_large`, 422 where a form has no file or something else.
    """
    if (request.content_type or "").startswith("multipart/"):
        return _in_file(request)
    body = request.data
    if isinstance(body, list):
        return body
    return listed_in(body)


def _in_file(request: Request) -> list[Json]:
    if announced_bytes(request.META) > LARGE_BODY + _FORM_ITSELF:
        # Before the form is read, which would write a file of any size to the disk.
        raise Problem(413, "too_large", f"Expected a file of at most {LARGE_BODY >> 20} MiB.")
    upload = request.FILES.get("file")
    if upload is None:
        message = "expected a YAML or JSON file in the field file, got none"
        wrong = FieldError(path="file", code="required", message=message)
        raise Problem(422, "invalid", "The form has no file.", errors=[wrong])
    unknown = sorted({*request.data} - {"file"})
    if unknown:
        message = f"expected only file, got {unknown[0][:80]!r}"
        wrong = FieldError(path=unknown[0][:80], code="unknown", message=message)
        raise Problem(422, "invalid", "The form has a field that is not known here.", errors=[wrong])
    body = read_bounded(upload, LARGE_BODY)
    if str(upload.name).endswith(".json"):
        return listed_in(loads_strictly(decode(body)))
    return yaml_documents(body)
