"""A database and a folder that exist for one measurement, and the environment that leads a process to them."""

import base64
import os
import secrets
import shutil
import sqlite3
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "var" / "benchmarks"
DATABASES = ("sqlite", "postgresql")
SERVER_URL = os.environ.get("BENCH_POSTGRESQL_URL", "postgres://postgres@127.0.0.1:5432/postgres")
"""A PostgreSQL in which databases may be made and dropped."""

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA busy_timeout=20000",
    "PRAGMA recursive_triggers=ON",
    "PRAGMA temp_store=MEMORY",
)
"""As in config/settings.py: the floor must pay for a commit what ours pays."""

_KEYS = {
    "SECRET_KEY": secrets.token_urlsafe(50),
    "CREDENTIAL_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    "AUDIT_SIGNING_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
}


@dataclass(frozen=True, kw_only=True)
class Scratch:
    """Where one measurement lives."""

    database: str
    folder: Path
    url: str

    def environment(self, **more: str) -> dict[str, str]:
        """The environment for a process of ours."""
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": self.url,
            "STORAGE_URL": f"file://{self.folder / 'blobs'}",
            "OUTBOUND_PRIVATE_HOSTS": "127.0.0.1/32",
            "API_RATE_PER_MINUTE": "0",
            "LOG_LEVEL": "WARNING",
            "STOP_GRACE": "2",
            "DEBUG": "false",
            **_KEYS,
            "PYTHONWARNINGS": "ignore",
            **more,
        }

    @property
    def mark(self) -> str:
        """What stands for a parameter in SQL."""
        return "%s" if self.database == "postgresql" else "?"

    def connect(self) -> Any:
        """A bare connection of the driver that commits each statement by itself. PostgreSQL or SQLite."""
        if self.database == "postgresql":
            return psycopg.connect(self.url, autocommit=True)
        raw = sqlite3.connect(self.url.removeprefix("sqlite:///"), timeout=20, isolation_level=None)
        for pragma in _PRAGMAS:
            raw.execute(pragma)
        return raw

    def query(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """The rows of one statement, on a connection of its own; `?` marks parameters."""
        marked = sql.replace("?", "%s") if self.database == "postgresql" else sql
        with closing(self.connect()) as connection:
            return list(connection.execute(marked, parameters).fetchall())


@contextmanager
def scratch(database: str) -> Iterator[Scratch]:
    """An empty database (`sqlite` or `postgresql`) and a folder; both are gone afterwards."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=RESULTS))
    try:
        if database == "sqlite":
            yield Scratch(database=database, folder=folder, url=f"sqlite:///{folder / 'bench.sqlite3'}")
        else:
            with _postgresql_database() as url:
                yield Scratch(database=database, folder=folder, url=url)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _postgresql_database() -> Iterator[str]:
    name = f"wl_bench_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(SERVER_URL, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            yield urlunsplit(urlsplit(SERVER_URL)._replace(path=f"/{name}"))
        finally:
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
