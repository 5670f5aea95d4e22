"""Starting a job that repeats another with inputs that a person looked at again, and one job for one form."""

import pytest

from common.errors import Problem
from jobs.models import Job
from jobs.services import start_job
from tests.engine.lab import Lab
from tests.factories import make_actor
from workspaces.idempotency import once_for_form
from workspaces.models import IdempotencyKey, Role

pytestmark = pytest.mark.django_db
FLOW = "inputs: [{key: n, type: number}]\nsteps: [{key: a, type: set, values: {n: 1}}]"


@pytest.fixture
def lab():
    lab = Lab()
    lab.workflow(FLOW)
    return lab


def test_a_repeated_job_is_linked_and_may_run_the_version_of_the_former_one(lab):
    former = lab.start(n=1)
    lab.workflow(FLOW.replace("n: 1}", "n: 2}"))
    actor = make_actor(Role.OPERATOR, workspace=lab.actor.workspace)
    again = start_job(actor=actor, workflow="flow", inputs={"n": 2}, version=1, rerun_of=former).job
    assert (again.rerun_of, again.version_id) == (former, former.version_id)
    with pytest.raises(Problem, match="role_too_low"):
        start_job(actor=actor, workflow="flow", inputs={"n": 2}, version=1)


def test_a_job_repeats_only_one_of_its_workflow_and_only_an_outermost_one(lab):
    former = lab.start(n=1)
    lab.workflow(FLOW, slug="other")
    with pytest.raises(Problem, match="is not one of the workflow"):
        start_job(actor=lab.actor, workflow="other", inputs={"n": 1}, rerun_of=former)
    lab.run("steps: [{key: a, type: workflow, workflow: other, inputs: {n: 1}}]")
    sub = Job.objects.get(parent__isnull=False)
    with pytest.raises(Problem, match="sub_job"):
        start_job(actor=lab.actor, workflow="other", inputs={"n": 1}, rerun_of=sub)


def test_a_job_of_another_workspace_is_not_repeated(lab):
    other = Lab()
    other.workflow(FLOW)
    with pytest.raises(Problem, match="is not one of the workflow"):
        start_job(actor=lab.actor, workflow="flow", inputs={"n": 1}, rerun_of=other.start(n=1))


def test_inputs_that_are_too_large_to_be_kept_are_refused(lab, settings):
    settings.MAX_OUTPUT_BYTES = 10
    with pytest.raises(Problem, match="413 too_large"):
        start_job(actor=lab.actor, workflow="flow", inputs={"n": 123456789})
    assert not Job.objects.exists()


def test_a_form_gives_its_first_answer_again_and_keeps_nothing_of_what_it_held(lab):
    asked = []

    def create():
        asked.append(1)
        return {"job": 7}

    form = {"actor": lab.actor, "key": "a" * 32, "create": create}
    assert once_for_form(content="hunter2", **form) == ({"job": 7}, False)
    assert once_for_form(content="hunter2", **form) == ({"job": 7}, True)
    assert asked == [1]
    with pytest.raises(Problem, match="idempotency_conflict"):
        once_for_form(content="hunter3", **form)
    row = IdempotencyKey.objects.get()
    assert "hunter" not in f"{row.digest}{row.answer}"
