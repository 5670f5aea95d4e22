"""The API over one kept connection, as thin as the standard library allows: it shares the machine with the server."""

import http.client
import json
from types import TracebackType
from typing import Any, Self

from benchmarks.workloads import Definition


class ApiError(Exception):
    """An answer that is an error."""


class Api:
    """One connection with a token. Not for several threads."""

    def __init__(self, *, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=90)
        self._headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def get(self, path: str) -> Any:
        """GET; a path that does not begin with `/` is below `/api/v1/`. Raises `ApiError`, `OSError`."""
        return self._call("GET", path, None)

    def post(self, path: str, body: Any) -> Any:
        """POST JSON. Raises like `get`."""
        return self._call("POST", path, json.dumps(body).encode())

    def start(self, workflow: str, inputs: dict[str, Any] | None = None) -> int:
        """Start a job; gives its id."""
        return int(self.post("jobs/", {"workflow": workflow, "inputs": inputs or {}})["id"])

    def activate(self, definition: Definition) -> str:
        """Make the workflow and activate it; gives its slug."""
        slug = str(definition["name"])
        self.post("workflows/", {"slug": slug, "definition": definition})
        self.post(f"workflows/{slug}/activate/", {})
        return slug

    def _call(self, method: str, path: str, body: bytes | None) -> Any:
        whole = path if path.startswith("/") else f"/api/v1/{path}"
        try:
            self._connection.request(method, whole, body, self._headers)
            answer = self._connection.getresponse()
            content = answer.read()
        except http.client.HTTPException as error:
            self._connection.close()
            raise OSError(f"{method} {whole}: {error!r}") from error
        if answer.status >= 400:
            raise ApiError(f"{method} {whole} answered {answer.status}: {content[:500]!r}")
        return json.loads(content) if content else None
