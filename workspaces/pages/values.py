"""Any JSON value as something that people can read: a tree of nodes for `parts/value.html`.

Bounded whatever the value is: so many characters, nodes, levels, rows and columns; what is left out is counted and said.
Texts become pieces, in which characters that cannot be seen stand as their escapes: nothing hides in a value.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from common.canonical import Json, dumps
from common.redaction import MASK
from workspaces.pages.texts import LABEL_CHARACTERS, Piece, pieces_of, plain

MOST_CHARACTERS: Final = 64 << 10
"""Of one value on a page, and of its raw view."""
MOST_NODES: Final = 2_000
MOST_LEVELS: Final = 12
MOST_COLUMNS: Final = 24
MOST_ROWS: Final = 300
FIRST_ROWS: Final = 10
"""Rows of a table that are shown before somebody asks for all."""
FOLDED_CHARACTERS: Final = 320
FOLDED_LINES: Final = 6
OPEN_MEMBERS: Final = 6
"""A part of so many members or fewer is open at once, one level down."""
_CELL_CHARACTERS: Final = 400
_LOOKED_AT: Final = 1_000
"""Items of a list that are looked at to see whether it is a table."""

_FILE_ID = re.compile("file_[0-9a-f]{32}")
_FILE_KEYS = frozenset({"id", "name", "media_type", "bytes", "sha256"})
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLink:
    """A file value."""

    id: str
    name: str
    media_type: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table."""

    key: str
    label: str
    numbers: bool = False
    """Whether it holds numbers, which are read from their right end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A value or a part of one.

    `kind`: `text`, `number`, `yes`, `no`, `null`, `secret`, `file`, `object`, `list`, `table` or `deep` (not shown for
    its depth). `name` is its key or number, `path` how an expression reads it. `count` says how many members it has,
    `left` how many of them are not shown.
    """

    kind: str
    path: str = ""
    name: str = ""
    key: Sequence[Piece] = ()
    pieces: Sequence[Piece] = ()
    start: Sequence[Piece] = ()
    """Of a long text, which is folded: its beginning."""
    cut: bool = False
    open: bool = False
    count: int = 0
    left: int = 0
    members: Sequence["Node"] = ()
    columns: Sequence[Column] = ()
    rows: Sequence[Sequence["Node | None"]] = ()
    file: FileLink | None = None

    @property
    def first_rows(self) -> Sequence[Sequence["Node | None"]]:
        """The rows that are shown at once."""
        return self.rows[:FIRST_ROWS]

    @property
    def more_rows(self) -> bool:
        """Whether there is more to show than those."""
        return len(self.rows) > FIRST_ROWS

    @property
    def whole(self) -> bool:
        """Whether its text can be copied from the page."""
        return self.kind in ("text", "number", "yes", "no") and not self.cut


@dataclass(frozen=True, kw_only=True)
class Tree:
    """A whole value. `cut`: some of it is not shown; `raw_cut`: some of it is not in the raw text."""

    root: Node
    raw: str
    cut: bool
    raw_cut: bool

    @property
    def simple(self) -> bool:
        """Whether it is no more than a word or a line, to which tools would only add noise."""
        return not self.cut and not self.root.members and not self.root.rows


def value_tree(value: Json, *, path: str = "", name: str = "", columns: Sequence[Column] = ()) -> Tree:
    """The tree of `value`, which an expression reads as `path` and people call `name`. `columns` are those of a table,
    in their order.
    """
    builder = _Builder()
    root = builder.node(value, path=path, name=plain(name), level=0, columns=columns)
    raw, raw_cut = raw_text(value)
    return Tree(root=root, raw=raw, cut=builder.cut, raw_cut=raw_cut)


def raw_text(value: Json) -> tuple[str, bool]:
    """`value` as indented JSON in which nothing hides, and whether it was cut at `MOST_CHARACTERS`."""
    chunks, room = [], MOST_CHARACTERS
    for chunk in json.JSONEncoder(indent=2, ensure_ascii=False, sort_keys=True).iterencode(value):
        chunks.append(chunk[:room])
        room -= len(chunk)
        if room < 0:
            break
    text = "".join(chunks)
    return "".join(piece.text for piece in pieces_of(text)), room < 0


