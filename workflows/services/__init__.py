"""Everything that changes a workflow."""

from workflows.services.activation import (
    activate,
    activate_or_ask,
    archive,
    deactivate,
    reactivate,
    restore,
)
from workflows.services.callers import bring_callers_along
from workflows.services.copying import Copied, copy_from_gallery
from workflows.services.drafts import create_workflow, save_draft
from workflows.services.freezing import Activation
from workflows.services.requests import approve, refuse, withdraw
from workflows.services.versions import draft_from_version

__all__ = [
    "Activation",
    "Copied",
    "activate",
    "activate_or_ask",
    "approve",
    "archive",
    "bring_callers_along",
    "copy_from_gallery",
    "create_workflow",
    "deactivate",
    "draft_from_version",
    "reactivate",
    "refuse",
    "restore",
    "save_draft",
    "withdraw",
]
