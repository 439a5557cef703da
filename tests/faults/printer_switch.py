"""An emulated printer in a process of its own, which is switched off and on, cut off the network, and misbehaves."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from terminal.printing.emulator.elements import Paper
from terminal.printing.emulator.reader import read_paper


class SwitchedPrinter:
    """See the module. It stays at its address, whatever happens to it.

    Args:
        folder: for its papers and what it says.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._program: subprocess.Popen[bytes] | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])

    @property
    def address(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    @property
    def papers(self) -> list[Paper]:
        """What came out of it, also what broke off in the middle."""
        files = sorted((self._folder / "papers").glob("*.escpos"))
        return [paper for path in files if (paper := read_paper(path.read_bytes())).has_print]

    def switch_on(self, trouble: str = "ok") -> None:
        """Begin anew, as after a power cut."""
        if self._program is not None:
            self.tell(trouble)
            return
        self._folder.mkdir(exist_ok=True)
        command = ["printer", "emulate", "--port", str(self.port), "--columns", "42", "--trouble", trouble]
        with (self._folder / "said.log").open("ab") as said:
            self._program = subprocess.Popen(
                [sys.executable, "-m", "terminal.cli", *command, "--pictures", str(self._folder / "papers")],
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=said,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            )

    def tell(self, trouble: str) -> None:
        """Let it misbehave, or behave."""
        assert self._program is not None
        assert self._program.stdin is not None
        self._program.stdin.write(f"{trouble}\n".encode())
        self._program.stdin.flush()

    def cut_off(self) -> None:
        """It takes connections, and nothing comes back: a cable that is out."""
        if self._program is not None:
            self._program.send_signal(signal.SIGSTOP)

    def heal(self) -> None:
        """The cable is in again."""
        if self._program is not None:
            self._program.send_signal(signal.SIGCONT)

    def switch_off(self) -> None:
        """Pull its plug."""
        if self._program is not None:
            self._program.kill()
            self._program.wait()
            self._program = None
