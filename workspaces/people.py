"""What a person changes about themselves. It belongs to no workspace, so no workspace's log records it."""

from zoneinfo import available_timezones

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from common.errors import FieldError, Problem
from workspaces.models import User

LONGEST_PART_OF_A_NAME = 150


@transaction.atomic
def change_person(*, person: User, first_name: str, last_name: str, email: str, time_zone: str) -> User:
    """Give a person another name, address or time zone. Raises `Problem` 422.

    An address signs in and gets mails to set a password anew, so it belongs to one person, and an earlier one stops
    to count.
    """
    errors = [*_name_errors(first_name, last_name), *_email_errors(person, email)]
    if time_zone not in available_timezones():
        message = _("expected the name of a time zone like Europe/Berlin, got {}").format(time_zone[:64])
        errors.append(FieldError(path="time_zone", code="not_a_choice", message=message))
    if errors:
        raise Problem(422, "invalid", _("Some fields are not valid."), errors=errors)
    if email != person.email:
        EmailAddress.objects.filter(user=person).delete()
    person.first_name, person.last_name, person.email = first_name, last_name, email
    person.time_zone = time_zone
    person.save(update_fields=["first_name", "last_name", "email", "time_zone"])
    return person


def _name_errors(*names: str) -> list[FieldError]:
    found = []
    for path, name in zip(("first_name", "last_name"), names, strict=True):
        if len(name) > LONGEST_PART_OF_A_NAME or not (name.isprintable()):
            message = _("expected at most {} visible characters").format(LONGEST_PART_OF_A_NAME)
            found.append(FieldError(path=path, code="too_long", message=message))
    return found


def _email_errors(person: User, email: str) -> list[FieldError]:
    if not email:
        return []
    try:
        validate_email(email)
    except ValidationError:
        message = _("expected an e-mail address like ada@example.com")
        return [FieldError(path="email", code="format", message=message)]
    others = User.objects.exclude(pk=person.pk).filter(email__iexact=email)
    if others.exists() or EmailAddress.objects.exclude(user=person).filter(email__iexact=email).exists():
        message = _("somebody else here uses this address; take another one")
        return [FieldError(path="email", code="duplicate", message=message)]
    return []
