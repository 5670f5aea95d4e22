"""One row of the table of who may open which page."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from workspaces.actors import Actor
from workspaces.permissions import Permission

Args = Callable[[Actor], list[object]]


@dataclass(frozen=True, kw_only=True)
class Row:
    """`place` (given to `args`) is a builder in the workspace that the object shall belong to. `permission=None`:
    every member. `status`: what who is allowed gets; `data`: what is posted, or the query.
    """

    name: str
    method: str = "get"
    permission: Permission | None
    args: Args | None = None
    data: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    own: bool = False
    """The object is made for whoever asks, the newest member."""
    shared: bool = False
    """What the address names belongs to no workspace: everybody has it."""
    blind: int | None = None
    """What an auditor gets who may not see values, where that is something else."""
