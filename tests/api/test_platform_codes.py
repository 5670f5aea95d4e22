"""The page of problem codes tells of every code that the source can answer with."""

import ast
from collections.abc import Iterator
from pathlib import Path

from common.api.codes import CODES, markdown

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("common", "audit", "workspaces", "integrations", "workflows", "jobs", "config")


def raised() -> Iterator[tuple[int, str, str]]:
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Name)
                    and node.func.id == "Problem"
                ):
                    values = [arg.value for arg in node.args[:2] if isinstance(arg, ast.Constant)]
                    if len(values) == 2 and isinstance(values[0], int):
                        yield values[0], str(values[1]), f"{file.relative_to(ROOT)}:{node.lineno}"


def test_every_code_is_on_the_page_with_its_status():
    wrong = [
        f"{where}: {status} {code}"
        for status, code, where in raised()
        if code not in CODES or CODES[code][0] != status
    ]
    assert wrong == [], "add the code to common/api/codes.py and run manage.py write_docs"


def test_the_page_in_the_docs_is_the_present_one():
    assert (ROOT / "docs/problems.md").read_text() == markdown(), "run: manage.py write_docs"


def test_the_type_of_a_problem_leads_to_its_place_on_the_page(client):
    page = client.get("/docs/problems/").content.decode()
    for code in CODES:
        assert f'id="{code}"' in page
