"""Definitions as YAML text: the same JSON, read with the rules of YAML 1.2's core schema and written as people do.

Only `true` and `false` are booleans; there are no dates, no octal numbers but `0o…`, no tags of programs, no double
keys and no keys that are not texts. Aliases are read, up to a bound on what they unfold to.
"""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from common.canonical import Json
from workflows.definition.wording import quoted
from workflows.definition.yaml_order import in_order

MAX_BYTES = 10 << 20
MAX_DEPTH = 200
MAX_UNFOLDED = 10 << 20
"""Values and characters of a text after its aliases are unfolded."""

_PARSER: Any = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
_NULL = re.compile(r"~|null|Null|NULL|", re.ASCII)
_BOOLEAN = re.compile(r"true|True|TRUE|false|False|FALSE", re.ASCII)
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", re.ASCII)
_FLOAT = re.compile(
    r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", re.ASCII
)
_MAX_DIGITS = 400
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
_TEXT_TAGS = ("tag:yaml.org,2002:str", "!")


class YamlError(ValueError):
    """A text that cannot be read as YAML. `line` and `column` count from 1; 0: the text as a whole."""

    def __init__(self, message: str, *, line: int = 0, column: int = 0) -> None:
        super().__init__(f"{message} (line {line}, column {column})" if line else message)
        self.message = message
        self.line = line
        self.column = column


def load_documents(text: bytes | str) -> list[Json]:
    """The documents of a YAML text; empty ones are left out. Raises `YamlError`."""
    try:
        return [document for document in _documents(_decoded(text)) if document is not None]
    except yaml.MarkedYAMLError as error:
        raise _from_yaml(error) from error
    except yaml.YAMLError as error:
        raise YamlError(f"This is not YAML: {str(error).splitlines()[0]}.") from error


def dump(definition: Json, *, slug: str = "") -> str:
    """A definition as an export file: fields in the order in which people write them, block style."""
    return dump_documents([{"slug": slug, **definition} if slug else definition])


def dump_documents(documents: Iterable[Json]) -> str:
    """Several definitions in one file. `load_documents` gives exactly them again."""
    return yaml.dump_all(
        [in_order(document) for document in documents],
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        width=1_000_000,
    ).removeprefix("--- ")


def _decoded(text: bytes | str) -> str:
    if isinstance(text, str):
        size = len(text)
    else:
        size = len(text)
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise YamlError("The text is not in UTF-8. Save it as UTF-8.") from error
    if size > MAX_BYTES:
        raise YamlError(f"The text is larger than {MAX_BYTES >> 20} MiB.")
    if _HALF_CHARACTER.search(text):
        raise YamlError("The text holds half a character.")
    return text.removeprefix("\ufeff")


def _from_yaml(error: yaml.MarkedYAMLError) -> YamlError:
    mark = error.problem_mark or error.context_mark
    reason = f"This is not YAML: {error.problem or error.context}."
    return YamlError(reason, line=mark.line + 1, column=mark.column + 1) if mark else YamlError(reason)


@dataclass
class _Open:
    """A list or an object that is being read."""

    value: Any
    anchor: str | None
    key: str | None = None
    size: int = 1

    @property
    def wants_key(self) -> bool:
        return isinstance(self.value, dict) and self.key is None


