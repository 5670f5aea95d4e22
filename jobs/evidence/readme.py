"""The text that a pack begins with."""

from datetime import datetime

from common import clock
from jobs.models import Job
from jobs.transitions import job_label
from workspaces.actors import Actor

_TEXT = """\
EVIDENCE OF JOB #{id}: {label}

Workspace   {workspace_name} ({workspace})
Workflow    {workflow}, version {version}
Status      {status}
Taken       {at}
By          {by}
Jobs        {jobs}{jobs_words}
{ended}{hidden}

VERIFY IT IN ONE COMMAND

    python3 THIS-FILE.zip

or, unpacked, in this folder:

    python3 verify.py

It needs Python 3.11 or later and nothing else, no network and no Workledger. For the signatures it also needs the Python
package "cryptography"; without it everything else is checked, and it says what was not. The exit status is 0 when nothing
wrong was found, 1 when something was, 2 when the pack cannot be read.

A verifier that comes with what it verifies can be forged together with it. If you do not trust whoever gave you the pack,
take the verifier from a Workledger of your own (python3 -m audit.standalone PACK), ask the administrator of the
installation for its public key by another way (manage.py audit_checkpoint --public-key), and add --public-key KEY.


WHAT IS IN IT

versions/           the exact definition and manifest of each workflow version that ran
versions.jsonl      their numbers and digests; a digest is SHA-256 of {{"definition":...,"manifest":...}} (RFC 8785)
jobs.jsonl          the job and all its sub-jobs: status, times, who started it, and the head of its audit log
steps.jsonl         each step with its attempts, times, errors and decisions
values.jsonl        what went into the job and each step and what came out, as the exact stored text with its random salt
inputs.json         the job's inputs and outputs once more, easier to read
outputs.json
files.jsonl         the files of the job, with their SHA-256
files/              their bytes, and those of large values, each under its SHA-256
audit.jsonl         the audit entries of each job, with their chain of hashes
checkpoints.jsonl   the signed checkpoints of the workspace that name the last entry of these logs
manifest.json       the digest of everything above
seal.json           the installation's signature upon the manifest
verify.py, audit/   the verifier


WHAT IT PROVES

- No audit entry was changed, left out or inserted: each names the hash of the one before it, and the heads agree.
- The jobs ran exactly these definitions: the first entry of each job has the version's digest.
- These were the inputs, outputs and step values: SHA-256(salt, stored text) gives the commitment in the audit entries.
- The sub-jobs ended as the log of their parent says.
- At the time of a checkpoint the installation vouched for these entries, and at the time of the seal for the whole pack.

WHAT IT DOES NOT PROVE

- That what a person entered or a service answered was true.
- Anything against somebody who has both the installation's signing key and its database: they could write another history.
- Times by any clock but the installation's own.
- What the values were that were removed after their retention: their commitments alone are left.
- What secret inputs were: they are in the pack as they are stored, encrypted, and masked wherever they would show.
"""
_GOING = "\nTHE JOB HAD NOT ENDED when this was taken. The pack proves what had happened until then.\n"
_HIDDEN = (
    "\nWITHOUT VALUES: whoever took this may not see inputs, outputs and files. It has their commitments, so that a pack with\n"
    "values can be compared with it, but no values, no salts, no files. The verifier says that they were not checked.\n"
)


def readme(job: Job, actor: Actor, *, at: datetime, jobs: int) -> str:
    """What the pack is about, what is in it, how to verify it, what it proves and what not."""
    assert job.version is not None
    return _TEXT.format(
        id=job.pk,
        label=job_label(job.title, job.pk),
        workspace_name=actor.workspace.name,
        workspace=actor.workspace.slug,
        workflow=job.workflow.slug,
        version=job.version.number,
        status=job.get_status_display(),
        at=clock.rfc3339(at),
        by=actor.label,
        jobs=jobs,
        jobs_words=" (this one alone)" if jobs == 1 else " (this one and those that it started)",
        ended="" if job.ended else _GOING,
        hidden="" if actor.sees_payloads else _HIDDEN,
    )
