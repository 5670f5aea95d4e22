"""A form made from a definition's inputs, as pages take it and show it: for a new job, and for a preview."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from django.utils import timezone

from common import clock
from common.errors import FieldError, Problem
from jobs.api.multipart import Received
from jobs.forms.answers import FIELD, UPLOAD, Answers, read
from jobs.forms.bringing import bring
from jobs.forms.controls import Section, key_of, sections_of, sentence
from jobs.inputs import check_inputs, today_in
from jobs.pages.uploading import TakesFiles, received
from jobs.storage import known_files
from workflows.definition.inputs import validate_inputs
from workflows.definition.model import Definition
from workflows.definition.wording import capital


def answers_from(page: TakesFiles, definition: Definition, *, seal_for: str) -> Answers:
    """What was sent, files stored, as far as the inputs take them. `seal_for` names person and workflow."""
    form = page.request.POST.copy()
    tables: dict[str, Received] = {}
    errors: list[FieldError] = []
    for one in definition.inputs:
        uploads = received(page.request, UPLOAD + one.key)
        if one.type == "table" and uploads:
            tables[one.key] = uploads[-1]
        if one.type not in ("file", "files"):
            continue
        for upload in uploads[-1:] if one.type == "file" else uploads:
            try:
                file = bring(actor=page.actor, one=one, upload=upload)
            except Problem as problem:
                errors += problem.errors or [_at(one.key, problem)]
            else:
                before = [] if one.type == "file" else form.getlist(FIELD + one.key)
                form.setlist(FIELD + one.key, [*before, file.pk])
    zone = timezone.get_current_timezone()
    answers = read(definition, form, zone, seal_for=seal_for, tables=tables)
    return replace(answers, errors=[*answers.errors, *errors])


def all_errors(page: TakesFiles, definition: Definition, answers: Answers) -> Problem:
    """What could not be read, and all that the inputs refuse beside it."""
    unread = {error.path for error in answers.errors}
    checked = check_inputs(
        definition, answers.given, workspace_id=page.actor.workspace.pk, today=_today(page)
    )
    errors = [each for each in checked.errors if f"inputs.{key_of(each.path)}" not in unread]
    return Problem(422, "invalid_inputs", "", errors=[*answers.errors, *errors])


def form_sections(
    page: TakesFiles, definition: Definition, answers: Answers, errors: Sequence[FieldError]
) -> list[Section]:
    """The controls, with what was typed and what is wrong with it."""
    ids = [
        each
        for one in definition.inputs
        if one.type in ("file", "files")
        for each in answers.typed.get(one.key, ())
    ]
    files = known_files(workspace_id=page.actor.workspace.pk, ids=ids)
    hidden = validate_inputs(
        definition.inputs,
        answers.given,
        files=lambda file_id: files[file_id].as_json() if file_id in files else None,
        today=_today(page),
    ).hidden
    return sections_of(
        definition,
        answers,
        errors=errors,
        hidden=hidden,
        files=files,
        zone=timezone.get_current_timezone(),
        today=_today(page),
    )


def summary_of_errors(
    definition: Definition, sections: Sequence[Section], errors: Sequence[FieldError]
) -> list[tuple[str, str, str]]:
    """Anchor, label and first sentence for each field with an error, in the order of the form."""
    first: dict[str, FieldError] = {}
    for error in errors:
        first.setdefault(key_of(error.path) or error.path, error)
    inputs = {one.key: one for one in definition.inputs}
    found = [
        (control.id, control.label, sentence(inputs[control.key], first.pop(control.key)))
        for section in sections
        for control in section.controls
        if control.key in first
    ]
    return found + [(path, capital(path), capital(error.message)) for path, error in first.items()]


def _today(page: TakesFiles) -> date:
    return today_in(page.actor.workspace.time_zone, clock.now())


def _at(key: str, problem: Problem) -> FieldError:
    return FieldError(path=f"inputs.{key}", code=problem.code, message=problem.detail)
