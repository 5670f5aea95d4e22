"""Queries that are asked so often that their SQL is made once: making it takes Django longer than running it takes a
database. Everything else is Django's: the rows, their types, what is selected along with them.
"""

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Expression, Field, QuerySet

Row = TypeVar("Row")


class Given(Expression):
    """Stands in the query for a value that each run gives by `name`, as `filter(pk=Given("pk", BigIntegerField()))`."""

    def __init__(self, name: str, output_field: "Field[Any, Any]") -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, _compiler: Any, _connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        """`%s`, with itself where the value that a run gives will be."""
        return "%s", [self]

    def bound(self, value: Any, connection: Any) -> Any:
        """`value` as a parameter. Raises `EmptyResultSet` for what no column holds: a number out of the field's range, a
        text with NUL.
        """
        field: Any = self.output_field
        if isinstance(value, int):
            least, most = connection.ops.integer_field_range(field.get_internal_type())
            if (least is not None and value < least) or (most is not None and value > most):
                raise EmptyResultSet
        elif isinstance(value, str) and "\0" in value:
            raise EmptyResultSet
        return field.get_db_prep_value(value, connection=connection)


class Prepared(Generic[Row]):
    """What `make` selects. It is called once for each thread, which have a connection each, and may hold `Given`s."""

    def __init__(self, make: Callable[[], QuerySet[Any, Row]]) -> None:
        self._make = make
        self._mine = threading.local()

    def rows(self, **given: Any) -> list[Row]:
        """A new list, of one query, with a value for each `Given`; of none, and empty, for a value that no column holds."""
        rows: QuerySet[Any, Row] | None = getattr(self._mine, "rows", None)
        if rows is None or self._mine.compiler.connection is not connections[rows.db]:
            rows = self._mine.rows = self._make()
            self._prepare(rows)
        self._mine.given = given
        return list(rows._iterable_class(rows))  # type: ignore[call-overload, arg-type, no-any-return]

    def _prepare(self, rows: QuerySet[Any, Row]) -> None:
        """From here on its query is compiled: only the values change."""
        mine = self._mine
        mine.compiler = compiler = rows.query.get_compiler(rows.db)
        sql, parts = compiler.as_sql()
        connection = compiler.connection

        def bound(*_args: Any, **_options: Any) -> tuple[str, tuple[Any, ...]]:
            return sql, tuple(
                each.bound(mine.given[each.name], connection) if isinstance(each, Given) else each
                for each in parts
            )

        compiler.as_sql = bound
        rows.query.get_compiler = lambda *_args, **_options: compiler  # type: ignore[method-assign]
