"""What a request to activate can be, and which moves there are."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.looks import Look, Tone


class RequestStatus(models.TextChoices):
    """Where a request to activate stands.

    requested → approved     a second person agreed: its snapshot is active
    requested → refused      a second person said no
    requested → withdrawn    who asked took it back
    requested → outdated     who asked asked anew, something else became active, or the workflow was archived
    """

    REQUESTED = "requested", "Requested"
    APPROVED = "approved", "Approved"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Withdrawn"
    OUTDATED = "outdated", "Outdated"


REQUEST_MOVES: dict[RequestStatus, frozenset[RequestStatus]] = {
    **dict.fromkeys(RequestStatus, frozenset()),
    RequestStatus.REQUESTED: frozenset(RequestStatus) - {RequestStatus.REQUESTED},
}

REQUEST_LOOKS: dict[str, Look] = {
    RequestStatus.REQUESTED: Look(word=_("Waits for a second person"), icon="user-check", tone=Tone.WAIT),
    RequestStatus.APPROVED: Look(word=_("Approved"), icon="circle-check", tone=Tone.GOOD),
    RequestStatus.REFUSED: Look(word=_("Refused"), icon="circle-x", tone=Tone.BAD),
    RequestStatus.WITHDRAWN: Look(word=_("Withdrawn"), icon="undo-2", tone=Tone.STOPPED),
    RequestStatus.OUTDATED: Look(word=_("Outdated"), icon="ban", tone=Tone.STOPPED),
}
"""What people see of each status of a request."""
