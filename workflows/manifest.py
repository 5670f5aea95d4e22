"""What a version pins beside its definition: the versions of the workflows it calls, of its actions, and of the
expression language; and the digest over both.

    {"workflows": {"classify": {"number": 3, "digest": "sha256:…"}},
     "closure": [{"slug": "classify", "number": 3, "digest": "sha256:…"}, …],
     "actions": {"http.request": 1}, "expressions": 1}

`workflows` are those that the definition itself calls; `closure` is every version that a job can reach, directly or
through others, each once. Two callees may pin different versions of a third, so the closure is a list.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from common.canonical import Json, definition_text, loads, sha256_hex
from integrations.actions import Action
from workflows.expressions import version as expressions
from workflows.models import WorkflowVersion


@dataclass(frozen=True, kw_only=True)
class Frozen:
    """A definition and its manifest as canonical texts, with their digest and the catalogue number they need."""

    definition: str
    manifest: str
    digest: str
    needs: int


def freeze(
    definition: Json,
    *,
    actions: Iterable[Action],
    callees: Mapping[str, WorkflowVersion],
    reachable: Iterable[WorkflowVersion],
) -> Frozen:
    """Freeze `definition`, which uses `actions` and calls `callees` by slug; `reachable` are these and all that they
    call. Raises `NotJson` for what RFC 8785 cannot write, such as integers beyond ±2^53.
    """
    used = {action.type: action for action in actions}
    manifest = {
        "workflows": {slug: _pinned(version) for slug, version in callees.items()},
        "closure": _closure(reachable),
        "actions": {type_: action.version for type_, action in used.items()},
        "expressions": expressions.EXPRESSION_LANGUAGE_VERSION,
    }
    text = definition_text(manifest)
    return Frozen(
        definition=definition_text(definition),
        manifest=text,
        digest=digest_of(definition=definition, manifest=manifest),
        needs=max([expressions.CATALOGUE, *(action.catalogue for action in used.values())]),
    )


def digest_of(*, definition: Json, manifest: Json) -> str:
    """The digest of a version: SHA-256 of the canonical JSON of the two together."""
    return sha256_hex(definition_text({"definition": definition, "manifest": manifest}))


def digest_holds(version: WorkflowVersion) -> bool:
    """Whether the stored digest is that of the stored texts."""
    return version.digest == digest_of(definition=loads(version.definition), manifest=loads(version.manifest))


def _closure(reachable: Iterable[WorkflowVersion]) -> list[Json]:
    entries = {(version.workflow.slug, version.number): version for version in reachable}
    return [{"slug": slug, **_pinned(entries[slug, number])} for slug, number in sorted(entries)]


def _pinned(version: WorkflowVersion) -> dict[str, Json]:
    return {"number": version.number, "digest": version.digest}
