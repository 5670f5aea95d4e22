"""A condition as rows that people fill in: `field, comparison, value`, joined by and / or."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

MAX_ROWS = 50
"""Rows of one condition; a longer one is written as an expression."""


class Join(TextChoices):
    """How rows are joined."""

    AND = "and", _("and")
    OR = "or", _("or")

    @property
    def other(self) -> "Join":
        """What joins the rows inside a group."""
        return Join.OR if self is Join.AND else Join.AND


class Comparison(TextChoices):
    """What a row asks. Empty is null, an empty text or an empty list. `TRUE` and `FALSE` ask as Python does: null, 0
    and everything empty are false.
    """

    EQUALS = "equals", _("equals")
    IS_NOT = "is_not", _("is not")
    GREATER = "greater", _("is greater than")
    AT_LEAST = "at_least", _("is at least")
    LESS = "less", _("is less than")
    AT_MOST = "at_most", _("is at most")
    CONTAINS = "contains", _("contains")
    CONTAINS_NOT = "contains_not", _("does not contain")
    ONE_OF = "one_of", _("is one of")
    NOT_ONE_OF = "not_one_of", _("is not one of")
    STARTS_WITH = "starts_with", _("starts with")
    EMPTY = "empty", _("is empty")
    NOT_EMPTY = "not_empty", _("is not empty")
    TRUE = "true", _("is true")
    FALSE = "false", _("is false")

    @property
    def has_right(self) -> bool:
        """Whether there is something to compare with."""
        return self not in _ALONE


_ALONE = (Comparison.EMPTY, Comparison.NOT_EMPTY, Comparison.TRUE, Comparison.FALSE)


class Kind(TextChoices):
    """What the right side of a row is. Of `ONE_OF` it is a list: its values stand between commas."""

    TEXT = "text", _("Text")
    NUMBER = "number", _("Number")
    BOOLEAN = "boolean", _("Yes or no")
    DATE = "date", _("Date")
    EXPRESSION = "expression", _("Another value")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One comparison. `left` is the source of an expression; `right` too, or a value as its kind is typed in."""

    left: str
    comparison: Comparison
    kind: Kind = Kind.TEXT
    right: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A row as a form shows it. `together`: it belongs to the row above it, joined by the condition's other word."""

    number: int
    row: Row
    together: bool = False

    @property
    def is_date(self) -> bool:
        """Whether a calendar can show what it is compared with."""
        many = self.row.comparison in (Comparison.ONE_OF, Comparison.NOT_ONE_OF)
        return self.row.kind is Kind.DATE and not many and (not self.row.right or _is_day(self.row.right))


def _is_day(text: str) -> bool:
    try:
        return len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False


_BLANK = Row(left="", comparison=Comparison.EQUALS)


@dataclass(frozen=True, kw_only=True)
class Condition:
    """Groups of rows. `join` stands between the groups, the other word between the rows of a group."""

    groups: tuple[tuple[Row, ...], ...] = ()
    join: Join = Join.AND

    comparisons = Comparison.choices
    kinds = Kind.choices
    joins = Join.choices

    @property
    def lines(self) -> Sequence[Line]:
        """The rows one under the other, and a blank one where there is room for more."""
        rows = [(row, place > 0) for group in self.groups for place, row in enumerate(group)]
        if len(rows) < MAX_ROWS:
            rows.append((_BLANK, False))
        return [Line(number=number, row=row, together=inner) for number, (row, inner) in enumerate(rows)]


def from_form(data: Mapping[str, str], name: str) -> Condition:
    """The rows of a form whose fields are `NAME~left.0`, `NAME~is.0`, `NAME~kind.0`, `NAME~right.0` and so on, joined
    by `NAME~join`; a row with `NAME~with.N` belongs to the one above it. Blank rows are left out, unknown words are
    the first of their list.
    """
    groups: list[tuple[Row, ...]] = []
    for number in range(MAX_ROWS):
        row = _posted_row(data, name, number)
        if row is None:
            continue
        if groups and data.get(f"{name}~with.{number}"):
            groups[-1] = (*groups[-1], row)
        else:
            groups.append((row,))
    join = data.get(f"{name}~join")
    return Condition(groups=tuple(groups), join=Join.OR if join == Join.OR else Join.AND)


def _posted_row(data: Mapping[str, str], name: str, number: int) -> Row | None:
    left = data.get(f"{name}~left.{number}", "").strip()
    right = data.get(f"{name}~right.{number}", "")
    asked, kind = data.get(f"{name}~is.{number}"), data.get(f"{name}~kind.{number}")
    comparison = Comparison(asked) if asked in Comparison.values else Comparison.EQUALS
    if not left and not (right.strip() and comparison.has_right):
        return None
    return Row(
        left=left,
        comparison=comparison,
        kind=Kind(kind) if kind in Kind.values else Kind.TEXT,
        right=right if comparison.has_right else "",
    )
