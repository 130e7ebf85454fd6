"""A PostgreSQL server of our own for the tests: a free port, an empty cluster, gone afterwards."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def find_binaries() -> Path | None:
    """The folder with initdb and pg_ctl: on the PATH, or where Debian keeps them; None without."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((f for f in folders if (f / "initdb").exists() and (f / "pg_ctl").exists()), None)


def _unprivileged_user() -> str | None:
    """Who the server runs as: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextmanager
def running_server(binaries: Path) -> Iterator[str]:
    """Start a server and yield a URL without database: postgresql+psycopg://lichang@127.0.0.1:port/."""
    user = _unprivileged_user()
    folder = Path(tempfile.mkdtemp(prefix="lichang-pg-"))
    if user is not None:
        shutil.chown(folder, user)
    data = folder / "data"
    port = _free_port()

    def run(*command: str) -> None:
        subprocess.run(command, check=True, user=user, cwd=folder, stdout=subprocess.DEVNULL)

    settings = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
    log = str(folder / "log")
    control = (str(binaries / "pg_ctl"), "-D", str(data), "-w")
    try:
        run(str(binaries / "initdb"), "-D", str(data), "-U", "lichang", "-A", "trust", "-E", "UTF8",
            "--locale=C.UTF-8", "--no-sync")  # fmt: skip
        run(*control, "-l", log, "-o", settings, "start")
        try:
            yield f"postgresql+psycopg://lichang@127.0.0.1:{port}/"
        finally:
            run(*control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
