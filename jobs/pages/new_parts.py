"""What the script of a form made from inputs asks for: a file stored, a table read, which fields are shown, still signed in?"""

from typing import ClassVar

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from common import clock
from common.api.problems import not_found
from common.errors import Problem
from jobs import storage
from jobs.api.multipart import Received
from jobs.forms.answers import read, table_from_file
from jobs.forms.bringing import bring
from jobs.forms.choice import definition_of
from jobs.forms.typed import Misread
from jobs.inputs import today_in
from jobs.pages.uploading import TakesFiles, received
from workflows.definition.inputs import validate_inputs
from workflows.definition.model import Definition, Input
from workflows.definition.wording import capital
from workspaces.pages.base import Page
from workspaces.permissions import Permission


class FormPart(TakesFiles):
    """Something of the form that the address names as the form's own does, or by `draft`; `input` names the field."""

    def definition(self, request: HttpRequest) -> Definition:
        """Raises `Problem` 403, 404."""
        return definition_of(self.actor, request.GET.dict())

    def input(self, request: HttpRequest, *types: str) -> Input:
        """Raises `Problem` 404."""
        key = request.GET.get("input", "")
        for one in self.definition(request).inputs:
            if one.key == key and one.type in types:
                return one
        raise not_found()


class UploadPage(FormPart):
    """One file for an input."""

    permissions: ClassVar = {"post": Permission.FILE_UPLOAD}

    def post(self, request: HttpRequest) -> HttpResponse:
        """201 with the file's value. 422 when the input does not take it."""
        one = self.input(request, "file", "files")
        file = bring(actor=self.actor, one=one, upload=_the_file(request))
        return JsonResponse(storage.file_value(file), status=201)


class TablePage(FormPart):
    """The rows of a file, for the grid; the file itself is not kept."""

    permissions: ClassVar = {"post": Permission.JOB_START}

    def post(self, request: HttpRequest) -> HttpResponse:
        """`text`: the rows as the form holds them. 422 with row and column when they cannot be read."""
        one = self.input(request, "table")
        try:
            text = table_from_file(one, _the_file(request))
        except Misread as error:
            raise Problem(422, "invalid_inputs", capital(str(error))) from error
        return JsonResponse({"text": text})


class ShownPage(FormPart):
    """Which fields the conditions of the form hide, with what stands in it now."""

    permissions: ClassVar = {"post": Permission.JOB_START}

    def post(self, request: HttpRequest) -> HttpResponse:
        """`hidden`: the keys."""
        definition = self.definition(request)
        answers = read(definition, request.POST, timezone.get_current_timezone(), seal_for="")
        workspace = self.actor.workspace
        ids = storage.file_ids(list(answers.given.values()))
        files = storage.known_files(workspace_id=workspace.pk, ids=ids)
        checked = validate_inputs(
            definition.inputs,
            answers.given,
            files=lambda file_id: files[file_id].as_json() if file_id in files else None,
            today=today_in(workspace.time_zone, clock.now()),
        )
        return JsonResponse({"hidden": sorted(checked.hidden)})


class ReadyPage(Page):
    """Whether the form can be sent: asked before it is, so that an ended session loses nothing that was typed."""

    permissions: ClassVar = {"get": Permission.JOB_START}

    def get(self, _request: HttpRequest) -> HttpResponse:
        """204."""
        return HttpResponse(status=204)


def _the_file(request: HttpRequest) -> Received:
    """The one file of the form. Raises `Problem` 422."""
    files = received(request, "file")
    if len(files) != 1:
        raise Problem(422, "invalid", f"Expected one file, got {len(files) or 'none'}.")
    return files[0]
