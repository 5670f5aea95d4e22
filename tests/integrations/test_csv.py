import csv
import io

import pytest

from common.errors import StepError
from tests.integrations.actions import run_action


@pytest.fixture
def read(context, files):
    def run(content: bytes, **config):
        value = files.create(name="a.csv", media_type="text/csv", content=content)
        return run_action("csv.read", {"file": value, **config}, context())

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
    def run(**config) -> str:
        value = run_action("csv.write", config, context())["file"]
        return str(files.contents[value["id"]], "utf-8")

    return run


def test_rows_are_objects_of_texts_by_column_name(read):
    output = read(b'name,amount\r\nAda,12.5\r\n"B, C",7\r\n')
    assert output == {
        "rows": [{"name": "Ada", "amount": "12.5"}, {"name": "B, C", "amount": "7"}],
        "columns": ["name", "amount"],
        "skipped": 0,
    }


@pytest.mark.parametrize(
    "content",
    [
        b"a;b\n1;2\n", b"a\tb\n1\t2\n", b"a|b\n1|2\n", b"a,b\n1,2", b"a,b\r1,2\r", b'"a","b"\n"1","2"\n',
        "\ufeffa,b\n1,2\n".encode(), "a;b\n1;2\n".encode("utf-16"), "a,b\n1,2\n".encode("utf-16-le"),
        "a,b\n1,2\n".encode("utf-32"),
    ],
)  # fmt: skip
def test_delimiter_encoding_and_line_ends_are_found_out(read, content):
    output = read(content)
    assert output["rows"] == [{"a": "1", "b": "2"}]


def test_a_delimiter_inside_quotes_or_texts_does_not_mislead(read):
    output = read(b'name;note\nA;"x, y, z"\nB;1,5 kg, or so\nC;\n')
    assert output["columns"] == ["name", "note"]
    assert output["rows"][1]["note"] == "1,5 kg, or so"


def test_old_windows_files_and_named_encodings_are_read(read, refused):
    assert read("näme\nMüller €\n".encode("cp1252"))["rows"] == [{"näme": "Müller €"}]
    assert read("název\nčaj\n".encode("iso-8859-2"), encoding="iso-8859-2")["rows"] == [{"název": "čaj"}]
    assert read("\ufeffa\n1\n".encode(), encoding="UTF8")["columns"] == ["a"]
    assert refused(b"a\n\x81\xff\n").code == "bad_response"
    assert refused(b"a\n\xff\n", encoding="utf-8").code == "bad_response"
    for name in ("klingon", "idna", "punycode", "base64", "", "\0", "../x"):
        assert refused(b"a\n", encoding=name).code == "wrong_type"


def test_without_a_header_columns_are_numbered(read):
    output = read(b"1,2\n3,4\n", header=False, columns={"column_2": "integer"})
    assert output["rows"][0] == {"column_1": "1", "column_2": 2}


def test_column_names_are_made_unique_and_never_empty(read):
    assert read(b"a,,a, a \n1,2,3,4\n")["columns"] == ["a", "column_2", "a_2", "a_3"]


def test_short_rows_are_filled_and_empty_rows_are_counted(read):
    output = read(b"a,b\n1\n\n,\n2,3\n")
    assert output["rows"] == [{"a": "1", "b": ""}, {"a": "2", "b": "3"}]
    assert output["skipped"] == 2


def test_an_empty_file_is_an_empty_table(read):
    assert read(b"") == {"rows": [], "columns": [], "skipped": 0}
    assert read(b"a,b\n") == {"rows": [], "columns": ["a", "b"], "skipped": 0}


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        ("number", "12", 12), ("number", " -1.50 ", -1.5), ("number", "1e3", 1000.0), ("number", "", None),
        ("integer", "7", 7), ("integer", "3.0", 3), ("integer", "-12345678901234567890", -12345678901234567890),
        ("boolean", "TRUE", True), ("boolean", "no", False), ("boolean", "0", False),
        ("date", "2026-02-28", "2026-02-28"), ("datetime", "2026-02-28 08:30", "2026-02-28T08:30:00"),
        ("datetime", "2026-02-28T08:30:00+02:00", "2026-02-28T08:30:00+02:00"), ("time", "08:30", "08:30:00"),
        ("text", "x", "x"), ("text", "", ""), ("date", " ", None),
    ],
)  # fmt: skip
def test_typed_columns_give_typed_values(read, kind, cell, value):
    row = read(f"k,a\nx,{cell}\n".encode(), columns={"a": kind})["rows"][0]
    assert row["a"] == value
    assert type(row["a"]) is type(value)


