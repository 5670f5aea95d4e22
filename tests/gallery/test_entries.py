"""What lies in the gallery: whole, explained, without a problem, and between them all that a workflow can do."""

import pytest

from integrations.registry import get_action
from tests.factories import make_actor
from tests.gallery.office import the_entry
from workflows.checking import check_draft
from workflows.definition.step_types import STEP_TYPES
from workflows.gallery import FOLDER, SLUGS, entries, entry_of
from workflows.reading import parsed
from workflows.services import activate, copy_from_gallery

every_entry = pytest.mark.parametrize("slug", SLUGS)


def definitions_of(slug):
    return {name: parsed(raw).definition for name, raw in the_entry(slug).definitions.items()}


def test_there_are_eight_and_no_folder_is_forgotten():
    folders = {path.name for path in FOLDER.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == set(SLUGS)
    assert len(SLUGS) == 8
    assert [entry.slug for entry in entries()] == list(SLUGS)


@pytest.mark.parametrize("slug", [None, "", "gone", "../gallery"])
def test_an_entry_that_is_none_is_not_found(slug):
    assert entry_of(slug) is None


@pytest.mark.django_db
@every_entry
def test_it_has_no_problem_and_no_warning_and_can_be_activated(slug):
    actor = make_actor("builder")
    copied = copy_from_gallery(actor=actor, workspace=actor.workspace, entry=the_entry(slug))
    assert all(each.active_version for each in copied.called)
    assert check_draft(copied.workflow).problems == ()
    assert activate(actor=actor, workflow=copied.workflow).version.number == 1


@every_entry
def test_every_step_has_a_name_and_is_explained_in_sentences(slug):
    for definition in definitions_of(slug).values():
        for step in definition.walk():
            assert step.name, step.key
            assert step.description.endswith("."), step.key


@every_entry
def test_every_step_that_reaches_outside_has_a_sample_answer_and_no_other_step_has_one(slug):
    definitions = definitions_of(slug)
    steps = definitions.pop(slug).walk()
    assert {step.key for step in steps if step.type == "http.request"} == the_entry(slug).pins.keys()
    # A preview takes pins for the steps of the workflow itself, not for those of what it calls.
    assert all(step.type != "http.request" for each in definitions.values() for step in each.walk())


@every_entry
def test_samples_are_for_inputs_that_exist_and_every_output_is_told(slug):
    entry, definition = the_entry(slug), definitions_of(slug)[slug]
    inputs = {one.key: one for one in definition.inputs}
    given = entry.given
    assert given <= inputs.keys()
    assert {key for key, one in inputs.items() if one.required and one.default is None} <= given
    assert entry.gives.keys() == {one.key for one in definition.outputs}
    assert all(file.content for file in entry.files)


@every_entry
def test_every_file_of_its_folder_is_used(slug):
    entry = the_entry(slug)
    files = {file.name.replace(".xlsx", ".csv") for file in entry.files}
    expected = files | {"about.yaml"} | {f"{name}.yaml" for name in entry.definitions}
    assert {path.name for path in (FOLDER / slug).iterdir()} == expected
    assert list(entry.definitions)[-1] == slug


def test_between_them_they_show_every_block_and_every_action():
    shown = {step.type for slug in SLUGS for each in definitions_of(slug).values() for step in each.walk()}
    blocks = {type_ for type_ in STEP_TYPES if get_action(type_) is None}
    missing = blocks - shown - {"approval", "form", "callback"}
    assert missing == set()
    assert {"csv.read", "csv.write", "spreadsheet.read", "spreadsheet.write"} <= shown
    assert {"http.request", "json.parse", "text.render"} <= shown


def test_what_is_to_be_changed_names_steps_that_exist():
    names = {step.name for slug in SLUGS for each in definitions_of(slug).values() for step in each.walk()}
    for entry in entries():
        assert 2 <= len(entry.changes) <= 4
        for change in entry.changes:
            for word in ("in the step ", "of the step ", "the branch "):
                if word in change:
                    said = change.partition(word)[2].rstrip(".")
                    assert any(said.startswith(name) for name in names), change
