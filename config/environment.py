"""Reads settings from the environment; a wrong value is told with its name, in one sentence."""

import os
import warnings
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

_ENGINES = {"django.db.backends.sqlite3", "django.db.backends.postgresql"}
_NO = {"false", "off", "no", "n", "0"}
_EXPECTED = {int: "a whole number", bool: "true or false"}


class Environment(environ.Env):
    """django-environ's, but it names what is wrong. Raises `ImproperlyConfigured`."""

    def get_value(self, var: str, cast: Any = None, *args: Any, **options: Any) -> Any:
        """The value of `var`. A switch that is neither on nor off is refused, and not taken for off."""
        given = os.environ.get(var, "")
        try:
            value = super().get_value(var, cast, *args, **options)
        except ValueError as error:
            raise _wrong(var, cast, given) from error
        if cast is bool and given and not value and given.strip().lower() not in _NO:
            raise _wrong(var, cast, given)
        return value

    def db_url(self, *args: Any, **options: Any) -> Any:
        """The database that `DATABASE_URL` names. Its text is not repeated: it may hold a password."""
        try:
            with warnings.catch_warnings(action="ignore"):  # which would print the whole address
                database = super().db_url(*args, **options)
        except ValueError as error:
            raise _no_database() from error
        if database.get("ENGINE") not in _ENGINES:
            raise _no_database()
        return database


def _wrong(var: str, cast: Any, given: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{var} is {given!r}; expected {_EXPECTED.get(cast, 'another value')}.")


def _no_database() -> ImproperlyConfigured:
    return ImproperlyConfigured(
        "DATABASE_URL names no database that Workledger knows; "
        "expected sqlite:////path/to/file or postgres://user:password@host:5432/name."
    )
