"""Workflows: a draft that people edit with its history, versions that never change, requests to activate."""

from workflows.models.activation_request import (
    ActivationRequest,
    ActivationRequestQuerySet,
    open_requests,
)
from workflows.models.draft_save import DraftSave
from workflows.models.request_status import REQUEST_LOOKS, REQUEST_MOVES, RequestStatus
from workflows.models.workflow import (
    LOOKS,
    VERSION_TABLE,
    Workflow,
    WorkflowQuerySet,
    WorkflowStatus,
    WorkflowVersion,
)

__all__ = [
    "LOOKS",
    "REQUEST_LOOKS",
    "REQUEST_MOVES",
    "VERSION_TABLE",
    "ActivationRequest",
    "ActivationRequestQuerySet",
    "DraftSave",
    "RequestStatus",
    "Workflow",
    "WorkflowQuerySet",
    "WorkflowStatus",
    "WorkflowVersion",
    "open_requests",
]
