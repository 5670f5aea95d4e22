"""Verifies an audit log or an evidence pack on a machine that has nothing but Python: no Django, no database, no Workledger.

    python -m audit.standalone FILE [--public-key KEY]

FILE is an evidence pack (the ZIP, or the folder that it was unpacked into) or a JSON Lines export of the log. The exit
status is 0 when nothing was found, 1 when something was, 2 when the file cannot be read. Only signatures need a package
(`cryptography`), and those of a log the installation's public key; without them everything else is still checked, and
the answer says so.
"""

import argparse
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from audit.log_file import CHECKS_SIGNATURES, FileCheck, Unreadable, signed_by, unsigned
from audit.pack_check import PackCheck
from audit.pack_file import Pack

MISSING_PACKAGE = "the Python package 'cryptography' is missing here"


def main(arguments: list[str] | None = None, *, default: Path | None = None) -> int:
    """Verify the file that is named, or `default`, and tell what was found; the exit status."""
    parser = argparse.ArgumentParser(
        prog="verify", description="Verifies an evidence pack or an exported audit log."
    )
    parser.add_argument(
        "file",
        type=Path,
        nargs="?" if default else None,
        default=default,
        help="an evidence pack (ZIP or folder) or a JSON Lines export",
    )
    parser.add_argument(
        "--public-key",
        action="append",
        default=[],
        help="the installation's public key, base64url; also several",
    )
    chosen = parser.parse_args(arguments)
    try:
        if chosen.file.suffix == ".zip" and chosen.file.is_file() and not zipfile.is_zipfile(chosen.file):
            raise Unreadable("The ZIP is damaged or not complete. Download it again.")
        if chosen.file.is_dir() or zipfile.is_zipfile(chosen.file):
            status, told = _pack(chosen.file, chosen.public_key)
        else:
            status, told = _log(chosen.file, chosen.public_key)
    except (OSError, ValueError, Unreadable, zipfile.BadZipFile) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write("\n".join(told) + "\n")
    return status


def _log(path: Path, public_keys: list[str]) -> tuple[int, list[str]]:
    signed = signed_by(public_keys) if public_keys and CHECKS_SIGNATURES else unsigned
    check = FileCheck(signed=signed)
    with path.open(encoding="utf-8") as lines:
        check.run(lines)
    return (1 if check.findings or not check.complete else 0), list(_told(check))


def _told(check: FileCheck) -> Iterator[str]:
    what = "One stream" if check.scope == "stream" else "The log of a workspace"
    numbers = f"{check.entries} entries in {check.streams} streams, {check.checkpoints.number} checkpoints."
    yield f"{what}: {numbers}"
    for finding in check.findings:
        yield f"{finding.stream} #{finding.seq}: {finding.sentence}"
    if not check.complete:
        yield "The file is not complete: it was cut, or lines were removed."
    if check.checkpoints.unsure:
        why = "no --public-key was given" if CHECKS_SIGNATURES else MISSING_PACKAGE
        yield f"The signatures of {check.checkpoints.unsure} checkpoints were NOT checked: {why}."
    if check.complete and not check.findings:
        yield "Nothing wrong was found."


def _pack(path: Path, public_keys: list[str]) -> tuple[int, list[str]]:
    with Pack(path) as pack:
        check = PackCheck(pack, public_keys)
        check.run()
    return (1 if check.findings else 0), list(check.told())


if __name__ == "__main__":
    sys.exit(main())
