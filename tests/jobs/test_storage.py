import hashlib
import io
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest

from common.errors import StepError
from jobs import storage
from jobs.models import Blob, File
from jobs.storage.blobs import blob_path, storage_root
from jobs.storage.files import clean_name
from tests.factories import make_workspace


@pytest.fixture(autouse=True)
def root(settings, tmp_path: Path) -> Path:
    settings.STORAGE_URL = f"file://{tmp_path}/blobs"
    return tmp_path / "blobs"


def everything(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def make_old(sha256: str) -> None:
    os.utime(blob_path(sha256), (time.time() - 90_000, time.time() - 90_000))
    Blob.objects.filter(sha256=sha256).update(touched_at="2020-01-01T00:00:00Z")


def test_bytes_are_found_again_under_their_digest_and_stored_once(root):
    content = os.urandom(600_000)
    digest, size = storage.put(io.BytesIO(content), max_bytes=600_000)
    assert (digest, size) == (hashlib.sha256(content).hexdigest(), 600_000)
    assert storage.put_bytes(content) == digest
    with storage.open_blob(digest) as stream:
        assert stream.read() == content
    assert len(everything(root)) == 1


def test_too_many_bytes_leave_nothing(root):
    with pytest.raises(storage.BlobTooLarge):
        storage.put(io.BytesIO(b"x" * 11), max_bytes=10)
    assert everything(root) == []


def test_a_stream_that_breaks_leaves_nothing(root):
    class Breaking:
        calls = 0

        def read(self, size=-1):
            self.calls += 1
            if self.calls == 3:
                raise ConnectionError
            return b"x" * 1000

    with pytest.raises(ConnectionError):
        storage.put(Breaking(), max_bytes=1 << 20)
    assert everything(root) == []


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "0" * 63, "0" * 64, "G" * 64, "0" * 64 + "\n"])
def test_what_is_not_a_stored_digest_is_missing(digest):
    with pytest.raises(storage.BlobMissing):
        storage.open_blob(digest)


def test_a_storage_that_is_not_a_directory_url_is_refused(settings):
    for url in ("s3://bucket", "/var/blobs", "file://relative", "file:relative"):
        settings.STORAGE_URL = url
        with pytest.raises(Exception, match="STORAGE_URL"):
            storage_root()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"), ("C:\\x\\report.csv", "report.csv"), ("a\0b\n.txt", "ab.txt"), ("", "file"),
        ("...", "file"), (".htaccess", "htaccess"), ("trailing. ", "trailing"), ("CON", "_CON"), ("nul.txt", "_nul.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"), ("z\u200bero.txt", "zero.txt"), ("Rechnung März.pdf", "Rechnung März.pdf"),
        ("a" * 300 + ".pdf", "a" * 251 + ".pdf"), ("\ud800x", "x"), ("contract.pdf", "contract.pdf"),
    ],
)  # fmt: skip
def test_names_are_cleaned(given, kept):
    assert clean_name(given) == kept


@pytest.mark.django_db
def test_a_registered_file_has_an_unguessable_id_and_is_known_in_its_workspace_only():
    ours, theirs = make_workspace(), make_workspace()
    digest = storage.put_bytes(b"abc")
    file = storage.register(
        workspace_id=ours.pk, name="a.txt", media_type="text/plain", sha256=digest, size=3
    )
    again = storage.register(
        workspace_id=ours.pk, name="b.txt", media_type="bad\r\ntype", sha256=digest, size=3
    )
    value = storage.file_value(file)
    assert value == {"id": file.id, "name": "a.txt", "media_type": "text/plain", "bytes": 3, "sha256": digest}
    assert again.media_type == "application/octet-stream"
    assert Blob.objects.count() == 1
    ids = storage.file_ids({"a": [value, "text"], "b": {"c": again.id}})
    assert ids == {file.id, again.id}
    assert storage.known_files(workspace_id=ours.pk, ids=ids)[file.id].as_json() == value
    assert storage.known_files(workspace_id=theirs.pk, ids=ids) == {}


@pytest.mark.django_db
def test_looking_up_no_files_asks_the_database_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert storage.known_files(workspace_id=1, ids=set()) == {}


def test_a_step_opens_only_what_it_was_given():
    secret = storage.put_bytes(b"of another workspace")
    known = storage.FileValue(
        id="file_" + "a" * 32, name="a", media_type="text/plain", bytes=2, sha256=storage.put_bytes(b"hi")
    )
    files = storage.JobFiles({known.id: known})
    with files.open({"id": known.id, "sha256": secret}) as stream:
        assert stream.read() == b"hi"
    for forged in (
        {"id": "file_" + "b" * 32, "sha256": secret},
        {"sha256": secret},
        {"id": None},
        {"id": secret},
    ):
        with pytest.raises(StepError) as caught, files.open(forged):
            pass
        assert caught.value.code == "wrong_type"


def test_a_step_that_makes_a_file_can_open_it_and_tells_the_owner(tmp_path):
    files = storage.JobFiles({})
    source = tmp_path / "x"
    source.write_bytes(b"123")
    for content in (b"123", io.BytesIO(b"123"), source):
        value = files.create(name="../x.csv", media_type="text/csv", content=content)
        assert (value["name"], value["bytes"]) == ("x.csv", 3)
        with files.open(value) as stream:
            assert stream.read() == b"123"
    assert len({made.id for made in files.created}) == 3


def test_a_file_over_the_limit_is_refused_with_a_sentence(settings):
    settings.MAX_FILE_BYTES = 10
    with pytest.raises(StepError) as caught:
        storage.JobFiles({}).create(name="x", media_type="text/plain", content=b"x" * 11)
    assert caught.value.code == "limit_exceeded"


@pytest.mark.django_db(transaction=True)
def test_only_what_nothing_names_and_nobody_touched_is_removed(root):
    workspace = make_workspace()
    digests = {
        name: storage.put_bytes(name.encode())
        for name in ("named", "unnamed", "fresh", "no row", "rewritten")
    }
    for name in ("named", "unnamed", "fresh", "rewritten"):
        storage.touch(sha256=digests[name], size=len(name))
    storage.register(workspace_id=workspace.pk, name="n", media_type="a/b", sha256=digests["named"], size=5)
    for name in ("named", "unnamed", "no row", "rewritten"):
        make_old(digests[name])
    storage.put_bytes(b"rewritten")
    half = root / ".writing-left"
    half.write_bytes(b"")
    os.utime(half, (0, 0))
    assert storage.remove_unreferenced(older_than=timedelta(days=1)) == 3
    left = {path.name for path in everything(root)}
    assert left == {digests["named"], digests["fresh"], digests["rewritten"]}
    assert set(Blob.objects.values_list("sha256", flat=True)) == {digests["named"], digests["fresh"]}
    assert File.objects.count() == 1
