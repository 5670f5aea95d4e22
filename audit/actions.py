"""Everything that the audit log can say, as dotted names; each with the words that people read."""

from django.db import models


class Action(models.TextChoices):
    """What happened. A name is never reused for something else: old entries keep it for ever."""

    # jobs, in the job's own stream
    JOB_CREATED = "job.created", "Job created"
    JOB_STARTED = "job.started", "Job started"
    JOB_CONTINUED = "job.continued", "A worker goes on with the job"
    JOB_TAKEN_OVER = "job.taken_over", "Another worker took the job over"
    JOB_CANCEL_REQUESTED = "job.cancel_requested", "Cancel requested"
    JOB_TIME_ENDED = "job.time_ended", "Time ended with the job that started it"
    JOB_RESUMED = "job.resumed", "Job resumed after a failure"
    JOB_COMPLETED = "job.completed", "Job completed"
    JOB_FAILED = "job.failed", "Job failed"
    JOB_CANCELLED = "job.cancelled", "Job cancelled"
    STEPS_RECORDED = "steps.recorded", "Steps recorded"
    STEP_FAILED = "step.failed", "Step failed"
    WAIT_OPENED = "wait.opened", "Wait opened"
    WAIT_ANSWERED = "wait.answered", "Wait answered"
    WAIT_SETTLED = "wait.settled", "Wait ended"
    DECISION_RECORDED = "decision.recorded", "Decision on an approval recorded"
    CHILD_CREATED = "child.created", "Sub-job created"
    CHILD_ENDED = "child.ended", "Sub-job ended"
    PAYLOADS_PURGED = "payloads.purged", "Inputs, outputs and files removed"

    # workflows
    WORKFLOW_CREATED = "workflow.created", "Workflow created"
    WORKFLOW_RENAMED = "workflow.renamed", "Workflow renamed"
    WORKFLOW_DRAFT_SAVED = "workflow.draft_saved", "Draft saved"
    WORKFLOW_DRAFT_DISCARDED = "workflow.draft_discarded", "Draft discarded"
    WORKFLOW_ACTIVATED = "workflow.activated", "Version activated"
    WORKFLOW_DEACTIVATED = "workflow.deactivated", "Workflow deactivated"
    WORKFLOW_ARCHIVED = "workflow.archived", "Workflow archived"
    WORKFLOW_RESTORED = "workflow.restored", "Workflow taken out of the archive"
    WORKFLOW_IMPORTED = "workflow.imported", "Workflow imported"
    PREVIEW_STARTED = "preview.started", "Preview started"

    # workspaces and who may do what
    WORKSPACE_CREATED = "workspace.created", "Workspace created"
    WORKSPACE_CHANGED = "workspace.changed", "Workspace settings changed"
    WORKSPACE_ARCHIVED = "workspace.archived", "Workspace archived"
    MEMBER_ADDED = "member.added", "Member added"
    MEMBER_CHANGED = "member.changed", "Member's role changed"
    MEMBER_REMOVED = "member.removed", "Member removed"
    INVITATION_CREATED = "invitation.created", "Invitation made"
    INVITATION_ACCEPTED = "invitation.accepted", "Invitation accepted"
    INVITATION_REVOKED = "invitation.revoked", "Invitation revoked"
    TOKEN_CREATED = "token.created", "Token created"
    TOKEN_REVOKED = "token.revoked", "Token revoked"

    # connections, schedules, hooks, batches, files
    CONNECTION_CREATED = "connection.created", "Connection created"
    CONNECTION_CHANGED = "connection.changed", "Connection changed"
    CONNECTION_TESTED = "connection.tested", "Connection tested"
    CONNECTION_REMOVED = "connection.removed", "Connection removed"
    SCHEDULE_CREATED = "schedule.created", "Schedule created"
    SCHEDULE_CHANGED = "schedule.changed", "Schedule changed"
    SCHEDULE_PAUSED = "schedule.paused", "Schedule paused"
    SCHEDULE_RESUMED = "schedule.resumed", "Schedule resumed"
    SCHEDULE_REMOVED = "schedule.removed", "Schedule removed"
    WEBHOOK_CREATED = "webhook.created", "Webhook created"
    WEBHOOK_CHANGED = "webhook.changed", "Webhook changed"
    WEBHOOK_REMOVED = "webhook.removed", "Webhook removed"
    TRIGGER_CREATED = "trigger.created", "Incoming trigger created"
    TRIGGER_CHANGED = "trigger.changed", "Incoming trigger changed"
    TRIGGER_REMOVED = "trigger.removed", "Incoming trigger removed"
    BATCH_STARTED = "batch.started", "Batch started"
    FILE_UPLOADED = "file.uploaded", "File uploaded"

    # reading and proving
    PAYLOAD_READ = "payload.read", "Inputs or outputs read by an auditor"
    EVIDENCE_TAKEN = "evidence.taken", "Evidence pack taken"
    AUDIT_EXPORTED = "audit.exported", "Audit log exported"
    AUDIT_VERIFIED = "audit.verified", "Audit log verified"
    AUDIT_CHECKPOINT = "audit.checkpoint", "Checkpoint of all streams signed"
