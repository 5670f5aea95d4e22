"""What the buttons of the Builder do: a form that came back becomes one edit of the draft."""

from collections.abc import Callable, Mapping

from django.http import QueryDict
from django.utils.translation import gettext as _

from common.api.bodies import loads_strictly
from common.canonical import Json, dumps, loads
from common.errors import Problem
from workflows.builder import edits, proposals
from workflows.builder.edits import EditRefused
from workflows.builder.forms.base import Posted
from workflows.builder.forms.form import answer_of
from workflows.builder.merging import taken
from workflows.builder.nodes import Node, NodeKind, Place, node_at, place_at, walk
from workflows.builder.outline import address_of, step_keys
from workflows.builder.paths import NoSuchPlace, outer, parts_of, path_of
from workflows.builder.scope import Scope, scope_at
from workflows.builder.view import known_for
from workflows.calls import Calls, calls_of
from workflows.definition.bounds import MAX_BYTES
from workflows.definition.read_values import KEY
from workflows.models import Workflow
from workflows.pages.builder_clash import TwoSides, held
from workflows.reading import parsed_text
from workflows.services.editing import (
    Change,
    PartChanged,
    PartGone,
    Target,
    edit_draft,
    restore_save,
    target_in,
)
from workspaces.actors import Actor


class Refused(Exception):  # noqa: N818 - it says what happened
    """The edit was not made; the message says why."""

    def __init__(self, message: str, *, at: str = "", status: int = 409) -> None:
        super().__init__(message)
        self.at = at
        self.status = status


