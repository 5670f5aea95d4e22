"""Random small workflows: every block and every kind of end, nested, with references between steps."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

CONDITIONS = ["inputs.n > 1", "inputs.n > 5", "True", "len(str(inputs.n)) == 1", "False"]
ITEMS = ["range(inputs.n)", "[7, 8]", "[]", "[inputs.n]"]
LEAVES = [
    "set",
    "set",
    "code",
    "slow",
    "render",
    "render",
    "render",
    "flaky",
    "delay",
    "bad",
    "retried",
    "fail",
]
BLOCKS = ["branch", "parallel", "for_each", "repeat", "try", "try"]


@dataclass(kw_only=True)
class Flow:
    """A definition, and what can be said of it before it runs."""

    definition: dict[str, Any]
    sub: dict[str, Any]
    racy: bool
    """Its result may depend on who is first."""
    tolerant: bool
    """A failure may leave a trace in its result."""
    kept: frozenset[str]
    """Keys of steps inside `finally`, which run after a cancel too."""


@dataclass
class Author:
    """Writes one definition; `draw` decides."""

    draw: Any
    calls: str = ""
    """The sub-workflow that may be called; empty: none."""
    count: int = 0
    racy: bool = False
    tolerant: bool = False
    kept: set[str] = field(default_factory=set)

    def pick(self, options: list[Any]) -> Any:
        return self.draw(st.sampled_from(options))

    def chance(self, one_in: int) -> bool:
        return bool(self.draw(st.integers(1, one_in)) == one_in)

    def key(self) -> str:
        self.count += 1
        return f"k{self.count}"

    def steps(self, depth: int, seen: list[str], *, beside: bool = False, kept: bool = False) -> list[Any]:
        """One to three steps; `seen` are keys that they may refer to, `beside`: others run at the same time."""
        made: list[Any] = []
        seen = list(seen)
        for _ in range(self.draw(st.integers(1, 3))):
            step = self.step(depth, seen, beside=beside, kept=kept)
            made.append(step)
            if step["type"] not in ("fail", "finish"):
                seen.append(step["key"])
            if kept:
                self.kept.add(step["key"])
        return made

    def step(self, depth: int, seen: list[str], *, beside: bool, kept: bool) -> dict[str, Any]:
        kinds = LEAVES + (BLOCKS * 2 if depth else [])
        kinds = kinds + (["call"] if self.calls else []) + (["finish"] if not kept else [])
        kind = self.pick(kinds)
        step = {"key": self.key(), **getattr(self, f"_{kind}")(depth, seen, beside, kept)}
        if self.chance(6):
            step["when"] = self.pick(CONDITIONS)
        if kind not in ("finish", "set", "delay") and self.chance(6):
            step["on_error"] = "continue"
            self.tolerant = True
        return step

    def value(self, seen: list[str]) -> str:
        earlier = [f"{{{{ steps.{key}.output }}}}" for key in seen[-2:]]
        return str(self.pick(["{{ inputs.n }}", "a text", *earlier]))

    # ------------------------------------------------------------ leaves
    def _set(self, depth: int, seen: list[str], beside: bool, kept: bool) -> dict[str, Any]:
        return {"type": "set", "values": {"v": self.value(seen)}}

    def _code(self, depth: int, seen: list[str], beside: bool, kept: bool) -> dict[str, Any]:
        return {"type": "code", "source": "[inputs['v'], 1]", "inputs": {"v": self.value(seen)}}

    def _slow(self, depth: int, seen: list[str], beside: bool, kept: bool) -> dict[str, Any]:
        return {"type": "code", "source": "sum(range(400000))"}

    def _render(self, depth: int, seen: list[str], beside: bool, kept: bool) -> dict[str, Any]:
        step: dict[str, Any] = {
            "type": "text.render",
            "config": {"text": self.value(seen).replace("{{ ", "length {{ len(str(").replace(" }}", ")) }}")},
        }
        if self.chance(4):
            step["idempotent"] = False
        return step

    def _flaky(self, depth: int, seen: list[str], beside: bool, kept: bool) -> dict[str, Any]:
        return {"type": "text.render", "config": {"text": "flaky"}, "retry": "none"}

    def _delay(self, depth: int, seen: list[str], beside: bool, kept: bool) -> dict[str, Any]:
        return {"type": "delay", "duration": "1h"}

    def _bad(self, depth: int, seen: list[str], beside: bool, kept: bool) -> dict[str, Any]:
        return (
            {"type": "code", "source": "1 // 0"} if self.chance(3) else self._code(depth, seen, beside, kept)
        )

    def _retried(self, depth: int, seen: list[str], beside: bool, kept: bool) -> dict[str, Any]:
        retry = {"max_attempts": 2, "delay": "1h", "errors": ["http_error"]}
        return {"type": "text.render", "config": {"text": "flaky"}, "retry": retry}

    def _fail(self, depth: int, seen: list[str], beside: bool, kept: bool) -> dict[str, Any]:
        return {"type": "fail", "message": "broken"}

    def _finish(self, depth: int, seen: list[str], beside: bool, kept: bool) -> dict[str, Any]:
        self.racy |= beside
        return {"type": "finish", "outputs": {"v": "{{ {'early': inputs.n} }}"}}

    def _call(self, depth: int, seen: list[str], beside: bool, kept: bool) -> dict[str, Any]:
        return {"type": "workflow", "workflow": self.calls, "inputs": {"n": "{{ inputs.n }}"}}

    # ------------------------------------------------------------ blocks
    def _branch(self, depth: int, seen: list[str], beside: bool, kept: bool) -> dict[str, Any]:
        branches = [
            {
                "key": self.key(),
                "when": self.pick(CONDITIONS),
                "steps": self.steps(depth - 1, seen, beside=beside, kept=kept),
                "value": "inputs.n",
            }
            for _ in range(self.draw(st.integers(1, 2)))
        ]
        step: dict[str, Any] = {"type": "branch", "branches": branches}
        if self.chance(2):
            step["else"] = {"steps": self.steps(depth - 1, seen, beside=beside, kept=kept), "value": "'else'"}
        return step

    def _parallel(self, depth: int, seen: list[str], beside: bool, kept: bool) -> dict[str, Any]:
        step: dict[str, Any] = {
            "type": "parallel",
            "branches": [
                {"key": self.key(), "steps": self.steps(depth - 1, seen, beside=True, kept=kept)}
                for _ in range(self.draw(st.integers(2, 3)))
            ],
        }
        if self.chance(4):
            step["wait_for"] = "any"
            self.racy = True
        return step

    def _for_each(self, depth: int, seen: list[str], beside: bool, kept: bool) -> dict[str, Any]:
        concurrency = self.draw(st.integers(1, 3))
        inside = self.steps(depth - 1, seen, beside=beside or concurrency > 1, kept=kept)
        step: dict[str, Any] = {
            "type": "for_each", "items": self.pick(ITEMS), "as": f"i{self.count}", "concurrency": concurrency, "steps": inside,
        }  # fmt: skip
        if self.chance(2):
            step["collect"] = "index"
        if self.chance(3):
            step["on_item_error"] = "continue"
            self.tolerant = True
            if self.chance(2):
                step["max_failures"] = 0
                self.racy |= concurrency > 1
        return step

    def _repeat(self, depth: int, seen: list[str], beside: bool, kept: bool) -> dict[str, Any]:
        step: dict[str, Any] = {
            "type": "repeat",
            "max_times": self.draw(st.integers(1, 3)),
            "until": self.pick(["index == 1", "False", "len(str(index)) == 1"]),
            "on_exhausted": self.pick(["fail", "continue"]),
            "steps": self.steps(depth - 1, seen, beside=beside, kept=kept),
        }
        if self.chance(3):
            step["delay"] = "1h"
        if self.chance(2):
            step["collect"] = "index"
        return step

    def _try(self, depth: int, seen: list[str], beside: bool, kept: bool) -> dict[str, Any]:
        step: dict[str, Any] = {"type": "try", "steps": self.steps(depth - 1, seen, beside=beside, kept=kept)}
        if self.chance(2):
            self.tolerant = True
            catch: dict[str, Any] = {"steps": self.steps(depth - 1, seen, beside=beside, kept=kept)}
            if self.chance(2):
                catch["errors"] = [self.pick(["step_failed", "code_error", "http_error"])]
            step["catch"] = [catch]
        if "catch" not in step or self.chance(2):
            step["finally"] = self.steps(depth - 1, seen, beside=beside, kept=True)
        return step


def _definition(name: str, steps: list[Any]) -> dict[str, Any]:
    ends = [step["key"] for step in steps if step["type"] not in ("fail", "finish")]
    values = {key: f"{{{{ steps.{key}.output }}}}" for key in ends}
    return {
        "format": 1,
        "name": name,
        "inputs": [{"key": "n", "type": "integer", "default": 2}],
        "steps": [*steps, {"key": "end", "type": "set", "values": values}],
        "outputs": [{"key": "v", "type": "object", "value": "steps.end.output"}],
    }


@st.composite
def flows(draw: Any) -> Flow:
    """A workflow of up to three levels, and a sub-workflow that it may call."""
    inner, outer = Author(draw), Author(draw, calls="sub")
    sub = _definition("sub", inner.steps(1, []))
    main = _definition("flow", outer.steps(draw(st.integers(1, 3)), []))
    return Flow(
        definition=main,
        sub=sub,
        racy=inner.racy or outer.racy,
        tolerant=inner.tolerant or outer.tolerant,
        kept=frozenset(inner.kept | outer.kept),
    )
