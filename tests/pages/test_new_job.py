"""The form of a new job: the choice of a workflow, every type of input, every error at its field, and one job for one form."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.html import escape
from openpyxl import Workbook

from jobs.models import File, Job
from jobs.states import PayloadKind
from tests.engine.lab import Lab, value
from tests.factories import make_member
from tests.pages.newjob import EVERYTHING, FITS, grid_of, hidden_fields, small
from workflows.services.activation import deactivate
from workspaces.models import Role

pytestmark = pytest.mark.django_db
NEW = "/jobs/new/"


@pytest.fixture
def lab():
    return Lab()


@pytest.fixture
def client(lab):
    return client_of(lab, Role.OPERATOR)


def client_of(lab, role):
    client = Client()
    member = make_member(role, workspace=lab.actor.workspace)
    member.user.time_zone = "Europe/Berlin"
    member.user.save()
    client.force_login(member.user)
    client.user = member.user
    return client


def page_of(answer, status=200):
    assert answer.status_code == status, answer.content.decode()[-3000:]
    return answer.content.decode()


def send(client, fields, query="workflow=flow", **more):
    """Open the form and send it, as a browser without a script does."""
    page = page_of(client.get(f"{NEW}?{query}"))
    return client.post(f"{NEW}?{query}", {**hidden_fields(page), **fields}, **more)


def inputs_of(job):
    return value(job, "", PayloadKind.INPUTS)


def csv_file(name="rows.csv", content=b"a,b\n1,2\n"):
    return SimpleUploadedFile(name, content, "text/csv")


# ---------------------------------------------------------------- the choice
def test_only_active_workflows_are_offered(lab, client):
    small(lab, "[]", "first-flow")
    small(lab, "[]", "archived-flow")
    lab.actor.workspace.workflows.create(
        slug="draft-flow",
        name="Draft flow",
        draft="{}",
        created_at=datetime.now(UTC),
        updated_at=datetime.now(UTC),
    )
    gone = lab.actor.workspace.workflows.get(slug="archived-flow")
    deactivate(actor=lab.actor, workflow=gone)
    page = page_of(client.get(NEW))
    assert '<option value="first-flow">' in page
    assert "draft-flow" not in page
    assert "archived-flow" not in page


def test_a_workflow_of_the_address_is_a_fact_that_can_be_changed(lab, client):
    small(lab, "[{key: a, type: text, label: Alpha}]")
    page = page_of(client.get(f"{NEW}?workflow=flow"))
    assert "<select" not in page.split('id="job-form"')[0]
    assert ">Change<" in page
    assert "1, the active one" in page
    assert 'for="in-a">Alpha' in page


@pytest.mark.parametrize(
    ("role", "words"), [(Role.OPERATOR, "role builder or higher"), (Role.BUILDER, "Activate a draft")]
)
def test_with_nothing_active_each_role_is_told_what_to_do(lab, role, words):
    assert words in page_of(client_of(lab, role).get(NEW))


def test_a_workflow_that_is_not_active_says_so_and_offers_the_others(lab, client):
    small(lab, "[]", "other")
    small(lab, "[]")
    deactivate(actor=lab.actor, workflow=lab.actor.workspace.workflows.get(slug="flow"))
    page = page_of(client.get(f"{NEW}?workflow=flow"))
    assert "is not active, so it cannot run jobs" in page
    assert '<option value="other">' in page


def test_what_belongs_to_another_workspace_is_not_found(lab, client):
    other = Lab()
    small(other, "[{key: a, type: file}]")
    job = other.start(a=page_file(other))
    for query in ("workflow=flow", f"from={job.pk}", "from=0", "from=x", "workflow=flow&version=99"):
        assert client.get(f"{NEW}?{query}").status_code == 404
        assert client.post(f"{NEW}?{query}", {}).status_code == 404
        for part in ("file", "table", "shown"):
            assert client.post(f"{NEW}{part}/?{query}&input=a", {"file": csv_file()}).status_code == 404
    assert not File.objects.filter(workspace=lab.actor.workspace).exists()


def page_file(lab):
    client = client_of(lab, Role.OPERATOR)
    answer = client.post(f"{NEW}file/?workflow=flow&input=a", {"file": csv_file()})
    return answer.json()["id"]


# ---------------------------------------------------------------- every type
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
    answer = send(client, {**fields, "title": "June", "reference": "R-1", "priority": "high"})
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
    page = page_of(send(client, wrong), 422)
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
    page = page_of(send(client, {"in-a": typed}), 422)
    assert escape(message) in page
    assert '<a href="#in-a">A</a>' in page
    assert not Job.objects.exists()
    if isinstance(typed, str) and "secret" not in field and "choice" not in field and "boolean" not in field:
        assert escape(typed) in page


def test_a_secret_goes_with_the_form_sealed_and_only_for_its_person(lab, client):
    small(lab, "[{key: word, type: text, secret: true}, {key: n, type: number}]")
    page = page_of(send(client, {"in-word": "open sesame", "in-n": "x"}), 422)
    assert "open sesame" not in page
    kept = hidden_fields(page)
    other = client_of(lab, Role.OPERATOR)
    assert other.post(f"{NEW}?workflow=flow", {**kept, "in-n": "1"}).status_code == 422
    assert client.post(f"{NEW}?workflow=flow", {**kept, "in-n": "1"}).status_code == 302
    assert Job.objects.count() == 1


def test_a_chosen_file_stays_with_the_form_and_is_checked_to_be_of_the_workspace(lab, client):
    small(lab, "[{key: a, type: file}, {key: n, type: number}]")
    page = page_of(send(client, {"up-a": csv_file(), "in-n": "x"}), 422)
    file = File.objects.get()
    assert f'name="in-a" value="{file.pk}" data-file checked' in page
    assert "rows.csv" in page
    other = Lab()
    small(other, "[{key: a, type: file}]")
    foreign = page_file(other)
    page = page_of(send(client, {"in-a": foreign, "in-n": "1"}), 422)
    assert "Expected the id of a file here" in page
    assert page.count("rows.csv") == 0
    assert send(client, {"in-a": file.pk, "in-n": "1"}).status_code == 302
    assert inputs_of(Job.objects.get())["a"]["id"] == file.pk


def test_a_table_is_filled_from_a_csv_or_excel_file_and_errors_name_row_and_column(lab, client):
    small(
        lab,
        "[{key: t, label: T, type: table, columns: [{key: who, label: Who, type: text}, {key: n, label: Count, type: integer}]}]",
    )
    assert send(client, {"up-t": csv_file(content=b"Count;Who\n3;Ada\n;\n4;Bob\n")}).status_code == 302
    assert inputs_of(Job.objects.get())["t"] == [{"who": "Ada", "n": 3}, {"who": "Bob", "n": 4}]
    page = page_of(send(client, {"up-t": csv_file(content=b"Who,Count\nAda,3\nBob,four\n")}), 422)
    assert "Row 2, Count: expected a whole number, got the text &#x27;four&#x27;" in page
    assert "Who,Count\nAda,3\nBob,four" in page
    page = page_of(send(client, {"in-t": "Ada,1", "up-t": csv_file(content=b"Who,Cuont\nAda,3\n")}), 422)
    assert "Did you mean &#x27;Count&#x27;?" in page
    assert "\nAda,1</textarea>" in page
    page = page_of(send(client, {"up-t": csv_file("x.xlsx", b"not a workbook")}), 422)
    assert "not an .xlsx workbook" in page


def test_the_script_gets_the_rows_of_a_workbook(lab, client):
    small(
        lab,
        "[{key: t, type: table, columns: [{key: who, label: Who, type: text}, {key: day, label: Day, type: date}]}]",
    )
    workbook = Workbook()
    for row in (["Day", "Who"], [datetime(2026, 1, 31), "Ada, Countess"], [None, 7]):
        workbook.active.append(row)
    stream = BytesIO()
    workbook.save(stream)
    answer = client.post(
        f"{NEW}table/?workflow=flow&input=t", {"file": SimpleUploadedFile("a.xlsx", stream.getvalue())}
    )
    assert answer.json() == {"text": 'Who,Day\n"Ada, Countess",2026-01-31\n7,\n'}
    bad = client.post(
        f"{NEW}table/?workflow=flow&input=t",
        {"file": csv_file(content=b"Who,Dya\n1,2\n")},
        headers={"HX-Request": "true"},
    )
    assert (bad.status_code, bad.json()["detail"].startswith("Expected the columns Who and Day")) == (
        422,
        True,
    )
    assert client.post(f"{NEW}table/?workflow=flow&input=t", {}).status_code == 422
    assert client.post(f"{NEW}table/?workflow=flow&input=nope", {}).status_code == 404


def test_a_file_is_refused_at_once_when_its_input_does_not_take_it(lab, client):
    small(lab, "[{key: a, type: files, accept: [.csv], max_bytes: 10}]")
    url = f"{NEW}file/?workflow=flow&input=a"
    good = client.post(url, {"file": csv_file()})
    assert (good.status_code, good.json()["name"]) == (201, "rows.csv")
    for name, content, words in (("a.pdf", b"1", "of type .csv"), ("b.csv", b"1" * 11, "at most 10 bytes")):
        bad = client.post(url, {"file": csv_file(name, content)}, headers={"HX-Request": "true"})
        assert bad.status_code == 422
        assert words in bad.json()["errors"][0]["message"]
    assert File.objects.count() == 1


def test_a_file_larger_than_any_may_be_is_refused_as_by_the_api(lab, client, settings):
    settings.MAX_FILE_BYTES = 100
    small(lab, "[{key: a, type: file}]")
    answer = client.post(f"{NEW}file/?workflow=flow&input=a", {"file": csv_file(content=b"x" * 200)})
    assert answer.status_code == 413
    assert not File.objects.exists()


def test_forms_are_guarded_against_other_sites(lab):
    small(lab, "[]")
    member = make_member(Role.OPERATOR, workspace=lab.actor.workspace)
    client = Client(enforce_csrf_checks=True)
    client.force_login(member.user)
    for address in ("", "file/", "table/", "shown/"):
        assert client.post(f"{NEW}{address}?workflow=flow", {"file": csv_file()}).status_code == 403


def test_conditions_are_answered_as_they_will_be_at_the_start(lab, client):
    lab.workflow(EVERYTHING)
    url = f"{NEW}shown/?workflow=flow"
    assert client.post(url, {}).json() == {"hidden": ["reason"]}
    assert client.post(url, {"in-urgent": "true"}).json() == {"hidden": []}
    small(lab, "[{key: a, type: boolean, default: false}, {key: b, type: text, show_when: inputs.a}]", "cond")
    assert send(client, {"in-b": "typed though it is hidden"}, "workflow=cond").status_code == 302
    assert inputs_of(Job.objects.get())["b"] is None
    assert "Expected a value for" in page_of(send(client, {"in-a": "true"}, "workflow=cond"), 422)


# ---------------------------------------------------------------- one form, one job
def test_a_form_that_is_sent_twice_starts_one_job(lab, client):
    small(lab, "[{key: n, type: number}]")
    fields = hidden_fields(page_of(client.get(f"{NEW}?workflow=flow")))
    first = client.post(f"{NEW}?workflow=flow", {**fields, "in-n": "1"})
    second = client.post(f"{NEW}?workflow=flow", {**fields, "in-n": "1"})
    assert first["Location"] == second["Location"]
    assert Job.objects.count() == 1
    other = client.post(f"{NEW}?workflow=flow", {**fields, "in-n": "2"})
    assert "has started a job already, with other inputs" in page_of(other, 409)
    assert (
        client.post(
            f"{NEW}?workflow=flow", {**hidden_fields(other.content.decode()), "in-n": "2"}
        ).status_code
        == 302
    )
    assert Job.objects.count() == 2


def test_a_form_without_its_key_starts_nothing(lab, client):
    small(lab, "[]")
    answer = client.post(f"{NEW}?workflow=flow", {"form_version": "1"})
    assert "incomplete" in page_of(answer, 422)
    assert not Job.objects.exists()


def test_a_version_that_became_active_meanwhile_is_shown_before_it_runs(lab, client):
    small(lab, "[{key: n, type: number}]")
    fields = hidden_fields(page_of(client.get(f"{NEW}?workflow=flow")))
    small(lab, "[{key: n, type: number}, {key: extra, label: Extra, type: text}]")
    answer = client.post(f"{NEW}?workflow=flow", {**fields, "in-n": "7"})
    page = page_of(answer, 409)
    assert "version 2 is the active one" in page
    assert 'value="7"' in page
    assert "Extra" in page
    assert (
        client.post(f"{NEW}?workflow=flow", {**hidden_fields(page), "in-n": "7", "in-extra": "x"}).status_code
        == 302
    )


def test_duplicates_are_refused_with_a_way_to_the_job_that_runs(lab, client):
    small(lab, "[{key: n, type: number}]")
    assert send(client, {"in-n": "1", "only_once": "yes"}).status_code == 302
    page = page_of(send(client, {"in-n": "1", "only_once": "yes"}), 409)
    job = Job.objects.get()
    assert f'<a href="/jobs/{job.pk}/">Watch that job</a>' in page
    assert send(client, {"in-n": "1"}).status_code == 302


def test_only_builders_choose_an_older_version(lab, client):
    small(lab, "[{key: old, label: Old one, type: number}]")
    small(lab, "[{key: n, type: number}]")
    assert client.get(f"{NEW}?workflow=flow&version=1").status_code == 403
    assert "Run another version" not in page_of(client.get(f"{NEW}?workflow=flow"))
    builder = client_of(lab, Role.BUILDER)
    assert "Run another version" in page_of(builder.get(f"{NEW}?workflow=flow"))
    page = page_of(builder.get(f"{NEW}?workflow=flow&version=1"))
    assert "Old one" in page
    assert "1; active is 2" in page
    assert send(builder, {"in-old": "1"}, "workflow=flow&version=1").status_code == 302
    assert Job.objects.get().version.number == 1


def test_a_moment_that_the_clocks_leap_over_is_refused(lab, client):
    small(lab, "[{key: at, type: datetime}]")
    assert "its clocks leap over" in page_of(send(client, {"in-at": "2026-03-29T02:30"}), 422)


def test_text_of_others_is_shown_as_text(lab, client):
    bad = '"><script>alert(1)</script>'
    small(lab, f"[{{key: a, type: text, label: '{bad}', help: '{bad}', section: '{bad}', max_length: 3}}]")
    page = page_of(send(client, {"in-a": bad, "title": bad}), 422)
    assert "<script>alert" not in page


# ---------------------------------------------------------------- run again
def test_running_again_fills_in_the_former_inputs_and_links_the_new_job(lab, client):
    lab.workflow(EVERYTHING)
    due = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    send(
        client,
        {
            **FITS,
            "in-due": due,
            "up-report": csv_file(),
            "title": "June",
            "in-urgent": "true",
            "in-reason": "Now",
        },
    )
    former = Job.objects.get()
    page = page_of(client.get(f"{NEW}?from={former.pk}"))
    assert "Run again" in page
    assert "type <strong>Password</strong> anew" in page
    assert "hunter2" not in page
    for shown in (
        'value="Ada L"',
        "\nfirst\nsecond</textarea>",
        'value="12.5"',
        'value="2026-07-01T12:00"',
        'value="15m"',
        "Paper,4.5,g,2026-01-31",
        "rows.csv",
        'value="June"',
        "&quot;depth&quot;: 2",
    ):
        assert shown in page, shown
    fields = {
        **FITS,
        "in-due": due,
        "in-report": inputs_of(former)["report"]["id"],
        "in-name": "Eve",
        "in-urgent": "true",
        "in-reason": "Again",
    }
    answer = send(client, fields, f"from={former.pk}")
    assert answer.status_code == 302, answer.content.decode()
    again = Job.objects.latest("pk")
    assert (again.rerun_of, again.source) == (former, "ui")
    assert inputs_of(again)["name"] == "Eve"


def test_running_again_says_which_version_and_what_differs(lab, client):
    small(lab, "[{key: n, label: Number, type: number}, {key: gone, label: Gone, type: text, default: x}]")
    former = lab.start(n=5)
    small(lab, "[{key: n, label: Number, type: number, minimum: 6}, {key: extra, label: Extra, type: text}]")
    page = page_of(client.get(f"{NEW}?from={former.pk}"))
    for words in (
        "Version 2 will run, the active one; that job ran version 1.",
        "Number has changed: minimum.",
        "Extra is new, and required.",
        "Gone is gone; its value is left out.",
        "Run version 1 instead",
    ):
        assert words in page
    same = page_of(client.get(f"{NEW}?from={former.pk}&version=same"))
    assert "Version 1 will run, the same as in that job" in same
    assert send(client, {"in-n": "5"}, f"from={former.pk}&version=same").status_code == 302
    assert Job.objects.latest("pk").version.number == 1


def test_purged_inputs_are_told(lab, client):
    small(lab, "[{key: n, type: number}]")
    former = lab.start(n=5)
    former.payloads.update(body=None, salt=None, purged_at=datetime.now(UTC))
    assert "Its inputs were removed" in page_of(client.get(f"{NEW}?from={former.pk}"))


def test_a_sub_job_is_run_again_only_through_its_outermost_job(lab, client):
    small(lab, "[]", "inner")
    lab.run("steps: [{key: a, type: workflow, workflow: inner, inputs: {}}]")
    sub = Job.objects.get(parent__isnull=False)
    assert "only through its outermost job" in page_of(client.get(f"{NEW}?from={sub.pk}"))


def test_what_was_secret_is_not_filled_in_where_it_is_secret_no_longer(lab, client):
    small(lab, "[{key: word, label: Word, type: text, secret: true}]")
    former = lab.start(word="open sesame")
    small(lab, "[{key: word, label: Word, type: text}]")
    page = page_of(client.get(f"{NEW}?from={former.pk}"))
    assert "•••" not in page
    assert "sesame" not in page


def test_a_viewer_and_an_auditor_start_nothing(lab):
    small(lab, "[]")
    for role in (Role.VIEWER, Role.AUDITOR):
        client = client_of(lab, role)
        assert client.get(f"{NEW}?workflow=flow").status_code == 403
        assert client.post(f"{NEW}?workflow=flow").status_code == 403


# ---------------------------------------------------------------- what it costs
def test_the_choice_costs_one_query_beside_the_shell(lab, client, django_assert_num_queries):
    for number in range(5):
        small(lab, "[]", f"flow-{number}")
    with django_assert_num_queries(4):
        client.get(NEW)


def test_a_form_costs_the_same_for_few_inputs_and_many(lab, client, django_assert_num_queries):
    lab.workflow(EVERYTHING)
    small(lab, "[]", "small")
    for slug in ("flow", "small"):
        client.get(f"{NEW}?workflow={slug}")  # a definition is parsed once in a process
        with django_assert_num_queries(4):
            client.get(f"{NEW}?workflow={slug}")


def test_a_form_with_files_reads_them_in_one_query(lab, client, django_assert_num_queries):
    small(lab, "[{key: a, type: files}, {key: n, type: number}]")
    former = lab.start(a=[page_file(lab) for _ in range(4)], n=1)
    client.get(f"{NEW}?from={former.pk}")
    with django_assert_num_queries(7):
        client.get(f"{NEW}?from={former.pk}")
