"""The bytes of a file, for links on pages."""

from typing import ClassVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from jobs.api.hiding import require_payloads
from jobs.downloads import file_response
from jobs.models import File
from workspaces.pages.base import Page
from workspaces.permissions import Permission


class FilePage(Page):
    """A file as an attachment."""

    permissions: ClassVar = {"get": Permission.FILE_VIEW}

    def get(self, request: HttpRequest, id: str) -> HttpResponseBase:  # noqa: A002 - the address names it
        """For those who may see values."""
        file = self.found(File.objects.all(), pk=id)
        require_payloads(self.actor)
        return file_response(
            actor=self.actor, file=file, if_none_match=request.headers.get("If-None-Match", "")
        )
