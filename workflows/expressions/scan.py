"""Finds where an expression ends inside a text, as Python's tokenizer would: strings and brackets are skipped."""

import re
from collections.abc import Iterator

OPEN, CLOSE = "{{", "}}"

_TOKEN = re.compile(
    r"""(?P<string>[A-Za-z]{0,2}(?:'''(?:[^\\]|\\.)*?'''|\"\"\"(?:[^\\]|\\.)*?\"\"\"
                     |'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"))
      | (?P<word>[^\W\d]\w*)
      | (?P<end>\}\})
      | (?P<bracket>[\[\](){}])
      | (?P<comment>\#)
      | (?P<quote>['"])""",
    re.VERBOSE | re.DOTALL,
)
_REACH = 8_000
"""Characters in which an expression must end; more than any may have, so that a hostile text costs little."""
_PAIRS = {")": "(", "]": "[", "}": "{"}


class ExpressionSyntaxError(ValueError):
    """An expression or template that cannot be read. `position` counts characters from the start of the text;
    `path` says where the text is inside a value (`json.items[2]`), empty for the value itself.
    """

    def __init__(self, message: str, position: int = 0, *, path: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.position = position
        self.path = path


def templates(text: str) -> Iterator[tuple[int, int]]:
    """The expressions of `text` without their braces, as (start, end). Raises `ExpressionSyntaxError` when one is
    never closed.
    """
    start = text.find(OPEN)
    while start >= 0:
        end = expression_end(text, start + len(OPEN))
        yield start + len(OPEN), end
        start = text.find(OPEN, end + len(CLOSE))


def expression_end(text: str, start: int) -> int:
    """The position of the `}}` that closes the expression starting at `start`."""
    brackets: list[str] = []
    position = start
    reach = start + _REACH
    while match := _TOKEN.search(text, position, reach):
        position = match.end()
        if match["end"] and not brackets:
            return match.start()
        if match["end"]:
            position = match.start() + 1
            _close(brackets, "}", match.start())
        elif match["bracket"]:
            if match["bracket"] in _PAIRS:
                _close(brackets, match["bracket"], match.start())
            else:
                brackets.append(match["bracket"])
        elif match["comment"]:
            raise ExpressionSyntaxError("An expression cannot hold a comment (#).", match.start())
        elif match["quote"]:
            raise ExpressionSyntaxError("A text in quotes is never closed.", match.start())
    raise ExpressionSyntaxError("The {{ is never closed by }}.", start - len(OPEN))


def check_brackets(source: str) -> None:
    """Raises `ExpressionSyntaxError` unless `source` is one expression as far as brackets and strings go."""
    end = expression_end(source + " " + CLOSE, 0) if source.strip() else 0
    if end < len(source):
        raise ExpressionSyntaxError("The brackets do not fit each other.", end)


def _close(brackets: list[str], bracket: str, position: int) -> None:
    if not brackets or brackets.pop() != _PAIRS[bracket]:
        raise ExpressionSyntaxError(f"This {bracket} closes nothing.", position)
