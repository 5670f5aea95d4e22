"""The pages of the gallery: what they say to whom, what they cost, and what the button does."""

import io

import pytest
from django.test import Client
from openpyxl import load_workbook

from tests.engine.lab import Lab
from tests.factories import make_member
from tests.gallery.office import the_entry
from tests.pages.flows import client_of, text_of
from workflows import services
from workflows.gallery import SLUGS
from workflows.models import Workflow
from workspaces.models import Role

pytestmark = pytest.mark.django_db
SESSION = 3


@pytest.fixture
def lab():
    return Lab()


@pytest.fixture
def client(lab):
    return client_of(lab)


def test_the_list_shows_every_entry_and_what_is_in_it(client):
    page = text_of(client.get("/workflows/gallery/"))
    for slug in SLUGS:
        assert f'href="/workflows/gallery/{slug}/"' in page
        assert the_entry(slug).description in page
    assert "Read a CSV file</li>" in page
    assert page.count("works on its inputs alone") == 4
    assert page.count("with a sub-workflow") == 1


@pytest.mark.parametrize("slug", SLUGS)
def test_an_entry_is_explained_step_by_step_with_its_samples_and_its_graph(client, slug):
    entry = the_entry(slug)
    page = text_of(client.get(f"/workflows/gallery/{slug}/"))
    for name, definition in entry.definitions.items():
        assert f'id="graph-{name}"' in page
        for step in definition["steps"]:
            assert f'id="{name}-{step["key"]}"' in page
            assert f'href="#{name}-{step["key"]}"' in page
    for file in entry.files:
        assert f'href="/workflows/gallery/{slug}/files/{file.name}"' in page
    assert entry.what_for.replace("'", "&#x27;") in page


def test_the_pages_cost_what_every_page_costs(client, django_assert_num_queries):
    for path in ("", "expense-report/", "spreadsheet-cleanup/files/contacts.xlsx"):
        with django_assert_num_queries(SESSION):
            assert client.get(f"/workflows/gallery/{path}").status_code == 200


def test_the_pages_are_small(client):
    assert max(len(client.get(f"/workflows/gallery/{slug}/").content) for slug in SLUGS) < 150_000


def test_sample_files_are_downloads(client):
    answer = client.get("/workflows/gallery/invoice-check/files/orders.csv")
    assert answer["Content-Type"] == "text/csv"
    assert answer["Content-Disposition"] == 'attachment; filename="orders.csv"'
    assert answer.content.startswith(b"order,supplier,amount\n")
    workbook = client.get("/workflows/gallery/spreadsheet-cleanup/files/contacts.xlsx").content
    assert load_workbook(io.BytesIO(workbook))["Contacts"]["B2"].value == "Novak & Sons"


@pytest.mark.parametrize(
    "path",
    ["gone/", "month-close/", "invoice-check/files/about.yaml", "invoice-check/files/..%2Fabout.yaml", "invoice-check/files/%00"],
)  # fmt: skip
def test_what_the_gallery_has_not_is_a_404(client, path):
    assert client.get(f"/workflows/gallery/{path}").status_code == 404


def test_one_click_makes_a_draft_and_opens_it(lab, client, django_assert_max_num_queries):
    with django_assert_max_num_queries(SESSION + 20):
        answer = client.post("/workflows/gallery/invoice-check/")
    assert answer["Location"].startswith("/workflows/invoice-check/")
    assert Workflow.objects.get().workspace == lab.actor.workspace
    assert "is here as a draft of yours" in text_of(client.get("/workflows/"))


def test_a_copy_says_what_is_to_be_activated_first(lab, client):
    assert "Change what you like" in text_of(client.post("/workflows/gallery/expense-report/", follow=True))
    callee = Workflow.objects.get(slug="classify-expense")
    services.deactivate(actor=lab.actor, workflow=callee)
    page = text_of(client.post("/workflows/gallery/expense-report/", follow=True))
    assert "It calls classify-expense: activate that first, then it." in page


def test_who_may_not_edit_sees_everything_and_is_told_why_the_button_is_off(lab):
    viewer = client_of(lab, Role.VIEWER)
    page = text_of(viewer.get("/workflows/gallery/invoice-check/"))
    assert "This takes the role builder or higher; you are viewer." in page
    assert '<form method="post">' not in page.partition("<main")[2]
    assert viewer.post("/workflows/gallery/invoice-check/").status_code == 403
    assert not Workflow.objects.exists()


def test_a_copy_is_for_ones_own_workspace_alone(lab, client):
    client.post("/workflows/gallery/invoice-check/")
    stranger = Client()
    stranger.force_login(make_member(Role.BUILDER).user)
    assert stranger.get("/workflows/invoice-check/").status_code == 404
    assert stranger.post("/workflows/gallery/invoice-check/")["Location"].startswith(
        "/workflows/invoice-check/"
    )
    assert Workflow.objects.count() == 2


def test_an_empty_workspace_is_led_to_the_gallery(lab, client):
    link = 'href="/workflows/gallery/"'
    assert link in text_of(client.get("/workflows/")).partition("<main")[2]
    assert link in text_of(client.get("/")).partition("<main")[2]
    client.post("/workflows/gallery/invoice-check/")
    assert link in text_of(client.get("/workflows/")).partition("<main")[2]
