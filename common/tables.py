"""Whether the database can be worked with: it answers, and has the tables of this release."""

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor


def why_unusable() -> str:
    """What is wrong with the database and what to do, as a sentence; empty if nothing is."""
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        return f"The database cannot be opened: {error}"
    if missing:
        return f"The database lacks {len(missing)} migrations of this release. Run: python manage.py migrate"
    return ""
