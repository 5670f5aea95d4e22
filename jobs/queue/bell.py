"""The doorbell: says that a job of a queue can be claimed now. Imports nothing of django_q, so that any
service may ring."""

from django.db import connection

CHANNEL = "workledger_jobs"


def ring(queue: str) -> None:
    """Wake the clusters that serve `queue`, when the caller's transaction commits (at once outside of one).

    Call it where a job becomes claimable: started, settled, due, taken over. PostgreSQL serialises commits that
    notify, so a commit of a step never rings. On SQLite the commit itself is the signal.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, queue])
