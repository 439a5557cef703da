"""A real `comanda-cloud serve` on loopback, in a process of its own with its embedded PostgreSQL, that may be killed.

`founded` makes a restaurant in it by the operator's own command, and `enrolled` lets a till in with its pairing code.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from terminal.composition import enrol
from terminal.device import Configuration, DeviceFolder

ROOT = Path(__file__).parents[2]
WAIT_SECONDS = 60.0
PLAN: dict[str, Any] = {
    "organization": {"name": "La Esquina", "country": "PE", "currency": "PEN"},
    "branches": [
        {
            "key": "centro",
            "name": "Centro",
            "zone": "America/Lima",
            "cash_step_minor": 10,
            "cash_rounding": "down",
            "spaces": [{"name": "Salón", "tables": [{"name": "1"}, {"name": "2"}]}],
            "devices": [{"key": "caja", "name": "Caja", "kind": "till"}],
        }
    ],
    "taxes": [{"key": "igv", "name": "IGV", "rate_basis_points": 1_800}],
    "stations": [{"key": "cocina", "name": "Cocina"}],
    "payment_methods": [{"name": "Efectivo", "kind": "cash"}, {"name": "Yape", "kind": "wallet"}],
    "categories": [
        {
            "name": "Fondos",
            "items": [
                {"name": "Lomo saltado", "code": "lom", "price_minor": 3_890, "tax": "igv", "station": "cocina"},
                {"name": "Ají de gallina", "code": "aji", "price_minor": 2_950, "tax": "igv", "station": "cocina"},
                {"name": "Chicha", "code": "chi", "price_minor": 900, "tax": "igv"},
            ],
        }
    ],
    "staff": [{"key": "rosa", "name": "Rosa", "role": "cashier", "pin": "4826"}],
}


@dataclass(frozen=True)
class Founded:
    """What the founding told."""

    organization_id: str
    pairing_code: str
    staff_id: str


class ServedCloud:
    """The server's process; it may be killed and started again, on the same port and data."""

    def __init__(self, folder: Path, keeping: Collection[str] = ()) -> None:
        self.folder = folder
        self._keeping = keeping
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start, and return when it serves."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "cloud.cli", "serve", "--with-worker", "--port", str(self.port)],
            cwd=ROOT,
            env=self._environment(),
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stderr is not None
        said = []
        for line in self._process.stderr:
            said.append(line)
            if "Listening on" in line:
                break
        else:
            raise AssertionError("".join(said))
        threading.Thread(target=self._process.stderr.read, daemon=True).start()

    def kill(self) -> None:
        """kill -9."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """As an operator stops it."""
        self._end(signal.SIGTERM)

    def command(self, *words: str) -> str:
        """Run an operator's command beside the server; what it prints."""
        ended = subprocess.run(
            [sys.executable, "-m", "cloud.cli", *words],
            cwd=ROOT,
            env=self._environment(),
            check=False,
            capture_output=True,
            text=True,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def found(self, plan: dict[str, Any]) -> Founded:
        """Found an organization with one till that waits for its pairing."""
        path = self.folder / "plan.json"
        path.write_text(json.dumps(plan), encoding="utf-8")
        said = json.loads(
            self.command("create-organization", plan["organization"]["name"], "--plan", str(path), "--json")
        )
        device = said["devices"]["centro/caja"]
        return Founded(said["organization_id"], device["pairing_code"], next(iter(said["staff"].values())))

    def _end(self, number: int) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(WAIT_SECONDS)
            self._process = None

    def _environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("COMANDA_") or name in self._keeping
        }
        return {**kept, "COMANDA_DATA_FOLDER": str(self.folder), "COMANDA_LANGUAGE": "en"}


@contextmanager
def served_cloud(keeping: Collection[str] = ()) -> Iterator[ServedCloud]:
    """A cloud that serves from a folder of its own, gone after the block.

    Args:
        keeping: the settings of the environment that it keeps.
    """
    folder = Path(tempfile.mkdtemp(prefix="comanda-test-"))
    folder.chmod(0o755)
    cloud = ServedCloud(folder, keeping)
    try:
        cloud.start()
        yield cloud
    finally:
        cloud.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def enrolled(root: Path, founded: Founded, url: str) -> tuple[DeviceFolder, Configuration]:
    """A till that was let in."""
    folder = DeviceFolder(root, use_keyring=False)
    return folder, await enrol(folder, url, founded.pairing_code, "till")
