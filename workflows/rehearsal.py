"""What a text with workflows would become, with everything that is wrong with it at its line."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass

from django.utils.translation import gettext as _

from common.canonical import Json
from common.errors import FieldError, Problem
from workflows.checking import check_draft
from workflows.definition.problems import DefinitionProblem, has_errors
from workflows.definition.yaml_lines import Lines, lines_of
from workflows.definition.yaml_text import YamlError
from workflows.documents import documents_in
from workflows.models import Workflow
from workflows.services.drafts import draft_text
from workflows.services.importing import ImportMode, Rehearsed, rehearse_import
from workflows.sources import PlacedProblem, by_line, placed
from workspaces.actors import Actor

_INDEX = "workflows["


@dataclass(frozen=True, kw_only=True)
class Trial:
    """`documents` are what is imported; `rows` say what would become of each, and `problems` what is wrong with them.
    `refused` holds what keeps the text as a whole from being imported.
    """

    documents: Sequence[Json] = ()
    rows: Sequence[Rehearsed] = ()
    problems: Sequence[PlacedProblem] = ()
    refused: Sequence[PlacedProblem] = ()
    renamed_from: str = ""
    """The slug in the text, where the draft of another workflow is replaced."""

    @property
    def all_problems(self) -> list[PlacedProblem]:
        """Every problem in the order of lines."""
        return by_line([*self.refused, *self.problems])

    @property
    def can_import(self) -> bool:
        """Whether the drafts can be kept, with problems or without."""
        return bool(self.rows) and not self.refused and all(row.refusal is None for row in self.rows)

    @property
    def can_activate(self) -> bool:
        """Whether nothing stands against activating all of them."""
        return self.can_import and not any(has_errors(row.problems) for row in self.rows)

    @property
    def revisions(self) -> dict[str, int]:
        """The revisions of the drafts that would be replaced, by slug."""
        return {row.slug: row.revision for row in self.rows if row.revision is not None}


@dataclass(frozen=True, kw_only=True)
class DraftTrial:
    """What one text would be as the draft of a workflow. `definition` is None where it cannot be one: `refused` says
    why. Everything else that is wrong with it is in `problems`, and a draft may have it.
    """

    definition: Json = None
    problems: Sequence[PlacedProblem] = ()
    refused: Sequence[PlacedProblem] = ()

    @property
    def all_problems(self) -> list[PlacedProblem]:
        """Every problem in the order of lines."""
        return by_line([*self.refused, *self.problems])


def try_draft(text: str, *, workflow: Workflow) -> DraftTrial:
    """Look at `text` as the draft of `workflow`, whatever slug it names. Nothing is kept, locked or written."""
    read = _read(text)
    if isinstance(read, PlacedProblem):
        return DraftTrial(refused=[read])
    if len(read) != 1 or not isinstance(read[0], dict):
        return DraftTrial(refused=[_not_one(len(read))])
    tried = copy(workflow)
    try:
        tried.draft = draft_text(read[0])
    except Problem as problem:
        return DraftTrial(refused=_document_errors(problem, lines_of(text)))
    problems = check_draft(tried).problems
    if not problems:
        return DraftTrial(definition=read[0])
    lines = lines_of(text)
    document, below = _standing(0, lines)
    return DraftTrial(definition=read[0], problems=placed(problems, lines, document=document, below=below))


def _read(text: str) -> Sequence[Json] | PlacedProblem:
    """The documents of `text`, or why it has none that can be read."""
    try:
        return documents_in(text)
    except YamlError as error:
        return _mistake(error.message, line=error.line or None)
    except Problem as problem:
        return _mistake(problem.detail)


def try_text(text: str, *, actor: Actor, mode: ImportMode, only: str = "") -> Trial:
    """Try to import `text`. `only`: the slug of the one workflow whose draft it shall be, whatever slug it names."""
    documents = _read(text)
    if isinstance(documents, PlacedProblem):
        return Trial(refused=[documents])
    renamed_from = ""
    if only:
        if len(documents) != 1 or not isinstance(documents[0], dict):
            return Trial(refused=[_not_one(len(documents))])
        given = documents[0].get("slug")
        renamed_from = given if isinstance(given, str) and given != only else ""
        documents = [{**documents[0], "slug": only}]
    lines = lines_of(text)
    try:
        rows = rehearse_import(actor=actor, workspace=actor.workspace, documents=documents, mode=mode)
    except Problem as problem:
        if problem.status == 403:
            raise
        return Trial(documents=documents, refused=_document_errors(problem, lines))
    return Trial(
        documents=documents, rows=rows, problems=_placed(documents, rows, lines), renamed_from=renamed_from
    )


def _placed(documents: Sequence[Json], rows: Sequence[Rehearsed], lines: Lines) -> list[PlacedProblem]:
    position = {document["slug"]: index for index, document in enumerate(documents)}
    found: list[PlacedProblem] = []
    for row in rows:
        document, below = _standing(position[row.slug], lines)
        problems = [_refusal(row.refusal)] if row.refusal else list(row.problems)
        of = row.slug if len(rows) > 1 else ""
        found += placed(problems, lines, document=document, below=below, of=of)
    return found


def _standing(index: int, lines: Lines) -> tuple[int, str]:
    """In which document of the text a workflow stands, and below which path: JSON may list several in one."""
    if len(lines.documents) == 1 and "slug" not in lines.documents[0] and f"{_INDEX}0]" in lines.documents[0]:
        return 0, f"{_INDEX}{index}]"
    return index, ""


def _document_errors(problem: Problem, lines: Lines) -> list[PlacedProblem]:
    """What is wrong with documents as such: their paths begin with `workflows[2]`."""
    return [_placed_error(error, lines) for error in problem.errors] or [_mistake(problem.detail)]


def _placed_error(error: FieldError, lines: Lines) -> PlacedProblem:
    number, _bracket, rest = error.path.removeprefix(_INDEX).partition("]")
    line = None
    if error.path.startswith(_INDEX) and number.isdigit():
        document, below = _standing(int(number), lines)
        line = lines.of(f"{below}{rest}" if below else rest.removeprefix("."), document=document)
    message = error.message[:1].upper() + error.message[1:] + "."
    return _mistake(message, line=line, path=rest.removeprefix("."), fix="")


def _mistake(
    message: str, *, line: int | None = None, path: str = "", fix: str | None = None
) -> PlacedProblem:
    advice = _("Correct the text, then check it again.") if fix is None else fix
    problem = DefinitionProblem(code="invalid_value", path=path, message=message, fix=advice)
    return PlacedProblem(problem=problem, line=line)


def _not_one(count: int) -> PlacedProblem:
    message = _("Expected one workflow, got %(count)s documents.") % {"count": count}
    if count == 1:
        message = _("Expected a workflow: fields like name, inputs, steps and outputs.")
    return _mistake(message)


def _refusal(problem: Problem) -> DefinitionProblem:
    advice = {
        "slug_taken": _("Choose to replace drafts, or give it another slug."),
        "workflow_archived": _("Restore it first, or give it another slug."),
    }
    message = problem.errors[0].message if problem.errors else problem.detail
    return DefinitionProblem(
        code="invalid_value", path="slug", message=message, fix=advice.get(problem.code, "")
    )
