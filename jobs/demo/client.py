"""The few API calls that the sample job needs. It is also the shortest example of a program that uses the API."""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from common.canonical import Json


class DemoClient:
    """Speaks to a running server with a token. Raises `httpx.HTTPStatusError` for an answer that is an error."""

    def __init__(self, *, base_url: str, token: str) -> None:
        self._http = httpx.Client(
            base_url=f"{base_url}/api/v1/",
            headers={"Authorization": f"Token {token}"},
            timeout=30,
            trust_env=False,  # a proxy has no business between us and our own machine
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def upload(self, path: Path, *, media_type: str) -> str:
        """Upload a file; gives its id."""
        with path.open("rb") as content:
            answer = self._http.post("files/", files={"file": (path.name, content, media_type)})
        return str(_json(answer)["id"])

    def start_job(self, *, workflow: str, inputs: Mapping[str, Json], title: str) -> int:
        """Start a job; gives its number."""
        answer = self._http.post("jobs/", json={"workflow": workflow, "inputs": inputs, "title": title})
        return int(_json(answer)["id"])

    def job(self, number: int) -> dict[str, Json]:
        """The job as it is now."""
        return dict(_json(self._http.get(f"jobs/{number}/")))

    def steps(self, number: int) -> list[dict[str, Json]]:
        """Its step runs in order; those of sub-jobs are inside the step that started them."""
        steps = _json(self._http.get(f"jobs/{number}/steps/"))
        return list(steps["results"] if isinstance(steps, dict) else steps)

    def outputs(self, number: int) -> dict[str, Json]:
        """The outputs of a completed job."""
        return dict(_json(self._http.get(f"jobs/{number}/outputs/")))

    def file_text(self, file_id: str) -> str:
        """The content of a text file."""
        return self._http.get(f"files/{file_id}/content/").raise_for_status().text


def _json(answer: httpx.Response) -> Json:
    if answer.is_error:
        message = (
            f"{answer.request.method} {answer.request.url} answered {answer.status_code}: {answer.text[:500]}"
        )
        raise httpx.HTTPStatusError(message, request=answer.request, response=answer)
    return answer.json()
