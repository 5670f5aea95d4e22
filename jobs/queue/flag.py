"""Signals between processes that no dead process can hold: a flag, and tokens of one byte each."""

import fcntl
import os
import select
import signal
import struct
import termios
from contextlib import suppress


class Flag:
    """Set once, seen by every process that was forked after it was made.

    A pipe that becomes readable and stays so: unlike `multiprocessing.Event` it has no lock and counts no
    sleepers, so a process that is killed while it waits can block nobody. Safe to set in a signal handler.
    """

    def __init__(self) -> None:
        self.fd, self._write = os.pipe()
        os.set_blocking(self._write, False)

    def set(self) -> None:
        """Set it, for good."""
        with suppress(BlockingIOError):  # full of earlier calls: it is set
            os.write(self._write, b"!")

    def is_set(self) -> bool:
        """Whether it was set."""
        return self.wait(0)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set, or for `timeout` seconds; tells whether it is set."""
        return bool(select.select([self.fd], [], [], timeout)[0])

    def set_on_sigterm(self) -> None:
        """Let SIGTERM set it at once, even while this process's main thread is inside a long call of C code."""
        signal.signal(signal.SIGTERM, lambda *_: self.set())
        signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)


class Tokens:
    """Tokens without content, handed to whichever process asks first. A pipe with one byte per token.

    A byte is taken by one reader, in one system call: a reader that is killed while it waits takes none with it.
    """

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)

    def give(self) -> None:
        """Add one."""
        os.write(self._write, b"t")

    def unread(self) -> int:
        """How many nobody has taken yet."""
        return int(struct.unpack("i", fcntl.ioctl(self._read, termios.FIONREAD, b"\0" * 4))[0])

    def take(self, stop: Flag) -> bool:
        """Wait for one and take it; False once `stop` is set."""
        while True:
            ready, _, _ = select.select([self._read, stop.fd], [], [])
            if stop.fd in ready:
                return False
            try:
                os.read(self._read, 1)
            except BlockingIOError:
                continue  # another process was quicker
            return True
