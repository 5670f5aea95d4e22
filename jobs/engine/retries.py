"""Whether and when a failed step is tried again: a pure question."""

from common.canonical import Json
from common.errors import StepError
from integrations.outbound.answers import LONGEST_RETRY_AFTER, TRANSIENT_STATUSES
from integrations.outbound.failures import ADDRESS_REFUSED, CERTIFICATE
from workflows.definition.model import Retry

NONE = Retry(max_attempts=1)
QUICK = Retry(max_attempts=3, delay=2.0, backoff="exponential")
PATIENT = Retry(max_attempts=8, delay=300.0, backoff="exponential", max_delay=6 * 3600.0)

_TRANSIENT_CODES = frozenset({"network_error", "timeout"})
_HOPELESS = frozenset({ADDRESS_REFUSED, CERTIFICATE})


def decide(*, policy: Retry | None, idempotent: bool, error: StepError, attempt: int) -> float | None:
    """Seconds to wait before attempt `attempt` + 1, or None: `error` is the end of it.

    `policy` is what the author wrote; None means the default: `quick`, for a step that may run twice on every
    transient error, for another only where the service cannot have acted. A pause that the service asks for is a
    lower bound of the wait; over an hour it is not waited for (the error is `rate_limited` with `retry_at`).
    """
    rule = policy or QUICK
    if attempt >= rule.max_attempts or error.reason in _HOPELESS:
        return None
    pause = error.retry_after or 0.0
    if pause > LONGEST_RETRY_AFTER:
        return None
    if not (_default_repeats(idempotent, error) if policy is None else _policy_repeats(policy, error)):
        return None
    return max(_delay(rule, attempt), pause)


def is_transient(error: StepError) -> bool:
    """Whether the same request may well succeed later."""
    return error.code in _TRANSIENT_CODES or status_of(error) in TRANSIENT_STATUSES


def status_of(error: StepError) -> int | None:
    """The HTTP status that the service answered with, if it did. `rate_limited` without one counts as 429."""
    detail: Json = error.detail
    status = detail.get("status") if isinstance(detail, dict) else None
    if isinstance(status, int):
        return status
    return 429 if error.code == "rate_limited" else None


def _default_repeats(idempotent: bool, error: StepError) -> bool:
    if idempotent:
        return is_transient(error)
    if error.code in _TRANSIENT_CODES:
        return error.retryable
    status = status_of(error)
    return status == 429 or (status == 503 and error.retry_after is not None)


def _policy_repeats(policy: Retry, error: StepError) -> bool:
    if not policy.errors and not policy.statuses:
        return is_transient(error)
    return error.code in policy.errors or _matches(status_of(error), policy.statuses)


def _matches(status: int | None, patterns: tuple[str, ...]) -> bool:
    return status is not None and any(p in (str(status), f"{status // 100}xx") for p in patterns)


def _delay(rule: Retry, attempt: int) -> float:
    doubled = 2.0 ** (attempt - 1) if rule.backoff == "exponential" else 1.0
    return min(rule.delay * doubled, rule.max_delay)
