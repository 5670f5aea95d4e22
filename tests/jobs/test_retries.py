import pytest

from common.errors import StepError
from jobs.engine.retries import NONE, PATIENT, QUICK, decide
from workflows.definition.model import Retry


def http(status, retry_after=None):
    code = "rate_limited" if status == 429 else "http_error"
    return StepError(code, "", detail={"status": status}, retry_after=retry_after)


REFUSED = StepError("network_error", "", reason="address_refused", retryable=True)
NO_CONNECTION = StepError("network_error", "", retryable=True)
LOST = StepError("network_error", "", answered=False)
TIMED_OUT = StepError("timeout", "", answered=False)
BAD = StepError("bad_response", "")
OWN = StepError("step_failed", "")


@pytest.mark.parametrize(
    ("policy", "idempotent", "error", "attempt", "wait"),
    [
        # default, a step that may run twice: quick on every transient error
        (None, True, http(500), 1, 2),
        (None, True, http(500), 2, 4),
        (None, True, http(500), 3, None),
        (None, True, http(501), 1, None),
        (None, True, http(505), 1, None),
        (None, True, http(404), 1, None),
        (None, True, http(408), 1, 2),
        (None, True, http(425), 1, 2),
        (None, True, http(429), 1, 2),
        (None, True, LOST, 1, 2),
        (None, True, TIMED_OUT, 1, 2),
        (None, True, BAD, 1, None),
        (None, True, OWN, 1, None),
        (None, True, REFUSED, 1, None),
        # default, a step that may not: only where the service cannot have acted
        (None, False, NO_CONNECTION, 1, 2),
        (None, False, LOST, 1, None),
        (None, False, TIMED_OUT, 1, None),
        (None, False, http(500), 1, None),
        (None, False, http(503), 1, None),
        (None, False, http(503, 7), 1, 7),
        (None, False, http(503, 1), 1, 2),
        (None, False, http(429), 1, 2),
        # an explicit policy is consent, also for a step that may not run twice
        (QUICK, False, LOST, 1, 2),
        (QUICK, False, http(500), 2, 4),
        (NONE, True, http(500), 1, None),
        (PATIENT, False, http(500), 1, 300),
        (PATIENT, False, http(500), 7, 300 * 2**6),
        (PATIENT, False, http(500), 8, None),
        (Retry(), True, http(500), 2, 1),
        (Retry(max_attempts=20, delay=60, backoff="exponential", max_delay=100), True, http(500), 19, 100),
        # a list of errors and statuses: either one
        (Retry(statuses=("409",)), True, http(409), 1, 1),
        (Retry(statuses=("409",)), True, http(500), 1, None),
        (Retry(statuses=("4xx",)), True, http(429), 1, 1),
        (Retry(errors=frozenset({"rate_limited"})), True, http(429), 1, 1),
        (Retry(errors=frozenset({"http_error"})), True, http(404), 1, 1),
        (Retry(errors=frozenset({"http_error"})), True, http(429), 1, None),
        (Retry(errors=frozenset({"bad_response"}), statuses=("404",)), True, BAD, 1, 1),
        (Retry(errors=frozenset({"bad_response"}), statuses=("404",)), True, http(404), 1, 1),
        (Retry(errors=frozenset({"bad_response"})), True, LOST, 1, None),
        (Retry(errors=frozenset({"network_error"})), True, REFUSED, 1, None),
        # what the service asks for is a lower bound, above max_delay too, up to an hour
        (Retry(max_delay=10), True, http(429, 3600), 1, 3600),
        (Retry(), True, http(429, 3601), 1, None),
        (Retry(delay=50), True, http(429, 10), 1, 50),
    ],
)
def test_retries_follow_the_table(policy, idempotent, error, attempt, wait):
    assert decide(policy=policy, idempotent=idempotent, error=error, attempt=attempt) == wait
