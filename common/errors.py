"""Errors that people and programs see.

`StepError` is the work saying no: it becomes the `error` of a step run. `Problem` is the API or a page saying no:
it becomes a problem document (RFC 9457). Anything else that is raised is our machinery failing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from common.canonical import Json


class StepError(Exception):
    """A step that cannot do its work. `code` is one of the error codes of the API; `detail` is told by code;
    `retryable` says that the service cannot have acted, so that repeating is safe even for a step that is not
    idempotent; `answered` is False when the outcome is unknown (a time-out, a lost connection);
    `retry_after` is the number of seconds that the service asked us to wait.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        detail: Json = None,
        reason: str = "",
        retryable: bool = False,
        answered: bool = True,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.detail = detail
        self.reason = reason
        self.retryable = retryable
        self.answered = answered
        self.retry_after = retry_after


@dataclass(frozen=True, kw_only=True)
class FieldError:
    """One thing wrong with what was sent: where, which kind, and a sentence with what was expected and what came."""

    path: str
    code: str
    message: str

    def as_json(self) -> dict[str, Json]:
        """The form of the API."""
        return {"path": self.path, "code": self.code, "message": self.message}


@dataclass
class Problem(Exception):  # noqa: N818 - RFC 9457's own word
    """A request that is refused. `code` is stable; `detail` is a sentence that says what to do."""

    status: int
    code: str
    detail: str
    errors: Sequence[FieldError] = ()
    extra: dict[str, Json] = field(default_factory=dict)
    """More members of the problem document, by code: `problems`, `job`."""
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.status} {self.code}: {self.detail}"
