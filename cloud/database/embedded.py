"""A PostgreSQL of our own for demos, tests and small houses: no installation, no running server, no root needed.

    with EmbeddedServer(folder) as server:
        engine = create_engine(server.url("comanda"), ...)

It listens on loopback only, asks for passwords, keeps its data in `folder` and never outlives its launcher: a guardian
process (`watch.py`) owns the server, starts it again when it dies, and stops it when the launcher is gone, however that
ended. A server that was killed leaves nothing to repair by hand: the next start recovers. `binaries.py` finds the
programs and the user that runs them; `roles.py` makes roles and schemas.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import IO, Any, Self

from cloud.database.binaries import NOBODY, EmbeddedServerError, find_binaries, reachable, runnable, unprivileged

SUPERUSER = "comanda"
START_TIMEOUT_SECONDS = 60
"""Recovery after a kill replays the log first; on a slow disk that takes a while."""
MAX_LOG_BYTES = 8 * 1024 * 1024
_POLL_SECONDS = 0.01
NOTE = """\
Comanda: la base de datos del servidor de la nube (PostgreSQL). La inicia y la detiene comanda-cloud; no borre ni cambie
nada aquí. Copia de seguridad: detenga comanda-cloud y copie toda la carpeta; keys.json guarda las claves.

Comanda: the database of the cloud server (PostgreSQL). comanda-cloud starts and stops it; do not delete or change
anything here. Backup: stop comanda-cloud and copy the whole folder; keys.json holds the passwords.
"""
_COMMON = MappingProxyType(
    {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "cluster_name": "comanda",  # what `ps` shows of each of its processes
    }
)


@dataclass(frozen=True, slots=True)
class Profile:
    """Settings of the server: how much it does for safe data.

    Attributes:
        settings: server settings on top of the common ones.
        stop_signal: SIGINT shuts down in order; SIGQUIT at once, for data that nobody needs again.
        initialise: further arguments of `initdb`.
    """

    settings: MappingProxyType[str, str]
    stop_signal: signal.Signals
    initialise: tuple[str, ...] = ()


DURABLE = Profile(MappingProxyType({"shared_buffers": "128MB"}), signal.SIGINT)
"""Everything acknowledged is on the disk."""
THROWAWAY = Profile(
    MappingProxyType(
        {
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "shared_buffers": "64MB",
            "wal_level": "minimal",
            "max_wal_senders": "0",
        }
    ),
    signal.SIGQUIT,
    ("--no-sync",),
)
"""For tests only: quick, and lost with a power cut."""


class EmbeddedServerInUse(EmbeddedServerError):
    """Another process runs the server of this folder; `running_url` reaches it."""


@dataclass(slots=True)
class EmbeddedServer:
    """One PostgreSQL in one folder; a context manager.

    Args:
        folder: where data, programs (if they must be copied) and log lie. When this is root and the folder cannot be
            entered by the unprivileged user of the server, a folder under /var/lib/comanda takes its place: see `root`.
        profile: `DURABLE`, or `THROWAWAY` in tests.
        version: major version of PostgreSQL; by default that of the data, or the newest there is.
        remove: delete the folder after the server has stopped, even if the launcher is killed.
    """

    folder: Path
    profile: Profile = DURABLE
    version: int | None = None
    remove: bool = False
    root: Path = field(init=False)
    port: int = field(init=False, default=0)
    pid: int = field(init=False, default=0)
    _guardian: subprocess.Popen[bytes] | None = field(init=False, default=None)
    _lock: IO[str] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.root = usable_root(self.folder)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Make the cluster if the folder is new, start the server, and return when it accepts connections.

        Raises:
            EmbeddedServerInUse: another process already runs it.
            EmbeddedServerError: it does not start; the text says why.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            self._take_lock()
        except OSError as error:
            raise EmbeddedServerError("embedded.not_created", folder=self.root, reason=error.strerror) from error
        try:
            binaries = runnable(find_binaries(self.version or _version_of(self._data)), self.root)
            self._stop_orphan()
            self._initialise(binaries)
            self._rotate_log()
            _leave_note(self.root)
            self.port = _port_to_use(_read_json(self._facts).get("port"))
            self._launch(binaries)
            _write_private(self._facts, json.dumps({"port": self.port, "pid": self.pid}))
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Shut the server down and wait for its end. Calling it twice, or after a crash, is fine."""
        if self._guardian is not None:
            assert self._guardian.stdin is not None
            assert self._guardian.stdout is not None
            self._guardian.stdin.close()
            self._guardian.wait()
            self._guardian.stdout.close()
            self._guardian = None
            if not self.remove:
                self._stop_orphan()
        if self.remove:
            shutil.rmtree(self.root, ignore_errors=True)
        if self._lock is not None:
            self._lock.close()
            self._lock = None
        self.pid = 0

    def alive(self) -> bool:
        """Whether the server that this object started still runs."""
        return self._guardian is not None and self._guardian.poll() is None

    def url(self, database: str = "postgres", user: str = SUPERUSER) -> str:
        """The address of a database for one of the server's logins: `comanda` (superuser) or `comanda_app`."""
        return _url(self.root, self.port, database, user)

    @property
    def app_password(self) -> str:
        """The password that belongs to the login `comanda_app`."""
        return str(_keys(self.root)["comanda_app"])

    @property
    def _data(self) -> Path:
        return self.root / "data"

    @property
    def _facts(self) -> Path:
        return self.root / "server.json"

    def _take_lock(self) -> None:
        lock = (self.root / "launcher.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise EmbeddedServerInUse("embedded.in_use", folder=self.root) from None
        self._lock = lock

    def _initialise(self, binaries: Path) -> None:
        """Make the cluster in a folder beside and rename it, so that it appears whole or not at all."""
        if _version_of(self._data) is not None:
            return
        draft, password_file = self.root / "data.new", self.root / "password.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        _write_private(password_file, _keys(self.root)[SUPERUSER])
        if os.geteuid() == 0:
            self.root.chmod(self.root.stat().st_mode | 0o011)
            for path in (draft, password_file):
                os.chown(path, NOBODY, NOBODY)
        command = [
            str(binaries / "initdb"),
            *("-D", str(draft), "-U", SUPERUSER, "--auth=scram-sha-256", f"--pwfile={password_file}"),
            *("--encoding=UTF8", "--no-locale", "--no-instructions", *self.profile.initialise),
        ]
        made = subprocess.run(  # noqa: S603 - our own programs
            command, capture_output=True, check=False, cwd=self.root, **unprivileged()
        )
        password_file.unlink()
        if made.returncode != 0:
            reason = _last_line(made.stderr.decode(errors="replace"))
            raise EmbeddedServerError("embedded.not_created", folder=self.root, reason=reason)
        draft.rename(self._data)

    def _launch(self, binaries: Path) -> None:
        settings = {**_COMMON, **self.profile.settings, "port": str(self.port)}
        command = [str(binaries / "postgres"), "-D", str(self._data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        environment = {"LC_ALL": "C", "PATH": os.environ.get("PATH", "")}
        order = {
            "command": command,
            "process": {"cwd": str(self.root), "env": environment, **unprivileged()},
            "stop_signal": int(self.profile.stop_signal),
            "remove": str(self.root) if self.remove else "",
        }
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while True:
            with (self.root / "server.log").open("ab") as log:
                logged_before = log.tell()
                self._guardian = subprocess.Popen(  # noqa: S603 - our own programs
                    [sys.executable, "-I", "-S", str(Path(__file__).with_name("watch.py")), json.dumps(order)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    start_new_session=True,
                )
            assert self._guardian.stdout is not None
            self.pid = int(self._guardian.stdout.readline() or 0)
            if self._becomes_ready(deadline):
                assert self._guardian.stdin is not None
                self._guardian.stdin.write(b"ready\n")
                self._guardian.stdin.flush()
                return
            reason = _reason((self.root / "server.log").read_bytes()[logged_before:].decode(errors="replace"))
            # Processes of a server that was just killed hold its shared memory for a moment longer.
            if "shared memory" not in reason or time.monotonic() > deadline:
                raise EmbeddedServerError("embedded.not_started", folder=self.root, reason=reason)
            self._guardian.wait()
            time.sleep(0.1)

    def _becomes_ready(self, deadline: float) -> bool:
        while self.alive() and time.monotonic() < deadline:
            if _postmaster(self._data) == (self.pid, "ready"):
                return True
            time.sleep(_POLL_SECONDS)
        return False

    def _stop_orphan(self) -> None:
        """Stop a server of this very folder whose launcher and guardian are both gone (we hold the launcher's lock)."""
        pid, _ = _postmaster(self._data)
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while pid and _serves(pid, self._data):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, self.profile.stop_signal)
            if time.monotonic() > deadline:
                raise EmbeddedServerError("embedded.orphan", folder=self.root, pid=pid)
            time.sleep(0.05)

    def _rotate_log(self) -> None:
        log = self.root / "server.log"
        if log.exists() and log.stat().st_size > MAX_LOG_BYTES:
            log.replace(self.root / "server.log.1")


def throwaway_server(version: int | None = None) -> EmbeddedServer:
    """A server in a folder of its own that is removed when it stops, or when its launcher dies. For tests."""
    folder = Path(tempfile.mkdtemp(prefix="comanda-pg-"))
    return EmbeddedServer(folder, THROWAWAY, version, remove=True)


def running_url(folder: Path, database: str = "postgres", user: str = SUPERUSER) -> str | None:
    """The address of the server that another process runs in `folder`, or None if none runs there."""
    root = usable_root(folder)
    pid, status = _postmaster(root / "data")
    port = _read_json(root / "server.json").get("port")
    if status != "ready" or not port or not _serves(pid, root / "data"):
        return None
    return _url(root, port, database, user)


def usable_root(folder: Path) -> Path:
    """`folder`, or for root the folder under /var/lib/comanda that stands for it when `nobody` could not enter it."""
    folder = folder.absolute()
    if reachable(folder.parent) or not all(each.is_dir() for each in folder.parents if each.exists()):
        return folder
    return Path("/var/lib/comanda") / f"database-{sha256(str(folder).encode()).hexdigest()[:12]}"


def is_made(root: Path) -> bool:
    """Whether there is a database in this folder."""
    return (root / "data").exists()


def _url(root: Path, port: int, database: str, user: str) -> str:
    return f"postgresql://{user}:{_keys(root)[user]}@127.0.0.1:{port}/{database}"


def _keys(root: Path) -> dict[str, str]:
    """The passwords of the server's logins; made once, readable by the launcher's user alone."""
    path = root / "keys.json"
    if not path.exists():
        _write_private(path, json.dumps({name: secrets.token_urlsafe(24) for name in (SUPERUSER, "comanda_app")}))
    return _read_json(path)


def _leave_note(root: Path) -> None:
    """Say in the folder what it is, to who finds it."""
    (root / "README.txt").write_text(NOTE, encoding="utf-8")


def _write_private(path: Path, text: str) -> None:
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)


def _read_json(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text()) if path.exists() else {}


def _version_of(data: Path) -> int | None:
    file = data / "PG_VERSION"
    return int(file.read_text()) if file.exists() else None


def _postmaster(data: Path) -> tuple[int, str]:
    """Process id and status (`ready` when it accepts connections) that the server itself wrote; (0, "") if none."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        return int(lines[0]), lines[7].strip() if len(lines) > 7 else ""
    except (OSError, ValueError, IndexError):
        return 0, ""


def _serves(pid: int, data: Path) -> bool:
    """Whether that process is a PostgreSQL of this data folder (process ids are used again after a crash)."""
    command = Path(f"/proc/{pid}/cmdline")
    if command.exists():
        words = command.read_bytes().decode(errors="replace").split("\0")
    else:
        listing = ["ps", "-o", "command=", "-p", str(pid)]
        listed = subprocess.run(listing, capture_output=True, text=True, check=False)  # noqa: S603 - a number
        words = listed.stdout.split()
    return bool(words) and Path(words[0]).name == "postgres" and str(data) in words


def _port_to_use(earlier: object) -> int:
    """The port of the last run if it is free, so that addresses stay valid, else any free loopback port."""
    for port in (earlier, 0):
        with socket.socket() as probe, contextlib.suppress(OSError, TypeError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise EmbeddedServerError("embedded.no_port")


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it ended without a word"


def _reason(log: str) -> str:
    fatal = [line for line in log.splitlines() if "FATAL" in line or "PANIC" in line]
    return fatal[-1].split("FATAL:")[-1].split("PANIC:")[-1].strip() if fatal else _last_line(log)