@dataclass
class _Builder:
    room: int = MOST_CHARACTERS
    nodes: int = MOST_NODES
    cut: bool = False
    _hint: Sequence[Column] = field(default=())

    def node(
        self, value: Json, *, path: str, name: str, level: int, columns: Sequence[Column] = (), key: Any = ()
    ) -> Node:
        """The node of a value. The caller has seen that there is room for it."""
        self.nodes -= 1
        about: dict[str, Any] = {"path": path, "name": name, "key": key}
        if isinstance(value, str):
            return self._text(value, about)
        if isinstance(value, dict | list) and value:
            return self._container(value, about, level, columns)
        return self._plain(value, about)

    def _plain(self, value: Json, about: dict[str, Any]) -> Node:
        if value is None or isinstance(value, bool):
            self.room -= 4
            kind = "null" if value is None else "yes" if value else "no"
            return Node(kind=kind, pieces=pieces_of("" if value is None else dumps(value)), **about)
        if isinstance(value, dict | list):
            return Node(kind="object" if isinstance(value, dict) else "list", **about)
        text = dumps(value)
        self.room -= len(text)
        return Node(kind="number", pieces=[Piece(text=text)], **about)

    def _text(self, value: str, about: dict[str, Any]) -> Node:
        if value == MASK:
            return Node(kind="secret", **about)
        shown = value[: max(self.room, 0)]
        cut = len(shown) < len(value)
        self.room -= len(shown)
        self.cut = self.cut or cut
        lines = shown.split("\n", FOLDED_LINES)
        start: Sequence[Piece] = ()
        if len(shown) > FOLDED_CHARACTERS or len(lines) > FOLDED_LINES:
            start = pieces_of("\n".join(lines[: FOLDED_LINES // 2])[: FOLDED_CHARACTERS // 2])
        return Node(kind="text", pieces=pieces_of(shown), start=start, cut=cut, count=len(value), **about)

    def _container(self, value: Json, about: dict[str, Any], level: int, columns: Sequence[Column]) -> Node:
        if (file := _file(value)) is not None:
            self.room -= len(file.name)
            return Node(kind="file", file=file, **about)
        if level >= MOST_LEVELS:
            self.cut = True
            return Node(kind="deep", count=len(value), **about)
        if isinstance(value, list) and (found := _columns(value, columns or self._hint)):
            return self._table(value, found, about)
        return self._members(value, about, level)

    def _members(self, value: Json, about: dict[str, Any], level: int) -> Node:
        is_object = isinstance(value, dict)
        self._hint = _named_columns(value) if is_object else ()
        members = []
        pairs = value.items() if is_object else enumerate(value)
        for key, member in pairs:
            if self.room <= 0 or self.nodes <= 0:
                break
            name = str(key) if is_object else str(key + 1)
            self.room -= len(name) if is_object else 0
            inner = _path(about["path"], key)
            shown = name if len(name) <= LABEL_CHARACTERS else f"{name[:LABEL_CHARACTERS]}…"
            members.append(
                self.node(member, path=inner, name=plain(name), level=level + 1, key=pieces_of(shown))
            )
        left = len(value) - len(members)
        self.cut = self.cut or left > 0
        return Node(
            kind="object" if is_object else "list",
            open=level == 0 or (level == 1 and len(value) <= OPEN_MEMBERS),
            count=len(value),
            left=left,
            members=members,
            **about,
        )

    def _table(self, value: list[Any], columns: Sequence[Column], about: dict[str, Any]) -> Node:
        rows = []
        for index, row in enumerate(value[:MOST_ROWS]):
            if self.room <= 0 or self.nodes <= 0:
                break
            where = _path(about["path"], index)
            rows.append([self._cell(row, column.key, where) for column in columns])
        left = len(value) - len(rows)
        self.cut = self.cut or left > 0
        return Node(kind="table", columns=columns, rows=rows, count=len(value), left=left, open=True, **about)

    def _cell(self, row: Mapping[str, Json], key: str, where: str) -> Node | None:
        if key not in row:
            return None
        return self.node(row[key], path=_path(where, key), name=plain(key), level=MOST_LEVELS)


def _path(path: str, key: Any) -> str:
    """How an expression reads a member; long keys are of no use in one."""
    if isinstance(key, int):
        return f"{path}[{key}]"
    name = str(key)
    if _NAME.fullmatch(name):
        return f"{path}.{name}" if path else name
    return f"{path}[{json.dumps(name)}]"


def _file(value: Json) -> FileLink | None:
    if not isinstance(value, dict) or value.keys() != _FILE_KEYS:
        return None
    identity, name, media_type, size = (value[key] for key in ("id", "name", "media_type", "bytes"))
    texts = (identity, name, media_type)
    if not all(isinstance(text, str) for text in texts) or not _FILE_ID.fullmatch(identity):
        return None
    if not isinstance(size, int) or isinstance(size, bool):
        return None
    return FileLink(id=identity, name=plain(name, 255), media_type=plain(media_type), bytes=size)


def _columns(rows: list[Any], hint: Sequence[Column]) -> Sequence[Column]:
    """The columns of a list of flat objects; none when it is no such list."""
    names: dict[str, None] = {column.key: None for column in hint}
    for row in rows[:_LOOKED_AT]:
        if not isinstance(row, dict) or not row or not all(_is_flat(cell) for cell in row.values()):
            return ()
        names.update(dict.fromkeys(row))
        if len(names) > MOST_COLUMNS:
            return ()
    labels = {column.key: column.label for column in hint}
    return [
        Column(key=name, label=labels.get(name) or plain(name), numbers=_holds_numbers(rows, name))
        for name in names
    ]


def _holds_numbers(rows: list[Any], name: str) -> bool:
    cells = [row[name] for row in rows[:FIRST_ROWS] if row.get(name) is not None]
    return bool(cells) and all(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in cells)


def _is_flat(cell: Json) -> bool:
    if isinstance(cell, str):
        return len(cell) <= _CELL_CHARACTERS
    return not isinstance(cell, dict | list) or not cell or _file(cell) is not None


def _named_columns(value: Mapping[str, Json]) -> Sequence[Column]:
    """The order of columns that an object of `columns` and `rows` gives, as reading steps do."""
    names = value.get("columns")
    if not isinstance(names, list) or not isinstance(value.get("rows"), list) or len(names) > MOST_COLUMNS:
        return ()
    if not all(isinstance(name, str) for name in names):
        return ()
    return [Column(key=name, label=plain(name)) for name in names]
