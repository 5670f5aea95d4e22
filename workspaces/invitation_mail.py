"""The mail with an invitation's link. It is sent after the invitation was made, outside of any transaction."""

import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from workspaces.models import Invitation

_PRINTING = "django.core.mail.backends.console.EmailBackend"

logger = logging.getLogger(__name__)


def can_mail() -> bool:
    """Whether a mail server is named. Without one mails would go to the log, where no link may stand."""
    return bool(settings.EMAIL_BACKEND != _PRINTING)


def send_invitation(*, invitation: Invitation, link: str) -> bool:
    """Whether the mail server took the mail. Why it did not is in the log, the link is not."""
    context = {"invitation": invitation, "link": link}
    mail = EmailMessage(
        subject=_("Invitation to {} on Workledger").format(invitation.workspace.name),
        body=render_to_string("settings/invitation_mail.txt", context),
        to=[invitation.email],
    )
    try:
        return mail.send() == 1
    except (OSError, SMTPException) as error:
        told = {"invitation": str(invitation.uid), "error": str(error)}
        logger.warning("An invitation could not be mailed.", extra=told)
        return False
