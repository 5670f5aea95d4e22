"""A PostgreSQL server that nobody else uses, so that it may be stopped."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

STARTING = 60


class NoServerError(Exception):
    """No programs to start a server with are installed."""


class Server:
    """Its programs, its folder and its port."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self._bin = _programs()

    @property
    def url(self) -> str:
        """An empty database of it."""
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def create(self) -> None:
        """Make its files and start it."""
        for name in ("data", "socket"):
            (self.folder / name).mkdir()
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            nobody = pwd.getpwnam("nobody")
            for path in (self.folder, *self.folder.iterdir()):
                os.chown(path, nobody.pw_uid, nobody.pw_gid)
        self._run("initdb", "-D", "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
        self.start()

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder}/socket"
        )
        self._run(
            "pg_ctl", "-D", "data", "-w", "-t", str(STARTING), "-l", "server.log", "-o", options, "start"
        )

    def stop(self, mode: str) -> None:
        """`fast`: end its sessions. `immediate`: as if it had crashed."""
        self._run("pg_ctl", "-D", "data", "-w", "-t", str(STARTING), "-m", mode, "stop")

    def _run(self, program: str, *arguments: str) -> None:
        root = os.geteuid() == 0
        subprocess.run(
            [str(self._bin / program), *arguments],
            cwd=self.folder,
            check=True,
            timeout=STARTING * 2,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user="nobody" if root else None,
            group="nogroup" if root else None,
            extra_groups=[] if root else None,
        )


@contextmanager
def own_server() -> Iterator[Server]:
    """A server that is gone afterwards. Raises `NoServerError`."""
    folder = Path(tempfile.mkdtemp(prefix="fault-postgres-"))
    with socket.create_server(("127.0.0.1", 0)) as free:
        server = Server(folder, free.getsockname()[1])
    try:
        server.create()
        yield server
    finally:
        with suppress(subprocess.SubprocessError):  # it does not run any more
            server.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    """The folder of the newest `initdb` and `pg_ctl`."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    found = shutil.which("initdb")
    for folder in (*reversed(versions), *([Path(found).parent] if found else [])):
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    raise NoServerError("No initdb and pg_ctl are installed; install PostgreSQL 14 or newer.")
