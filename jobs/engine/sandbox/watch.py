"""Ends the child of a call whose job was cancelled."""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_INTERVAL = 0.1


class Watch:
    """One thread looks at the running calls ten times a second, while there are any."""

    def __init__(self) -> None:
        self._calls: dict[int, tuple[int, threading.Event]] = {}
        self._wanted = threading.Event()
        self._lock = threading.Lock()
        self._pid = 0

    @contextmanager
    def over(self, child: int | None, cancel: threading.Event | None) -> Iterator[None]:
        """While inside, the process `child` is killed as soon as `cancel` is set."""
        if child is None or cancel is None:
            yield
            return
        key = threading.get_ident()
        with self._lock:
            self._calls[key] = (child, cancel)
        self._begin()
        try:
            yield
        finally:
            with self._lock:
                self._calls.pop(key, None)

    def _begin(self) -> None:
        if not self._wanted.is_set():
            self._wanted.set()
        if self._pid != os.getpid():  # the first call of this process
            self._pid = os.getpid()
            threading.Thread(target=self._look, name="sandbox-watch", daemon=True).start()

    def _look(self) -> None:
        idle = threading.Event()
        while True:
            self._wanted.wait()
            idle.wait(_INTERVAL)
            with self._lock:
                if not self._calls:
                    self._wanted.clear()
                for child, cancel in self._calls.values():
                    if cancel.is_set():
                        with contextlib.suppress(ProcessLookupError):
                            os.kill(child, signal.SIGKILL)
