"""What a form of a new job keeps and takes: secrets, files, and tables from files."""

from datetime import datetime
from io import BytesIO

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook

from jobs.models import File, Job
from tests.engine.lab import Lab
from tests.factories import make_member
from tests.pages.newjob import NEW, Person, csv_file, hidden_fields, inputs_of, page_of, small, uploaded
from workflows.services.drafts import save_draft
from workspaces.models import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def lab():
    return Lab()


@pytest.fixture
def client(lab):
    return Person(lab)


def test_a_secret_goes_with_the_form_sealed_and_only_for_its_person(lab, client):
    small(lab, "[{key: word, type: text, secret: true}, {key: n, type: number}]")
    page = page_of(client.send({"in-word": "open sesame", "in-n": "x"}), 422)
    assert "open sesame" not in page
    kept = hidden_fields(page)
    other = Person(lab)
    assert other.post(f"{NEW}?workflow=flow", {**kept, "in-n": "1"}).status_code == 422
    assert client.post(f"{NEW}?workflow=flow", {**kept, "in-n": "1"}).status_code == 302
    assert Job.objects.count() == 1


def test_a_chosen_file_stays_with_the_form_and_is_checked_to_be_of_the_workspace(lab, client):
    small(lab, "[{key: a, type: file}, {key: n, type: number}]")
    page = page_of(client.send({"up-a": csv_file(), "in-n": "x"}), 422)
    file = File.objects.get()
    assert f'name="in-a" value="{file.pk}" data-file checked' in page
    assert "rows.csv" in page
    other = Lab()
    small(other, "[{key: a, type: file}]")
    foreign = uploaded(other)
    page = page_of(client.send({"in-a": foreign, "in-n": "1"}), 422)
    assert "Expected the id of a file here" in page
    assert page.count("rows.csv") == 0
    assert client.send({"in-a": file.pk, "in-n": "1"}).status_code == 302
    assert inputs_of(Job.objects.get())["a"]["id"] == file.pk


def test_a_table_is_filled_from_a_csv_or_excel_file_and_errors_name_row_and_column(lab, client):
    small(
        lab,
        "[{key: t, label: T, type: table, columns: [{key: who, label: Who, type: text}, {key: n, label: Count, type: integer}]}]",
    )
    assert client.send({"up-t": csv_file(content=b"Count;Who\n3;Ada\n;\n4;Bob\n")}).status_code == 302
    assert inputs_of(Job.objects.get())["t"] == [{"who": "Ada", "n": 3}, {"who": "Bob", "n": 4}]
    page = page_of(client.send({"up-t": csv_file(content=b"Who,Count\nAda,3\nBob,four\n")}), 422)
    assert "Row 2, Count: expected a whole number, got the text &#x27;four&#x27;" in page
    assert "Who,Count\nAda,3\nBob,four" in page
    page = page_of(client.send({"in-t": "Ada,1", "up-t": csv_file(content=b"Who,Cuont\nAda,3\n")}), 422)
    assert "Did you mean &#x27;Count&#x27;?" in page
    assert "\nAda,1</textarea>" in page
    page = page_of(client.send({"up-t": csv_file("x.xlsx", b"not a workbook")}), 422)
    assert "not an .xlsx workbook" in page


def test_the_script_gets_the_rows_of_a_workbook(lab, client):
    small(
        lab,
        "[{key: t, type: table, columns: [{key: who, label: Who, type: text}, {key: day, label: Day, type: date}]}]",
    )
    workbook = Workbook()
    sheet = workbook.create_sheet(index=0)
    for row in (["Day", "Who"], [datetime(2026, 1, 31), "Ada, Countess"], [None, 7]):
        sheet.append(row)
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


def test_the_fields_of_a_preview_are_those_of_the_draft_and_a_builders_alone(lab, client):
    text = "inputs: [{key: a, type: files, accept: [.csv]}, {key: t, type: table, columns: [{key: c, label: C, type: text}]}]"
    small(lab, "[]")
    workflow = lab.actor.workspace.workflows.get(slug="flow")
    definition = {**yaml.safe_load(text), "format": 1, "name": "Flow", "steps": []}
    save_draft(actor=lab.actor, workflow=workflow, definition=definition, expected_revision=None)
    file, table = (f"{NEW}{part}/?draft=flow&input={key}" for part, key in (("file", "a"), ("table", "t")))
    assert client.post(f"{NEW}file/?workflow=flow&input=a", {"file": csv_file()}).status_code == 404
    assert client.post(file, {"file": csv_file()}).status_code == 403
    builder = Client()
    builder.force_login(lab.actor.user)
    assert builder.post(file, {"file": csv_file()}).status_code == 201
    assert "text" in builder.post(table, {"file": csv_file("t.csv", b"C\n1\n")}).json()
    assert builder.post(f"{NEW}shown/?draft=flow", {}).json() == {"hidden": []}
    stranger = Person(Lab())
    assert stranger.post(f"{NEW}shown/?draft=flow", {}).status_code in (403, 404)


def test_forms_are_guarded_against_other_sites(lab):
    small(lab, "[]")
    member = make_member(Role.OPERATOR, workspace=lab.actor.workspace)
    client = Client(enforce_csrf_checks=True)
    client.force_login(member.user)
    for address in ("", "file/", "table/", "shown/"):
        assert client.post(f"{NEW}{address}?workflow=flow", {"file": csv_file()}).status_code == 403
