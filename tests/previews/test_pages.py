"""The form of a preview, and its live page."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from jobs.models import Job, Pin, SampleInputs
from jobs.previews import pins_of
from tests.factories import make_member
from tests.previews.support import POST

pytestmark = pytest.mark.django_db
DRAFT = (
    """
inputs: [{key: n, type: integer, label: How many}, {key: pass, type: text, secret: true, required: false}]
steps:
  - {key: a, name: Count up, type: set, values: {v: "{{ inputs.n + 1 }}"}}
  - {key: each, type: for_each, items: "[1, 2]", steps: [{key: in, type: set, values: {v: 1}}]}
"""
    + POST.lstrip("\n")
    + "outputs: [{key: total, label: Total, type: integer, value: steps.a.output.v}]\n"
)
FORM = "/workflows/flow/preview/"


@pytest.fixture
def client(bench):
    client = Client()
    client.force_login(bench.actor.user)
    return client


def key_in(text):
    return min(re.findall(r'name="form_key" value="([0-9a-f]{32})"', text))


def start(client, **fields):
    """Send the form as a person does; the preview."""
    key = key_in(client.get(FORM).content.decode())
    answer = client.post(FORM, {"form_key": key, "in-n": "4", **fields})
    assert answer.status_code == 302, strip_tags(answer.content.decode())
    return Job.objects.latest("pk")


def page(client, job, query=""):
    answer = client.get(f"{FORM}{job.pk}/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_form_is_shown_while_inputs_are_unfinished(bench, client):
    bench.draft(
        "inputs: [{key: a, type: choice, choices: []}, {key: b, type: multiple_choice}, {key: c, type: table, columns: []}]"
    )
    assert client.get(FORM).status_code == 200


def test_the_form_has_the_inputs_the_steps_and_a_warning_about_effects(bench, client):
    bench.draft(DRAFT)
    text = client.get(FORM).content.decode()
    assert "How many" in text
    assert "Count up" in text
    assert '<option value="in">' in text
    assert "Let effects through" in text
    assert "really sent" in text


def test_sending_it_starts_a_preview_and_leads_to_it(bench, client):
    bench.draft(DRAFT)
    job = start(client)
    bench.drain()
    text = page(client, job)
    assert "Completed" in text
    assert "All steps are done" in text
    assert "One step was held back." in text
    assert "Total" in text


def test_a_preview_is_never_called_a_job_on_its_pages(bench, client):
    bench.draft(DRAFT)
    job = start(client)
    texts = [client.get(FORM).content.decode(), page(client, job)]
    bench.drain()
    texts += [page(client, job), page(client, job, "?only=problems"), page(client, job, "?step=a&tab=output")]
    failing = bench.begin("steps: [{key: a, type: fail, message: Closed}]")
    bench.drain()
    texts.append(page(client, failing))
    for text in texts:
        [main] = re.findall(r"<main.*?</main>", text, re.DOTALL)
        assert not re.search(r"\bjobs?\b", strip_tags(main), re.IGNORECASE), strip_tags(main)


def test_the_inputs_are_kept_for_the_next_time_but_never_a_secret(bench, client):
    bench.draft(DRAFT)
    start(client, **{"in-pass": "hunter-two"})
    kept = SampleInputs.objects.get()
    assert kept.inputs == '{"n":4}'
    text = client.get(FORM).content.decode()
    assert 'value="4"' in text
    assert "hunter-two" not in text


def test_others_do_not_see_what_a_person_keeps(bench, client):
    bench.draft(DRAFT)
    start(client)
    other = Client()
    other.force_login(make_member("builder", workspace=bench.actor.workspace).user)
    assert 'value="4"' not in other.get(FORM).content.decode()


def test_bad_inputs_show_the_form_again_with_what_was_typed(bench, client):
    bench.draft(DRAFT)
    key = key_in(client.get(FORM).content.decode())
    answer = client.post(FORM, {"form_key": key, "in-n": "many", "until": "a"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "No preview was started." in text
    assert 'value="many"' in text
    assert '<option value="a" selected>' in text
    assert not Job.objects.exists()


def test_a_draft_with_errors_says_which(bench, client):
    bench.draft("steps: [{key: a, type: set, values: {v: '{{ steps.nobody.output }}'}}]")
    key = key_in(client.get(FORM).content.decode())
    answer = client.post(FORM, {"form_key": key})
    assert answer.status_code == 409
    assert "nobody" in strip_tags(answer.content.decode())


def test_a_draft_that_cannot_be_read_at_all_has_a_form_that_says_so(bench, client):
    workflow = bench.draft(DRAFT)
    type(workflow).objects.filter(pk=workflow.pk).update(draft='{"format":99}')
    key = key_in(client.get(FORM).content.decode())
    assert client.post(FORM, {"form_key": key}).status_code == 409


def test_a_form_that_is_sent_twice_starts_one_preview(bench, client):
    bench.draft(DRAFT)
    key = key_in(client.get(FORM).content.decode())
    first, second = (client.post(FORM, {"form_key": key, "in-n": "4"}) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Job.objects.count() == 1


def test_run_again_takes_the_draft_as_it_is_now_with_the_same_inputs(bench, client):
    bench.draft(DRAFT)
    job = start(client, **{"in-pass": "hunter-two"}, until="a")
    bench.drain()
    bench.draft(DRAFT.replace("inputs.n + 1", "inputs.n + 100"))
    text = page(client, job)
    answer = client.post(FORM, {"form_key": key_in(text), "again": job.pk})
    bench.drain()
    again = Job.objects.latest("pk")
    assert answer["Location"] == f"{FORM}{again.pk}/"
    assert "104" in page(client, again, "?step=a&tab=output")
    assert "It ran until Count up" in page(client, again)


def test_an_output_is_pinned_from_the_panel_and_taken_off_in_the_form(bench, client):
    workflow = bench.draft(DRAFT)
    job = start(client)
    bench.drain()
    assert "Pin this output" in page(client, job, "?step=a")
    answer = client.post(reverse("jobs:preview_pin", args=[job.pk]), {"path": "a"})
    assert answer["Location"] == f"{FORM}{job.pk}/?step=a"
    assert pins_of(bench.actor, workflow) == {"a": {"v": 5}}
    assert "Take the pin off" in page(client, job, "?step=a")
    form = client.get(FORM).content.decode()
    assert re.search(r'name="pin" value="a" checked', form)
    second = start(client, pin="a", **{"in-n": "40"})
    bench.drain()
    assert "not run: this is the pinned output" in page(client, second)
    assert "5" in page(client, second, "?step=a&tab=output")
    client.post(reverse("jobs:preview_forget_pin", args=["flow"]), {"key": "a"})
    assert not Pin.objects.exists()


def test_an_output_can_be_typed_for_a_step_that_was_held_back(bench, client):
    workflow = bench.draft(DRAFT)
    job = start(client)
    bench.drain()
    text = page(client, job, "?step=send")
    assert "This would have been sent" in text
    assert "https://bank.example/pay?dry=no" in text
    assert "Pin this output" not in text
    url = reverse("jobs:preview_pin", args=[job.pk])
    client.post(url, {"path": "send", "output": '{"status": 200}'})
    assert pins_of(bench.actor, workflow) == {"send": {"status": 200}}
    for typed in ("{", "", "NaN", "[" * 500):
        answer = client.post(url, {"path": "send", "output": typed}, headers={"HX-Request": "true"})
        assert answer.status_code == 422
        assert "cannot be read as JSON" in answer.content.decode()
    assert pins_of(bench.actor, workflow) == {"send": {"status": 200}}
    client.post(url, {"path": "send", "off": "yes"})
    assert pins_of(bench.actor, workflow) == {}


def test_pins_that_cannot_be_kept_are_refused(bench, client):
    bench.draft(DRAFT)
    job = start(client)
    bench.drain()
    url = reverse("jobs:preview_pin", args=[job.pk])
    htmx = {"HX-Request": "true"}
    assert client.post(url, {"path": "nobody"}).status_code == 404
    assert client.post(url, {"path": "each[0]"}).status_code == 404
    large = client.post(url, {"path": "a", "output": '"' + "x" * 300_000 + '"'}, headers=htmx)
    assert "At most" in large.content.decode()
    bench.draft("steps: [{key: other, type: set, values: {v: 1}}]")
    gone = client.post(url, {"path": "a"}, headers=htmx)
    assert "no step" in strip_tags(gone.content.decode())


def test_the_live_region_answers_204_until_something_moves(bench, client):
    bench.draft(DRAFT)
    job = start(client)
    url = reverse("jobs:preview_state", args=[job.pk])
    [revision] = set(re.findall(r"revision=([0-9a-f]+)", page(client, job)))
    assert client.get(url, {"revision": revision}).status_code == 204
    bench.drain()
    answer = client.get(url, {"revision": revision})
    assert answer.status_code == 200
    assert "data-poll" not in answer.content.decode()


def test_a_panel_is_the_section_alone_and_stays_one(bench, client):
    bench.draft(DRAFT)
    form = client.get(f"{FORM}?panel=1").content.decode().strip()
    assert form.startswith('<section class="preview"')
    assert "hx-post" in form
    answer = client.post(
        FORM, {"form_key": key_in(form), "in-n": "4"}, headers={"HX-Request": "true"}, follow=True
    )
    text = answer.content.decode().strip()
    assert text.startswith('<section class="preview stack"')
    assert 'id="preview"' in text
    assert "?panel=1&amp;revision=" in text
    refused = client.post(FORM, {"form_key": key_in(form)[::-1], "in-n": "x"}, headers={"HX-Request": "true"})
    assert refused.status_code == 422
    assert "<html" not in refused.content.decode()


def test_stopping_one_that_runs(bench, client):
    bench.draft(DRAFT)
    job = start(client)
    answer = client.post(reverse("jobs:preview_stop", args=[job.pk]))
    assert answer["Location"] == f"{FORM}{job.pk}/"
    assert "Cancelled" in page(client, job)
    assert client.post(reverse("jobs:preview_stop", args=[job.pk])).status_code == 302


def test_a_workflow_that_is_called_has_its_own_page_below_the_preview(bench, client):
    bench.workflow(f"steps:{POST}", slug="inner")
    job = bench.begin("steps: [{key: call, name: Call it, type: workflow, workflow: inner, inputs: {}}]")
    bench.drain()
    child = Job.objects.get(parent=job)
    assert f"/jobs/previews/{child.pk}/" in page(client, job)
    answer = client.get(f"/jobs/previews/{child.pk}/", follow=True)
    assert answer.redirect_chain == [(f"/workflows/inner/preview/{child.pk}/", 302)]
    text = answer.content.decode()
    assert "Called by a preview" in text
    assert "Run again" not in text
    inside = client.get(reverse("jobs:preview_inside", args=[child.pk]), {"within": job.pk})
    assert "Tell the bank" in inside.content.decode()


def test_jobs_and_previews_have_no_page_at_each_others_addresses(bench, client):
    preview = bench.preview(DRAFT, {"n": 1})
    job = bench.run("steps: [{key: a, type: set, values: {v: 1}}]")
    for name in ("detail", "state", "step_list", "inside", "step", "step_value"):
        query = {"path": "a", "kind": "output"}
        assert client.get(reverse(f"jobs:{name}", args=[preview.pk]), query).status_code == 404, name
        assert client.get(reverse(f"jobs:preview_{name}", args=[job.pk]), query).status_code == 404, name
    for name in ("values", "evidence", "graph", "audit"):
        assert client.get(reverse(f"jobs:{name}", args=[preview.pk])).status_code == 404, name
    assert client.get(f"{FORM}{job.pk}/").status_code == 404
    bench.draft("steps: []", slug="other")
    assert client.get(f"/workflows/other/preview/{preview.pk}/").status_code == 404


def test_it_is_in_no_list_of_jobs(bench, client):
    preview = bench.preview(DRAFT, {"n": 1})
    for url in ("/jobs/", "/", "/jobs/export.csv", "/jobs/of-workflow/flow/", f"/jobs/?search={preview.pk}"):
        answer = client.get(url)
        text = b"".join(answer).decode()
        assert f"/{preview.pk}/" not in text, url


def test_what_the_pages_cost(bench, client, django_assert_max_num_queries):
    bench.draft(DRAFT)
    job = start(client)
    bench.drain()
    page(client, job)
    with django_assert_max_num_queries(26):
        page(client, job)
    with django_assert_max_num_queries(11):
        client.get(FORM)
