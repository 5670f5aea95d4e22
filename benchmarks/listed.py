"""The process that `benchmarks.lists` starts: SIZE. Fills the database, prints the names of the lists, and then for each
name that it reads one line of JSON with what requests of it took.

Requests go through everything that the web server would call, in this process.
"""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.lab import Lab  # sets Django up

from django.db import connection  # isort: skip
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import AuditEntry
from common.paging import paginate
from jobs.models import Job

REQUESTS = 40
LISTS = {
    "page": "/jobs/",
    "page of what failed": "/jobs/?status=failed",
    "page of what failed of a workflow": "/jobs/?workflow=rare&status=failed",
    "page of a person's jobs": "/jobs/?created_by=bench",
    "page of a search": "/jobs/?search=INV-000007",
    "page of a reference": "/jobs/?reference=INV-0000077",
    "page of an older part": "/jobs/?cursor={middle}",
    "page of a job": "/jobs/{job}/",
    "audit page": "/audit/",
    "audit page of an action": "/audit/?action=job.created",
    "API list": "/api/v1/jobs/",
    "API list of what failed": "/api/v1/jobs/?status=failed",
}
_GIVEN = frozenset({"id", "uid", "status", "title", "reference", "source", "created_at", "finished_at", "workflow_id",
                    "version_id", "created_by_id", "input_summary", "started_at"})  # fmt: skip


def main(size: int) -> None:
    """Fill, then measure what is asked for."""
    lab = Lab()
    usual, rare = (_job_of(lab, slug) for slug in ("usual", "rare"))
    client = _signed_in(lab)
    with _unsafe_but_quick():
        last = Job.objects.latest("pk").pk
        _fill(usual, rare, size - Job.objects.count())
        _fill_audit_log(usual, after=last)
    middle = _middle(size)
    print(f"  S1   {connection.vendor}: {size:,} jobs are there", file=sys.stderr, flush=True)
    print(json.dumps(list(LISTS)), flush=True)
    for line in sys.stdin:
        path = LISTS[line.strip()].format(middle=middle, job=usual.pk)
        _ask(client, path)
        with CaptureQueriesContext(connection) as asked:
            _ask(client, path)
            queries = len(asked)  # the next request empties the log
        seconds = [_ask(client, path) for _ in range(REQUESTS)]
        print(json.dumps({"seconds": seconds, "queries": queries}), flush=True)


def _job_of(lab: Lab, slug: str) -> Job:
    steps = [{"key": "a", "type": "set", "values": {"n": 1}}]
    inputs = [{"key": "month", "type": "text", "required": False}]
    lab.activate({"format": 1, "name": slug, "inputs": inputs, "steps": steps})
    job = lab.start(slug, {"month": "May"})
    lab.run()
    return job


def _signed_in(lab: Lab) -> Client:
    """A session, which the API takes for reading too."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(lab.actor.user)
    return client


def _ask(client: Client, path: str) -> float:
    start = time.perf_counter()
    answer = client.get(path, secure=True)
    taken = time.perf_counter() - start
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code}: {answer.content[:500]!r}")
    return taken


def _middle(size: int) -> str:
    """A cursor in the middle of the list: that of a page which ends there."""
    above = Job.objects.filter(kind="job", pk__gte=size // 2)
    return str(paginate(above, ordering=["-id"], size=above.count() - 1).next)


def _fill(usual: Job, rare: Job, count: int) -> None:
    """Copy the two jobs, so that one of ten has failed, of which every other is of the rare workflow, and a few wait."""
    if count <= 0:
        return
    kept = [field.column for field in Job._meta.concrete_fields if field.column not in _GIVEN]
    postgresql = connection.vendor == "postgresql"
    uid = "gen_random_uuid()" if postgresql else "lower(hex(randomblob(16)))"
    moment = "now() - ({total} - n.i) * interval '1 second'" if postgresql else (
        "strftime('%Y-%m-%d %H:%M:%f', 'now', '-' || ({total} - n.i) || ' seconds')"
    )  # fmt: skip
    series = (
        "SELECT i FROM generate_series(1, {count}) AS s(i)"
        if postgresql
        else "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < {count}) SELECT i FROM s"
    ).format(count=count)
    at = moment.format(total=count)
    number = f"n.i + {Job.objects.count()}"
    mod = "mod(n.i, {})" if postgresql else "(n.i % {})"
    given: dict[str, str] = {
        "uid": uid,
        "status": f"CASE WHEN {mod.format(10)}=0 THEN 'failed' WHEN {mod.format(999)}=0 THEN 'waiting' ELSE 'completed' END",
        "title": f"'Close ' || ({number})",
        "reference": f"'INV-' || lpad(({number})::text, 7, '0')"
        if postgresql
        else f"printf('INV-%07d', {number})",
        "source": f"CASE WHEN {mod.format(3)}=0 THEN 'ui' ELSE 'api' END",
        "created_at": at,
        "started_at": at,
        "finished_at": f"CASE WHEN {mod.format(10)}<>0 AND {mod.format(999)}=0 THEN NULL ELSE {at} END",
        "workflow_id": "j.workflow_id",
        "version_id": "j.version_id",
        "created_by_id": "j.created_by_id",
        "input_summary": "j.input_summary",
    }
    columns = [*kept, *given]
    values = [*(f"j.{column}" for column in kept), *given.values()]
    joined = f"CASE WHEN {mod.format(20)}=0 THEN {rare.pk} ELSE {usual.pk} END"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO jobs_job ({', '.join(columns)}) SELECT {', '.join(values)} "
            f"FROM ({series}) AS n JOIN jobs_job j ON j.id = {joined} ORDER BY n.i"
        )
        if postgresql:
            cursor.execute("VACUUM ANALYZE jobs_job")


def _fill_audit_log(job: Job, *, after: int) -> None:
    """An entry for each copied job, like the first one of `job`. Nobody verifies these."""
    given = {
        "stream": "'job:' || j.id",
        "at": "j.created_at",
        "target_id": "CAST(j.id AS varchar(80))",
        "label": "j.title",
    }
    columns = [field.column for field in AuditEntry._meta.concrete_fields if field.column != "id"]
    values = [given.get(column, f"e.{column}") for column in columns]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO audit_entry ({', '.join(columns)}) SELECT {', '.join(values)}"
            " FROM jobs_job j, audit_entry e WHERE e.stream = %s AND e.seq = 1 AND j.id > %s ORDER BY j.id",
            [job.stream, after],
        )
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE audit_entry")


@contextmanager
def _unsafe_but_quick() -> Iterator[None]:
    """Nothing waits for the disk meanwhile: what is filled may be lost, what is measured is not."""
    name = "synchronous_commit" if connection.vendor == "postgresql" else "synchronous"
    words = "SET {}={}" if connection.vendor == "postgresql" else "PRAGMA {}={}"
    with connection.cursor() as cursor:
        cursor.execute(words.format(name, "off"))
        yield
        cursor.execute(words.format(name, "on" if connection.vendor == "postgresql" else "full"))


if __name__ == "__main__":
    main(int(sys.argv[1]))
