"""`/jobs/{id}/evidence/`: everything that it takes to verify, elsewhere, what a job did."""

from typing import Any, ClassVar

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from jobs.api.parts import JobPart
from jobs.evidence import Evidence, take_evidence
from workspaces.permissions import Permission


class EvidenceView(JobPart):
    """The evidence pack of a job."""

    permission_map: ClassVar = {"get": Permission.JOB_EVIDENCE}

    @extend_schema(
        operation_id="jobs_evidence",
        summary="The evidence pack of a job",
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    def get(self, _request: Request, **_kwargs: Any) -> StreamingHttpResponse:
        """A ZIP, streamed, that verifies itself: `python3 FILE.zip`. It has definitions, inputs, outputs, steps, files and
        audit entries of the job and its sub-jobs. Auditors without the grant to see payloads get it without values,
        salts and files. Leaves an entry. 409 `evidence_too_large`, `no_evidence` (a preview).
        """
        return evidence_response(take_evidence(actor=self.actor, job=self.job()))


def evidence_response(evidence: Evidence) -> StreamingHttpResponse:
    """The ZIP as an attachment, for API and page."""
    return StreamingHttpResponse(
        evidence.pieces,
        content_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="{evidence.name}"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )
