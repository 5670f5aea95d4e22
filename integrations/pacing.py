"""Long work that has no socket to wait at looks here now and then whether to stop."""

from common.errors import StepError
from integrations.actions import ActionContext


def keep_going(context: ActionContext) -> None:
    """Raise `StepError` when the step was cancelled (`cancelled`) or its time is over (`timeout`)."""
    if context.cancelled.is_set():
        raise StepError("cancelled", "The step was stopped.")
    if context.seconds_left() <= 0:
        raise StepError("timeout", "The step's time limit was over before its work was done.")
