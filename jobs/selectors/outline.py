"""What the selectors need of a definition: each step by its key, and the order of paths."""

import re
from dataclasses import dataclass
from functools import lru_cache

from jobs.models import Job
from workflows.definition.model import Definition, Step
from workflows.reading import frozen_text
from workflows.selectors import frozen_definition

_SEGMENT = re.compile(r"([^.\[]+)(?:\[(\d+)\])?")


@dataclass(frozen=True, kw_only=True, eq=False)
class Outline:
    """The steps of a definition by key, each with its place among all of them, blocks before what is inside."""

    definition: Definition
    steps: dict[str, Step]
    positions: dict[str, int]

    def order(self, path: str) -> tuple[int, ...]:
        """Sorts paths as people read them: in the order of the definition, items and turns by number."""
        key: list[int] = []
        for name, number in _SEGMENT.findall(path):
            key.append(self.positions.get(name, -1))
            if number:
                key.append(int(number))
        return tuple(key)

    def name(self, key: str) -> str:
        """The name that people gave to the step; empty without one."""
        step = self.steps.get(key)
        return step.name if step else ""


def outline_of(job: Job) -> Outline:
    """The outline of the definition that `job` runs: its frozen version's, or its draft's."""
    if job.version_id is None:
        return _frozen_outline(frozen_text(job.draft or "{}"))
    return _frozen_outline(frozen_definition(job.version_id)[0])


@lru_cache(maxsize=64)
def _by_identity(key: "_Same") -> Outline:
    return _outline(key.definition)


@dataclass(frozen=True, eq=False)
class _Same:
    """Compares a definition by identity: `frozen_definition` gives the same object for the same version."""

    definition: Definition

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.definition is self.definition

    def __hash__(self) -> int:
        return id(self.definition)


def _frozen_outline(definition: Definition) -> Outline:
    return _by_identity(_Same(definition))


def _outline(definition: Definition) -> Outline:
    steps = list(definition.walk())
    return Outline(
        definition=definition,
        steps={step.key: step for step in steps},
        positions={step.key: position for position, step in enumerate(steps)},
    )
