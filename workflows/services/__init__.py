"""Everything that changes a workflow."""

from workflows.services.activation import Activation, activate, archive, deactivate, restore
from workflows.services.drafts import create_workflow, save_draft

__all__ = ["Activation", "activate", "archive", "create_workflow", "deactivate", "restore", "save_draft"]
