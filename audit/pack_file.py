"""Opens an evidence pack: the ZIP, or the folder that it was unpacked into. By the standard library alone."""

import hashlib
import json
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Self

PIECE_BYTES = 1 << 18
_NAME = re.compile(r"[\w-][\w.-]*(/[\w-][\w.-]*)*", re.ASCII)
_LEFT_BY_SYSTEMS = ("__pycache__", "__MACOSX", ".DS_Store")
"""What unpacking and looking leave in a folder."""


class Pack:
    """The members of a pack, by name. Nothing is unpacked, and no name leads out of it."""

    def __init__(self, path: Path) -> None:
        self._folder = path if path.is_dir() else None
        self._zip = None if self._folder else zipfile.ZipFile(path)
        found = list(self._zip.namelist() if self._zip else _files(path))
        self.names = frozenset(name for name in found if not name.endswith("/"))
        self.twice = sorted({name for name in self.names if found.count(name) > 1}) if self._zip else []
        """Names that the ZIP has more than once."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._zip:
            self._zip.close()

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """The bytes of a member. Raises `KeyError` when there is none of that name."""
        if name not in self.names or not _NAME.fullmatch(name):
            raise KeyError(name)
        with self._zip.open(name) if self._zip else (self._root / name).open("rb") as opened:
            yield opened

    def read(self, name: str) -> bytes:
        """All bytes of a member that is small by its nature."""
        with self.open(name) as opened:
            return opened.read()

    def lines(self, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """The objects of a JSON Lines member with the numbers of their lines."""
        with self.open(name) as opened:
            for number, line in enumerate(opened, 1):
                record = json.loads(line)
                if not isinstance(record, dict):
                    raise ValueError(f"line {number} is no object")
                yield number, record

    def digest(self, name: str, salt: bytes = b"") -> tuple[str, int]:
        """SHA-256 of `salt` and the member, as hexadecimal digits, and the number of the member's bytes."""
        sha256, size = hashlib.sha256(salt), 0
        with self.open(name) as opened:
            while piece := opened.read(PIECE_BYTES):
                sha256.update(piece)
                size += len(piece)
        return sha256.hexdigest(), size

    @property
    def _root(self) -> Path:
        assert self._folder is not None
        return self._folder


def _files(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and not any(part in _LEFT_BY_SYSTEMS for part in parts):
            yield "/".join(parts)
