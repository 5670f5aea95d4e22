"""`/workflows/gallery/`: workflows to copy, each explained step by step, with something to try it on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from common.api.problems import not_found
from common.canonical import Json
from workflows import gallery
from workflows.definition.model import Definition, Input, Output
from workflows.described import Described, describe
from workflows.gallery import Entry
from workflows.pages.buttons import why_not
from workflows.reading import parsed
from workflows.services import Copied, copy_from_gallery
from workflows.words import step_icon, step_type_word
from workspaces.pages.addresses import address_of
from workspaces.pages.base import Page
from workspaces.pages.values import Column
from workspaces.permissions import Permission


@dataclass(frozen=True, kw_only=True)
class Card:
    """An entry as the list shows it. `shows`: icons and words of the kinds of steps in it, each once."""

    entry: Entry
    steps: int
    shows: Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Explained:
    """A workflow of an entry with what each of its steps does."""

    slug: str
    name: str
    described: Described


@dataclass(frozen=True, kw_only=True)
class Sample:
    """An input or output with the value that the entry has for it. `words`: the value of a choice as the form has it;
    `files`: names of files.
    """

    label: str
    value: Json = None
    words: str = ""
    columns: Sequence[Column] = ()
    files: Sequence[str] = ()


class GalleryPage(Page):
    """All of it."""

    permissions: ClassVar = {"get": Permission.WORKFLOW_VIEW}

    def get(self, _request: HttpRequest) -> HttpResponse:
        """A card for each entry."""
        return self.render("workflows/gallery/list.html", cards=[_card(entry) for entry in gallery.entries()])


class EntryPage(Page):
    """One workflow of the gallery."""

    permissions: ClassVar = {"get": Permission.WORKFLOW_VIEW, "post": Permission.WORKFLOW_EDIT}

    def get(self, _request: HttpRequest, entry: str) -> HttpResponse:
        """What it is for, its steps with their explanations, and its samples."""
        found = _found(entry)
        explained = [_explained(slug, raw) for slug, raw in found.definitions.items()]
        return self.render(
            "workflows/gallery/entry.html",
            entry=found,
            main=explained[-1],
            called=explained[:-1],
            inputs=_sample_inputs(found),
            outputs=_sample_outputs(found),
            offline=bool(found.pins),
            why_not_copy=why_not(self.actor, Permission.WORKFLOW_EDIT),
        )

    def post(self, request: HttpRequest, entry: str) -> HttpResponse:
        """Copy it, and open the copy where it can be changed."""
        copied = copy_from_gallery(actor=self.actor, workspace=self.actor.workspace, entry=_found(entry))
        messages.success(request, _done(copied))
        slug = copied.workflow.slug
        page = address_of("workflows:builder", slug) or reverse("workflows:detail", args=[slug])
        return HttpResponseRedirect(page)


class SampleFilePage(Page):
    """A sample file of an entry."""

    permissions: ClassVar = {"get": Permission.WORKFLOW_VIEW}

    def get(self, _request: HttpRequest, entry: str, name: str) -> HttpResponse:
        """As an attachment."""
        for file in _found(entry).files:
            if file.name == name:
                return HttpResponse(
                    file.content,
                    content_type=file.media_type,
                    headers={"Content-Disposition": f'attachment; filename="{file.name}"'},
                )
        raise not_found()


def _found(slug: str) -> Entry:
    entry = gallery.entry_of(slug)
    if entry is None:
        raise not_found()
    return entry


def _definition(raw: Json) -> Definition:
    definition = parsed(raw).definition
    assert definition is not None  # the gallery has nothing that cannot be read
    return definition


def _card(entry: Entry) -> Card:
    steps = [step for raw in reversed(list(entry.definitions.values())) for step in _definition(raw).walk()]
    shows = {step.type: (step_icon(step.type), step_type_word(step.type)) for step in steps}
    return Card(entry=entry, steps=len(steps), shows=list(shows.values()))


def _explained(slug: str, raw: Json) -> Explained:
    definition = _definition(raw)
    return Explained(
        slug=slug,
        name=definition.name,
        described=describe(definition, link=lambda step: f"#{slug}-{step.key}"),
    )


def _sample_inputs(entry: Entry) -> list[Sample]:
    given = {one.key: one for one in _definition(entry.definitions[entry.slug]).inputs}
    return [_sample_input(one, entry) for key, one in given.items() if key in entry.given]


def _sample_input(one: Input, entry: Entry) -> Sample:
    value = entry.inputs.get(one.key)
    return Sample(
        label=one.label,
        value=value,
        words=_chosen(one, value),
        columns=[Column(key=each.key, label=each.label) for each in one.columns],
        files=[file.name for file in entry.files if file.input == one.key],
    )


def _chosen(one: Input, value: Json) -> str:
    """The labels of what was chosen; empty where nothing is to be chosen, or choices have no labels."""
    choices = one.constraints.get("choices", ())
    labels = {each["value"]: each["label"] for each in choices if isinstance(each, dict)}
    if not labels:
        return ""
    return ", ".join(labels[each] for each in (value if isinstance(value, list) else [value]))


def _sample_outputs(entry: Entry) -> list[Sample]:
    return [
        _sample_output(one, entry.gives[one.key])
        for one in _definition(entry.definitions[entry.slug]).outputs
    ]


def _sample_output(one: Output, value: Json) -> Sample:
    if one.type == "file":
        return Sample(label=one.label, files=[value])
    return (
        Sample(label=one.label, files=value) if one.type == "files" else Sample(label=one.label, value=value)
    )


def _done(copied: Copied) -> str:
    name = copied.workflow.name
    inactive = ", ".join(each.slug for each in copied.called if each.active_version_id is None)
    if inactive:
        return _(
            "%(name)s is here as a draft of yours. It calls %(slugs)s: activate that first, then it."
        ) % {
            "name": name,
            "slugs": inactive,
        }
    return _("%(name)s is here as a draft of yours. Change what you like, then activate it.") % {"name": name}
