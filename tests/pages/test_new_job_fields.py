"""The form of a new job: every type of input has its control, its value, and its errors at the field."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils.html import escape

from jobs.models import Job
from tests.engine.lab import Lab
from tests.pages.newjob import EVERYTHING, FITS, NEW, Person, csv_file, grid_of, inputs_of, page_of, small

pytestmark = pytest.mark.django_db


@pytest.fixture
def lab():
    return Lab()


@pytest.fixture
def client(lab):
    return Person(lab)


def test_every_type_has_its_control_help_and_constraints(lab, client):
    lab.workflow(EVERYTHING)
    page = page_of(client.get(f"{NEW}?workflow=flow"))
    for control in (
        '<input class="form-control" type="text" id="in-name" name="in-name"',
        '<textarea class="form-control" id="in-note"',
        'type="password" id="in-password"',
        'inputmode="decimal"',
        'inputmode="numeric"',
        'type="checkbox" id="in-urgent"',
        'type="radio" name="in-agreed"',
        'type="date" id="in-due"',
        'type="time" id="in-opens"',
        'type="datetime-local" id="in-moment"',
        'type="radio" name="in-colour" value="blue"',
        '<select class="form-select" id="in-country"',
        'type="checkbox" name="in-tags" value="a"',
        'type="email" id="in-mail"',
        'type="url" id="in-site"',
        'type="file" id="up-report" name="up-report"',
        'name="up-extras" multiple',
        '<textarea class="form-control mono" id="in-lines-text"',
        '<textarea class="form-control mono" id="in-options"',
        "<legend>Figures</legend>",
    ):
        assert control in page
    for words in (
        "As on the invoice",
        "2 to 10 characters · Must match the pattern [A-Za-z ]+",
        "From 1 to 100",
        "A whole number · At least 1 · Empty means 1",
        "(today+30d)",
        "Not before 08:00",
        "In your time zone, Europe/Berlin",
        "At most 2h",
        "From 1 to 2 choices",
        ".csv · At most 2 KiB",
        "At most 2 files",
        "At least 1 row",
        "in this order: Item, Price, Kind, Since",
    ):
        assert words in page
    for attribute in (
        'minlength="2"',
        'pattern="[A-Za-z ]+"',
        'min="08:00"',
        'accept=".csv"',
        'data-max-bytes="2048"',
    ):
        assert attribute in page
    assert 'data-field="reason" data-hidden' in page
    assert [each["type"] for each in grid_of(page, "lines")["columns"]] == [
        "text",
        "number",
        "choice",
        "date",
    ]


def test_a_form_filled_in_starts_a_job_with_the_values_of_their_types(lab, client):
    lab.workflow(EVERYTHING)
    due = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    fields = {
        **FITS,
        "in-due": due,
        "up-report": csv_file(),
        "up-extras": [csv_file("b.bin"), csv_file("c.bin")],
    }
    answer = client.send({**fields, "title": "June", "reference": "R-1", "priority": "high"})
    assert answer.status_code == 302, answer.content.decode()
    job = Job.objects.get()
    assert answer["Location"] == f"/jobs/{job.pk}/"
    assert (job.title, job.reference, job.priority, job.source, job.created_by) == (
        "June",
        "R-1",
        "high",
        "ui",
        client.user,
    )
    given = inputs_of(job)
    assert given["password"].keys() == {"$sealed"}
    assert given["report"]["name"] == "rows.csv"
    assert [each["name"] for each in given["extras"]] == ["b.bin", "c.bin"]
    for key in ("password", "report", "extras"):
        del given[key]
    assert given == {
        "name": "Ada L", "note": "first\nsecond", "amount": 12.5, "copies": 3, "urgent": False, "agreed": False,
        "due": due, "opens": "09:30", "moment": "2026-07-01T12:00:00+02:00", "wait": 900, "colour": "blue",
        "country": "CH", "tags": ["a", "c"], "mail": "ada@example.com", "site": "https://example.com/",
        "lines": [
            {"item": "Paper", "price": 4.5, "kind": "g", "since": "2026-01-31"},
            {"item": "Help", "price": 10, "kind": "s", "since": None},
        ],
        "options": {"depth": 2}, "codes": ["x"], "reason": None,
    }  # fmt: skip


def test_all_errors_come_at_once_each_at_its_field_and_nothing_typed_is_lost(lab, client):
    lab.workflow(EVERYTHING)
    wrong = {
        **FITS, "in-name": "x1", "in-amount": "a lot", "in-copies": "1.5", "in-due": "2020-01-01", "in-wait": "soon",
        "in-colour": "green", "in-tags": ["a", "b", "c"], "in-mail": "ada", "in-site": "javascript:alert(1)",
        "in-lines": "Paper;-1\nHelp;many", "in-options": '{"depth": "x"}', "in-codes": "[1,", "title": "x" * 201,
        "up-report": csv_file("report.pdf"),
    }  # fmt: skip
    page = page_of(client.send(wrong), 422)
    assert not Job.objects.exists()
    for message in (
        "Expected a text that matches [A-Za-z ]+, got the text &#x27;x1&#x27;",
        "Expected a number, got the text &#x27;a lot&#x27;",
        "Expected a whole number, got the number 1.5",
        "at the earliest, got 2020-01-01",
        "Expected a duration such as 90s, 15m, 2h or 3d, or seconds, got the text &#x27;soon&#x27;",
        "Expected red or blue, got the text &#x27;green&#x27;",
        "Expected at most 2 items, got 3",
        "Expected an e-mail address",
        "Expected a web address",
        "Expected a file of type .csv, got &#x27;report.pdf&#x27;",
        "Row 1, Price: expected at least 0, got the number -1",
        "Row 2, Price: expected a number, got the text &#x27;many&#x27;",
        "depth: ",
        "Expected JSON such as [&quot;first&quot;, &quot;second&quot;], got a text that is none: at line 1, column 4",
        "Expected at most 200 characters, got 201",
    ):
        assert message in page, message
    assert "14 fields need another look" in page
    assert '<a href="#in-amount">Amount</a>' in page
    assert '<a href="#in-lines">Lines</a>' in page
    assert 'value="a lot"' in page
    assert 'id="in-amount-error"' in page
    assert 'aria-describedby="in-amount-rules in-amount-error" aria-invalid="true"' in page
    assert "autofocus" in page
    assert grid_of(page, "lines")["errors"] == [
        [0, "price", "Expected at least 0, got the number -1"],
        [1, "price", "Expected a number, got the text 'many'"],
    ]
    assert "Item,Price,Kind,Since\nPaper,-1,,\nHelp,many,,\n" in page
    assert "hunter2" not in page


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("type: text", "", "Expected a value for 'A', got nothing"),
        ("type: text, min_length: 3", "ab", "Expected at least 3 characters, got 2"),
        ("type: text, max_length: 3", "abcd", "Expected at most 3 characters, got 4"),
        ("type: text, secret: true, min_length: 9", "hunter2", "Expected at least 9 characters, got 7"),
        ("type: number", "1,5", "Expected a number, got the text '1,5'"),
        ("type: number", "1e999", "Expected a number, got the text '1e999'"),
        ("type: number, minimum: 2", "1.5", "Expected at least 2, got the number 1.5"),
        ("type: integer, maximum: 3", "4", "Expected at most 3, got the number 4"),
        ("type: boolean", "", "Expected a value for 'A', got nothing"),
        ("type: boolean", "maybe", "Expected true or false, got the text 'maybe'"),
        ("type: date", "31.3.2026", "Expected a date such as 2026-03-31, got the text '31.3.2026'"),
        (
            "type: date, maximum: '2026-01-31'",
            "2026-02-01",
            "Expected 2026-01-31 at the latest, got 2026-02-01",
        ),
        ("type: time", "25:00", "Expected a time such as 14:30, got the text '25:00'"),
        ("type: datetime", "tomorrow", "got the text 'tomorrow'"),
        ("type: datetime, minimum: '2026-03-01'", "2026-02-28T23:59", "Expected 2026-03-01 at the earliest"),
        ("type: duration, minimum: 1m", "5", "Expected at least 1m, got 5s"),
        ("type: choice, choices: [red, blue]", "bleu", "Did you mean 'blue'?"),
        ("type: choice, choices: [red, blue]", "", "Expected a value for 'A', got nothing"),
        ("type: multiple_choice, choices: [red, blue]", ["red", "red"], "Expected each choice at most once"),
        ("type: multiple_choice, choices: [red], min_items: 1", [], "Expected a value for 'A', got nothing"),
        ("type: email", "Ada <ada@example.com>", "Expected an e-mail address"),
        ("type: url", "https://a b", "Expected a web address"),
        ("type: file", "", "Expected a value for 'A', got nothing"),
        ("type: file", "file_0", "Expected the id of a file here, got the text 'file_0'"),
        ("type: files, min_items: 2", ["file_0"], "Expected at least 2 items, got 1"),
        ("type: object", "[1]", "Expected an object, got a list of 1"),
        ("type: object", "{a: 1}", "got a text that is none: at line 1, column 2"),
        ("type: list, max_items: 1", "[1, 2]", "Expected at most 1 items, got 2"),
        ("type: list", '[{"a": 1, "a": 2}]', "the key 'a' comes twice in one object"),
        ("type: table, columns: [{key: b, type: number}]", "", "Expected a value for 'A', got nothing"),
        (
            "type: table, columns: [{key: b, type: number}]",
            "1,2",
            "Row 1: expected 1 cells, got '2' beyond them",
        ),
        ("type: table, columns: [{key: b, type: number}]", '"1', "Expected rows with commas"),
        ("type: table, columns: [{key: b, type: list}]", "[1", "Row 1, b: expected JSON such as"),
        ("type: table, columns: [{key: b, type: boolean}]", "x", "Row 1, b: expected true or false"),
        (
            "type: table, columns: [{key: b, type: text}], max_items: 1",
            "x\ny",
            "Expected at most 1 items, got 2",
        ),
    ],
)
def test_what_does_not_fit_is_told_in_the_words_of_the_api_and_stays_as_typed(
    lab, client, field, typed, message
):
    small(lab, f"[{{key: a, label: A, {field}}}]")
    page = page_of(client.send({"in-a": typed}), 422)
    assert escape(message) in page
    assert '<a href="#in-a">A</a>' in page
    assert not Job.objects.exists()
    if isinstance(typed, str) and "secret" not in field and "choice" not in field and "boolean" not in field:
        assert escape(typed) in page


def test_conditions_are_answered_as_they_will_be_at_the_start(lab, client):
    lab.workflow(EVERYTHING)
    url = f"{NEW}shown/?workflow=flow"
    assert client.post(url, {}).json() == {"hidden": ["reason"]}
    assert client.post(url, {"in-urgent": "true"}).json() == {"hidden": []}
    small(lab, "[{key: a, type: boolean, default: false}, {key: b, type: text, show_when: inputs.a}]", "cond")
    assert client.send({"in-b": "typed though it is hidden"}, "workflow=cond").status_code == 302
    assert inputs_of(Job.objects.get())["b"] is None
    assert "Expected a value for" in page_of(client.send({"in-a": "true"}, "workflow=cond"), 422)
