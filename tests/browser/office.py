"""A back office on a Monday: jobs of the samples that ran, failed, wait and run, for pictures of the pages."""

import io
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from common.canonical import loads
from jobs import services, uploads
from jobs.demo.samples import EXPENSE_REPORT, MONTH_CLOSE, path_of
from jobs.demo.workspace import Demo
from jobs.models import File, Job
from jobs.models.job import Source
from jobs.states import JOB_ENDED, JobStatus
from workflows.models import Workflow
from workflows.services.activation import activate
from workflows.services.drafts import save_draft
from workspaces.actors import Actor
from workspaces.models import Role

_WITHIN = 120.0
_CATEGORIES = ("travel", "hotel", "meals", "office", "software")
_EMPLOYEES = ("Ada Novak", "Jonas Weber", "Mira Costa", "Tomás Ruiz")


class Office:
    """Starts jobs in the workspace of the demonstration, whose workers run them."""

    def __init__(self, demo: Demo) -> None:
        self._actor = Actor(
            user=demo.user, workspace=demo.workspace, role=Role.ADMIN, sees_payloads=True, request_id=""
        )

    def fill(self) -> int:
        """The number of the job that failed inside its loop. One waits and one runs until all is stopped."""
        for month, name in ((5, "May"), (6, "June")):
            self.expenses(f"Expenses of {name}", month, _rows(month, 11))
            self.close(f"Close of {name}", month)
        rows = _rows(7, 14)
        rows[6] = rows[6].replace(f",{_CATEGORIES[6 % 5]},", ",,")  # a row without a category
        failed = self.expenses("Expenses of July", 7, rows)
        self.close("Close of July", 7)
        _wait(lambda: not Job.objects.exclude(status__in=JOB_ENDED).exists())
        self.let_the_close_wait()
        self.close("Close of August", 8)
        _wait(lambda: Job.objects.filter(status=JobStatus.WAITING).exists())
        self.expenses("Expenses of August", 8, _rows(8, 1500))
        _wait(lambda: Job.objects.filter(kind="job", status=JobStatus.IN_PROGRESS, done__gt=0).exists())
        failed.refresh_from_db()
        assert failed.status == JobStatus.FAILED
        return failed.pk

    def expenses(self, title: str, month: int, rows: list[str]) -> Job:
        """A job that checks `rows`."""
        text = "\n".join(["date,employee,category,amount,receipt", *rows])
        file = self._file(f"expenses-2026-{month:02}.csv", text)
        inputs: dict[str, Any] = {**EXPENSE_REPORT.inputs, "report": file.pk}
        return self._start(EXPENSE_REPORT.workflow, title, f"EXP-2026-{month:02}", inputs)

    def close(self, title: str, month: int) -> Job:
        """A job that closes a month."""
        ledger = path_of(MONTH_CLOSE.files["ledger"]).read_text(encoding="utf-8")
        file = self._file(f"ledger-2026-{month:02}.csv", ledger.replace("2026-10-", f"2026-{month:02}-"))
        inputs: dict[str, Any] = {"ledger": file.pk, "month": f"2026-{month:02}"}
        return self._start(MONTH_CLOSE.workflow, title, f"CLOSE-2026-{month:02}", inputs)

    def let_the_close_wait(self) -> None:
        """A new version that looks at the books again after hours, not after a second."""
        workflow = Workflow.objects.get(workspace=self._actor.workspace, slug=MONTH_CLOSE.workflow)
        definition = loads(workflow.draft.replace('"delay":"1s"', '"delay":"2h"'))
        save_draft(actor=self._actor, workflow=workflow, expected_revision=None, definition=definition)
        activate(actor=self._actor, workflow=workflow, note="Look at the books again after two hours.")

    def _file(self, name: str, text: str) -> File:
        content = io.BytesIO(text.encode())
        stored = uploads.store_upload(actor=self._actor, name=name, media_type="text/csv", content=content)
        return uploads.add_file(actor=self._actor, stored=stored)

    def _start(self, workflow: str, title: str, reference: str, inputs: dict[str, Any]) -> Job:
        return services.start_job(
            actor=self._actor,
            workflow=workflow,
            inputs=inputs,
            title=title,
            reference=reference,
            source=Source.UI,
        ).job


def _rows(month: int, count: int) -> list[str]:
    """Of a month's expenses; each is within the limit of its category, or somewhat above it."""
    return [
        f"2026-{month:02}-{number % 27 + 1:02},{_EMPLOYEES[number % 4]},{_CATEGORIES[number % 5]},"
        f"{Decimal(4210 + number * 3137 % 14000) / 100},{'no' if number % 6 == 5 else 'yes'}"
        for number in range(count)
    ]


def _wait(arrived: Callable[[], bool]) -> None:
    """Until it is so. Raises `TimeoutError`."""
    deadline = time.monotonic() + _WITHIN
    while not arrived():
        if time.monotonic() > deadline:
            raise TimeoutError("The jobs of the demonstration do not move: its workers may have ended.")
        time.sleep(0.2)
