"""A ZIP that is handed out while it is written: memory holds a piece of one member."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from common.canonical import Json

PIECE_BYTES = 1 << 18


class _Sink:
    """What the ZIP is written to; it cannot seek, so sizes stand behind the members."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def __len__(self) -> int:
        return len(self._bytes)

    def write(self, piece: bytes) -> int:
        self._bytes += piece
        return len(piece)

    def flush(self) -> None: ...

    def take(self) -> bytes:
        taken = bytes(self._bytes)
        self._bytes.clear()
        return taken


@dataclass
class Archive:
    """Members are written one after the other, in the order in which they are asked for."""

    at: datetime
    members: dict[str, dict[str, Json]] = field(default_factory=dict)
    """Digest and size of each that was written, by name."""

    def __post_init__(self) -> None:
        self._sink = _Sink()
        self._zip = ZipFile(self._sink, "w")  # type: ignore[call-overload]  # it asks for `write` and `flush` alone

    def text(self, name: str, lines: Iterable[str]) -> Iterator[bytes]:
        """Write a member of text, and hand out what is ready."""
        return self.member(name, (line.encode() for line in lines))

    def member(self, name: str, pieces: Iterable[bytes], *, packed: bool = True) -> Iterator[bytes]:
        """Write a member, and hand out what is ready. `packed=False`: files, which are mostly packed already."""
        sha256, size = hashlib.sha256(), 0
        about = ZipInfo(name, self.at.timetuple()[:6])
        about.compress_type = ZIP_DEFLATED if packed else ZIP_STORED
        about.external_attr = 0o644 << 16
        with self._zip.open(about, "w", force_zip64=True) as member:
            for piece in pieces:
                sha256.update(piece)
                size += len(piece)
                member.write(piece)
                if len(self._sink) >= PIECE_BYTES:
                    yield self._sink.take()
        self.members[name] = {"sha256": sha256.hexdigest(), "bytes": size}

    def end(self) -> Iterator[bytes]:
        """Write the directory, and hand out the rest."""
        self._zip.close()
        yield self._sink.take()
