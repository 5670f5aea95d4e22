"""Everything that somebody could change in a pack, by chance, clumsily, or knowing how a pack is made."""

import hashlib
import json
from collections.abc import Callable

import pytest

from audit import signing
from audit.checkpoints import write_checkpoint
from tests.evidence.conftest import joined, lines, members, pack_of, packed, resealed

Content = dict[str, bytes]


@pytest.fixture
def content(desk, job) -> Content:
    """The members of a true pack, with a checkpoint."""
    write_checkpoint(workspace=desk.actor.workspace)
    return members(pack_of(desk.actor, job))


def test_a_changed_byte_in_any_member_is_found(content, judge):
    for name, member in content.items():
        if name == "audit/__init__.py":
            continue  # empty
        for place in {0, len(member) // 2, len(member) - 2}:
            changed = member[:place] + bytes([member[place] ^ 1]) + member[place + 1 :]
            status, told = judge(packed(content | {name: changed}))
            assert status in (1, 2), (name, place, told)
            assert "Nothing wrong" not in told
            if name not in ("manifest.json", "seal.json"):
                assert f"WRONG in {name}: It was changed" in told


def test_a_member_that_is_gone_empty_or_added_is_found(content, judge):
    for name in content:
        rest = {each: member for each, member in content.items() if each != name}
        status, told = judge(packed(rest))
        assert status in (1, 2), (name, told)
        assert name in told
        if content[name]:
            assert judge(packed(content | {name: b""}))[0] in (1, 2), name
    status, told = judge(packed(content | {"files/extra": b"x"}))
    assert (status, "The manifest does not know this member." in told) == (1, True)


def test_a_cut_or_damaged_zip_is_told(content, judge, tmp_path):
    pack = packed(content)
    status, told = judge(pack[: len(pack) // 2])
    assert status == 2
    assert told == "The ZIP is damaged or not complete. Download it again.\n"
    place = pack.index(b"audit.jsonl") + 200
    status, told = judge(pack[:place] + b"\0\0\0\0" + pack[place + 4 :])
    assert status == 1
    assert "WRONG in audit.jsonl: It was changed or damaged" in told
    assert judge(packed({"a.txt": b"x"}))[0] == 2


# ---------------------------------------------------------------- by somebody who makes manifest and seal anew
Forge = Callable[[Content], None]


def edit(name: str, where: Callable[[dict], bool], change: Callable[[dict], None]) -> Forge:
    """Change the first line of a member that fits."""

    def forge(content: Content) -> None:
        records = lines(content[name])
        change(next(record for record in records if where(record)))
        content[name] = joined(records)

    return forge


def drop(name: str, where: Callable[[dict], bool]) -> Forge:
    """Leave out the first line of a member that fits."""

    def forge(content: Content) -> None:
        records = lines(content[name])
        records.remove(next(record for record in records if where(record)))
        content[name] = joined(records)

    return forge


def setting(**fields: object) -> Callable[[dict], None]:
    return lambda record: record.update(fields)


def value_and_its_commitment(record: dict) -> None:
    record["body"] = record["body"].replace("2", "3")
    record["commitment"] = hashlib.sha256(bytes.fromhex(record["salt"]) + record["body"].encode()).hexdigest()


def entry_body(record: dict) -> None:
    record["body"] = record["body"].replace('"actor":"', '"actor":"x')


def rechained(content: Content, *, action: str, old: str, new: str, of_root: bool) -> None:
    """Change an entry, and make all hashes after it and the head fit."""
    jobs, records = lines(content["jobs.jsonl"]), lines(content["audit.jsonl"])
    stream = jobs[0 if of_root else 1]["stream"]
    head = b""
    for record in records:
        if record["record"] == "entry" and record["stream"] == stream:
            if f'"action":"{action}"' in record["body"]:
                assert old in record["body"]
                record["body"] = record["body"].replace(old, new)
            record["prev"] = head.hex()
            head = hashlib.sha256(head + record["body"].encode()).digest()
            record["hash"] = head.hex()
        elif record["record"] == "head" and record["stream"] == stream:
            record["hash"] = head.hex()
    next(job for job in jobs if job["stream"] == stream)["head_hash"] = head.hex()
    content["jobs.jsonl"], content["audit.jsonl"] = joined(jobs), joined(records)


def other_definition(content: Content) -> None:
    name = "versions/callee-1/definition.json"
    content[name] = content[name].replace(b"* 2", b"* 3")


def other_version_with_its_digest(content: Content) -> None:
    """The definition of the callee is another one, and every digest is made to fit."""
    other_definition(content)
    texts = [content[f"versions/callee-1/{name}.json"] for name in ("definition", "manifest")]
    made = b'{"definition":' + texts[0] + b',"manifest":' + texts[1] + b"}"
    digest = f"sha256:{hashlib.sha256(made).hexdigest()}"
    versions, jobs = lines(content["versions.jsonl"]), lines(content["jobs.jsonl"])
    old = next(version for version in versions if version["slug"] == "callee")["digest"]
    for record in [*versions, *jobs]:
        if record["digest"] == old:
            record["digest"] = digest
    content["versions.jsonl"], content["jobs.jsonl"] = joined(versions), joined(jobs)


def other_file(content: Content) -> None:
    """The bytes of a file and everything in files.jsonl that follows from them."""
    records = lines(content["files.jsonl"])
    forged = b"forged\n"
    del content[f"files/{records[0]['sha256']}"]
    records[0] |= {"sha256": hashlib.sha256(forged).hexdigest(), "bytes": len(forged)}
    content[f"files/{records[0]['sha256']}"] = forged
    content["files.jsonl"] = joined(records)


def file_bytes(content: Content) -> None:
    name = next(name for name in content if name.startswith("files/"))
    content[name] += b"x"


def without_a_sub_job(content: Content) -> None:
    """Everything that names the last sub-job itself is left out."""
    stream = lines(content["jobs.jsonl"])[-1]["stream"]
    for name in ("jobs.jsonl", "steps.jsonl", "values.jsonl", "audit.jsonl"):
        records = [record for record in lines(content[name]) if record.get("stream") != stream]
        for record in records:
            if record.get("record") == "end":
                record["entries"] = sum(each.get("record") == "entry" for each in records)
        content[name] = joined(records)


def outputs(content: Content) -> None:
    content["outputs.json"] = content["outputs.json"].replace(b"out.csv", b"own.csv")


def is_value(kind: str, path: str = "") -> Callable[[dict], bool]:
    return lambda record: record["kind"] == kind and record["path"] == path


FORGED: dict[str, tuple[Forge, str]] = {
    "a value": (
        edit("values.jsonl", is_value("inputs"), lambda r: r.update(body=r["body"].replace("2", "3"))),
        "The inputs of job #1 was changed: it does not give its commitment",
    ),
    "a salt": (
        edit("values.jsonl", is_value("output", "each"), setting(salt="00" * 16)),
        "does not give its commitment",
    ),
    "a value with its commitment": (
        edit("values.jsonl", is_value("outputs"), value_and_its_commitment),
        "The log does not know the outputs of",
    ),
    "a value's place": (
        edit("values.jsonl", is_value("output", "each"), setting(path="write")),
        "The log does not know the output of step write",
    ),
    "a value left out": (drop("values.jsonl", is_value("items", "each")), "The items of step each of job #1 is missing"),
    "an entry": (
        edit("audit.jsonl", lambda r: r["record"] == "entry", entry_body),
        "its text does not give its hash",
    ),
    "an entry left out": (
        drop("audit.jsonl", lambda r: r["record"] == "entry" and r["seq"] == 2),
        "Entry 2 is missing",
    ),
    "a head": (
        edit("audit.jsonl", lambda r: r["record"] == "head", setting(hash="00" * 32)),
        "The head of the stream names another hash",
    ),
    "a job's head": (edit("jobs.jsonl", bool, setting(head_seq=1)), "is not its last entry"),
    "a job's status": (
        edit("jobs.jsonl", lambda r: r["kind"] == "subjob", setting(status="failed")),
        "is not failed",
    ),
    "a job that is said to run still": (edit("jobs.jsonl", bool, setting(status="waiting")), "is not waiting"),
    "a sub-job's parent": (
        edit("jobs.jsonl", lambda r: r["kind"] == "subjob", setting(parent_path="write")),
        "The log of its parent does not know",
    ),
    "a sub-job left out": (without_a_sub_job, "The sub-job that job #1 started at each[1].check is missing"),
    "a sub-job's log, made anew": (
        lambda content: rechained(content, action="job.completed", old='"actor":"', new='"actor":"x', of_root=False),
        "did not end as the log of job #1 says",
    ),
    "the job's log, made anew": (
        lambda content: rechained(content, action="job.created", old='"actor":"', new='"actor":"x', of_root=True),
        "a signed checkpoint names another hash",
    ),
    "a checkpoint's heads": (
        edit("checkpoints.jsonl", bool, lambda r: r.update(body=r["body"].replace("job:", "jab:", 1))),
        "its text does not give its hash",
    ),
    "a definition": (other_definition, "definition and manifest do not give its digest"),
    "a definition with its digest": (other_version_with_its_digest, "ran another version"),
    "a file's bytes": (file_bytes, "do not give its digest"),
    "a file with its digest": (other_file, "The values of the job name another digest for the file"),
    "a step's status": (
        edit("steps.jsonl", lambda r: r["path"] == "write", setting(status="skipped")),
        "By the log step write of job #1 is completed",
    ),
    "a step's time": (
        edit("steps.jsonl", lambda r: r["path"] == "write", setting(finished_at="2020-01-01T00:00:00.000000Z")),
        "By the log step write",
    ),
    "a step left out": (drop("steps.jsonl", lambda r: r["path"] == "write"), "Step write of job #1 is missing"),
    "a step added": (
        edit("steps.jsonl", lambda r: r["path"] == "write", setting(path="other")),
        "The log does not know step other",
    ),
    "the copy of the outputs": (outputs, "it is not what values.jsonl has as outputs"),
    "nonsense": (edit("values.jsonl", bool, lambda r: r.clear()), "Line 1 is not what belongs there"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
def test_a_forgery_with_manifest_and_seal_made_anew_is_found_without_any_key(content, judge, name):
    forge, sentence = FORGED[name]
    job = lines(content["jobs.jsonl"])[0]["id"]
    forge(content)
    status, told = judge(resealed(content), packages=False)
    assert sentence.replace("#1", f"#{job}") in told, told
    assert status == 1
    status, told = judge(packed(content))
    assert status == 1
    assert "WRONG in seal.json: The signature is wrong" in told


def test_a_forgery_that_is_sealed_with_a_key_of_the_forgers_own_is_found_by_the_true_key(
    content, judge, settings, desk
):
    true_key = signing.public_key()
    settings.AUDIT_SIGNING_KEY = "A" * 43 + "="
    job = desk.actor.workspace.jobs.filter(parent=None).get()
    pack = pack_of(desk.actor, job)
    assert judge(pack)[0] == 1  # the checkpoint was signed with the true one
    status, told = judge(pack, "--public-key", true_key)
    assert status == 1
    assert "made with a key that was not expected" in told


def test_many_findings_are_counted_and_not_all_told(content, judge):
    records = lines(content["values.jsonl"])
    content["values.jsonl"] = joined([{**records[0], "path": f"p{n}"} for n in range(150)])
    status, told = judge(resealed(content), packages=False)
    assert status == 1
    assert "more findings are not shown" in told
    assert json.loads(content["manifest.json"])
