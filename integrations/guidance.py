"""For each error code: what happened, how to fix it, how to prevent it. And the whole `error` of a step or job.

The sentences name what is known of the case (service, status, time) and speak generally where nothing is.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from common.canonical import Json
from common.errors import StepError
from integrations.outbound.failures import ADDRESS_REFUSED, CERTIFICATE

HELP_PAGE = "/docs/errors/"
LONGEST_TEXT = 4096
"""Characters of one text in an error. Errors are repeated for each block around a step and stay in the audit log."""


@dataclass(frozen=True, kw_only=True)
class Guidance:
    """Three short texts for people, and where to read more (relative to `BASE_URL`)."""

    happened: str
    fix: str
    prevent: str
    help_url: str


# code, or code.reason → happened, fix, prevent. The words in braces are filled by `guide`.
_TEXTS: Mapping[str, tuple[str, str, str]] = {
    "wrong_type": (
        "{Step} got a value of another kind than it takes, for example a text where a number belongs.",
        (
            "Look at the step's input: the message names the field, what it takes and what came. Correct the input or "
            "the expression that makes it, then run the job again."
        ),
        "Give the workflow's inputs types and bounds, and try it in the Builder's preview with real data.",
    ),
    "connection_expired": (
        "{Service} no longer accepts the connection that {step} uses: it has expired or was revoked.",
        "Open Connections, connect {service} again, then resume the job: it goes on at this step.",
        "Test connections before activating a workflow, and prefer credentials that renew themselves.",
    ),
    "connection_missing": (
        "{Step} names a connection that this workspace does not have.",
        (
            "Create the connection under that name, or choose another one in the workflow and activate it; then resume or "
            "run the job again."
        ),
        "Before archiving a connection look at the list of workflows that use it.",
    ),
    "rate_limited": (
        "{Service} refused because too many requests came in a short time.",
        "Wait until {until}, then resume the job: it goes on at this step.",
        "Send less at a time: lower the loop's concurrency, add a delay, or ask for several items in one request.",
    ),
    "http_error": (
        "{Service} answered {status}, which {step} does not accept.",
        (
            "Read the beginning of the answer in the error's detail: it mostly says what was wrong. Correct the request or "
            "the input and run the job again; after a fault of the service resume it."
        ),
        "Check what is sent before it is sent, and list statuses that are no failure under accept_statuses.",
    ),
    "bad_response": (
        "What {step} received cannot be read as what it should be, for example JSON, a table or a workbook.",
        (
            "Look at the beginning of the content in the error's detail. Often it is an error page or another format: "
            "correct the address, the file or the reading options, then run the job again."
        ),
        "State the expected format, and try a real example in the Builder's preview.",
    ),
    "network_error": (
        "No connection to {service} could be made, or it broke before the answer was complete.",
        (
            "Check that the address is right and that {service} is up. If the request changes something there, first "
            "look whether it arrived. Then resume the job."
        ),
        "Let the step retry (quick or patient), and send an idempotency key where the service knows one.",
    ),
    f"network_error.{ADDRESS_REFUSED}": (
        "{Step} asked for, or was sent on to, an address that Workledger does not connect to: it is not a public one.",
        (
            "Correct the address, activate, and run the job again. If the workflow is meant to reach it, ask the operator "
            "to add it to OUTBOUND_PRIVATE_HOSTS; then resume the job."
        ),
        "Before activating a workflow that reaches into your own network have the address opened.",
    ),
    f"network_error.{CERTIFICATE}": (
        "{Service} could not prove who it is: its certificate is not valid for this address.",
        (
            "Check the address. If it is right, whoever runs {service} must renew or correct the certificate; then "
            "resume the job."
        ),
        "Use the name that the certificate is made for, not a number or an alias.",
    ),
    "timeout": (
        "{Step} took longer than its time limit. Whether {service} acted on the request is not known.",
        "Look at {service} whether it acted. Then resume the job, or raise the step's timeout and run it again.",
        "Ask for less at a time, or give the step a timeout that fits the slowest normal answer.",
    ),
    "expression_error": (
        "An expression of {step} could not be evaluated.",
        (
            "The detail shows the expression and what was available. Correct it in the workflow, activate, and run the "
            "job again."
        ),
        "Use .get('key') and first(a, b) for what may be absent, and try the workflow in the Builder's preview.",
    ),
    "code_error": (
        "The code of {step} raised an error or used more time or memory than it may.",
        "The detail names the line and the inputs that there were. Correct the code in the workflow, activate, and run the job again.",
        "Try the code in the Builder's preview with empty, missing and large values.",
    ),
    "subworkflow_not_active": (
        "{Step} calls a workflow that is not active.",
        "Activate the called workflow (it must be in the same workspace), then run the job again.",
        "Before deactivating a workflow look at the list of workflows that call it.",
    ),
    "subworkflow_failed": (
        "A job that {step} started failed.",
        "Open the failed job from this step: its own error says why. After mending it resume the outermost job.",
        "Let the called workflow handle failures that are to be expected, or set on_error on this step.",
    ),
    "approval_rejected": (
        "The person who was asked did not approve.",
        "Read the comment of the decision. Correct what it names and run the job again with the new inputs.",
        "Show the approver what they need to decide, or set on_reject: continue and handle a no in the workflow.",
    ),
    "deadline_passed": (
        "Nobody answered before the deadline of {step}.",
        "Resume the job: it asks again, with a new deadline.",
        "Set a reminder, name more than one person, or say what a passed deadline means with on_deadline.",
    ),
    "interrupted": (
        "The worker stopped in the middle of {step}. Whether its effect happened is not known.",
        "Look at {service} whether it happened. If it did not, or may happen twice, resume the job.",
        "Mark steps that may safely run twice as idempotent, or send an idempotency key.",
    ),
    "cancelled": (
        "A person stopped the job.",
        "Nothing needs fixing. Run it again if it was stopped by mistake.",
        "Name the job by title or reference, so that it is recognised.",
    ),
    "output_invalid": (
        "The steps finished, but an output is missing or is not of its declared type.",
        (
            "Compare the value that the message names with the output's declaration. Correct one of them in the workflow, "
            "activate, and run the job again."
        ),
        "Declare an output that may be absent as not required, and try every branch in the Builder's preview.",
    ),
    "limit_exceeded": (
        "{Step} went over a limit: of size, time, number or depth. The message says which.",
        (
            "Work on less at a time, write large results to a file, or ask the operator to raise the limit; then run the job "
            "again."
        ),
        "Filter and cut at the source, and give loops an upper bound.",
    ),
    "step_failed": (
        "The workflow itself ended here: its author placed a fail step for this case.",
        "The message and its reason are the author's. Correct what they name and run the job again.",
        "If the case is to be expected, let the workflow handle it with a branch.",
    ),
    "held_back": (
        "{Step} reads the output of a step that this preview has held back: nothing was sent, so there is no answer.",
        "Pin an output for the step that was held back, or let effects through, and run the preview again.",
        "Pin a real answer once: it is kept for your next previews of the workflow.",
    ),
    "internal_error": (
        "Workledger itself failed, not the workflow and not a service.",
        "Resume the job. If it fails again, give the operator the job's number and the time.",
        "Keep Workledger and its database up to date, and watch the disk space of the server.",
    ),
}
CODES: frozenset[str] = frozenset(case for case in _TEXTS if "." not in case)
"""Every code that an error of a step or job can have."""
CASES: tuple[str, ...] = tuple(sorted(_TEXTS))
"""The codes, and `code.reason` where a reason has another cure than its code."""


def guide(
    code: str,
    *,
    reason: str = "",
    service: str = "",
    step: str | None = "",
    status: int | None = None,
    until: str = "",
) -> Guidance:
    """The guidance for `code`, or for its `reason` where that has its own, with what is known: the service's name or
    host, the step's name or key (None: it is the workflow's own error), the status that was answered, the time to wait
    for. An unknown code is treated as `internal_error`.
    """
    case = next(case for case in (f"{code}.{reason}", code, "internal_error") if case in _TEXTS)
    who = service or "the service"
    what = f"the step “{step}”" if step else "the workflow" if step is None else "the step"
    words = {
        "service": who,
        "Service": who[0].upper() + who[1:] if not service else who,
        "step": what,
        "Step": what[0].upper() + what[1:],
        "status": str(status) if status is not None else "with an error",
        "until": until or "a few minutes have passed",
    }
    happened, fix, prevent = (text.format_map(words) for text in _TEXTS[case])
    anchor = case.replace("_", "-").replace(".", "-")
    return Guidance(happened=happened, fix=fix, prevent=prevent, help_url=f"{HELP_PAGE}#{anchor}")


def error_json(*, error: StepError, step: str | None, path: str | None, service: str = "") -> dict[str, Json]:
    """The complete `error` of a step run or job. `step` is the key of the innermost failed step, `path` where it
    ran; both are None for an error of the job itself.
    """
    detail = error.detail if isinstance(error.detail, dict) else {}
    status = detail.get("status")
    guidance = guide(
        error.code,
        reason=error.reason,
        service=service,
        step=step,
        status=status if isinstance(status, int) else None,
        until=str(detail.get("retry_at") or ""),
    )
    return {
        "code": error.code,
        "message": _cut(error.message),
        "step": step,
        "path": path,
        "reason": _cut(error.reason) or None,
        "detail": error.detail if error.code == "step_failed" else _cut(error.detail),
        "happened": guidance.happened,
        "fix": guidance.fix,
        "prevent": guidance.prevent,
        "help_url": guidance.help_url,
    }


def _cut(value: Json) -> Json:
    """`value` with its texts cut where they are too long."""
    if isinstance(value, str):
        return value if len(value) <= LONGEST_TEXT else value[: LONGEST_TEXT - 1] + "…"
    if isinstance(value, list):
        return [_cut(item) for item in value]
    return {key: _cut(item) for key, item in value.items()} if isinstance(value, dict) else value