@dataclass
class _Builder:
    """Builds one document from events, without recursion, so that no depth breaks it."""

    stack: list[_Open] = field(default_factory=list)
    anchors: dict[str, tuple[Json, int]] = field(default_factory=dict)
    unfolded: int = 0
    result: Json = None

    def take(self, event: Any) -> None:
        """Read one event of the document."""
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._start(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            closed = self.stack.pop()
            self._put(closed.value, closed.size, closed.anchor, event)

    def _start(self, event: Any) -> None:
        if self.stack and self.stack[-1].wants_key:
            raise _error(event, "A key must be a text.")
        if event.tag not in (None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"):
            raise _error(event, f"The tag {quoted(event.tag)} is not allowed here.")
        if len(self.stack) >= MAX_DEPTH:
            raise _error(event, f"Values are nested deeper than {MAX_DEPTH} levels.")
        self.stack.append(_Open({} if isinstance(event, yaml.MappingStartEvent) else [], event.anchor))

    def _scalar(self, event: Any) -> None:
        value = scalar(event)
        size = 1 + len(event.value)
        self._put(value, size, event.anchor, event)

    def _alias(self, event: Any) -> None:
        if event.anchor not in self.anchors:
            raise _error(event, f"The alias *{event.anchor} names nothing that came before.")
        value, size = self.anchors[event.anchor]
        self._put(value, size, None, event)

    def _put(self, value: Json, size: int, anchor: str | None, event: Any) -> None:
        if anchor is not None:
            self.anchors[anchor] = (value, size)
        if not self.stack:
            self.result = value
            return
        parent = self.stack[-1]
        parent.size += size
        if parent.size > MAX_UNFOLDED:
            raise _error(event, "The aliases unfold to more than can be read.")
        if isinstance(parent.value, list):
            parent.value.append(value)
        elif parent.key is None:
            parent.key = _key(value, parent.value, event)
        else:
            parent.value[parent.key] = value
            parent.key = None


def _key(key: Json, before: dict[str, Json], event: Any) -> str:
    if not isinstance(key, str):
        raise _error(event, f"The key {key!r} is not a text. Write it in quotes.")
    if key in before:
        raise _error(event, f"The key {quoted(key)} is there twice.")
    return key


def _documents(text: str) -> Iterator[Json]:
    builder = _Builder()
    for event in yaml.parse(text, Loader=_PARSER):
        if isinstance(event, yaml.DocumentStartEvent):
            builder = _Builder()
        elif isinstance(event, yaml.DocumentEndEvent):
            yield builder.result
        else:
            builder.take(event)


def scalar(event: Any) -> Json:
    """The value of a scalar event by the core schema."""
    text: str = event.value
    if event.tag in _TEXT_TAGS or (event.tag is None and not event.implicit[0]):
        return text
    value = plain(text)
    if isinstance(value, float) and not math.isfinite(value):
        raise _error(event, "JSON has no such number.")
    if isinstance(value, int) and len(text) > _MAX_DIGITS:
        raise _error(event, "The number has too many digits.")
    if event.tag is not None and event.tag != _tag(value):
        raise _error(event, f"The tag {quoted(event.tag)} is not allowed here.")
    return value


def plain(text: str) -> Json:
    """What a text without quotes means. A number with too many digits is 0; whoever reads it looks at its length."""
    if _NULL.fullmatch(text):
        return None
    if _BOOLEAN.fullmatch(text):
        return text.lower() == "true"
    if _INTEGER.fullmatch(text):
        return int(text, 0 if text[:2] in ("0o", "0x") else 10) if len(text) <= _MAX_DIGITS else 0
    if _FLOAT.fullmatch(text):
        return float(
            text.replace(".inf", "inf")
            .replace(".Inf", "inf")
            .replace(".INF", "inf")
            .lower()
            .replace(".nan", "nan")
        )
    return text


def _tag(value: Json) -> str:
    names = {type(None): "null", bool: "bool", int: "int", float: "float", str: "str"}
    return f"tag:yaml.org,2002:{names[type(value)]}"


def _error(event: Any, message: str) -> YamlError:
    mark = event.start_mark
    return YamlError(message, line=mark.line + 1, column=mark.column + 1)


class _Dumper(yaml.SafeDumper):
    """Block style, lists indented under their key, no aliases, and texts quoted that anything could misread."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
        return True


_BREAKS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None
    if _BREAKS.search(text):
        style = '"'
    elif "\n" in text:
        style = "|"
    elif not isinstance(plain(text), str):
        style = "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)
