"""Django's PostgreSQL backend, which looks at a connection's socket instead of asking the server whether it is there."""

import select

from django.db.backends.postgresql import base
from psycopg import Error
from psycopg.pq import TransactionStatus


class DatabaseWrapper(base.DatabaseWrapper):
    """With `CONN_HEALTH_CHECKS`, Django asks `SELECT 1` before the first query of each request.

    A server that ended or restarted has closed its side, and said why: both lie at the socket, and cost no round trip.
    """

    def is_usable(self) -> bool:
        """Whether the other side has not closed the connection, and no failed transaction is open on it."""
        if self.connection is None:
            return False
        pgconn = self.connection.pgconn
        waiting = select.poll()
        try:
            waiting.register(pgconn.socket, select.POLLIN)
            while waiting.poll(0):
                pgconn.consume_input()
        except Error:
            return False
        return pgconn.transaction_status in (TransactionStatus.IDLE, TransactionStatus.INTRANS)
