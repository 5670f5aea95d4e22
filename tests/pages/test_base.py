"""The base of every page: who comes in, how refusals look, lists, fragments, and what no page may load."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from tests.factories import make_member, make_token, make_user
from tests.pages.urls import STATE
from workspaces.authentication import SESSION_WORKSPACE
from workspaces.models import Role
from workspaces.pages.base import revision_of

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.pages.urls")]
HTMX = {"HX-Request": "true"}


def client_of(user, **defaults):
    client = Client(raise_request_exception=False, **defaults)
    client.force_login(user)
    return client


@pytest.fixture
def member():
    return make_member(Role.VIEWER)


@pytest.fixture
def client(member):
    return client_of(member.user)


def test_a_visitor_is_led_to_the_door_and_back():
    assert Client().get("/test/list/?a=1")["Location"] == "/account/sign-in/?next=/test/list/%3Fa%3D1"


def test_a_live_region_of_an_ended_session_is_told_so_instead_of_sent_a_page():
    answer = Client().get("/test/live/region/", headers=HTMX)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_who_is_in_no_workspace_is_told_whom_to_ask():
    user = make_user("grace")
    page = client_of(user).get("/test/list/")
    assert page.status_code == 403
    assert "Ask an admin" in page.content.decode()
    assert "grace" in page.content.decode()


def test_a_role_that_is_too_low_gets_a_page_that_names_the_role_it_takes(client):
    page = client.post("/test/form/", {"name": "x"})
    assert page.status_code == 403
    assert "this takes the role operator or higher" in page.content.decode()
    assert 'class="sidebar"' in page.content.decode()


def test_a_request_of_htmx_gets_a_problem_document(client):
    answer = client.post("/test/form/", {"name": "x"}, headers=HTMX)
    assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")


def test_what_a_service_refuses_stands_at_its_field(member):
    member.role = Role.OPERATOR
    member.save()
    page = client_of(member.user).post("/test/form/", {"name": "x"}).content.decode()
    assert 'aria-invalid="true"' in page
    assert 'aria-describedby="id_name_helptext id_name_error"' in page
    assert 'id="id_name_error"' in page
    assert "This name is taken; choose another" in page


def test_a_strangers_object_is_not_found_just_as_one_that_never_was(client):
    foreign, _ = make_token()
    for uid in (foreign.uid, "00000000-0000-0000-0000-000000000000"):
        page = client.get(f"/test/tokens/{uid}/")
        assert page.status_code == 404
        assert "not in your workspace" in page.content.decode()


def test_a_list_leads_to_older_and_newer_rows_and_keeps_its_filters(client, member):
    for _ in range(5):
        make_token(Role.VIEWER, workspace=member.workspace)
    first = client.get("/test/list/?page_size=2&kind=a").content.decode()
    assert first.count("data-row") == 2
    assert 'rel="next"' in first
    assert 'rel="prev"' not in first
    assert "page_size=2&amp;kind=a&amp;cursor=" in first
    wrong = client.get("/test/list/?cursor=nonsense")
    assert wrong.status_code == 422
    assert "begin again without one" in wrong.content.decode()


def test_a_region_that_has_not_changed_answers_nothing(client):
    STATE.update(text="first", finished=False, fail=0)
    same = client.get("/test/live/region/", {"revision": revision_of("first", False)}, headers=HTMX)
    assert (same.status_code, same.content) == (204, b"")
    assert b"data-poll" in client.get("/test/live/region/", {"revision": "old"}, headers=HTMX).content


def test_a_method_without_a_permission_is_a_mistake_of_ours(member):
    client = Client()
    client.force_login(member.user)
    with pytest.raises(ImproperlyConfigured, match="does not name get"):
        client.get("/test/forgotten/")


def test_a_page_costs_two_queries_for_the_session_and_one_for_the_workspaces(
    client, django_assert_num_queries
):
    with django_assert_num_queries(3):
        client.get("/test/form/")


def test_what_broke_on_our_side_is_told_without_the_database(client, django_assert_num_queries):
    with django_assert_num_queries(3):
        page = client.get("/test/broken/")
    assert page.status_code == 500
    assert page["X-Request-ID"] in page.content.decode()
    assert 'class="sidebar"' not in page.content.decode()


def test_a_form_without_its_token_is_told_to_be_reloaded(member):
    client = client_of(member.user, enforce_csrf_checks=True)
    page = client.post("/account/theme/", {"theme": "dark"})
    assert page.status_code == 403
    assert "reload the page" in page.content.decode()


@pytest.mark.parametrize(
    "path", ["/", "/nothing/", "/test/broken/", "/admin/", "/account/sign-in/", "/docs/errors/"]
)
def test_every_page_forbids_inline_scripts_frames_and_other_hosts(path, member):
    member.role = Role.ADMIN
    member.save()
    policy = client_of(member.user).get(path)["Content-Security-Policy"]
    directives = dict(each.strip().split(" ", 1) for each in policy.split(";"))
    assert directives["script-src"] == directives["style-src"] == directives["default-src"] == "'self'"
    assert directives["frame-ancestors"] == directives["object-src"] == directives["base-uri"] == "'none'"


def test_only_the_page_of_the_api_may_have_styles_of_its_own(client):
    policy = client.get("/api/docs/")["Content-Security-Policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["style-src"] == "'self' 'unsafe-inline'"
    assert directives["script-src"] == "'self'"


def test_the_workspace_is_chosen_among_ones_own(client, member):
    other = make_member(Role.ADMIN, user=member.user)
    foreign = make_member()
    page = client.get("/").content.decode()
    assert other.workspace.name in page
    assert foreign.workspace.name not in page
    assert client.post("/account/workspace/", {"workspace": other.workspace.slug})["Location"] == "/"
    assert client.session[SESSION_WORKSPACE] == other.workspace_id
    assert client.post("/account/workspace/", {"workspace": foreign.workspace.slug}).status_code == 404
    assert client.session[SESSION_WORKSPACE] == other.workspace_id


def test_a_theme_is_remembered_and_leads_back_only_to_pages_of_ours(client):
    assert "data-bs-theme" not in client.get("/").content.decode()
    assert client.post("/account/theme/", {"theme": "dark", "next": "/?a=1"})["Location"] == "/?a=1"
    assert 'data-bs-theme="dark"' in client.get("/").content.decode()
    away = client.post("/account/theme/", {"theme": "light", "next": "https://evil.example/"})
    assert away["Location"] == "/account/"
    client.post("/account/theme/", {"theme": '"><script>'})
    assert "data-bs-theme" not in client.get("/").content.decode()


def test_keys_can_be_switched_off_and_on(client):
    for chosen, loaded in (("off", False), ("on", True)):
        client.post("/account/keys/", {"keys": chosen})
        assert ("workledger/keys.js" in client.get("/").content.decode()) is loaded