@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        ("number", "1,5"), ("number", "NaN"), ("number", "inf"), ("number", "1e999"), ("number", "1_000"),
        ("number", "٣"), ("number", "0x10"), ("integer", "1.5"), ("integer", "1e3"), ("boolean", "maybe"),
        ("date", "28.02.2026"), ("date", "2026-02-30"), ("datetime", "yesterday"), ("datetime", "2026-13-01"),
        ("time", "25:00"),
    ],
)  # fmt: skip
def test_a_cell_that_does_not_fit_names_row_column_and_value(refused, read, kind, cell):
    content = f'k,a\nx,\ny,"{cell}"\nz,\n'.encode()
    error = refused(content, columns={"a": kind})
    assert error.code == "wrong_type"
    assert error.detail == {"row": 3, "column": "a", "value": cell}
    assert "Row 3, column 'a'" in error.message
    assert [row["a"] for row in read(content, columns={"a": kind}, on_bad_cell="empty")["rows"]] == [None] * 3
    skipping = read(content, columns={"a": kind}, on_bad_cell="skip")
    assert (len(skipping["rows"]), skipping["skipped"]) == (2, 1)


@pytest.mark.parametrize(
    ("content", "row"),
    [
        (b"a,b\n1,2,3\n", 2),
        (b'a,b\n1,"2\n3,4\n', 2),
        (b'a,b\n1,2\n1,"2"3\n', 3),
        (b"a\n" + b"x" * 1_100_000 + b"\n", 2),
        (b'a\n"' + b"x\n" * 100_000, 2),
        (b"a," * 17_000, 1),
        (b"a,b\n1,2\n", 1),
    ],
)
def test_what_is_not_a_table_is_a_bad_response_with_its_row(refused, content, row):
    error = refused(content, columns={"amount": "number"} if content == b"a,b\n1,2\n" else {})
    assert error.code == "bad_response"
    assert error.detail["row"] == row


def test_nul_and_binary_do_not_break_the_reader(read, refused):
    assert read(b"a\nx\0y\n")["rows"] == [{"a": "x\0y"}]
    assert refused(bytes(range(256)) * 100).code == "bad_response"


def test_a_table_larger_than_an_output_is_refused_with_a_sentence(refused, settings):
    settings.MAX_OUTPUT_BYTES = 100_000
    error = refused(b"a,b\n" + b"123456,abcdef\n" * 20_000)
    assert error.code == "limit_exceeded"
    assert "Split the file" in error.message


def test_a_file_of_nobody_is_wrong_type(context):
    with pytest.raises(StepError) as caught:
        run_action("csv.read", {"file": "file_" + "0" * 32}, context())
    assert caught.value.code == "wrong_type"


def test_reading_stops_when_its_time_is_over_or_it_is_cancelled(context, files):
    value = files.create(name="a", media_type="", content=b"a\n" + b"1\n" * 10_000)
    late = context(seconds=0)
    cancelled = context()
    cancelled.cancelled.set()
    for one, code in ((late, "timeout"), (cancelled, "cancelled")):
        with pytest.raises(StepError) as caught:
            run_action("csv.read", {"file": value}, one)
        assert caught.value.code == code


def test_what_is_written_is_read_again(write, read):
    rows = [{"a": 'x "y", z', "b": 1.5}, {"a": "line\nbreak", "c": None}, {"b": True, "c": {"k": [1]}}]
    text = write(rows=rows)
    assert text.startswith("a,b,c\r\n")
    again = read(text.encode())
    assert again["rows"][0] == {"a": 'x "y", z', "b": "1.5", "c": ""}
    assert again["rows"][1]["a"] == "line\nbreak"
    assert again["rows"][2] == {"a": "", "b": "true", "c": '{"k":[1]}'}


def test_columns_choose_and_order_and_lists_are_rows_too(write):
    assert write(rows=[{"a": 1, "b": 2}], columns=["b", "x"], delimiter=";") == "b;x\r\n2;\r\n"
    assert write(rows=[["x", 1], ["y"]], columns=["n", "v"]) == "n,v\r\nx,1\r\ny\r\n"
    assert write(rows=[]) == ""


PAYLOADS = [
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("http://x","y")', "=cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0", "\uff1d1+1", "+", "-", "@", "=", '=";x', "=1\n=2",
]  # fmt: skip


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_cell_starts_as_a_formula(write, payload):
    text = write(rows=[{payload: payload, "b": [payload]}])
    for record in csv.reader(io.StringIO(text, newline="")):
        for cell in record:
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d"))
    assert f"'{payload}" in next(csv.reader(io.StringIO(text, newline="")))


def test_numbers_are_not_taken_for_formulas(write):
    assert (
        write(rows=[{"a": -1.5, "b": "-12,50", "c": "+491701234"}]) == 'a,b,c\r\n-1.5,"-12,50",+491701234\r\n'
    )


def test_half_a_surrogate_pair_cannot_be_written(write):
    with pytest.raises(StepError) as caught:
        write(rows=[{"a": "ok"}, {"a": "\ud800"}])
    assert caught.value.code == "wrong_type"
    assert caught.value.detail == {"row": 3, "column": 1}
