"""The demo's cloud: `comanda-cloud` in its own process, used only by its command line and by HTTP."""

from __future__ import annotations

import fcntl
import importlib.util
import json
import os
import socket
import sys
import time
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

import httpx

from shared.kernel.language import Language
from terminal.demo.guarded import GuardedProgram
from terminal.demo.trouble import DemoTrouble

USUAL_PORT = 8700
START_SECONDS = 90
"""The first start makes a database cluster and copies programs, which takes a while on a busy machine."""
STOP_SECONDS = 45
"""Longest wait for the cloud of a demo that was killed."""
_POLL_SECONDS = 0.05
_SETTINGS_KEPT = ("COMANDA_PG_BIN",)


class DemoCloud:
    """The cloud of one demo folder.

    Args:
        root: the demo's folder, with log and lock.
        data: the cloud's data folder.
        port: port on loopback.
        language: for people who did not choose one.

    Attributes:
        mails: the folder into which its mails are written.
    """

    def __init__(self, root: Path, data: Path, port: int, language: Language) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.log = root / "cloud.log"
        self.mails = data / "mail"
        self._root = root
        self._data = data
        self._port = port
        self._language = language
        self._program: GuardedProgram | None = None

    def wait_for_earlier(self) -> None:
        """Wait until the cloud of a demo that was killed here has ended.

        Raises:
            DemoTrouble: CLOUD_STILL_STOPPING.
        """
        _taken(self._root / "cloud.lock").close()

    def start(self) -> None:
        """Start the cloud with its own PostgreSQL. Returns when it serves.

        Raises:
            DemoTrouble: CLOUD_NOT_INSTALLED, CLOUD_NOT_STARTED (params: reason, log), CLOUD_STILL_STOPPING.
        """
        command = [*cloud_command(), "serve", "--with-worker", "--host", "127.0.0.1", "--port", str(self._port)]
        lock = _taken(self._root / "cloud.lock")
        try:
            with self.log.open("wb") as log:
                self._program = GuardedProgram(command, self._environment(), log, held=[lock.fileno()])
        finally:
            lock.close()  # the guardian holds the lock from now on
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if self._program.ended() or time.monotonic() > deadline:
                self.stop()
                raise DemoTrouble("CLOUD_NOT_STARTED", reason=_last_line(self.log.read_bytes()), log=str(self.log))
            time.sleep(_POLL_SECONDS)

    def stop(self) -> None:
        """Stop the cloud and its database. A second call does nothing."""
        if self._program is not None:
            self._program.stop()
            self._program = None

    def answers(self) -> bool:
        """Whether the cloud serves now."""
        try:
            return httpx.get(f"{self.url}/health", timeout=5, trust_env=False).is_success
        except httpx.HTTPError:
            return False

    def found(self, name: str, plan: Path) -> dict[str, Any]:
        """Found an organization from a plan. Returns the output of `comanda-cloud create-organization --json`.

        Raises:
            DemoTrouble: FOUNDING_FAILED (params: reason).
        """
        return dict(self._told("create-organization", name, "--plan", str(plan)))

    def cards(self, slug: str) -> list[dict[str, Any]]:
        """The cards of all tables, as `comanda-cloud guest-cards --json` tells them.

        Raises:
            DemoTrouble: FOUNDING_FAILED (params: reason).
        """
        return list(self._told("guest-cards", "--organization", slug))

    def _told(self, *words: str) -> Any:
        """The output of a command of the cloud, as JSON."""
        errors = self._root / "founding.log"
        with errors.open("wb") as log:
            program = GuardedProgram([*cloud_command(), *words, "--json"], self._environment(), log, answers=True)
        try:
            code, output = program.answer()
        finally:
            program.stop()
        if code != 0:
            raise DemoTrouble("FOUNDING_FAILED", reason=_last_line(errors.read_bytes()))
        return json.loads(output)

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("COMANDA_")}
        kept |= {name: os.environ[name] for name in _SETTINGS_KEPT if name in os.environ}
        return kept | {"COMANDA_DATA_FOLDER": str(self._data), "COMANDA_LANGUAGE": self._language.value}


def cloud_command() -> list[str]:
    """The command that starts `comanda-cloud` in this environment.

    Raises:
        DemoTrouble: CLOUD_NOT_INSTALLED.
    """
    beside = Path(sys.executable).with_name("comanda-cloud")
    if beside.exists():
        return [str(beside)]
    # Found by name, not imported: the rooms never import each other.
    if importlib.util.find_spec("cloud") is None:
        raise DemoTrouble("CLOUD_NOT_INSTALLED")
    return [sys.executable, "-m", "cloud.cli"]


def cloud_folder(root: Path) -> Path:
    """The data folder of a demo's cloud.

    It is beside the devices, unless we are root and the folder is closed to others: PostgreSQL refuses to run as root,
    and as another user it could not enter.
    """
    closed = any(not folder.stat().st_mode & 0o001 for folder in [root, *root.parents] if folder.exists())
    if os.geteuid() != 0 or not closed:
        return root / "cloud"
    return Path("/var/lib/comanda") / f"demo-{sha256(str(root).encode()).hexdigest()[:12]}"


def free_port(wanted: int = 0) -> int:
    """The wanted loopback port if it is free, else any free port."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise DemoTrouble("NO_PORT")


def _taken(path: Path) -> IO[bytes]:
    """Take the lock, which an earlier demo's cloud may still hold while it stops."""
    lock = path.open("ab")
    deadline = time.monotonic() + STOP_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                lock.close()
                raise DemoTrouble("CLOUD_STILL_STOPPING") from None
            time.sleep(_POLL_SECONDS)
        else:
            return lock


def _last_line(raw: bytes) -> str:
    lines = [line.strip() for line in raw.decode(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "-"
