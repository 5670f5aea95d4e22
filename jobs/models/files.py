"""Files: content-addressed blobs, and the names under which people and steps know them."""

from typing import Self

from django.db import models
from django.db.models import Q

from jobs.states import JobKind
from workspaces.models import Workspace


class Blob(models.Model):
    """Stored bytes, named by their SHA-256 (hexadecimal). One that no row names is removed after a day."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    bytes = models.BigIntegerField()
    touched_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.sha256


class FileQuerySet(models.QuerySet["File"]):
    """The reads of files."""

    def without_previews(self) -> Self:
        """Those that stay: previews and their sub-jobs are removed with what they made."""
        stays = ~Q(job__kind=JobKind.PREVIEW) & (
            Q(job__root__isnull=True) | ~Q(job__root__kind=JobKind.PREVIEW)
        )
        return self.filter(Q(job__isnull=True) | stays)


class File(models.Model):
    """A file of a workspace: uploaded by a person or a program, or made by a step of `job`."""

    id = models.CharField(max_length=40, primary_key=True)
    """`file_` and 128 random bits: nothing to guess, nothing to enumerate."""
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="files")
    job = models.ForeignKey("jobs.Job", on_delete=models.PROTECT, null=True, related_name="files")
    name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=255)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="files", db_column="sha256")
    created_at = models.DateTimeField()

    objects = FileQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name
