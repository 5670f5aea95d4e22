"""The Source view: what a text becomes, what is told of it, and that nobody's text is lost."""

import re

import pytest

from audit.models import AuditEntry
from common.canonical import dumps, loads
from tests.engine.lab import Lab
from tests.pages.flows import SET, client_of, edit, text_of
from workflows import services
from workflows.gallery import FOLDER
from workflows.models import Workflow
from workspaces.models import Role

pytestmark = pytest.mark.django_db

PATH = "/workflows/sums/build/source/"
TEXT = "format: 1\nname: Sums\nsteps:\n  - key: a\n    type: set\n    values:\n      b: 1.0\n      a: 2\n"
BROKEN = "format: 1\nname: Sums\nsteps: [{key: a, type: set, values: {x: '{{ inputs.n }}'}}]\n"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def lab():
    return Lab()


@pytest.fixture
def client(lab):
    return client_of(lab)


@pytest.fixture
def sums(lab):
    lab.workflow(SET, slug="sums")
    return Workflow.objects.get(slug="sums")


def opened(client, path=PATH):
    """The page, and its form as a browser would send it back."""
    answer = client.get(path)
    edit_ = answer.context["edit"]
    return answer, {"text": edit_.text, "revision": edit_.revision, "began": edit_.began}


def save(client, form, path=PATH, **fields):
    return client.post(path, {"do": "save", **form, **fields})


def text_kept(answer):
    """The text in the field of an answer."""
    return answer.context["edit"].text


def test_it_shows_the_draft_with_its_problems_and_what_comments_come_to(client, sums, lab):
    edit(lab, sums, steps=[{"key": "a", "type": "nonsense"}])
    answer, form = opened(client)
    page = text_of(answer)
    assert form["text"].startswith("format: 1\nname: Sums\n")
    assert "1 problem" in page
    assert re.search(r"Line 5</a> <code>type: nonsense</code>", page)
    assert "Comments (#) and the way of writing are not kept." in page


def test_a_text_is_saved_as_it_was_written_and_comes_back_so(client, sums):
    _answer, form = opened(client)
    answer = save(client, form | {"text": TEXT.replace("\n", "\r\n")})
    assert answer["Location"] == PATH
    sums.refresh_from_db()
    assert (sums.draft_revision, list(loads(sums.draft)["steps"][0]["values"].items())) == (
        2,
        [("b", 1.0), ("a", 2)],
    )
    assert '"b":1.0' in sums.draft
    assert opened(client)[1]["text"] == TEXT


def test_json_is_taken_too_with_its_problems_at_their_lines(client, sums):
    text = '{"workflows": [\n {"slug": "sums", "format": 1, "name": "Sums",\n "nonsense": 1, "steps": []}]}'
    form = opened(client)[1] | {"text": text}
    assert '"#source-main" data-goes>Line 3</a>' in text_of(client.post(PATH, form | {"do": "check"}))
    save(client, form)
    sums.refresh_from_db()
    assert sums.draft == '{"format":1,"name":"Sums","nonsense":1,"steps":[]}'


def test_what_was_not_touched_is_not_saved(client, sums, lab):
    edit(lab, sums, name="Written last", extra={"b": 1, "a": 1.0})
    before = sums.draft
    assert save(client, opened(client)[1]).status_code == 302
    sums.refresh_from_db()
    assert (sums.draft, sums.draft_revision) == (before, 2)


@pytest.mark.parametrize(
    "path",
    sorted(set(FOLDER.glob("*/*.yaml")) - set(FOLDER.glob("*/about.yaml"))),
    ids=lambda path: path.stem,
)
def test_a_sample_comes_back_byte_for_byte_however_often_it_is_saved(client, sums, path):
    drafts, texts = [], []
    text = path.read_text(encoding="utf-8")
    for number in range(3):
        save(client, opened(client)[1] | {"text": f"{text}\n" * (number != 1) or f"# touched\n{text}"})
        sums.refresh_from_db()
        text = opened(client)[1]["text"]
        drafts.append(sums.draft)
        texts.append(text)
    assert drafts[1] == drafts[2]
    assert texts[0] == texts[1] == texts[2]
    assert dumps(loads(drafts[0])) == dumps(loads(drafts[2]))


