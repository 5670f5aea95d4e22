"""Who a person is. That belongs to no workspace, so no workspace's log records what they change about themselves."""

from zoneinfo import available_timezones

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Q
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
    refuse(*_name_errors(first_name, last_name), _email_error(email, person), time_zone_error(time_zone))
    if email != person.email:
        EmailAddress.objects.filter(user=person).delete()
    person.first_name, person.last_name, person.email = first_name, last_name, email
    person.time_zone = time_zone
    person.save(update_fields=["first_name", "last_name", "email", "time_zone"])
    return person


def create_person(*, username: str, email: str, password: str, time_zone: str) -> User:
    """Somebody who can sign in, and is in no workspace yet. Raises `Problem` 422.

    Their name is nobody's address and their address nobody's name, for both sign in.
    """
    person = User(username=User.normalize_username(username), email=email, time_zone=time_zone)
    refuse(
        _username_error(person.username),
        _email_error(email, None) if email else _missing("email"),
        _password_error(password, person),
    )
    person.password = make_password(password)
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError as error:
        raise _invalid(_taken()) from error
    return person


def email_format_error(email: str) -> FieldError | None:
    """What is wrong with the form of an address; None when it is fine."""
    try:
        validate_email(email)
    except ValidationError:
        message = _("expected an e-mail address like ada@example.com")
        return FieldError(path="email", code="format", message=message)
    return None


def time_zone_error(time_zone: str) -> FieldError | None:
    """What is wrong with the name of a time zone; None when it is fine."""
    if time_zone in available_timezones():
        return None
    message = _("expected the name of a time zone like Europe/Berlin, got {}").format(time_zone[:64])
    return FieldError(path="time_zone", code="not_a_choice", message=message)


def refuse(*errors: FieldError | None) -> None:
    """Nothing when there are no errors. Raises `Problem` 422 with those that there are."""
    found = [error for error in errors if error is not None]
    if found:
        raise _invalid(*found)


def _invalid(*errors: FieldError) -> Problem:
    return Problem(422, "invalid", _("Some fields are not valid."), errors=errors)


def _missing(path: str) -> FieldError:
    return FieldError(path=path, code="required", message=_("this is needed; fill it in"))


def _taken() -> FieldError:
    message = _("somebody here has this user name; take another one")
    return FieldError(path="username", code="duplicate", message=message)


def _name_errors(*names: str) -> list[FieldError]:
    found = []
    for path, name in zip(("first_name", "last_name"), names, strict=True):
        if len(name) > LONGEST_PART_OF_A_NAME or not (name.isprintable()):
            message = _("expected at most {} visible characters").format(LONGEST_PART_OF_A_NAME)
            found.append(FieldError(path=path, code="too_long", message=message))
    return found


def _username_error(username: str) -> FieldError | None:
    if not username:
        return _missing("username")
    try:
        User._meta.get_field("username").run_validators(username)
    except ValidationError:
        message = _("expected at most 150 letters, digits and @ . + - _ without spaces")
        return FieldError(path="username", code="format", message=message)
    taken = Q(username__iexact=username) | Q(email__iexact=username)
    return _taken() if User.objects.filter(taken).exists() else None


def _email_error(email: str, person: User | None) -> FieldError | None:
    """`person` has the address now; None for somebody new."""
    if not email:
        return None
    if wrong := email_format_error(email):
        return wrong
    others = User.objects.filter(Q(email__iexact=email) | Q(username__iexact=email))
    addresses = EmailAddress.objects.filter(email__iexact=email)
    if person is not None:
        others, addresses = others.exclude(pk=person.pk), addresses.exclude(user=person)
    if others.exists() or addresses.exists():
        message = _("somebody else here uses this address; take another one")
        return FieldError(path="email", code="duplicate", message=message)
    return None


def _password_error(password: str, person: User) -> FieldError | None:
    try:
        validate_password(password, person)
    except ValidationError as error:
        return FieldError(path="password", code="format", message=" ".join(error.messages))
    return None
