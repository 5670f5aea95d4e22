"""What must be true of the repository as a whole."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from common.packages import PackageFinder
from integrations.error_page import explained
from jobs.management.commands.write_docs import PAGES

ROOT = Path(__file__).parent.parent
# Put together here, so that this file does not contain what it looks for.
_HOSTS = r"py" r"pi[.]o" r"rg|python" r"hosted|npm" r"js[.]|deb[.]deb" r"ian"
_MACHINE_PATHS = r"(^|[ \"'(=:])/wo" r"rk/(main|steering|[.])|/ro" r"ot/[.]|/fa" r"rm/|/ho" r"me/[a-z]"
_LONG_FOR_A_REASON = "Over 300 lines because"


def _tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns], cwd=ROOT, capture_output=True, check=True
    )
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def _settings() -> set[str]:
    return set(
        re.findall(r"\b(?:env(?:\.\w+)?|_key)\(\s*\"(\w+)\"", (ROOT / "config/settings.py").read_text())
    )


def test_env_example_names_exactly_the_settings() -> None:
    example = re.findall(r"^#?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.M)
    assert sorted(example) == sorted(_settings())


def test_the_operations_page_explains_every_setting() -> None:
    page = (ROOT / "docs/operations.md").read_text()
    assert [name for name in sorted(_settings()) if f"`{name}`" not in page] == []


def test_no_tracked_file_names_a_registry_or_a_path_of_one_machine() -> None:
    forbidden = re.compile(f"{_HOSTS}|{_MACHINE_PATHS}", re.M)
    found = {}
    for path in _tracked():
        content = path.read_bytes()
        if b"\0" not in content and (match := forbidden.search(content.decode())):
            found[str(path.relative_to(ROOT))] = match.group()
    assert found == {}


def test_a_file_has_at_most_300_lines_or_gives_a_reason() -> None:
    texts = {path: path.read_text() for path in _tracked("*.py") if "migrations" not in path.parts}
    long = {
        str(path.relative_to(ROOT)): text.count("\n")
        for path, text in texts.items()
        if text.count("\n") > 300
    }
    unexplained = [name for name in long if _LONG_FOR_A_REASON not in texts[ROOT / name][:2000]]
    assert {name: long[name] for name in unexplained} == {}


def _locked(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==(\S+)", (ROOT / name).read_text(), re.M))


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_locked_package_has_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    entries = [entry for entry in re.split(r"^(?=[a-z0-9])", text, flags=re.M) if entry.strip()]
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in text
    assert "--index-url" not in text


def test_the_development_lock_holds_what_running_needs_at_the_same_versions() -> None:
    assert _locked("requirements.txt").items() <= _locked("requirements-dev.txt").items()


def test_every_front_end_package_is_locked_with_its_hash_and_without_an_address() -> None:
    wanted = json.loads((ROOT / "package.json").read_text())
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    for name, version in (wanted["dependencies"] | wanted["devDependencies"]).items():
        assert locked[f"node_modules/{name}"]["version"] == version
    packages = [entry for path, entry in locked.items() if path]
    assert all(entry["integrity"].startswith("sha512-") and "resolved" not in entry for entry in packages)


def test_only_named_files_of_front_end_packages_are_served() -> None:
    for name in settings.PACKAGE_FILES:
        assert finders.find(f"packages/{name}"), "run: make dev"
    for name in ("axe-core/axe.min.js", "../config/settings.py", "@tabler/core/package.json"):
        assert not finders.find(f"packages/{name}")
    assert PackageFinder().check() == []


def test_links_between_pages_lead_somewhere() -> None:
    broken = []
    for page in _tracked("*.md"):
        for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
            target = link.split("#")[0]
            if "://" not in link and target and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)}: {link}")
    assert broken == []


def test_every_target_of_the_makefile_is_explained() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = re.findall(r"^([a-z-]+):", makefile, re.M)
    explained = re.findall(r"^([a-z-]+):.*## \S", makefile, re.M)
    assert targets == explained


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_generated_page_is_what_the_code_says(name: str) -> None:
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == PAGES[name](), "run: manage.py write_docs"


def test_the_help_address_of_every_error_leads_to_its_section(client: Client) -> None:
    page = client.get("/docs/errors/").content.decode()
    assert [each.code for each in explained() if f'id="{each.anchor}"' not in page] == []