class Edit:
    """One form that came back."""

    def __init__(self, *, workflow: Workflow, actor: Actor, form: QueryDict) -> None:
        self._workflow = workflow
        self._actor = actor
        self._form = form
        self._posted = Posted(form)
        self._do, _colon, self._argument = form.get("do", "save").partition(":")
        self._target = Target(
            path=form.get("path", ""), key=form.get("key", ""), was=form.get("was", "")[:64]
        )

    def done(self) -> str:
        """Make the edit; the address of the part to look at then. Raises `Clash`, `Refused`, `Problem`."""
        if self._do == "restore":
            return self._restored()
        change = self._changes().get(self._do)
        if change is None:
            raise Refused(_("There is no such button."), status=422)
        try:
            workflow, path = edit_draft(actor=self._actor, workflow=self._workflow, change=change)
        except PartChanged as changed:
            keys = step_keys(loads(self._workflow.draft))
            message = _(
                "It was changed meanwhile, so nothing was done. Look at it as it is now, then decide."
            )
            raise Refused(message, at=address_of(changed.node, keys)) from changed
        except PartGone as gone:
            raise Refused(_("It is no longer there: somebody deleted it meanwhile.")) from gone
        except NoSuchPlace as error:
            message = _("The outline was changed meanwhile, so nothing was done. Look at it as it is now.")
            raise Refused(message) from error
        except EditRefused as refused:
            raise Refused(str(refused), at=self._form.get("at", ""), status=422) from refused
        definition = loads(workflow.draft)
        return address_of(node_at(definition, path), step_keys(definition))

    def _changes(self) -> Mapping[str, Callable[[Json], Change]]:
        return {
            "save": self._save,
            "drop": self._save,
            "up": self._then(edits.step_up, _("Moved %(name)s up")),
            "down": self._then(edits.step_down, _("Moved %(name)s down")),
            "duplicate": self._then(edits.duplicate, _("Duplicated %(name)s")),
            "move": self._move_to_list,
            "delete": self._delete,
            "drag": self._drag,
            "add": self._add,
            "take": self._take,
            "clear": self._clear,
            "keep": self._keep_mine,
            "put_back": self._put_back,
        }

    # ---------------------------------------------------------------- one part
    def _save(self, definition: Json) -> Change:
        definition, path = self._filled_in(definition)
        node = node_at(definition, path)
        return Change(definition=definition, path=path, what=_("Edited %(name)s") % {"name": node.title})

    def _then(self, edit: Callable[[Json, str], str], what: str) -> Callable[[Json], Change]:
        """What the form says, and then something with the part."""

        def change(definition: Json) -> Change:
            definition, path = self._filled_in(definition)
            name = node_at(definition, path).title
            return Change(definition=definition, path=edit(definition, path), what=what % {"name": name})

        return change

    def _move_to_list(self, definition: Json) -> Change:
        definition, path = self._filled_in(definition)
        name = node_at(definition, path).title
        moved = edits.move(definition, path, self._form.get("move_to", ""))
        return Change(definition=definition, path=moved, what=_("Moved %(name)s") % {"name": name})

    def _delete(self, definition: Json) -> Change:
        node = target_in(definition, self._target)
        edits.remove(definition, node.path)
        what = _("Deleted %(name)s") % {"name": node.title}
        return Change(definition=definition, path=_nearest(definition, node.path), what=what)

    def _drag(self, definition: Json) -> Change:
        target = Target(path=self._target.path, key=self._target.key)
        node = target_in(definition, target)
        place = self._place(definition, "to", "to_key")
        moved = edits.move(definition, node.path, place.path, _number(self._form.get("index", "")))
        return Change(definition=definition, path=moved, what=_("Moved %(name)s") % {"name": node.title})

    def _keep_mine(self, definition: Json) -> Change:
        node = target_in(definition, self._target)
        mine = self._mine()
        raw = taken(node.raw, mine, leave=held(node)) if node.is_object else mine
        definition = edits.replace(definition, node.path, raw)
        return Change(definition=definition, path=node.path, what=_("Edited %(name)s") % {"name": node.title})

    # ---------------------------------------------------------------- lists of parts
    def _add(self, definition: Json) -> Change:
        place = self._place(definition, "place", "owner_key")
        name = " ".join(self._form.get("name", "").split())[:200]
        raw = edits.new_part(definition, place, self._argument or self._form.get("type", ""), name=name)
        path = edits.add(definition, place.path, raw, index=_number(self._form.get("index", "")))
        if place.slot.kind is NodeKind.STEP:
            proposals.propose(definition, path, self._scope(definition, path))
        title = node_at(definition, path).title
        return Change(definition=definition, path=path, what=_("Added %(name)s") % {"name": title})

    def _take(self, definition: Json) -> Change:
        """Outputs of what the steps give."""
        wanted = set(self._form.getlist("take"))
        offers = proposals.offered_outputs(definition, self._scope(definition, "outputs"))
        chosen = [offer for offer in offers if offer.text in wanted]
        if not chosen:
            raise EditRefused(_("Nothing was ticked, so nothing was added."))
        for offer in chosen:
            raw = proposals.output_of(definition, offer, type_=self._form.get(f"type.{offer.text}", "")[:40])
            path = edits.add(definition, "outputs", raw)
        names = ", ".join(offer.label for offer in chosen)
        return Change(definition=definition, path=path, what=_("Added %(name)s") % {"name": names[:200]})

    def _scope(self, definition: Json, path: str) -> Scope:
        """What can be used there."""
        read = parsed_text(dumps(definition)).partial
        calls = calls_of(read, workspace_id=self._workflow.workspace_id) if read else Calls()
        return scope_at(read, path, calls=calls)

    def _put_back(self, definition: Json) -> Change:
        try:
            place = self._place(definition, "place", "owner_key")
        except NoSuchPlace:
            place = place_at(definition, "steps")
        mine = self._mine()
        if place.slot.kind is NodeKind.STEP and isinstance(mine.get("key"), str):
            taken_keys = edits.taken_keys(definition, NodeKind.STEP, "")
            mine["key"] = edits.free_key(mine["key"], taken_keys)
        path = edits.add(definition, place.path, mine)
        title = node_at(definition, path).title
        return Change(definition=definition, path=path, what=_("Put %(name)s back") % {"name": title})

    def _clear(self, definition: Json) -> Change:
        path = self._argument
        edits.clear(definition, path)
        owner = place_at(definition, path).owner
        return Change(definition=definition, path=owner, what=_("Took away what was no list"))

    def _restored(self) -> str:
        revision, expected = _number(self._argument), _number(self._form.get("revision", ""))
        if revision is None or expected is None:
            raise Refused(_("There is no such revision."), status=422)
        try:
            restore_save(
                actor=self._actor, workflow=self._workflow, revision=revision, expected_revision=expected
            )
        except Problem as problem:
            if problem.status not in (404, 409):
                raise
            raise Refused(problem.detail, at=self._form.get("at", ""), status=problem.status) from problem
        return self._form.get("at", "")

    # ---------------------------------------------------------------- what forms hold
    def _filled_in(self, definition: Json) -> tuple[Json, str]:
        """The definition with the part as the form has it, brought together with what others did to it meanwhile."""
        try:
            node = target_in(definition, self._target)
            raw = answer_of(node, known_for(self._workflow, node), self._posted)
        except PartChanged as changed:
            node = changed.node
            raw = self._other_side().brought_together(node, definition)
        except PartGone as gone:
            raise self._other_side().gone(definition, kind=self._form.get("kind", "")) from gone
        definition = edits.replace(definition, node.path, raw)
        return self._with_new_key(definition, node, raw), node.path

    def _other_side(self) -> TwoSides:
        revision = _number(self._form.get("revision", "")) or 0
        return TwoSides(workflow=self._workflow, target=self._target, posted=self._posted, revision=revision)

    def _with_new_key(self, definition: Json, former: Node, raw: Json) -> Json:
        """With the expressions that read a step changed where its key was."""
        new = raw.get("key") if isinstance(raw, dict) else None
        if former.kind is not NodeKind.STEP or not isinstance(new, str) or new == former.key:
            return definition
        keys = step_keys(definition)
        if not (KEY.fullmatch(new) and KEY.fullmatch(former.key)) or keys[new] != 1 or keys[former.key]:
            return definition
        return edits.rename_step(definition, former.key, new)

    def _place(self, definition: Json, name: str, key_name: str) -> Place:
        """A list that the form names, found again by its owner's key where it moved. Raises `NoSuchPlace`."""
        path, key = self._form.get(name, ""), self._form.get(key_name, "")
        try:
            place = place_at(definition, path)
            if node_at(definition, place.owner).key == key:
                return place
        except NoSuchPlace:
            pass
        slot = path.rpartition(".")[2]
        for node in walk(definition) if key else ():
            if node.key == key and any(each.name == slot for each in node.slots):
                return place_at(definition, f"{node.path}.{slot}")
        raise NoSuchPlace(path)

    def _mine(self) -> dict[str, Json]:
        text = self._form.get("mine", "")
        if len(text) > MAX_BYTES:
            raise Refused(_("It is too large."), status=422)
        try:
            found = loads_strictly(text)
        except Problem as problem:
            raise Refused(_("It cannot be read."), status=422) from problem
        if not isinstance(found, dict):
            raise Refused(_("It cannot be read."), status=422)
        return found


def _nearest(definition: Json, path: str) -> str:
    """What stands there now, else before it, else around it."""
    while path:
        *rest, last = parts_of(path)
        before = [path_of((*rest, last - 1))] if isinstance(last, int) and last else []
        for candidate in (path, *before):
            try:
                return node_at(definition, candidate).path
            except NoSuchPlace:
                continue
        path = outer(path)
    return ""


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
