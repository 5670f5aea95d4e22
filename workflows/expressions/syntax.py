"""Expressions and templates as they are written. (Interface; the parser follows.)"""

from dataclasses import dataclass

from common.canonical import Json


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A plain path such as `steps.rows.output.rows[0].name`: nothing to compute."""

    source: str
    root: str
    parts: tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class Expression:
    """One Python expression. `reference` is set when the whole of it is a plain path."""

    source: str
    reference: Reference | None = None


@dataclass(frozen=True, kw_only=True)
class Value:
    """JSON whose strings may hold `{{ … }}`. `plain`: constants and plain references only, so that no sandbox is
    needed to fill it in; `constant`: no template in it at all.
    """

    raw: Json
    expressions: tuple[Expression, ...] = ()
    plain: bool = True
    constant: bool = True
