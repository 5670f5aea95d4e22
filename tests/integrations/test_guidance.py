import pytest

from common.errors import StepError
from integrations.guidance import CODES, error_json, guide
from integrations.outbound.failures import ADDRESS_REFUSED, CERTIFICATE

API_CODES = [
    "wrong_type",
    "connection_expired",
    "connection_missing",
    "rate_limited",
    "http_error",
    "bad_response",
    "network_error",
    "timeout",
    "expression_error",
    "code_error",
    "subworkflow_not_active",
    "subworkflow_failed",
    "approval_rejected",
    "deadline_passed",
    "interrupted",
    "held_back",
    "cancelled",
    "output_invalid",
    "limit_exceeded",
    "step_failed",
    "internal_error",
]


def test_every_code_of_the_api_has_guidance_and_no_other():
    assert sorted(CODES) == sorted(API_CODES)


@pytest.mark.parametrize("code", API_CODES)
def test_guidance_says_what_happened_how_to_fix_and_how_to_prevent(code):
    for guidance in (
        guide(code),
        guide(code, service="api.example.com", step="pay", status=500, until="noon"),
    ):
        for text in (guidance.happened, guidance.fix, guidance.prevent):
            assert text.endswith(".")
            assert text[0].isupper() or text.startswith("api.example.com")
            assert "{" not in text
        assert guidance.help_url == f"/docs/errors/#{code.replace('_', '-')}"


@pytest.mark.parametrize("reason", [ADDRESS_REFUSED, CERTIFICATE])
def test_a_reason_with_another_cure_has_words_of_its_own(reason):
    of_the_code, of_the_reason = guide("network_error"), guide("network_error", reason=reason)
    for text in ("happened", "fix", "prevent", "help_url"):
        assert getattr(of_the_code, text) != getattr(of_the_reason, text)
    error = StepError("network_error", "10.0.0.1 is not a public address", reason=reason)
    shown = error_json(error=error, step="pay", path="pay")
    assert shown["help_url"] == f"/docs/errors/#network-error-{reason.replace('_', '-')}"
    assert "is up" not in shown["fix"]
    assert guide("network_error", reason="another") == of_the_code


def test_what_is_known_is_named():
    assert "api.example.com" in guide("connection_expired", service="api.example.com").fix
    assert "pay" in guide("timeout", step="pay").happened


def test_a_step_named_with_braces_is_named_as_it_is():
    assert "{x}" in guide("timeout", step="{x}").happened


def test_an_error_has_all_its_members():
    error = StepError("rate_limited", "too many", detail={"status": 429, "retry_at": "2026-11-22T10:00:00Z"})
    shown = error_json(error=error, step="pay", path="check[2].pay")
    assert list(shown) == [
        "code", "message", "step", "path", "reason", "detail", "happened", "fix", "prevent", "help_url",
    ]  # fmt: skip
    assert (shown["code"], shown["step"], shown["path"], shown["reason"]) == (
        "rate_limited",
        "pay",
        "check[2].pay",
        None,
    )
    assert "2026-11-22T10:00:00Z" in shown["fix"]
