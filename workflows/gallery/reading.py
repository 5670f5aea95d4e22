"""From the folders of the gallery to its entries."""

import csv
import io
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from openpyxl import Workbook

from common.canonical import Json
from workflows.definition.yaml_text import load_documents
from workflows.exporting import callees_first

FOLDER = Path(__file__).parent
SLUGS = (
    "expense-report",
    "invoice-check",
    "spreadsheet-cleanup",
    "monthly-report",
    "payment-reminders",
    "price-monitoring",
    "customer-onboarding",
    "incident-triage",
)
"""What there is, in the order in which it is shown: what works on files alone comes first."""


@dataclass(frozen=True, kw_only=True)
class SampleFile:
    """A file that an input takes. An Excel file lies in the folder as the CSV file of the same name."""

    input: str
    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A workflow of the gallery. `definitions` has it and what it calls by slug, callees first, so itself last.

    `inputs` are the sample inputs without files, `files` the files beside them, `pins` the outputs that steps which
    reach outside have in a preview, by the key of the step. `gives` are the outputs of all that; a file by its name.
    """

    slug: str
    definitions: Mapping[str, dict[str, Json]]
    what_for: str
    for_whom: str
    changes: tuple[str, ...]
    inputs: Mapping[str, Json]
    files: tuple[SampleFile, ...]
    pins: Mapping[str, Json]
    gives: Mapping[str, Json]

    @property
    def given(self) -> set[str]:
        """The keys of the inputs that there is a sample for."""
        return self.inputs.keys() | {file.input for file in self.files}

    @property
    def name(self) -> str:
        """The name of its workflow."""
        return str(self.definitions[self.slug]["name"])

    @property
    def description(self) -> str:
        """What its workflow does, in one sentence."""
        return str(self.definitions[self.slug]["description"])


def entries() -> list[Entry]:
    """The whole gallery."""
    return [_read(slug) for slug in SLUGS]


def entry_of(slug: str | None) -> Entry | None:
    """The entry with that slug; None where the gallery has none, or has it no more."""
    return _read(slug) if slug in SLUGS and slug is not None else None


@lru_cache(maxsize=len(SLUGS))
def _read(slug: str) -> Entry:
    folder = FOLDER / slug
    (about,) = load_documents((folder / "about.yaml").read_bytes())
    sample = about["sample"]
    return Entry(
        slug=slug,
        definitions=_definitions(folder),
        what_for=about["what_for"],
        for_whom=about["for_whom"],
        changes=tuple(about["change"]),
        inputs=sample["inputs"],
        files=tuple(
            _sample_file(folder, key, name)
            for key, names in sample.get("files", {}).items()
            for name in names
        ),
        pins=sample.get("pins", {}),
        gives=about["gives"],
    )


def _definitions(folder: Path) -> dict[str, dict[str, Json]]:
    found: dict[str, dict[str, Json]] = {}
    for path in folder.glob("*.yaml"):
        if path.name != "about.yaml":
            (found[path.stem],) = load_documents(path.read_bytes())
    ordered = callees_first(found)
    return {document.pop("slug"): document for document in ordered}


def _sample_file(folder: Path, key: str, name: str) -> SampleFile:
    path = folder / name
    workbook = path.suffix == ".xlsx"
    return SampleFile(
        input=key,
        name=name,
        media_type=mimetypes.guess_type(name)[0] or "application/octet-stream",
        content=_workbook(path.with_suffix(".csv")) if workbook else path.read_bytes(),
    )


def _workbook(path: Path) -> bytes:
    """The rows of a CSV file as an Excel file: a text that can be read and compared lies in the folder."""
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("Contacts")
    with path.open(encoding="utf-8", newline="") as rows:
        for row in csv.reader(rows):
            sheet.append(row)
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()
