import io
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet._writer import ALL_TEMP_FILES

from common.errors import StepError
from tests.integrations.actions import run_action

CONTENT_TYPES = (
    b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    b'<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    b'spreadsheetml.sheet.main+xml"/></Types>'
)


def workbook(rows, title="Data", more=()) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    sheet = book.create_sheet(title)
    for row in rows:
        sheet.append(row)
    for name in more:
        book.create_sheet(name).append([name])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def archive(parts: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, part in parts.items():
            packed.writestr(name, part)
    return content.getvalue()


def changed(content: bytes, name: str, change) -> bytes:
    """The workbook with one part of it replaced."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        parts = {entry: packed.read(entry) for entry in packed.namelist()}
    parts[name] = change(parts[name])
    return archive(parts)


@pytest.fixture
def read(context, files):
    def run(content: bytes, **config):
        value = files.create(name="a.xlsx", media_type="x/y", content=content)
        return run_action("spreadsheet.read", {"file": value, **config}, context())

    return run


@pytest.fixture
def refused(read):
    def run(content: bytes, **config) -> StepError:
        with pytest.raises(StepError) as caught:
            read(content, **config)
        return caught.value

    return run


@pytest.fixture
def write(context, files):
    def run(**config):
        return files.contents[run_action("spreadsheet.write", config, context())["file"]["id"]]

    return run


def test_rows_keep_their_kinds_and_dates_are_iso(read):
    output = read(
        workbook(
            [
                ["name", "n", "ok", "day", "at", "clock", "long", "none"],
                [
                    "Ada",
                    1.5,
                    True,
                    date(2026, 2, 28),
                    datetime(2026, 2, 28, 8, 30),
                    time(9, 5),
                    timedelta(hours=30),
                    None,
                ],
            ],
            more=["Other"],
        )
    )
    assert output["rows"] == [
        {
            "name": "Ada", "n": 1.5, "ok": True, "day": "2026-02-28", "at": "2026-02-28T08:30:00", "clock": "09:05:00",
            "long": 108000.0, "none": None,
        }
    ]  # fmt: skip
    assert output["sheets"] == ["Data", "Other"]
    assert set(output) == {"rows", "columns", "sheets"}


def test_a_sheet_is_chosen_by_name_or_number(read, refused):
    content = workbook([["a"]], more=["Zwei", "3"])
    assert read(content, sheet="Zwei")["columns"] == ["Zwei"]
    assert read(content, sheet=2)["columns"] == ["Zwei"]
    assert read(content, sheet="3")["columns"] == ["3"]
    for absent in ("None", 4):
        error = refused(content, sheet=absent)
        assert error.code == "bad_response"
        assert "Data, Zwei, 3" in error.message


def test_rows_above_the_header_and_empty_rows_are_left_out(read):
    rows = [["A report"], [], ["a", "b"], [1, 2], [], [None, 3]]
    assert read(workbook(rows), header_row=3)["rows"] == [{"a": 1, "b": 2}, {"a": None, "b": 3}]
    assert read(workbook([[1, 2]]), header_row=0)["rows"] == [{"column_1": 1, "column_2": 2}]


def test_typed_columns_convert_and_bad_cells_follow_the_option(read, refused):
    content = workbook(
        [["id", "n", "day"], [7, "1.5", datetime(2026, 1, 1)], [8, "x", "2026-01-02"], [9, None, None]]
    )
    types = {"id": "text", "n": "number", "day": "date"}
    error = refused(content, columns=types)
    assert (error.code, error.detail) == ("wrong_type", {"row": 3, "column": "n", "value": "x"})
    assert read(content, columns=types, on_bad_cell="empty")["rows"] == [
        {"id": "7", "n": 1.5, "day": "2026-01-01"},
        {"id": "8", "n": None, "day": "2026-01-02"},
        {"id": "9", "n": None, "day": None},
    ]
    assert len(read(content, columns=types, on_bad_cell="skip")["rows"]) == 2


def test_formulas_give_their_stored_value_and_are_not_run(read):
    assert read(workbook([["a", "b"], ["=1+1", 5]]))["rows"] == [{"a": None, "b": 5}]


@pytest.mark.parametrize(
    "content",
    [
        b"", b"name,amount\n", b"PK\x03\x04garbage", bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, archive({}),
        archive({"[Content_Types].xml": CONTENT_TYPES}), archive({"[Content_Types].xml": b"<not xml"}),
        workbook([["a"]])[:-200],
    ],
)  # fmt: skip
def test_what_is_not_a_workbook_is_a_bad_response(refused, content):
    assert refused(content).code == "bad_response"


@pytest.mark.parametrize(
    "parts",
    [
        {"xl/sharedStrings.xml": b"<a>" + b" " * (70 << 20) + b"</a>"},
        {"xl/worksheets/sheet1.xml": b"<a>" + b" " * (30 << 20) + b"</a>"},
        {f"x{number}.txt": b"" for number in range(2_001)},
        {"xl/workbook.xml": b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'},
        {"xl/workbook.xml": b"<!--" + b"-" * 100_000 + b'x--><!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>'},
    ],
)  # fmt: skip
def test_bombs_are_refused_unopened(refused, parts):
    assert refused(archive({"[Content_Types].xml": CONTENT_TYPES, **parts})).code == "bad_response"


def test_a_part_that_is_larger_than_it_says_is_refused(refused):
    content = bytearray(workbook([["a", "b"]] + [[i, "x" * 50] for i in range(2000)]))
    name = b"xl/worksheets/sheet1.xml"
    for header, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        start = content.find(header)
        while content[start + (46 if header[2] == 1 else 30) :][: len(name)] != name:
            start = content.find(header, start + 1)
        content[start + offset : start + offset + 4] = (100).to_bytes(4, "little")
    assert refused(bytes(content)).code == "bad_response"


def test_claimed_sizes_and_far_away_cells_do_not_exhaust_memory(read, refused):
    content = workbook([["a"], [1]])
    part = "xl/worksheets/sheet1.xml"
    claimed = changed(content, part, lambda xml: xml.replace(b'ref="A1:A2"', b'ref="A1:XFD1048576"'))
    assert read(claimed)["rows"] == [{"a": 1}]
    far = changed(
        content, part, lambda xml: xml.replace(b'r="2"', b'r="999999999"').replace(b"A2", b"A999999999")
    )
    assert refused(far).code == "bad_response"


def test_a_number_that_json_does_not_know_is_a_wrong_type(refused):
    content = workbook([["a"], [1]])
    for number in (b"<v>NaN</v>", b"<v>1e999</v>"):
        damaged = changed(
            content, "xl/worksheets/sheet1.xml", lambda xml, n=number: xml.replace(b"<v>1</v>", n)
        )
        assert refused(damaged).code in ("wrong_type", "bad_response")


def test_a_sheet_larger_than_an_output_is_refused(refused, settings):
    settings.MAX_OUTPUT_BYTES = 20_000
    assert refused(workbook([["a"]] + [["x" * 100]] * 400)).code == "limit_exceeded"


def test_what_is_written_is_read_again(write, read):
    rows = [{"a": "x", "b": 1.5}, {"a": True, "b": None, "c": [1]}]
    content = write(
        sheets=[{"name": "One", "rows": rows}, {"name": "Two", "rows": [["p", 1]], "columns": ["k", "v"]}]
    )
    assert read(content)["rows"] == [{"a": "x", "b": 1.5, "c": None}, {"a": True, "b": None, "c": "[1]"}]
    assert read(content, sheet="Two")["rows"] == [{"k": "p", "v": 1}]
    assert read(write(sheets=[{"name": "Empty", "rows": []}]))["rows"] == []


@pytest.mark.parametrize(
    "payload", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", '=HYPERLINK("http://x")', "#REF!"]
)
def test_texts_are_written_as_texts_never_as_formulas(write, payload):
    book = openpyxl.load_workbook(io.BytesIO(write(sheets=[{"name": "S", "rows": [{payload: payload}]}])))
    for row in book.worksheets[0].iter_rows():
        assert row[0].data_type in ("s", "inlineStr")
        assert row[0].value == payload


def test_large_integers_keep_their_digits(write, read):
    content = write(sheets=[{"name": "S", "rows": [{"n": 12345678901234567890}]}])
    assert read(content)["rows"] == [{"n": "12345678901234567890"}]


@pytest.mark.parametrize(
    ("sheets", "code"),
    [
        ([{"name": "a/b", "rows": []}], "wrong_type"),
        ([{"name": "x" * 32, "rows": []}], "wrong_type"),
        ([{"name": "A", "rows": []}, {"name": "a", "rows": []}], "wrong_type"),
        ([], "wrong_type"),
        ([{"name": "A", "rows": [{"a": "\ud800"}]}], "wrong_type"),
        ([{"name": "A", "rows": [{"a": "x" * 32_768}]}], "limit_exceeded"),
        ([{"name": "A", "rows": [[1] * 16_385]}], "limit_exceeded"),
    ],
)
def test_what_a_workbook_cannot_hold_is_refused(write, sheets, code):
    with pytest.raises(StepError) as caught:
        write(sheets=sheets)
    assert caught.value.code == code


def test_a_write_that_fails_leaves_no_temporary_file(write):
    with pytest.raises(StepError):
        write(sheets=[{"name": "A", "rows": [["ok"]]}, {"name": "B", "rows": [["ok"], ["x" * 40_000]]}])
    assert not [path for path in ALL_TEMP_FILES if Path(path).exists()]


def test_control_characters_are_replaced(write, read):
    assert read(write(sheets=[{"name": "S", "rows": [{"a": "x\0y"}]}]))["rows"] == [{"a": "x\ufffdy"}]
