"""What a job and a step run can be, and which moves there are. Nothing else moves them.

Job:   queued → in_progress → completed | failed | cancelled
       in_progress → queued      handed back, taken over
       in_progress → waiting     everything in it waits
       waiting → queued          due, answered, child ended, cancel asked
       queued → cancelled        never started
       failed → queued           resumed (generation + 1)
"""

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.looks import Look, Tone


class JobStatus(models.TextChoices):
    """Where a job stands."""

    QUEUED = "queued", "Queued"  # in line for a worker
    IN_PROGRESS = "in_progress", "In progress"  # one worker owns it
    WAITING = "waiting", "Waiting"  # nothing can move but what its waits name
    COMPLETED = "completed", "Completed"  # all steps done, outputs checked
    FAILED = "failed", "Failed"  # a step said no; can be resumed
    CANCELLED = "cancelled", "Cancelled"  # a person stopped it


JOB_ENDED = frozenset({JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED})

JOB_MOVES: dict[JobStatus, frozenset[JobStatus]] = {
    JobStatus.QUEUED: frozenset({JobStatus.IN_PROGRESS, JobStatus.CANCELLED}),
    JobStatus.IN_PROGRESS: frozenset({JobStatus.QUEUED, JobStatus.WAITING, *JOB_ENDED}),
    JobStatus.WAITING: frozenset({JobStatus.QUEUED}),
    JobStatus.FAILED: frozenset({JobStatus.QUEUED}),
    JobStatus.COMPLETED: frozenset(),
    JobStatus.CANCELLED: frozenset(),
}


class StepStatus(models.TextChoices):
    """Where a step run stands. `pending` is shown for a step that has no row; it is never stored."""

    IN_PROGRESS = "in_progress", "In progress"
    WAITING = "waiting", "Waiting"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"
    SKIPPED = "skipped", "Skipped"
    CANCELLED = "cancelled", "Cancelled"


STEP_ENDED = frozenset({StepStatus.COMPLETED, StepStatus.FAILED, StepStatus.SKIPPED, StepStatus.CANCELLED})

_APPEARS = frozenset(StepStatus) - {StepStatus.CANCELLED}
STEP_MOVES: dict[StepStatus | None, frozenset[StepStatus]] = {
    None: _APPEARS,
    StepStatus.IN_PROGRESS: frozenset(StepStatus) - {StepStatus.SKIPPED},
    StepStatus.WAITING: frozenset(StepStatus) - {StepStatus.SKIPPED, StepStatus.WAITING},
    StepStatus.FAILED: _APPEARS,  # a resume: attempt + 1
    StepStatus.COMPLETED: _APPEARS,  # only `catch` and `finally` steps that a resume walks again
    StepStatus.SKIPPED: _APPEARS,
    StepStatus.CANCELLED: _APPEARS,
}


LOOKS: dict[str, Look] = {
    JobStatus.QUEUED: Look(word=_("Queued"), icon="list-end", tone=Tone.IDLE),
    JobStatus.IN_PROGRESS: Look(word=_("In progress"), icon="loader-circle", tone=Tone.BUSY),
    JobStatus.WAITING: Look(word=_("Waiting"), icon="hourglass", tone=Tone.WAIT),
    JobStatus.COMPLETED: Look(word=_("Completed"), icon="circle-check", tone=Tone.GOOD),
    JobStatus.FAILED: Look(word=_("Failed"), icon="circle-x", tone=Tone.BAD),
    JobStatus.CANCELLED: Look(word=_("Cancelled"), icon="ban", tone=Tone.STOPPED),
    StepStatus.SKIPPED: Look(word=_("Skipped"), icon="skip-forward", tone=Tone.IDLE),
    "pending": Look(word=_("Pending"), icon="circle-dashed", tone=Tone.IDLE),
}
"""What people see of each status, a job's or a step's; `{% state %}` renders it."""


class JobKind(models.TextChoices):
    """What a job row is for."""

    JOB = "job", "Job"
    SUBJOB = "subjob", "Sub-job"  # made by a `workflow` step of its parent
    SLICE = "slice", "Slice"  # some items of a wide for_each of its parent
    PREVIEW = "preview", "Preview"  # a draft tried out; no audit stream, deleted after a day


class PreviewMark(models.TextChoices):
    """In a preview, the `reason` of a step run that a job would not have ended like this."""

    PINNED = "pinned", "Pinned"  # it was not run: its output is the one that a person pinned
    HELD_BACK = "held_back", "Held back"  # it reaches outside: nothing was sent, and it has no output
    SHORTENED = "shortened", "Shortened"  # its wait did not last as long as it says
    STOPPED = "stopped", "Stopped"  # the preview ended inside it, at the step that it was to run until


class WaitKind(models.TextChoices):
    """What a step can wait for."""

    DELAY = "delay", "Delay"
    RETRY = "retry", "Retry"
    APPROVAL = "approval", "Approval"
    FORM = "form", "Form"
    CALLBACK = "callback", "Callback"
    SUBJOB = "subjob", "Sub-job"
    RATE_LIMIT = "rate_limit", "Rate limit"
    CONNECTION = "connection", "Connection"
    CONCURRENCY = "concurrency", "Concurrency"


WAITS_FOR: dict[WaitKind, Promise] = {
    WaitKind.DELAY: _("a delay to pass"),
    WaitKind.RETRY: _("the next attempt of a step"),
    WaitKind.APPROVAL: _("an approval"),
    WaitKind.FORM: _("a form to be filled"),
    WaitKind.CALLBACK: _("an answer from outside"),
    WaitKind.SUBJOB: _("a sub-job"),
    WaitKind.RATE_LIMIT: _("the rate limit of a service"),
    WaitKind.CONNECTION: _("a connection to be renewed"),
    WaitKind.CONCURRENCY: _("a free place"),
}
"""What stands behind "waits for"."""


class WaitOutcome(models.TextChoices):
    """How a wait ended."""

    ANSWERED = "answered", "Answered"
    DUE = "due", "Due"
    ENDED = "ended", "Ended"  # the sub-job ended
    WITHDRAWN = "withdrawn", "Withdrawn"  # a cancel, or another branch won


class PayloadKind(models.TextChoices):
    """Which value of a job or step a payload holds."""

    INPUTS = "inputs", "Inputs"
    OUTPUTS = "outputs", "Outputs"
    INPUT = "input", "Input"
    OUTPUT = "output", "Output"
    ITEMS = "items", "Items"
    LOG = "log", "Log"
    ANSWER = "answer", "Answer"
    SEALED_OUTPUT = "s_output", "Sealed output"  # encrypted; there where `output` had to be masked
    SEALED_ITEMS = "s_items", "Sealed items"
