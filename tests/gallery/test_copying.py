"""Copying a workflow of the gallery: a draft of one's own, beside everything that is there already."""

import pytest

from audit.models import AuditEntry
from common.canonical import loads
from common.errors import Problem
from tests.factories import make_actor
from tests.gallery.office import the_entry
from workflows import services
from workflows.checking import check_draft
from workflows.models import Workflow
from workspaces.models import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def builder():
    return make_actor(Role.BUILDER)


def copy(actor, entry="expense-report", **given):
    return services.copy_from_gallery(actor=actor, workspace=actor.workspace, entry=the_entry(entry), **given)


def slugs(actor):
    return set(Workflow.objects.of(actor.workspace).values_list("slug", flat=True))


def called_by(workflow):
    return loads(workflow.draft)["steps"][1]["steps"][0]["workflow"]


def test_a_copy_is_a_draft_that_says_what_the_gallery_says_and_where_it_came_from(builder):
    copied = copy(builder, "invoice-check").workflow
    assert (copied.slug, copied.name, copied.active_version) == (
        "invoice-check",
        "Invoice check against orders",
        None,
    )
    assert copied.gallery == "invoice-check"
    assert loads(copied.draft) == the_entry("invoice-check").definitions["invoice-check"]
    entry = AuditEntry.objects.get(target_id=str(copied.pk), target_type="workflow")
    assert (entry.action, entry.actor) == ("workflow.created", builder.label)
    assert loads(entry.body)["data"]["gallery"] == "invoice-check"


def test_what_it_calls_comes_along_and_is_active_so_that_the_draft_has_no_problem(builder):
    copied = copy(builder)
    assert [each.slug for each in copied.called] == ["classify-expense"]
    assert copied.called[0].active_version.note == "From the gallery"
    assert copied.workflow.active_version is None
    assert check_draft(copied.workflow).problems == ()
    assert copied.called[0].gallery == "expense-report"


def test_a_second_copy_gets_a_number_and_calls_the_same_workflow(builder):
    first, second, third = copy(builder), copy(builder), copy(builder)
    assert [each.workflow.slug for each in (first, second, third)] == [
        "expense-report",
        "expense-report-2",
        "expense-report-3",
    ]
    assert second.workflow.name == "Expense report (2)"
    assert first.called == second.called == third.called
    assert called_by(third.workflow) == "classify-expense"


def test_a_workflow_of_that_slug_that_says_something_else_is_left_alone(builder):
    other = services.create_workflow(
        actor=builder, workspace=builder.workspace, slug="classify-expense", definition={"format": 1}
    )
    copied = copy(builder)
    assert copied.called[0].slug == called_by(copied.workflow) == "classify-expense-2"
    assert copied.called[0].name == "Classify an expense (2)"
    draft = other.draft
    other.refresh_from_db()
    assert (other.draft, other.draft_revision) == (draft, 1)
    assert called_by(Workflow.objects.get(slug="expense-report")) == "classify-expense-2"


def test_one_that_is_active_with_other_contents_is_not_called_though_its_draft_is_the_same(builder):
    copied = copy(builder)
    callee = copied.called[0]
    draft = loads(callee.draft)
    services.save_draft(
        actor=builder, workflow=callee, expected_revision=None, definition=draft, name="Another"
    )
    services.activate(actor=builder, workflow=callee)
    services.save_draft(actor=builder, workflow=callee, expected_revision=None, definition=draft)
    assert called_by(copy(builder).workflow) == "classify-expense-2"


def test_one_that_is_no_longer_active_is_called_and_left_as_it_is(builder):
    callee = copy(builder).called[0]
    services.deactivate(actor=builder, workflow=callee)
    again = copy(builder)
    assert again.called == (callee,)
    assert again.called[0].active_version is None


def test_one_in_the_archive_is_not_called(builder):
    services.archive(actor=builder, workflow=copy(builder).called[0])
    assert called_by(copy(builder).workflow) == "classify-expense-2"


def test_a_slug_and_a_name_can_be_asked_for(builder):
    copied = copy(builder, "invoice-check", slug="payables", name="Payables").workflow
    assert (copied.slug, copied.name) == ("payables", "Payables")


@pytest.mark.parametrize(
    ("given", "status"), [({"slug": "taken"}, 409), ({"slug": "No slug"}, 422), ({"slug": "gallery"}, 422), ({"name": " "}, 422)]
)  # fmt: skip
def test_what_cannot_be_is_refused_and_nothing_is_kept(builder, given, status):
    services.create_workflow(actor=builder, workspace=builder.workspace, slug="taken")
    with pytest.raises(Problem) as refused:
        copy(builder, **given)
    assert refused.value.status == status
    assert slugs(builder) == {"taken"}


def test_who_may_not_edit_copies_nothing():
    operator = make_actor(Role.OPERATOR)
    with pytest.raises(Problem) as refused:
        copy(operator)
    assert refused.value.status == 403
    assert slugs(operator) == set()


def test_nobody_copies_into_a_workspace_of_others(builder):
    other = make_actor(Role.BUILDER)
    with pytest.raises(Problem) as refused:
        services.copy_from_gallery(actor=builder, workspace=other.workspace, entry=the_entry("invoice-check"))
    assert refused.value.status == 404


def test_other_workspaces_do_not_take_a_slug(builder):
    copy(make_actor(Role.BUILDER))
    assert copy(builder).workflow.slug == "expense-report"


def test_the_number_is_the_first_that_is_free(builder):
    taken = "expense-report"
    for number in range(2, 12):
        services.create_workflow(actor=builder, workspace=builder.workspace, slug=f"{taken}-{number}")
    assert copy(builder).workflow.slug == taken
    assert copy(builder).workflow.slug == f"{taken}-12"
