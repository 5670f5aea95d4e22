"""What a list says of a job's inputs: short, in one line, without secrets, written when the job is made."""

import pytest
from django.db import connection

from jobs.models import Job
from jobs.summary import LONGEST, summary_of
from tests.api.jobs_support import Desk
from workflows.definition.model import Definition, Input
from workflows.definition.parse import parse_frozen

FILE = {"id": "f", "name": "ledger.csv", "media_type": "text/csv", "bytes": 3, "sha256": "0"}


def definition(**types: dict) -> Definition:
    inputs = [{"key": key, "type": "text", **more} for key, more in types.items()]
    return parse_frozen({"format": 1, "name": "x", "inputs": inputs, "steps": []})


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("Acme", "a: Acme"),
        (" two\n lines\t", "a: two lines"),
        (12.5, "a: 12.5"),
        (False, "a: false"),
        (0, "a: 0"),
        (FILE, "a: ledger.csv"),
        ([FILE, FILE], "a: ledger.csv, ledger.csv"),
        ([1, 2, 3, 4], "a: 4 x"),
        ([{"n": 1}], "a: 1 x"),
        ({"x": 1, "y": {}}, "a: {x, y}"),
        ("x" * 300, f"a: {'x' * 59}…"),
        ("half \ud800 and \0", "a: half and"),
        (None, ""),
        ("", ""),
        ([], ""),
    ],
)
def test_a_value_is_said_in_a_few_words(value, words):
    assert summary_of(definition(a={}), {"a": value}) == words


def test_the_first_three_that_have_a_value_are_said_with_their_labels_and_secrets_masked():
    flow = definition(a={}, b={"label": "Key", "secret": True}, c={"label": "Month"}, d={}, e={})
    given = {"a": None, "b": "s3cret", "c": "May", "d": "d", "e": "e"}
    assert summary_of(flow, given) == "Key: ••• · Month: May · d: d"


def test_it_is_never_longer_than_its_column():
    flow = Definition(
        format=1, name="x", inputs=tuple(Input(key=key * 63, type="text", label=key * 200) for key in "abc")
    )
    assert len(summary_of(flow, {key * 63: "v" * 100 for key in "abc"})) == LONGEST


FLOW = """
inputs: [{key: token, type: text, secret: true}, {key: month, type: text}]
steps: [{key: a, type: set, values: {x: 1}}]
"""


@pytest.mark.django_db
def test_a_job_a_job_that_runs_again_and_a_sub_job_have_theirs():
    desk = Desk()
    desk.workflow(FLOW, slug="inner")
    desk.workflow(
        FLOW.replace(
            "steps: [{key: a, type: set, values: {x: 1}}]",
            "steps: [{key: go, type: workflow, workflow: inner,"
            " inputs: {token: '{{ inputs.token }}', month: 'of {{ inputs.month }}'}}]",
        ),
        slug="outer",
    )
    body = {"workflow": "outer", "inputs": {"token": "s3cret-value", "month": "May"}}
    made = desk.api().post("/jobs/", body).json()["id"]
    desk.drain()
    again = desk.api().post(f"/jobs/{made}/rerun/").json()["id"]
    said = dict(Job.objects.values_list("pk", "input_summary"))
    assert said[made] == said[again] == "token: ••• · month: May"
    assert said[Job.objects.get(parent=made).pk] == "token: ••• · month: of May"


@pytest.mark.django_db
def test_a_worker_of_an_earlier_release_can_still_insert_a_job():
    desk = Desk()
    desk.workflow("steps: [{key: a, type: set, values: {x: 1}}]")
    job = desk.start()
    columns = [
        str(field.column)
        for field in Job._meta.concrete_fields
        if field.column not in ("id", "input_summary", "uid")
    ]
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO jobs_job (uid, {names}) SELECT %s, {names} FROM jobs_job WHERE id=%s",
            ["0" * 32, job.pk],
        )
    assert Job.objects.exclude(pk=job.pk).get().input_summary == ""
