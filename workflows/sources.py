"""Definitions as text that people look at: with line numbers, problems at their lines, and what changed between two."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from common.canonical import Json, loads, meaning
from workflows.definition.problems import DefinitionProblem
from workflows.definition.yaml_lines import Lines, lines_of
from workflows.definition.yaml_text import dump

MOST_LINES = 5_000
"""Lines that a page shows; the file to download has them all."""
_AROUND = 3
"""Lines that did not change, shown around those that did."""
_QUICKER_FROM = 800
"""Lines from which the comparison takes the quicker way, which may find a longer difference."""


@dataclass(frozen=True, kw_only=True)
class PlacedProblem:
    """A problem and its line in the text that is shown; None where it stands nowhere. `of`: the slug of its workflow,
    where a text has several.
    """

    problem: DefinitionProblem
    line: int | None
    of: str = ""


@dataclass(frozen=True, kw_only=True)
class SourceLine:
    """A line of a text. `level` is that of the worst problem in it, empty without one."""

    number: int
    text: str
    level: str = ""


@dataclass(frozen=True, kw_only=True)
class DiffLine:
    """A line of a difference; of a `gap` the number of lines that are left out."""

    kind: Literal["same", "added", "removed", "gap"]
    text: str = ""
    old: int | None = None
    new: int | None = None
    left_out: int = 0


def source_of(definition: Json, *, slug: str) -> str:
    """A definition as people write it: the YAML that an export gives."""
    return dump(definition, slug=slug)


def source_of_meaning(definition: Json, *, slug: str) -> str:
    """The same in the order in which activating would freeze it: what is shown beside a version must not differ from it
    in the order of keys alone.
    """
    return source_of(loads(meaning(definition)), slug=slug)


def placed(
    problems: Sequence[DefinitionProblem], lines: Lines, *, document: int = 0, below: str = "", of: str = ""
) -> list[PlacedProblem]:
    """Each problem with its line, in the order of lines. `below`: the path under which the document stands."""
    found = [
        PlacedProblem(problem=problem, line=lines.of(_joined(below, problem.path), document=document), of=of)
        for problem in problems
    ]
    return by_line(found)


def by_line(problems: Sequence[PlacedProblem]) -> list[PlacedProblem]:
    """In the order of lines; what stands nowhere comes last."""
    return sorted(problems, key=lambda each: (each.line is None, each.line or 0))


def problems_in(text: str, problems: Sequence[DefinitionProblem]) -> list[PlacedProblem]:
    """The problems of the one document in `text`, each with its line. Without problems the text is not read."""
    return placed(problems, lines_of(text)) if problems else []


def numbered(text: str, problems: Sequence[PlacedProblem] = ()) -> list[SourceLine]:
    """The first `MOST_LINES` lines of a text, with the problems marked in them."""
    levels: dict[int, str] = {}
    for each in problems:
        if each.line is not None and levels.get(each.line) != "error":
            levels[each.line] = each.problem.level
    return [
        SourceLine(number=number, text=line, level=levels.get(number, ""))
        for number, line in enumerate(_lines(text)[:MOST_LINES], start=1)
    ]


def line_diff(before: str, after: str) -> list[DiffLine] | None:
    """What changed, line by line, with a few lines around it; empty: nothing. None where a text is too long for it."""
    old, new = _lines(before), _lines(after)
    if max(len(old), len(new)) > MOST_LINES:
        return None
    matcher = SequenceMatcher(None, old, new, autojunk=max(len(old), len(new)) > _QUICKER_FROM)
    found: list[DiffLine] = []
    end = 0
    for group in matcher.get_grouped_opcodes(_AROUND):
        if all(code[0] == "equal" for code in group):
            continue
        found += _gap(group[0][1] - end)
        for code in group:
            found += _part(code, old, new)
        end = group[-1][2]
    return found + _gap(len(old) - end) if found else []


def _gap(left_out: int) -> list[DiffLine]:
    return [DiffLine(kind="gap", left_out=left_out)] if left_out > 0 else []


def _part(code: tuple[str, int, int, int, int], old: Sequence[str], new: Sequence[str]) -> Iterator[DiffLine]:
    kind, old_from, old_to, new_from, new_to = code
    if kind == "equal":
        for offset, text in enumerate(old[old_from:old_to]):
            yield DiffLine(kind="same", text=text, old=old_from + offset + 1, new=new_from + offset + 1)
        return
    for number in range(old_from, old_to):
        yield DiffLine(kind="removed", text=old[number], old=number + 1)
    for number in range(new_from, new_to):
        yield DiffLine(kind="added", text=new[number], new=number + 1)


def _lines(text: str) -> list[str]:
    """By line feeds alone, as YAML's own line numbers count here."""
    return text.removesuffix("\n").split("\n")


def _joined(below: str, path: str) -> str:
    return f"{below}.{path}" if below and path and not path.startswith("[") else f"{below}{path}"