def test_checking_keeps_nothing(client, sums, django_assert_num_queries):
    form = opened(client)[1]
    entries = AuditEntry.objects.count()
    with django_assert_num_queries(4):
        answer = client.post(PATH, form | {"text": BROKEN, "do": "check"}, headers=HTMX)
    assert "There is no input" in text_of(answer)
    assert "<html" not in text_of(answer)
    sums.refresh_from_db()
    assert (sums.draft_revision, AuditEntry.objects.count()) == (1, entries)


def test_opening_and_saving_cost_the_same_however_long_the_draft_is(
    client, sums, lab, django_assert_num_queries
):
    edit(lab, sums, steps=[{"key": f"s{n}", "type": "set", "values": {"x": n}} for n in range(300)])
    with django_assert_num_queries(4):
        answer, form = opened(client)
    assert len(answer.content) < 300_000
    form["text"] += "timeout: 1h\n"
    with django_assert_num_queries(14):
        answer = client.post(PATH, form | {"do": "save"}, headers=HTMX)
    assert "Saved as revision 3" in text_of(answer)
    assert answer["HX-Trigger"] == '{"source-saved": {"revision": 3}}'
    assert 'name="revision" value="3"' in text_of(answer)


@pytest.mark.parametrize(
    ("text", "said", "line"),
    [
        ("a: [", "This is not YAML", None),
        ("a: 1\na: 2\n", "is there twice", "Line 2"),
        ("- a\n", "Expected a workflow", None),
        ("", "Expected one workflow, got 0 documents", None),
        ("a: 1\n---\nb: 1\n", "Expected one workflow, got 2 documents", None),
        ("a: .nan\n", "JSON has no such number", "Line 1"),
        ('{"workflows": 3}', "not a list", None),
        ("\x00", "not YAML", None),
    ],
)
@pytest.mark.parametrize("do", ["save", "replace"])
def test_what_is_no_workflow_is_refused_with_its_line_and_kept(client, sums, text, said, line, do):
    answer = save(client, opened(client)[1] | {"text": text, "do": do})
    page = text_of(answer)
    assert answer.status_code == 422
    assert said in page
    assert "This cannot be saved yet" in page
    assert line is None or line in page
    assert text_kept(answer) == text
    sums.refresh_from_db()
    assert sums.draft_revision == 1


def test_a_text_beyond_the_bound_is_refused_and_kept(client, sums):
    text = "#" * ((1 << 20) + 1)
    answer = save(client, opened(client)[1] | {"text": text})
    assert (answer.status_code, text_kept(answer)) == (422, text)
    assert "larger than 1 MiB" in text_of(answer)


def test_comments_are_told_before_they_are_lost(client, sums):
    text = f"# why\n{TEXT}  # and why\n"
    answer = client.post(PATH, opened(client)[1] | {"text": text, "do": "check"})
    assert "The comments in lines 1, 10 will not be kept" in text_of(answer)


