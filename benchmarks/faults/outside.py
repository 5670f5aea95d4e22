"""The world as the rig sees it: where it listens, and what it says it was asked."""

import json
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from benchmarks.faults.processes import spawn


@dataclass(frozen=True, slots=True)
class Effect:
    """A request that arrived: `at` in seconds since the epoch; `key` is the idempotency key `uid:path:generation`."""

    at: float
    method: str
    path: str
    key: str

    @property
    def job(self) -> str:
        """The uid of the job that asked."""
        return self.key.partition(":")[0]

    @property
    def step(self) -> str:
        """The path of the step that asked."""
        return self.key.partition(":")[2].rpartition(":")[0]


class Outside:
    """The service in a process of its own; its history is a file that nothing of ours writes."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.file = folder / "outside.jsonl"
        self.file.touch()
        self._read = 0
        self._effects: list[Effect] = []
        self._process = spawn(
            ["-m", "benchmarks.faults.world", str(self.file), str(seed)], stdout=subprocess.PIPE
        )
        assert self._process.stdout is not None
        one, other = self._process.stdout.readline().split()
        self.url, self.other_url = f"http://127.0.0.1:{one}", f"http://127.0.0.1:{other}"

    def effects(self) -> list[Effect]:
        """Everything that has arrived so far, in its order."""
        with self.file.open("rb") as file:
            file.seek(self._read)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                self._read += len(line)
                told = json.loads(line)
                self._effects.append(Effect(told["at"], told["method"], told["path"], told["key"]))
        return self._effects

    def times(self) -> Counter[str]:
        """How often each key has arrived."""
        return Counter(effect.key for effect in self.effects())

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
