"""Bodies as they are decoded: bounded at every step, so that a small answer cannot become a large one unseen."""

import zlib
from collections.abc import Iterable, Iterator

from common.errors import StepError

PIECE_BYTES = 64 * 1024


class Undecodable(Exception):  # noqa: N818 - says what happened
    """The bytes are not what `Content-Encoding` calls them."""


def decoded(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """`pieces` without their content encoding, in pieces of at most 64 KiB. Raises `Undecodable`."""
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return iter(pieces)
    if name in ("gzip", "x-gzip"):
        return _inflated(pieces, zlib.MAX_WBITS | 16)
    if name == "deflate":
        return _inflated(pieces, None)
    raise Undecodable(f"its Content-Encoding is '{encoding[:60]}', and only gzip and deflate were asked for")


def _inflated(pieces: Iterable[bytes], window: int | None) -> Iterator[bytes]:
    decoder = zlib.decompressobj(window) if window is not None else None
    seen = False
    for piece in pieces:
        seen = seen or bool(piece)
        rest = piece
        while rest:
            if decoder is None:
                decoder = zlib.decompressobj(_deflate_window(rest))
            elif decoder.eof:
                if not rest.strip(b"\0"):
                    break
                if window is None:
                    raise Undecodable("bytes follow the end of its compressed data")
                decoder = zlib.decompressobj(window)  # gzip allows several members in a row
            try:
                output = decoder.decompress(rest, PIECE_BYTES)
            except zlib.error as error:
                raise Undecodable("its compressed data is damaged") from error
            rest = decoder.unused_data if decoder.eof else decoder.unconsumed_tail
            if output:
                yield output
    if seen and (decoder is None or not decoder.eof):
        raise Undecodable("its compressed data ends too early")


def _deflate_window(first: bytes) -> int:
    """`deflate` means zlib's format, but some servers send the bare one: zlib's first byte tells them apart."""
    return zlib.MAX_WBITS if first[0] & 0x0F == 8 else -zlib.MAX_WBITS


def bounded(pieces: Iterable[bytes], max_bytes: int) -> Iterator[bytes]:
    """`pieces` as long as they hold at most `max_bytes` together. Raises `StepError` `limit_exceeded`."""
    total = 0
    for piece in pieces:
        total += len(piece)
        if total > max_bytes:
            raise StepError(
                "limit_exceeded",
                f"The answer is larger than {max_bytes:,} bytes, the most that is read. "
                "Ask the service for less at a time, or read it as a file.",
                detail={"max_bytes": max_bytes},
            )
        yield piece
