"""A workspace with one of everything, so that generated calls find something."""

from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from tests.factories import make_member, make_token
from workflows import services
from workspaces.actors import Actor
from workspaces.models import Role


@dataclass
class World:
    """The key of an admin's token, and by name of a path's parameter what exists."""

    key: str
    there: dict[str, list[str]] = field(default_factory=dict)

    def name_what_there_is(self, case: Any) -> bool:
        """Let the parameters of most paths name something that exists, as what was generated decides; whether any does."""
        named = False
        for name, generated in (case.path_parameters or {}).items():
            chance = crc32(f"{name}{generated!r}{case.body!r}".encode(errors="replace"))
            if name in self.there and chance % 4:
                case.path_parameters[name] = self.there[name][chance // 4 % len(self.there[name])]
                named = True
        return named


def make_world() -> World:
    """A workspace with an active workflow of two versions, a draft, a member and two tokens."""
    token, key = make_token(Role.ADMIN)
    actor = Actor(user=token.user, workspace=token.workspace, role=Role.ADMIN, sees_payloads=True)
    member = make_member(Role.BUILDER, workspace=token.workspace)
    other, _ = make_token(Role.BUILDER, workspace=token.workspace, user=member.user)
    for slug in ("sums", "unfinished"):
        workflow = services.create_workflow(
            actor=actor, workspace=token.workspace, slug=slug, definition=_adds(1)
        )
        if slug == "sums":
            services.activate(actor=actor, workflow=workflow)
            services.save_draft(actor=actor, workflow=workflow, expected_revision=None, definition=_adds(2))
            services.activate(actor=actor, workflow=workflow)
    there = {
        "slug": ["sums", "unfinished"],
        "number": ["1", "2"],
        "other": ["1", "draft"],
        "user": [member.user.username],
        "id": [str(other.uid)],
    }
    return World(key=key, there=there)


def _adds(n: int) -> dict[str, Any]:
    return {
        "format": 1,
        "name": "Sums",
        "inputs": [{"key": "a", "type": "number"}],
        "steps": [{"key": "s", "type": "set", "values": {"x": f"{{{{ inputs.a + {n} }}}}"}}],
        "outputs": [{"key": "sum", "type": "number", "value": "steps.s.output.x"}],
    }
