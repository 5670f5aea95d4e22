"""What every test gets: storage of its own, fast password hashing, and a flush that the audit triggers let pass.

`DATABASE_URL` chooses the database, `TEST_DATABASE_SUFFIX` keeps two test runs on one machine apart.
"""

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import TransactionTestCase, override_settings

from audit.triggers import create_all, drop_all
from workflows.selectors import forget_versions

_KEPT = {"django_migrations", "django_content_type", "auth_permission"}
"""Tables that migrations fill and no test changes."""
_DATABASES = frozenset({"db", "transactional_db"})
"""The fixtures through which a test that is not marked reaches a database."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--only-with-database",
        action="store_true",
        help="leave out what touches no database, and so passes on one as on another",
    )


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Where only what starts processes is asked for, a file that does not speak of them need not be read: seconds."""
    if config.getoption("markexpr") == "processes" and collection_path.suffix == ".py":
        return "processes" not in collection_path.read_text(encoding="utf-8")
    return None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--only-with-database"):
        return
    without = [item for item in items if not _touches_database(item)]
    config.hook.pytest_deselected(items=without)
    items[:] = [item for item in items if _touches_database(item)]


def pytest_collection_finish() -> None:
    """What was imported stays: the collector need not look at it again, and tests make little rubbish. A tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


def _touches_database(item: pytest.Item) -> bool:
    return item.get_closest_marker("django_db") is not None or not _DATABASES.isdisjoint(
        getattr(item, "fixturenames", ())
    )


def _check_foreign_keys(each: BaseDatabaseWrapper, when: str) -> None:
    if each.vendor == "postgresql":  # in SQLite they are off meanwhile
        with each.cursor() as cursor:
            cursor.execute(f"SET CONSTRAINTS ALL {when}")


def _flush(case: Any) -> None:
    """Empty every table after a transactional test, much quicker than Django's own flush, which fills `_KEPT` anew and on
    PostgreSQL makes new files for every table and index.

    It drops the triggers meanwhile: deleting audit entries and versions is what they are there to refuse. And it
    empties the tables of swapped models too, which Django's would trip over on PostgreSQL.
    """
    for each in (connections[alias] for alias in case._databases_names(include_mirrors=False)):
        tables = sorted(set(each.introspection.table_names()) - _KEPT)
        with each.constraint_checks_disabled(), transaction.atomic(using=each.alias), each.cursor() as cursor:
            drop_all(each)
            _check_foreign_keys(each, "DEFERRED")
            for table in tables:
                cursor.execute(f"DELETE FROM {each.ops.quote_name(table)}")
            _check_foreign_keys(each, "IMMEDIATE")
            create_all(each)


TransactionTestCase._fixture_teardown = _flush  # type: ignore[attr-defined]


@pytest.fixture(scope="session", autouse=True)
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for blobs, thrown away after the session; child processes find it in the environment."""
    folder = tmp_path_factory.mktemp("blobs")
    url = f"file://{folder}"
    with (
        pytest.MonkeyPatch.context() as patch,
        override_settings(
            STORAGE_URL=url,
            SECRET_KEY="a key that only tests use, long enough for every check that asks",
            PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
            WHITENOISE_USE_FINDERS=False,  # every client of a test would look for all styles anew
            STORAGES={
                "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
                "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
            },
        ),
    ):
        patch.setenv("STORAGE_URL", url)
        yield folder


@pytest.fixture(autouse=True)
def no_kept_versions() -> None:
    """What a process keeps of versions goes by their ids, which come again once a test's rows are gone."""
    forget_versions()


@pytest.fixture
def child_environment(transactional_db: None) -> dict[str, str]:
    """The environment for a process that shall work on this test's database and storage.

    Such a process sees only what is committed, hence the transactional database.
    """
    return {
        **os.environ,
        "DATABASE_URL": _url_of_the_test_database(),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }


def _url_of_the_test_database() -> str:
    now = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{now['NAME']}"
    password = f":{quote(now['PASSWORD'], safe='')}" if now["PASSWORD"] else ""
    port = f":{now['PORT']}" if now["PORT"] else ""
    return f"postgres://{quote(now['USER'], safe='')}{password}@{now['HOST']}{port}/{now['NAME']}"
