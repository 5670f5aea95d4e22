"""Values that an auditor may see only where the membership grants it."""

from common.errors import Problem
from workspaces.actors import Actor


def require_payloads(actor: Actor) -> None:
    """Nothing, or `Problem` 403 `payloads_hidden`."""
    if not actor.sees_payloads:
        raise Problem(
            403,
            "payloads_hidden",
            "As auditor you see inputs, outputs and files only if your membership grants it. Ask an admin.",
        )
