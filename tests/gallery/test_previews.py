"""Every workflow of the gallery is tried out without any network, by one button for its samples and one to run."""

import re

import pytest
from django.test import Client

from jobs.models import Job, Pin, SampleInputs
from jobs.previews import keep_gallery_samples, pins_of, sample_inputs_of, samples_for, start_preview
from jobs.states import JobKind, JobStatus
from tests.engine.lab import error_of
from tests.factories import make_actor
from tests.gallery.office import Office, given_by, the_entry
from workflows import services
from workflows.gallery import SLUGS
from workspaces.models import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return Office()


@pytest.fixture
def client(office):
    client = Client()
    client.force_login(office.lab.actor.user)
    return client


def copy(office, slug):
    actor = office.lab.actor
    return services.copy_from_gallery(actor=actor, workspace=actor.workspace, entry=the_entry(slug))


@pytest.mark.parametrize("slug", SLUGS)
def test_a_preview_with_the_samples_gives_what_its_page_says(office, slug):
    actor, workflow = office.lab.actor, copy(office, slug).workflow
    keep_gallery_samples(actor=actor, workflow=workflow)
    inputs, pins = sample_inputs_of(actor, workflow), pins_of(actor, workflow)
    job = office.finish(start_preview(actor=actor, workflow=workflow, inputs=inputs, pins=pins).job)
    assert (job.status, error_of(job)) == (JobStatus.COMPLETED, None)
    assert given_by(job) == the_entry(slug).gives


@pytest.mark.parametrize("slug", ["monthly-report", "customer-onboarding", "price-monitoring"])
def test_one_button_fills_the_form(office, client, slug):
    copy(office, slug)
    address = f"/workflows/{slug}/preview/"
    assert "Use the sample inputs" in client.get(address).content.decode()
    form = client.post(f"{address}samples/", follow=True).content.decode()
    assert set(re.findall(r'name="pin" value="([^"]+)" checked', form)) == the_entry(slug).pins.keys()
    for file in the_entry(slug).files:
        assert file.name in form


def test_a_draft_that_was_changed_gets_what_it_still_has_a_place_for(office):
    actor, workflow = office.lab.actor, copy(office, "price-monitoring").workflow
    definition = dict(the_entry("price-monitoring").definitions["price-monitoring"])
    definition["inputs"] = [one for one in definition["inputs"] if one["key"] != "threshold"]
    definition["steps"] = [step for step in definition["steps"] if step["key"] != "tell"]
    services.save_draft(actor=actor, workflow=workflow, expected_revision=None, definition=definition)
    workflow.refresh_from_db()
    keep_gallery_samples(actor=actor, workflow=workflow)
    assert "threshold" not in sample_inputs_of(actor, workflow)
    assert pins_of(actor, workflow).keys() == {"feed"}


def test_there_are_no_samples_for_what_is_no_copy_or_is_only_called_by_one(office):
    copied = copy(office, "expense-report")
    assert samples_for(copied.workflow) is not None
    assert samples_for(copied.called[0]) is None
    assert (
        samples_for(services.create_workflow(actor=None, workspace=office.lab.actor.workspace, slug="own"))
        is None
    )


def test_samples_are_of_the_person_who_asked_and_of_nobody_else(office, client):
    workflow = copy(office, "customer-onboarding").workflow
    client.post("/workflows/customer-onboarding/preview/samples/")
    other = make_actor(Role.BUILDER, workspace=office.lab.actor.workspace)
    assert sample_inputs_of(other, workflow) == {}
    assert pins_of(other, workflow) == {}
    assert not Job.objects.filter(kind=JobKind.PREVIEW).exists()


def test_who_has_nothing_to_copy_from_gets_a_404_and_who_may_not_preview_a_403(office, client):
    services.create_workflow(actor=None, workspace=office.lab.actor.workspace, slug="own")
    assert client.post("/workflows/own/preview/samples/").status_code == 404
    workflow = copy(office, "invoice-check").workflow
    operator = Client()
    operator.force_login(make_actor(Role.OPERATOR, workspace=workflow.workspace).user)
    assert operator.post("/workflows/invoice-check/preview/samples/").status_code == 403
    assert not SampleInputs.objects.exists()
    assert not Pin.objects.exists()
