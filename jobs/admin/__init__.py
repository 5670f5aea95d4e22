"""Jobs in the admin site: to look at, by superusers and by admins and auditors of their workspaces."""

from jobs.admin.jobs import JobAdmin
from jobs.admin.parts import FileAdmin, StepRunAdmin, WaitAdmin
from jobs.admin.values import PayloadAdmin
from jobs.admin.workers import WorkerAdmin

__all__ = ["FileAdmin", "JobAdmin", "PayloadAdmin", "StepRunAdmin", "WaitAdmin", "WorkerAdmin"]
