"""Bytes and their names: blobs on disk, files of workspaces, and the files that a running step may use."""

from jobs.storage.blobs import BlobMissing, BlobTooLarge, open_blob, put, put_bytes
from jobs.storage.cleanup import remove_unreferenced
from jobs.storage.files import FileValue, NewFile, file_ids, file_value, known_files, register, touch
from jobs.storage.job_files import JobFiles

__all__ = [
    "BlobMissing",
    "BlobTooLarge",
    "FileValue",
    "JobFiles",
    "NewFile",
    "file_ids",
    "file_value",
    "known_files",
    "open_blob",
    "put",
    "put_bytes",
    "register",
    "remove_unreferenced",
    "touch",
]
