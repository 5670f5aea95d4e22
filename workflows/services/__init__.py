"""Everything that changes a workflow."""

from workflows.services.activation import Activation, activate, archive, deactivate, restore
from workflows.services.copying import Copied, copy_from_gallery
from workflows.services.drafts import create_workflow, save_draft

__all__ = [
    "Activation",
    "Copied",
    "activate",
    "archive",
    "copy_from_gallery",
    "create_workflow",
    "deactivate",
    "restore",
    "save_draft",
]
