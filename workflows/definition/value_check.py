"""Looks at values that were given for inputs and notes every error at its path."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from common.canonical import Json
from common.errors import FieldError
from workflows.definition.wording import describe

FileLookup = Callable[[str], Mapping[str, Json] | None]
"""The value `{id, name, media_type, bytes, sha256}` of a file of the workspace by its id; None if there is none."""

MAX_ERRORS = 1000


class Refused:
    """The mark of a value that has an error."""


REFUSED: Final = Refused()


@dataclass
class ValueCheck:
    """One check of many values: what it may ask for, and the errors so far."""

    today: date
    files: FileLookup
    errors: list[FieldError] = field(default_factory=list)

    def refuse(self, path: str, code: str, message: str) -> Refused:
        """Note an error; beyond `MAX_ERRORS` they are no longer listed."""
        if len(self.errors) < MAX_ERRORS:
            self.errors.append(FieldError(path=path, code=code, message=message))
        return REFUSED

    def wrong_type(self, path: str, expected: str, raw: Json, *, secret: bool = False) -> Refused:
        """Note a value of the wrong kind."""
        return self.refuse(path, "wrong_type", f"expected {expected}, got {shown(raw, secret=secret)}")

    def count(self, path: str, size: int, constraints: Mapping[str, Json], *, of: str) -> bool:
        """Whether a number of `items` or a `length` is within its bounds; notes it if not."""
        low, high = constraints.get(f"min_{of}"), constraints.get(f"max_{of}")
        word = "characters" if of == "length" else "items"
        if low is not None and size < low:
            self.refuse(path, "too_short", f"expected at least {low} {word}, got {size}")
        elif high is not None and size > high:
            self.refuse(path, "too_long", f"expected at most {high} {word}, got {size}")
        else:
            return True
        return False


def shown(raw: Json, *, secret: bool) -> str:
    """A value in words; nothing of a secret."""
    return "another value (not shown, it is secret)" if secret and raw is not None else describe(raw)