class TestConflict:
    """Somebody else saved the revision that was edited."""

    @pytest.fixture
    def form(self, client, sums, lab):
        form = opened(client)[1] | {"text": TEXT}
        edit(lab, sums, description="Theirs")
        return form

    def test_both_sides_are_shown_and_nothing_is_overwritten(self, client, sums, form):
        answer = save(client, form)
        page = text_of(answer)
        assert (answer.status_code, text_kept(answer)) == (409, TEXT)
        assert "The draft was changed while you edited it" in page
        assert "description: Theirs" in page
        assert 'value="1"' in page  # the revision that the next save begins with is still the old one
        sums.refresh_from_db()
        assert loads(sums.draft)["description"] == "Theirs"
        assert save(client, form).status_code == 409

    def test_mine_replaces_theirs_that_was_shown(self, client, sums, form):
        assert save(client, form, do="replace", seen=2).status_code == 302
        sums.refresh_from_db()
        assert (sums.draft_revision, "description" in loads(sums.draft)) == (3, False)

    def test_mine_does_not_replace_what_was_not_shown(self, client, sums, lab, form):
        edit(lab, sums, description="Theirs once more")
        answer = save(client, form, do="replace", seen=2)
        assert answer.status_code == 409
        assert "Theirs once more" in text_of(answer)
        assert save(client, form, do="replace").status_code == 409

    def test_going_on_puts_it_aside_and_the_next_save_shows_it_again(self, client, form):
        answer = save(client, form, do="edit", seen=2)
        assert (answer.status_code, text_kept(answer)) == (200, TEXT)
        assert "Revision 2 was saved elsewhere meanwhile" in text_of(answer)
        assert "while you edited it" not in text_of(answer)
        assert save(client, form).status_code == 409

    def test_a_check_while_it_is_shown_goes_on_showing_it(self, client, form):
        answer = client.post(PATH, form | {"do": "check", "seen": 2}, headers=HTMX)
        assert "while you edited it" in text_of(answer)

    def test_a_save_whose_answer_was_lost_is_no_conflict(self, client, sums):
        form = opened(client)[1] | {"text": TEXT}
        save(client, form)
        answer = client.post(PATH, form | {"do": "save"}, headers=HTMX)
        assert "Saved as revision 2" in text_of(answer)
        sums.refresh_from_db()
        assert sums.draft_revision == 2


def test_what_was_put_into_the_archive_meanwhile_is_not_saved_and_the_text_is_kept(client, sums, lab):
    form = opened(client)[1] | {"text": TEXT}
    services.archive(actor=lab.actor, workflow=sums)
    answer = save(client, form)
    assert (answer.status_code, text_kept(answer)) == (409, TEXT)
    assert "in the archive" in text_of(answer)
    assert client.get(PATH).status_code == 409


@pytest.mark.parametrize(
    "fields",
    [{}, {"do": "?"}, {"revision": "x"}, {"revision": "9" * 30}, {"seen": "-1", "began": "\x00" * 999}],
)
def test_a_form_of_others_making_keeps_nothing(client, sums, fields):
    answer = client.post(PATH, {"text": TEXT, "do": "save" if fields else "", **fields})
    assert answer.status_code in (200, 409)
    sums.refresh_from_db()
    assert sums.draft_revision == 1


@pytest.mark.parametrize(
    "definition",
    [
        {"n": 2**60, "t": "\ud800\x00", "</textarea><script>": 1},
        {"steps": "?"},
        {"steps": [{"key": "a" * 5000}] * 50},
        {"x": "\n".join(["\x85\u2028\ufeff #", "", " "])},
    ],
)
def test_a_hostile_draft_opens_and_can_be_mended(client, sums, lab, definition):
    services.save_draft(actor=lab.actor, workflow=sums, expected_revision=1, definition=definition)
    answer, form = opened(client)
    assert answer.status_code == 200
    assert "<script>:" not in answer.content.decode()
    assert save(client, form).status_code == 302  # as it is
    assert save(client, form | {"text": TEXT}).status_code == 302


def test_the_source_page_leads_there_those_who_may_edit(lab, sums):
    for role, expected in ((Role.BUILDER, True), (Role.OPERATOR, False)):
        assert (PATH in text_of(client_of(lab, role).get("/workflows/sums/source/"))) is expected
    services.archive(actor=lab.actor, workflow=sums)
    assert PATH not in text_of(client_of(lab).get("/workflows/sums/source/"))


def test_the_scripts_of_the_editor_carry_the_nonce_of_the_page_and_no_other_page_has_one(client, sums):
    answer = client.get(PATH)
    (nonce,) = re.findall(r'importmap" nonce="([^"]+)"', answer.content.decode())
    assert answer["Content-Security-Policy"].count(f"'nonce-{nonce}'") == 2
    assert "nonce" not in client.get("/workflows/sums/")["Content-Security-Policy"]
    assert nonce not in client.get(PATH)["Content-Security-Policy"]
