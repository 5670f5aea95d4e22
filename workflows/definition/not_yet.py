"""What format 1 has and this release does not: one list, answered with the problem `not_yet_available`."""

from collections.abc import Mapping

NOT_YET_AVAILABLE: Mapping[str, Mapping[str, str]] = {
    "step type": {
        "approval": "Approvals come in a later release.",
        "form": "Forms in the middle of a job come in a later release.",
        "callback": "Callbacks come in a later release.",
    },
    "step field": {"connection": "Connections come in a later release."},
    "workflow field": {
        "triggers": "Schedules and hooks in a definition come in a later release.",
        "concurrency": "A limit on a workflow's jobs comes in a later release.",
    },
    "value": {
        "connection": "Files from connections come in a later release.",
        "callback_url": "Callbacks come in a later release.",
    },
}

FIX = "Leave it out, or wait for the release that has it."
