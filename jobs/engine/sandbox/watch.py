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
        self._thread: threading.Thread | None = None

    @contextmanager
    def over(self, child: int | None, cancel: threading.Event | None) -> Iterator[None]:
        """While inside, the process `child` is killed as soon as `cancel` is set."""
        if child is None or cancel is None:
            yield
            return
        key = threading.get_ident()
        self._begin(key, child, cancel)
        try:
            yield
        finally:
            with self._lock:
                self._calls.pop(key, None)

    def _begin(self, key: int, child: int, cancel: threading.Event) -> None:
        with self._lock:
            self._calls[key] = (child, cancel)
            self._wanted.set()
            if self._thread is None or not self._thread.is_alive():  # not alive: in a forked process
                self._thread = threading.Thread(target=self._look, name="sandbox-watch", daemon=True)
                self._thread.start()

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
