"""Value trees: what people read of any JSON value, how much of it, and that it stays text."""

import json
import time
from html.parser import HTMLParser
from typing import Any

import pytest
from django.template import engines
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.models import AuditEntry
from jobs.storage import file_value, put_bytes, register
from tests.factories import make_actor, make_member
from tests.pages.xss import XSS
from workspaces.models import Role
from workspaces.pages.texts import pieces_of
from workspaces.pages.values import (
    FIRST_ROWS,
    MOST_CHARACTERS,
    MOST_LEVELS,
    MOST_NODES,
    MOST_ROWS,
    Column,
    raw_text,
    value_tree,
)

FILE = {
    "id": "file_" + "0" * 32,
    "name": "bill.pdf",
    "media_type": "application/pdf",
    "bytes": 2048,
    "sha256": "a" * 64,
}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=5),
    max_leaves=30,
)


def shown(value, **options):
    template = engines["django"].from_string('{% load values %}{% value value path=path download="/x/" %}')
    return template.render({"value": value, "path": "", **options})


class Tags(HTMLParser):
    """Collects the elements and attributes of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.text = set(), set(), []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.text.append(data)


def nodes(node):
    yield node
    for member in node.members:
        yield from nodes(member)
    for row in node.rows:
        for cell in row:
            if cell:
                yield from nodes(cell)


def test_each_kind_of_value_is_said_in_words():
    page = shown(
        {
            "a": None,
            "b": True,
            "c": False,
            "d": "",
            "e": [],
            "f": {},
            "g": "•••",
            "h": 1.0,
            "i": FILE,
            "j": "x",
        }
    )
    for words in (
        "no value",
        "Yes",
        "No",
        "empty text",
        "empty list",
        "empty object",
        "secret",
        "1.0",
        "2.0",
    ):
        assert words in page
    assert "application/pdf" in page
    assert f"/jobs/files/{FILE['id']}/" in page


def test_nothing_hides_in_a_text():
    assert [piece.text for piece in pieces_of("a\u202eb\x00c\u3164")] == [
        "a",
        "\\u202e",
        "b",
        "\\u0000",
        "c",
        "\\u3164",
    ]
    assert pieces_of("Grüße, 你好\n\tdział")[0].codes == ""
    page = shown({"\u202ekey": "pay\u200bload\ud800"})
    assert "\u202e" not in page
    assert "\u200b" not in page
    assert page.encode()  # lone surrogates too are escapes


def test_a_path_is_what_an_expression_takes():
    tree = value_tree({"rows": [{"odd key": [1]}]}, path="steps.a.output")
    assert {node.path for node in nodes(tree.root)} >= {
        "steps.a.output",
        "steps.a.output.rows",
        'steps.a.output.rows[0]["odd key"]',
        'steps.a.output.rows[0]["odd key"][0]',
    }


def test_a_long_table_is_cut_and_says_how_much_is_left():
    tree = value_tree([{"a": number} for number in range(MOST_ROWS + 7)])
    assert (len(tree.root.rows), tree.root.left, tree.cut) == (MOST_ROWS, 7, True)
    page = shown([{"a": number} for number in range(MOST_ROWS + 7)])
    assert "and 7 more rows that are not shown" in page


def test_lists_of_flat_objects_are_tables_that_show_their_first_rows():
    rows = [{"b": number, "a": "x"} for number in range(300)]
    page = shown({"rows": rows, "columns": ["b", "a"]})
    assert page.index("<bdi>b</bdi></th>") < page.index("<bdi>a</bdi></th>")
    assert "Show all 300 rows" in page
    assert len(value_tree(rows).root.first_rows) == FIRST_ROWS
    assert value_tree([{"a": {"b": 1}}]).root.kind == "list"
    assert value_tree([{"a": 1}, {"b": 2}]).root.rows[0][1] is None
    titled = value_tree(rows, columns=[Column(key="b", label="Amount")]).root
    assert [column.label for column in titled.columns] == ["Amount", "a"]


def test_long_texts_are_folded_and_large_values_are_cut_and_say_so():
    assert "<summary>" in shown({"a": "word " * 200})
    page = shown("x" * (MOST_CHARACTERS * 3))
    assert page.count("x") < MOST_CHARACTERS * 2.2
    assert "Download the whole value" in page
    assert "Copy as JSON" not in page  # a part of it would be no JSON
    many = shown(list(range(10_000)))
    assert "more that are not shown" in many


@pytest.mark.parametrize(
    "value",
    [
        list(range(2_000_000)),
        {str(number): number for number in range(100_000)},
        [{"a": number, "b": "text" * 20} for number in range(30_000)],
        "x" * 10_000_000,
        {"x" * 100_000: {"y" * 100_000: 1}},
        [[[[]] * 1000] * 1000] * 10,
    ],
    ids=["list", "object", "table", "text", "keys", "nested"],
)
def test_the_page_stays_small_and_quick_whatever_the_value_is(value):
    started = time.perf_counter()
    page = shown(value)
    assert len(page) < 2_500_000
    assert time.perf_counter() - started < 5  # seconds; it takes a tenth


def test_deep_values_end_where_nobody_would_follow():
    value: Any = "end"
    for _ in range(300):
        value = [value, {}]
    tree = value_tree(value)
    assert tree.cut
    assert "too deep to show here" in shown(value)
    assert sum(1 for _ in nodes(tree.root)) <= MOST_LEVELS * 2 + 1


@given(json_values)
@settings(max_examples=60, deadline=None)
def test_any_value_is_shown_within_bounds_and_its_raw_text_is_the_value(value):
    tree = value_tree(value)
    assert sum(1 for _ in nodes(tree.root)) <= MOST_NODES + 1
    if not tree.raw_cut and "\\u" not in tree.raw.replace("\\\\", ""):
        assert json.loads(tree.raw) == value
    assert shown(value)


def test_the_raw_text_of_an_integer_is_exact():
    assert raw_text({"id": 12345678901234567890, "rate": 1.0})[0].split() == [
        "{", '"id":', "12345678901234567890,", '"rate":', "1.0", "}",
    ]  # fmt: skip


def test_hostile_texts_stay_text_as_keys_values_and_file_names():
    assert len(XSS) >= 60
    harmless = Tags(shown({"key": ["text", "long " * 200], "rows": [{"a": 1}], "file": FILE}))
    for payload in XSS:
        file = FILE | {"name": payload, "media_type": payload}
        page = shown(
            {payload: payload, "list": [payload, payload * 20], "rows": [{payload: payload}], "f": file}
        )
        tags = Tags(page)
        assert tags.tags <= harmless.tags | {"span", "em"}, payload
        assert tags.attributes <= harmless.attributes | {"data-codes", "title"}, payload
        assert "evil.test" not in page or "evil.test" in "".join(tags.text)


@pytest.mark.django_db
class TestFiles:
    @pytest.fixture
    def file(self):
        actor = make_actor()
        file = register(
            workspace_id=actor.workspace.pk,
            name="<b>.html",
            media_type="text/html",
            sha256=put_bytes(b"<script>alert(1)</script>"),
            size=25,
        )
        return actor, file

    def client(self, user):
        client = Client()
        client.force_login(user)
        return client

    def test_a_file_comes_as_an_attachment_that_runs_nothing(self, file, django_assert_num_queries):
        actor, file = file
        client = self.client(actor.user)
        with django_assert_num_queries(4):  # the session; the file
            answer = client.get(f"/jobs/files/{file.pk}/")
        assert b"".join(answer.streaming_content) == b"<script>alert(1)</script>"
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert (
            client.get(f"/jobs/files/{file.pk}/", headers={"If-None-Match": answer["ETag"]}).status_code
            == 304
        )
        assert file_value(file)["name"] == "<b>.html"

    def test_a_stranger_finds_no_file(self, file):
        assert self.client(make_member().user).get(f"/jobs/files/{file[1].pk}/").status_code == 404

    def test_an_auditor_needs_the_grant_and_their_reading_is_recorded(self, file):
        actor, file = file
        blind = make_member(Role.AUDITOR, workspace=actor.workspace)
        seeing = make_member(Role.AUDITOR, workspace=actor.workspace, sees_payloads=True)
        assert self.client(blind.user).get(f"/jobs/files/{file.pk}/").status_code == 403
        assert self.client(seeing.user).get(f"/jobs/files/{file.pk}/").status_code == 200
        assert AuditEntry.objects.filter(action="payload.read", target_id=file.pk).count() == 1
