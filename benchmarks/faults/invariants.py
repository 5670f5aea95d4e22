"""What must hold after every fault, whatever was broken: the records, the audit log and the outside agree."""

from collections import Counter
from collections.abc import Iterator

from django.db.models import Exists, OuterRef

from audit.actions import Action
from audit.models import AuditEntry
from audit.verify import verify_workspace
from benchmarks.faults.rig import Rig
from common.canonical import loads
from jobs.models import StepRun, Wait
from jobs.states import JOB_ENDED, JobStatus, StepStatus

_UNREPEATABLE = frozenset({"POST", "PATCH"})
_SHOWN = 5
_FAULTS_OF_OURS = (
    "The engine failed while working",
    "An action raised an unexpected error",
    "waiting for nothing",
    "A worker's task failed",
    "A chore of the sweep failed",
    "database is locked",
)


def check(rig: Rig) -> None:
    """Add to `rig.wrong` whatever does not hold."""
    for judge in (
        _nothing_is_lost,
        _one_success,
        _successes_were_seen_outside,
        _nothing_ran_unseen,
        _no_attempt_acts_twice,
        _nothing_is_repeated_that_must_not_be,
        _the_log_is_whole,
        _nothing_belongs_to_the_gone,
        _nothing_waits_for_nothing,
        _our_machinery_did_not_fail,
    ):
        found = list(judge(rig))
        rig.wrong += found[:_SHOWN]
        if len(found) > _SHOWN:
            rig.wrong.append(f"… and {len(found) - _SHOWN} more of that kind.")


def _nothing_is_lost(rig: Rig) -> Iterator[str]:
    """I1: every accepted job is there, and has ended or waits for something that has a name."""
    known = dict(rig.jobs().values_list("pk", "status"))
    for pk in rig.started:
        if pk not in known:
            yield f"Job #{pk} was accepted and is gone."
        elif known[pk] not in (*JOB_ENDED, JobStatus.WAITING):
            yield f"Job #{pk} is still {known[pk]}."


def _one_success(rig: Rig) -> Iterator[str]:
    """I2: the log tells of at most one success of a step (no workflow here has `catch` or `finally`)."""
    told = Counter(
        (stream, event["path"])
        for stream, _, _, event in events(rig)
        if event["status"] == StepStatus.COMPLETED
    )
    for (stream, path), times in told.items():
        if times > 1:
            yield f"{stream}: the log tells of {times} successes of {path}."


def _nothing_ran_unseen(rig: Rig) -> Iterator[str]:
    """An effect starts only after its row is committed."""
    rows = StepRun.objects.filter(job__workspace=rig.actor.workspace, type="http.request")
    known = {f"{uid}:{path}" for uid, path in rows.values_list("job__uid", "path")}
    for effect in rig.outside.effects():
        if f"{effect.job}:{effect.step}" not in known:
            yield f"{effect.key} arrived outside; no step run tells of it."


def _successes_were_seen_outside(rig: Rig) -> Iterator[str]:
    """I3: whatever is recorded as done was asked for outside, with its key."""
    times = rig.outside.times()
    for uid, path, generation in _requests(rig, StepStatus.COMPLETED):
        if not times[f"{uid}:{path}:{generation}"]:
            yield f"{uid}:{path}:{generation} is recorded as completed; nothing like it arrived outside."


def _no_attempt_acts_twice(rig: Rig) -> Iterator[str]:
    """A key arrives at most as often as its step was begun; so what was recorded as done is not done again."""
    rows = StepRun.objects.filter(job__workspace=rig.actor.workspace, type="http.request")
    begun = {f"{uid}:{path}": n for uid, path, n in rows.values_list("job__uid", "path", "attempt")}
    times = Counter(f"{effect.job}:{effect.step}" for effect in rig.outside.effects())
    for step, count in times.items():
        if count > begun.get(step, count):
            yield f"{step} was begun {begun[step]} times and arrived {count} times."


def _nothing_is_repeated_that_must_not_be(rig: Rig) -> Iterator[str]:
    """POST arrives once for a key, unless a person resumed the job after an unknown outcome."""
    resumed = dict(rig.jobs().values_list("uid", "generation"))
    times = Counter(effect.key for effect in rig.outside.effects() if effect.method in _UNREPEATABLE)
    allowed = {str(uid): generation + 1 for uid, generation in resumed.items()}
    for key, count in times.items():
        uid = key.partition(":")[0]
        if count > allowed.get(uid, 1):
            yield f"{key} arrived {count} times; a person allowed {allowed.get(uid, 1)}."


def _the_log_is_whole(rig: Rig) -> Iterator[str]:
    """I4: entries, links, heads and checkpoints."""
    report = verify_workspace(rig.actor.workspace)
    rig.measured["audit_entries"] = report.entries
    for finding in report.findings:
        yield f"Audit: {finding.stream} {finding.seq}: {finding.sentence}"


def _nothing_belongs_to_the_gone(rig: Rig) -> Iterator[str]:
    """I5: no job is in the hands of a worker that is gone."""
    for job in rig.jobs().filter(status=JobStatus.IN_PROGRESS, owner__gone_at__isnull=False):
        yield f"Job #{job.pk} is in progress under worker {job.owner_id}, which is gone."


def _nothing_waits_for_nothing(rig: Rig) -> Iterator[str]:
    """A waiting job has an open wait or a due time."""
    open_wait = Wait.objects.filter(job=OuterRef("pk"), settled_at=None)
    for job in rig.jobs().filter(~Exists(open_wait), status=JobStatus.WAITING, due_at=None):
        yield f"Job #{job.pk} waits for nothing."


def _our_machinery_did_not_fail(rig: Rig) -> Iterator[str]:
    """Nothing in the clusters' logs says that the engine broke."""
    for cluster in rig.clusters:
        for line in cluster.log.read_text(errors="replace").splitlines():
            if any(fault in line for fault in _FAULTS_OF_OURS):
                yield f"{cluster.log.name}: {line[:2_000]}"


def _requests(rig: Rig, status: StepStatus) -> Iterator[tuple[str, str, int]]:
    rows = StepRun.objects.filter(
        job__workspace=rig.actor.workspace, type="http.request", status=status
    ).values_list("job__uid", "path", "key_generation")
    for uid, path, generation in rows.iterator(chunk_size=5_000):
        yield str(uid), path, generation


def events(rig: Rig) -> Iterator[tuple[str, int, str, dict[str, str]]]:
    """What the log tells of the steps of all jobs: stream, number and time of the entry, event; in the order of each
    stream. Entries of one commit have one time."""
    entries = AuditEntry.objects.filter(workspace=rig.actor.workspace, action=Action.STEPS_RECORDED).order_by(
        "stream", "seq"
    )
    for stream, seq, body in entries.values_list("stream", "seq", "body").iterator(chunk_size=2_000):
        told = loads(body)
        for event in told["data"]["events"]:
            yield stream, seq, told["at"], event
