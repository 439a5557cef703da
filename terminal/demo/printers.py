"""The demo's printers: emulated ones in a process of their own, which keep their papers as text, picture and bytes.

As a program (`python -m terminal.demo.printers '{...}'`) it is that process.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

from shared.kernel.language import Language, Texts
from terminal.demo.cloud import free_port
from terminal.demo.guarded import GuardedProgram
from terminal.demo.trouble import DemoTrouble
from terminal.printing.emulator.elements import Paper
from terminal.printing.emulator.machine import Machine
from terminal.printing.emulator.ports import LOOPBACK, Emulator
from terminal.printing.emulator.reader import read_paper
from terminal.printing.emulator.tray import BYTES, Tray

COLUMNS = 42
START_SECONDS = 60
_POLL_SECONDS = 0.05


class DemoPrinters:
    """See the module.

    Args:
        log: file for what goes wrong with them.
        language: of marks and notes on their papers.
    """

    def __init__(self, log: Path, language: Language) -> None:
        self._log = log
        self._language = language
        self._ports: dict[Path, int] = {}
        self._program: GuardedProgram | None = None

    def start(self, folders: list[Path]) -> None:
        """Start a printer for each folder, which gets its papers. Returns when all take connections.

        Raises:
            DemoTrouble: PRINTERS_NOT_STARTED (params: log).
        """
        self._ports = {folder: free_port() for folder in folders}
        told = {
            "language": self._language.value,
            "ports": {str(folder): port for folder, port in self._ports.items()},
        }
        command = [sys.executable, "-m", "terminal.demo.printers", json.dumps(told)]
        with self._log.open("wb") as log:
            self._program = GuardedProgram(command, {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, log)
        deadline = time.monotonic() + START_SECONDS
        while not all(map(_answers, self._ports.values())):
            if self._program.ended() or time.monotonic() > deadline:
                self.stop()
                raise DemoTrouble("PRINTERS_NOT_STARTED", log=str(self._log))
            time.sleep(_POLL_SECONDS)

    def stop(self) -> None:
        """Switch them off. A second call does nothing."""
        if self._program is not None:
            self._program.stop()
            self._program = None

    def address(self, folder: Path) -> str:
        """Where the printer of a folder is reached."""
        return f"tcp://{LOOPBACK}:{self._ports[folder]}"


def papers_in(folder: Path) -> list[Paper]:
    """What an emulated printer has printed, in order.

    Raises:
        DemoTrouble: PAPER_UNREADABLE (params: found), at the first bytes that no printer knows.
    """
    papers = [read_paper(path.read_bytes()) for path in sorted(folder.glob(f"*{BYTES}")) if _is_whole(path)]
    for paper in papers:
        if paper.unknown:
            raise DemoTrouble("PAPER_UNREADABLE", found=paper.unknown[0].hex(" "))
    return papers


def _is_whole(path: Path) -> bool:
    """Whether all of a paper is in the folder: its text is written last."""
    return path.with_suffix(".txt").exists()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0


async def _print(ports: Mapping[str, int], language: str) -> None:
    texts = Texts(Language(language), ("terminal", "terminal.printing"))
    async with AsyncExitStack() as stack:
        for folder, port in ports.items():
            emulator = Emulator(Machine(COLUMNS), Tray(COLUMNS, texts, Path(folder), lambda _line: None))
            await stack.enter_async_context(emulator.listening(port))
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_print(**json.loads(sys.argv[1])))
