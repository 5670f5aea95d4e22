"""What a form brings: the values for the service, and all that was typed, so that nothing of it is lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo

from django.http import QueryDict
from django.utils.translation import gettext as _

from common.canonical import Json
from common.errors import FieldError
from common.names import name_error
from common.secrets import SecretUnreadable, decrypt, encrypt
from jobs.api.multipart import Received
from jobs.forms.tables import MAX_TEXT, in_form_order, read_file, read_text, rows_of, text_of
from jobs.forms.typed import Misread, to_json, to_typed
from jobs.models import Job
from jobs.models.job import Priority
from jobs.services import MAX_TEXT as LONGEST_LINE
from workflows.definition.model import Definition, Input

FIELD, UPLOAD, KEPT = "in-", "up-", "kept-"
"""What the names of the form's fields begin with: a value, a file that comes with the form, a secret sealed."""


@dataclass(frozen=True, kw_only=True)
class Answers:
    """`given` by input; `typed` what the fields show; `kept` the secrets, sealed for this person and field;
    `errors` what could not be read, at `inputs.KEY`, `title` or `reference`.
    """

    given: dict[str, Json]
    typed: dict[str, list[str]]
    kept: dict[str, str] = field(default_factory=dict)
    errors: list[FieldError] = field(default_factory=list)
    title: str = ""
    reference: str = ""
    priority: Priority | None = None
    only_once: bool = False


def blank(
    definition: Definition,
    zone: tzinfo,
    *,
    former: Job | None = None,
    values: Mapping[str, Json] | None = None,
) -> Answers:
    """The form before anything was typed: defaults, or the values of the `former` job."""
    typed: dict[str, list[str]] = {}
    given: dict[str, Json] = {}
    for one in definition.inputs:
        value = values[one.key] if values and one.key in values else one.default
        typed[one.key] = shown = _typed(one, value, zone)
        given[one.key] = value if shown else None
    if former is None:
        return Answers(given=given, typed=typed)
    return Answers(
        given=given,
        typed=typed,
        title=former.title,
        reference=former.reference,
        priority=Priority(former.priority),
    )


def read(
    definition: Definition,
    form: QueryDict,
    zone: tzinfo,
    *,
    seal_for: str,
    tables: Mapping[str, Received] | None = None,
) -> Answers:
    """Everything that was sent. `seal_for` names person and workflow, whom a kept secret belongs to. `tables`
    are files that fill tables, by input.
    """
    tables = tables or {}
    priority = form.get("priority", "")
    answers = Answers(
        given={},
        typed={},
        title=form.get("title", "").strip(),
        reference=form.get("reference", "").strip(),
        priority=Priority(priority) if priority in Priority.values else None,
        only_once="only_once" in form,
    )
    for name, text in (("title", answers.title), ("reference", answers.reference)):
        wrong = name_error(text, path=name, longest=LONGEST_LINE) if text else None
        if wrong is not None:
            answers.errors.append(wrong)
    for one in definition.inputs:
        typed = form.getlist(FIELD + one.key)
        if one.secret:
            typed = _secret(one, typed, form.get(KEPT + one.key, ""), answers, seal_for)
        error = None
        if one.type == "table":
            typed, given, error = _table(one, typed, tables.get(one.key), zone)
        else:
            try:
                given = to_json(one, typed, zone)
            except Misread as misread:
                given, error = None, _unreadable(one, misread)
        if error is not None:
            answers.errors.append(error)
        answers.typed[one.key] = [] if one.secret else typed
        answers.given[one.key] = given
    return answers


def table_from_file(one: Input, upload: Received) -> str:
    """The text of a table that a file holds. Slow. Raises `Misread`."""
    return in_form_order(read_file(upload.content, upload.name, upload.size), one)


def _table(
    one: Input, typed: Sequence[str], upload: Received | None, zone: tzinfo
) -> tuple[list[str], Json, FieldError | None]:
    """What to show, the rows, and what cannot be read: then what was typed stays as it was typed."""
    text = typed[-1] if typed else ""
    try:
        if upload is not None:
            text = table_from_file(one, upload)
        if len(text) > MAX_TEXT:
            raise Misread(
                _("expected fewer rows: a form takes at most 2 MiB of them; start the job by the API")
            )
        records = read_text(text)
        rows = rows_of(records, one, zone)
    except Misread as error:
        return [text], None, _unreadable(one, error)
    return [in_form_order(records, one)], rows or (None if one.default is None else []), None


def _unreadable(one: Input, error: Misread) -> FieldError:
    return FieldError(path=f"inputs.{one.key}", code="format", message=str(error))


def _typed(one: Input, value: Json, zone: tzinfo) -> list[str]:
    if one.type == "table":
        text = text_of(value, one, zone)
        return [text] if text else []
    return to_typed(one, value, zone)


def _secret(one: Input, typed: list[str], kept: str, answers: Answers, seal_for: str) -> list[str]:
    """What was typed for a secret, now or when the form was sent before; sealed, it goes with the form again."""
    bound_to = f"{seal_for}:{one.key}"
    if not any(typed) and kept:
        try:
            typed = [decrypt(kept, bound_to=bound_to)]
        except SecretUnreadable:
            typed = []
    if any(typed):
        answers.kept[one.key] = encrypt(typed[-1], bound_to=bound_to)
    return typed
