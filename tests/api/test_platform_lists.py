"""Cursor pages, orderings and unknown parameters, at `GET /members/` and `GET /tokens/`."""

import base64
import json

import pytest

from common.paging import paginate
from tests.api.test_platform_auth import refused
from tests.factories import make_api, make_member, make_token
from workspaces.models import Membership, Token

pytestmark = pytest.mark.django_db


@pytest.fixture
def api():
    return make_api("admin")


def walk(api, path, link="next"):
    """The pages from `path` on, by following the links."""
    while path:
        page = api.get(path.removeprefix("http://testserver")).json()
        yield page
        path = page[link]


def test_every_member_is_on_exactly_one_page(api):
    names = [make_member(workspace=api.token.workspace).user.username for _ in range(5)]
    names.insert(0, api.token.user.username)
    pages = list(walk(api, "/members/?page_size=4"))
    assert [len(page["results"]) for page in pages] == [4, 2]
    assert [member["user"] for page in pages for member in page["results"]] == names
    assert pages[0]["previous"] is None
    back = list(walk(api, pages[1]["previous"], "previous"))
    assert back[0]["results"] == pages[0]["results"]
    assert back[0]["previous"] is None
    assert len(back) == 1


def test_a_page_that_is_just_full_has_no_next(api):
    make_member(workspace=api.token.workspace)
    assert api.get("/members/?page_size=2").json()["next"] is None


def test_rows_that_are_added_meanwhile_shift_nothing(api):
    for number in range(4):
        make_token(workspace=api.token.workspace, name=f"t{number}")
    first = api.get("/tokens/?page_size=2").json()
    make_token(workspace=api.token.workspace, name="late")
    second = api.get(first["next"]).json()
    assert [token["name"] for token in first["results"] + second["results"]] == ["t3", "t2", "t1", "t0"]


def test_rows_of_the_same_moment_are_all_listed():
    made = [make_token()[0] for _ in range(7)]
    Token.objects.update(created=made[0].created)
    seen, cursor = [], ""
    while True:
        page = paginate(Token.objects.all(), ordering=("-created", "-uid"), cursor=cursor, size=2)
        seen += [token.uid for token in page.items]
        if page.next is None:
            break
        cursor = page.next
    assert len(seen) == len(set(seen)) == 7
    assert seen == [t.uid for t in Token.objects.order_by("-created", "-uid")]


def test_going_back_from_the_end_comes_to_the_beginning():
    for _ in range(5):
        make_member()
    rows = Membership.objects.all()
    order = ("-id",)
    one = paginate(rows, ordering=order, size=2)
    two = paginate(rows, ordering=order, size=2, cursor=one.next)
    three = paginate(rows, ordering=order, size=2, cursor=two.next)
    assert three.next is None
    assert len(three.items) == 1
    back = paginate(rows, ordering=order, size=2, cursor=three.previous)
    assert back.items == two.items
    assert paginate(rows, ordering=order, size=2, cursor=back.previous).items == one.items
    assert paginate(rows, ordering=order, size=2, cursor=back.next).items == three.items


def forged(*parts):
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "é",
        "AAAA",
        "%00",
        forged(0, "id", "abc"),
        forged(0, "id", None),
        forged(0, "id", True),
        forged(0, "id", [1]),
        forged(0, "id", "a\x00"),
        forged(0, "id", 1, 2),
        forged(0, "-id", 1),
        forged(0, "password", "x"),
        forged(2, "id", 1),
        forged(0),
        forged(),
        base64.urlsafe_b64encode(b"[" * 5000).decode(),
    ],
)
def test_a_cursor_that_is_not_of_this_list_is_refused(api, cursor):
    answer = api.get("/members/", {"cursor": cursor})
    assert refused(answer, 422, "invalid")["errors"][0]["path"] == "cursor"


def test_a_cursor_beyond_every_number_finds_nothing(api):
    assert api.get("/members/", {"cursor": forged(0, "id", 10**30)}).json()["results"] == []


@pytest.mark.parametrize("moment", ["2026-01-01T00:00:00", "yesterday", "0001-01-01T00:00:00+14:00"])
def test_a_cursor_with_a_bad_moment_is_refused(api, moment):
    uid = str(api.token.uid)
    answer = api.get("/tokens/", {"cursor": forged(0, "-created-uid", moment, uid)})
    assert answer.status_code in (200, 422)


@pytest.mark.parametrize(
    ("query", "path", "code"),
    [
        ({"page_size": "0"}, "page_size", "too_small"),
        ({"page_size": "-1"}, "page_size", "wrong_type"),
        ({"page_size": "201"}, "page_size", "too_large"),
        ({"page_size": "1e9"}, "page_size", "wrong_type"),
        ({"page_size": "9" * 5000}, "page_size", "too_large"),
        ({"page_size": "٣"}, "page_size", "wrong_type"),
        ({"ordering": "password"}, "ordering", "not_a_choice"),
        ({"ordering": "user__password"}, "ordering", "not_a_choice"),
        ({"ordering": "?"}, "ordering", "not_a_choice"),
        ({"page": "2"}, "page", "unknown"),
        ({"limit": "1000000000"}, "limit", "unknown"),
        ({"workspace": "other"}, "workspace", "unknown"),
        ({"user__password__startswith": "a"}, "user__password__startswith", "unknown"),
        ({"format": "xml"}, "format", "unknown"),
    ],
)
def test_a_parameter_that_is_wrong_or_unknown_is_refused(api, query, path, code):
    (error,) = refused(api.get("/members/", query), 422, "invalid")["errors"]
    assert (error["path"], error["code"]) == (path, code)


def test_two_hundred_is_the_largest_page(api):
    assert api.get("/members/?page_size=200").status_code == 200


@pytest.mark.parametrize("path", ["/members/", "/tokens/", "/audit/"])
def test_a_list_costs_two_queries_however_long(api, path, django_assert_num_queries):
    api.get(path)
    for _ in range(3):
        make_token(workspace=api.token.workspace)
    with django_assert_num_queries(2):
        assert api.get(path).status_code == 200
