"""Values, texts, expressions and definitions that no form would send."""

import copy
import json
import random
from typing import Any

from benchmarks.faults.corpus import ANSWERS

TEXTS = (
    "",
    " ",
    "\0",
    "a\0b",
    "\ud800",
    "\u202eabc",
    "\u200b",
    "x" * 100_000,
    "../../etc/passwd",
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "{{",
    "{{ }}",
    "{{{{ x }}}}",
    "{{ secrets }}",
    "%s%n",
    "9999-12-31",
    "0001-01-01T00:00:00Z",
    "2026-13-45",
    "1e400",
    "NaN",
    "__proto__",
    "__class__",
    "null",
    "true",
    "=cmd|' /C calc'!A0",
    "P1Y",
    "-5s",
    "99999999999d",
    "file_00000000000000000000000000000000",
)
NUMBERS = (0, -1, 1, 2**31, 2**53 + 1, 2**63, 2**64, -(2**63) - 1, 10**400, 0.1, -0.0, 1e308, 5e-324)
_WORDS = (
    *(
        "inputs",
        "steps",
        "item",
        "index",
        "job",
        "x",
        "sum",
        "len",
        "regex",
        "date",
        "money",
        "json",
        "lambda",
    ),
    *(
        "for",
        "in",
        "if",
        "else",
        "and",
        "not",
        "is",
        "None",
        "True",
        "import",
        "await",
        ":=",
        "**",
        "//",
        "<<",
    ),
    *(
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ".",
        ",",
        ":",
        "+",
        "-",
        "*",
        "/",
        "%",
        "==",
        "<",
        ">",
        "'",
        '"',
        "\\",
        "\n",
    ),
    *(
        "1",
        "0",
        "9" * 30,
        "1e999",
        "0x",
        "'a'",
        'f"{x}"',
        "__class__",
        "_",
        "é",
        "😀",
        "\t",
        "#",
        "@",
        "~",
        "`",
    ),
)
DEEP = 2_000


class Chaos:
    """Everything that it makes follows from its seed."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def value(self, depth: int = 0) -> Any:
        """Any JSON value, rarely a sensible one."""
        roll = self.chance.random()
        if depth < 3 and roll < 0.12:
            return [self.value(depth + 1) for _ in range(self.chance.randint(0, 4))]
        if depth < 3 and roll < 0.24:
            return {self.text(): self.value(depth + 1) for _ in range(self.chance.randint(0, 4))}
        if roll < 0.27:
            return self._deep()
        if roll < 0.55:
            return self.text()
        if roll < 0.8:
            return self.chance.choice(NUMBERS)
        return self.chance.choice((None, True, False))

    def text(self) -> str:
        """A text that breaks something somewhere."""
        if self.chance.random() < 0.3:
            return "{{ " + self.expression() + " }}"
        return self.chance.choice(TEXTS)

    def expression(self) -> str:
        """Words of the language in no order, or very many of them."""
        roll = self.chance.random()
        if roll < 0.03:
            return "(" * 5_000 + ")" * 5_000
        if roll < 0.06:
            return "+".join(["1"] * 20_000)
        if roll < 0.09:
            return "not " * 900 + "x"
        return " ".join(self.chance.choices(_WORDS, k=self.chance.randint(1, 12)))

    def definition(self, good: dict[str, Any]) -> dict[str, Any]:
        """A good definition in which a few places are not."""
        broken = copy.deepcopy(good)
        for _ in range(self.chance.randint(1, 3)):
            self._break(broken)
        return broken

    def body(self) -> bytes:
        """Bytes that claim to be JSON."""
        roll = self.chance.random()
        if roll < 0.2:
            return self.chance.choice(ANSWERS).body
        if roll < 0.3:
            return self.chance.randbytes(self.chance.randint(0, 200))
        text = json.dumps(self.value()).encode()
        return text if roll < 0.8 else text[: self.chance.randint(0, len(text))]

    def _deep(self) -> Any:
        value: Any = 1
        for _ in range(self.chance.choice((20, 100, DEEP // 10))):
            value = [value]
        return value

    def _break(self, node: Any) -> None:
        """Walk to a random place and put something else there."""
        while True:
            places = list(node) if isinstance(node, dict) else list(range(len(node)))
            if not places:
                return
            place = self.chance.choice(places)
            inner = node[place]
            if isinstance(inner, dict | list) and inner and self.chance.random() < 0.75:
                node = inner
                continue
            roll = self.chance.random()
            if roll < 0.15:
                del node[place]
            elif roll < 0.3 and isinstance(node, dict):
                node[self.text()] = self.value()
            elif roll < 0.4 and isinstance(node, list):
                node.append(copy.deepcopy(self.chance.choice(node)))
            elif roll < 0.5 and isinstance(inner, str):
                node[place] = "{{ " + self.expression() + " }}"
            else:
                node[place] = self.value()
            return
