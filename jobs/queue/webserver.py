"""The web server beside a cluster: gunicorn with threads, on a socket that its parent has bound."""

import os
import socket
import struct
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import get_internal_wsgi_application
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from jobs.queue.child import die_with
from jobs.waiting import end_when

_MOST_GRACE_SECONDS = 15
"""A request that takes longer than this to answer is cut off when the server stops."""

_KEEP_ALIVE_SECONDS = 10
"""A page that lies open asks again sooner than this, and finds its connection open."""

_SILENCE_SECONDS = 30
"""A client that neither sends nor takes a byte for so long has gone: a thread of the server is not kept for it."""


class PortTakenError(Exception):
    """The address cannot be bound. The message says what to do."""


def bind(host: str, port: int) -> socket.socket:
    """A listening socket, to be handed to `serve`. Raises `PortTakenError`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    silence = struct.pack("ll", _SILENCE_SECONDS, 0)
    for side in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):  # connections inherit both
        listener.setsockopt(socket.SOL_SOCKET, side, silence)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except (OSError, OverflowError) as error:
        listener.close()
        raise PortTakenError(
            f"{host}:{port} cannot be used ({error}). "
            "If another program listens there, perhaps a Workledger that runs already, stop it; "
            "or choose another port with --port, or with PORT in the environment or in .env."
        ) from error
    return listener


def serve(parent: int, listener: socket.socket) -> None:
    """The process: serves until SIGTERM, then lets running requests end. Dies with `parent`."""
    die_with(parent)
    os.environ.pop("GUNICORN_CMD_ARGS", None)
    gunicorn: Any = Arbiter
    gunicorn(_Gunicorn(listener)).run()


class _Gunicorn(BaseApplication):
    """One process with threads: SQLite allows one writer, and more processes are what `gunicorn` alone is for."""

    cfg: Any

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        super().__init__()  # type: ignore[no-untyped-call] # gunicorn has no types

    def load_config(self) -> None:
        chosen: dict[str, Any] = {
            "bind": f"fd://{self._listener.fileno()}",
            "worker_class": "gthread",
            "workers": 1,
            "threads": settings.WEB_THREADS,
            "preload_app": True,
            "keepalive": _KEEP_ALIVE_SECONDS,
            "timeout": 120,
            "graceful_timeout": min(_MOST_GRACE_SECONDS, settings.STOP_GRACE),
            "loglevel": "warning",
            "control_socket_disable": True,
            "post_fork": lambda arbiter, _worker: die_with(arbiter.pid),
            "post_worker_init": lambda worker: end_when(lambda: not worker.alive),
        }
        for name, value in chosen.items():
            self.cfg.set(name, value)

    def load(self) -> WSGIHandler:
        application = get_internal_wsgi_application()
        assert isinstance(application, WSGIHandler)
        return application
