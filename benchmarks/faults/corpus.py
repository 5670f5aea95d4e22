"""Answers of services that are not what they say, and texts that break parsers."""

from dataclasses import dataclass

JSON, TEXT = "application/json", "text/plain"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A body and the media type that it claims."""

    body: bytes
    media_type: str = JSON


DEEP = 10_000

ANSWERS = (
    Answer(body=b'{"a": "\xff\xfe\xfa"}'),
    Answer(body=b"\xff\xfe\xfa plain", media_type=TEXT),
    Answer(body=b"\xed\xa0\x80 half of a pair", media_type="text/plain; charset=utf-8"),
    Answer(body=b'\xef\xbb\xbf{"bom": true}'),
    Answer(body=b"\xef\xbb\xbftext after a mark", media_type=TEXT),
    Answer(body=b'{"nul": "a\\u0000b"}'),
    Answer(body=b'{"nul\\u0000key": 1}'),
    Answer(body=b"a\x00b", media_type=TEXT),
    Answer(body=b'{"half": "\\ud800"}'),
    Answer(body=b'{"half\\udc00": 1}'),
    Answer(body=b'{"n": NaN}'),
    Answer(body=b'{"n": Infinity}'),
    Answer(body=b'{"n": -Infinity}'),
    Answer(body=b'{"n": 1e400}'),
    Answer(body=b'{"n": -1e400}'),
    Answer(body=b'{"n": 1e-400}'),
    Answer(body=b'{"n": ' + b"9" * 5_000 + b"}"),
    Answer(body=b"[" * DEEP + b"]" * DEEP),
    Answer(body=b'{"a":' * DEEP + b"1" + b"}" * DEEP),
    Answer(body=b"[" * DEEP),
    Answer(body=b'{"a": 1, "a": 2}'),
    Answer(body=b'{"__proto__": {"x": 1}, "constructor": 1, "__class__": 2}'),
    Answer(body=b""),
    Answer(body=b" \r\n\t "),
    Answer(body=b"null"),
    Answer(body=b'"only a text"'),
    Answer(body=b"{'single': 1}"),
    Answer(body=b'{"trailing": 1,}'),
    Answer(body=b'{"unfinished": '),
    Answer(body=b"<html>not JSON</html>"),
    Answer(body='{"a": 1}'.encode("utf-16")),
    Answer(body='{"a": 1}'.encode("utf-32")),
    Answer(body=b"x", media_type="text/plain; charset=no-such-charset"),
    Answer(body=b"x", media_type="text/plain; charset=base64"),
    Answer(body=b"\x1b[2J\x07 control", media_type=TEXT),
    Answer(body=b"x", media_type=";;;===,,,"),
    Answer(body=b"\x00\x01\x02" * 100, media_type="application/octet-stream"),
    Answer(body=b"", media_type="application/octet-stream"),
    Answer(body=b"a" * 100_000, media_type=TEXT),
    Answer(body=b'{"emoji": "\\ud83d\\ude00", "line": "\\u2028\\u2029"}'),
)
