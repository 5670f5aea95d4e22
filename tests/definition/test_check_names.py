"""Names that hide others, and steps that nothing reaches."""

from tests.definition.checking import problems, set_
from tests.definition.examples import step, workflow


def test_names_that_hide_others_are_told():
    raw = workflow(
        set_("items"),
        set_("class"),
        step("for_each", "each", items="[]", steps=[], **{"as": "inputs"}),
        inputs=[{"key": "title", "type": "text"}, {"key": "name", "type": "text"}],
    )
    assert problems(raw) == [
        ("shadows_method", "inputs[0].key"),
        ("shadows_method", "steps[0].key"),
        ("reserved_word", "steps[1].key"),
        ("reserved_name", "steps[2].as"),
    ]


def test_a_step_after_an_end_is_told():
    raw = workflow(step("fail", message="no"), set_("a"))
    assert problems(raw) == [("unreachable", "steps[1]")]
    assert problems(workflow(step("fail", message="no", when="1 > 2"), set_("a"))) == []
