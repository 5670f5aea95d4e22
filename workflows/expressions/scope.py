"""What an expression can see at one place of a job."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol


class StepView(Protocol):
    """A step as expressions see it. `status` is one of the statuses of a step run, also `pending`; `reason` says why
    it was skipped: `when`, `branch`, or empty when it was not reached.
    """

    @property
    def key(self) -> str: ...

    @property
    def status(self) -> str: ...

    @property
    def reason(self) -> str: ...

    def read(self, name: str) -> object:
        """The value of `output`, `status`, `error`, `errors`, `failed` or `callback_url`; may load a payload."""
        ...


FindStep = Callable[[str], StepView | None]


class Scope:
    """Names with values, and the steps. A child sees everything that its parent sees, and its own names first.

    Values are JSON; inputs and items may also hold `date`, `datetime`, `time` and `timedelta`. Neither the scope nor a
    filled value copies them, so they must not be changed.
    """

    __slots__ = ("_steps", "parent", "step_keys", "values")

    def __init__(
        self,
        values: Mapping[str, object],
        steps: FindStep | None = None,
        parent: "Scope | None" = None,
        *,
        step_keys: Callable[[], Sequence[str]] | None = None,
    ) -> None:
        """`step_keys` lists the steps that can be named, for messages only."""
        self.values = values
        self.parent = parent
        self.step_keys = step_keys
        self._steps = steps

    def child(self, steps: FindStep | None = None, /, **values: object) -> "Scope":
        """A scope inside this one, with an item, `index`, `last` or `error`, and perhaps steps of its own."""
        return Scope(values, steps, self)

    def step(self, key: str) -> StepView | None:
        """The nearest step with that key."""
        scope: Scope | None = self
        while scope is not None:
            if scope._steps is not None and (view := scope._steps(key)) is not None:
                return view
            scope = scope.parent
        return None

    def names(self) -> list[str]:
        """Every name in scope, the nearest first."""
        found: dict[str, None] = {}
        scope: Scope | None = self
        while scope is not None:
            found.update(dict.fromkeys(scope.values))
            scope = scope.parent
        return [*found, *(() if "steps" in found else ("steps",))]

    def all_step_keys(self) -> list[str]:
        """The keys of the steps that can be named here, where that is known."""
        found: dict[str, None] = {}
        scope: Scope | None = self
        while scope is not None:
            if scope.step_keys is not None:
                found.update(dict.fromkeys(scope.step_keys()))
            scope = scope.parent
        return list(found)
