"""Comments of YAML are found, and nothing else is taken for one."""

import pytest

from workflows.definition.yaml_comments import comment_lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("a: 1\n", []),
        ("# first\na: 1 # last\n\n  # third\nb: 2\n# end", [1, 2, 4, 6]),
        ("a: x#y\nb: 'x # y'\nc: \"# z\"\n'#d': 1\n", []),
        ("a: |\n  text # no\n  # no\nb: >-  # yes\n  # no\n# yes\nc: 1\n", [4, 6]),
        ("é: 'ü # no' # yes\n", [1]),
        ("a: [1, # yes\n  '#']\n", [1]),
        ('{"a": "# no"}', []),
        ('# yes\na: "no end\n# no', [1]),
    ],
)
def test_a_comment_is_told_by_its_line(text: str, lines: list[int]) -> None:
    assert comment_lines(text) == lines
