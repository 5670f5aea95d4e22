"""What the log in an evidence pack says of jobs, versions, steps and values, held against what the pack says."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from audit.rules import StreamChecker

Find = Callable[[str, str], None]
ENDED = ("completed", "failed", "cancelled")
_LIFE = {
    *(f"job.{status}" for status in ENDED),
    *("job.created", "job.started", "job.continued", "job.taken_over", "job.resumed"),
}
_KINDS = ("input", "output", "s_output", "items", "s_items", "log", "answer")


@dataclass
class PackLog:
    """Jobs come first, then the entries, then the steps."""

    find: Find
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By stream; the first one is the job that the pack is about."""
    committed: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    """Stream, path and kind of the value that a commitment in the log is for."""
    vouched: dict[tuple[str, int], str] = field(default_factory=dict)
    moved: set[str] = field(default_factory=set)
    """Streams that went on while the pack was being taken: rows may be newer than their entries."""
    entries: int = 0
    steps: int = 0
    newer: int = 0
    _versions: dict[int, dict[str, Any]] = field(default_factory=dict)
    _calls: dict[int, set[str]] = field(default_factory=dict)
    _hashes: dict[tuple[str, int], str] = field(default_factory=dict)
    _lives: dict[str, str] = field(default_factory=dict)
    _events: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    _children: dict[str, tuple[str, str]] = field(default_factory=dict)
    _ended: list[tuple[str, str, int, str]] = field(default_factory=list)

    @property
    def root(self) -> dict[str, Any] | None:
        """The job that the pack is about."""
        return next(iter(self.jobs.values()), None)

    def named(self, stream: str) -> str:
        """A job as people know it."""
        job = self.jobs.get(stream)
        return f"job #{job['id']}" if job else stream

    # ------------------------------------------------------------ versions and jobs
    def version(self, line: dict[str, Any]) -> None:
        """A frozen version."""
        self._versions[line["id"]] = line

    def calls(self, line: dict[str, Any], manifest: dict[str, Any]) -> None:
        """The digests of the versions that it calls."""
        self._calls[line["id"]] = {pinned["digest"] for pinned in manifest.get("workflows", {}).values()}

    def job(self, line: dict[str, Any]) -> None:
        """A job: its version is in the pack, and is one that its parent's version calls."""
        self.jobs[line["stream"]] = line
        version = self._versions.get(line["version_id"])
        place = f"job #{line['id']}"
        if version is None or version["digest"] != line["digest"]:
            self.find("jobs.jsonl", f"The version of {place} is not in the pack, or has another digest.")
            return
        parent = self.jobs.get(line["parent"] or "")
        if parent is not None and line["digest"] not in self._calls.get(parent["version_id"], ()):
            self.find("jobs.jsonl", f"The version of {place} is none that the version of its parent calls.")

    # ------------------------------------------------------------ entries
    def entry(self, judged: StreamChecker) -> None:
        """One entry, after its hash was judged."""
        self.entries += 1
        stream, fields = judged.stream, judged.fields
        self._hashes[stream, judged.seq] = judged.hash.hex()
        if stream not in self.jobs:
            self.find("audit.jsonl", f"There are entries of {stream}, which is no job of this pack.")
            return
        if not fields:
            return
        action, content = fields["action"], fields["data"]
        if action in _LIFE:
            self._lives[stream] = action
        if action == "job.created":
            self._created(stream, content)
        elif action == "job.completed":
            self.committed[content["outputs"]] = (stream, "", "outputs")
        elif action == "steps.recorded":
            self._recorded(stream, content["events"])
        elif action == "child.created":
            self._children[f"job:{content['job']}"] = (stream, content["path"])
            if "input" in content:
                self.committed[content["input"]] = (stream, content["path"], "input")
        elif action == "child.ended":
            self._ended.append((stream, f"job:{content['job']}", content["head_seq"], content["head_hash"]))

    def _recorded(self, stream: str, events: list[dict[str, Any]]) -> None:
        for event in events:
            self._events[stream, event["path"]] = event
            for kind in _KINDS:
                if kind in event:
                    self.committed[event[kind]] = (stream, event["path"], kind)

    def _created(self, stream: str, content: dict[str, Any]) -> None:
        job = self.jobs[stream]
        self.committed[content["inputs"]] = (stream, "", "inputs")
        if content["version"] != job["version_id"] or content.get("digest", job["digest"]) != job["digest"]:
            self.find("jobs.jsonl", f"By its first entry {self.named(stream)} ran another version.")

    def finish(self) -> None:
        """After the last entry: heads, ends and sub-jobs."""
        for stream, job in self.jobs.items():
            if self._hashes.get((stream, job["head_seq"])) != job["head_hash"]:
                self.find("jobs.jsonl", f"The head of {self.named(stream)} is not its last entry.")
            if stream not in self.moved:
                self._life(stream, job)
            settled = job["parent"] in self.jobs and job["parent"] not in self.moved
            if settled and self._children.get(stream) != (job["parent"], job["parent_path"]):
                self.find("jobs.jsonl", f"The log of its parent does not know {self.named(stream)}.")
        for stream in self._children.keys() - self.jobs.keys():
            parent, path = self._children[stream]
            self.find("jobs.jsonl", f"The sub-job that {self.named(parent)} started at {path} is missing.")
        for parent, stream, seq, digest in self._ended:
            if self._hashes.get((stream, seq)) != digest:
                self.find(
                    "audit.jsonl",
                    f"{self.named(stream)} did not end as the log of {self.named(parent)} says: entry {seq} is missing or"
                    " has another hash.",
                )

    def _life(self, stream: str, job: dict[str, Any]) -> None:
        last = self._lives.get(stream, "").removeprefix("job.")
        if (job["status"] in ENDED or last in ENDED) and job["status"] != last:
            self.find("jobs.jsonl", f"By its log {self.named(stream)} is not {job['status']}.")

    # ------------------------------------------------------------ steps
    def step(self, line: dict[str, Any]) -> None:
        """A step run: it stands where the last event of it says."""
        self.steps += 1
        stream, path = line["stream"], line["path"]
        event = self._events.pop((stream, path), None)
        job = self.jobs[stream]
        if job["status"] not in ENDED or stream in self.moved:
            self.newer += 1
            return
        place = f"step {path} of {self.named(stream)}"
        if event is None:
            self.find("steps.jsonl", f"The log does not know {place}.")
            return
        said = (event["status"], event["attempt"], event["at"], event.get("error"))
        error = line["error"]["code"] if line["error"] else None
        if said != (line["status"], line["attempt"], line["finished_at"], error):
            self.find(
                "steps.jsonl",
                f"By the log {place} is {event['status']} since {event['at']}, attempt {event['attempt']}.",
            )

    def steps_finished(self) -> None:
        """After the last step: none is missing."""
        for stream, path in self._events:
            if stream not in self.moved:
                self.find("steps.jsonl", f"Step {path} of {self.named(stream)} is missing: its log has it.")

    def notes(self) -> Iterator[str]:
        """What could not be compared."""
        going = [
            job for job in self.jobs.values() if job["status"] not in ENDED or job["stream"] in self.moved
        ]
        if going:
            yield (
                f"{len(going)} of the jobs had not ended when the pack was taken: their {self.newer} steps were NOT"
                " compared with the log, which goes on."
            )
