"""`comanda-cloud` as an operator runs it: programs of their own on one PostgreSQL, and a device that speaks to them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
WAIT_SECONDS = 90
"""Long, for a busy machine; a program that is up in time ends the wait."""


class Program:
    """A program that runs until it is told to end.

    Args:
        log: file for all that it says.
    """

    def __init__(self, command: list[str], log: Path, environment: dict[str, str] | None = None) -> None:
        self._log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)

    @property
    def said(self) -> str:
        """All that it said so far."""
        return self._log.read_text(errors="replace")

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Wait until it has said something."""
        deadline = time.monotonic() + WAIT_SECONDS
        while (found := re.search(pattern, self.said)) is None:
            assert self.process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.05)
        return found

    @property
    def port(self) -> int:
        """Of `serve`, once it listens."""
        return int(self.wait_for(r"Listening on \S+:(\d+)")[1])

    def end(self) -> None:
        """Tell it to end, and wait."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(WAIT_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Cloud:
    """The settings that all programs of one server have in common.

    Args:
        folder: for their logs and data.
        settings: COMANDA_* without the prefix.
    """

    def __init__(self, folder: Path, **settings: str) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("COMANDA_")}
        given = {"data_folder": str(folder), "language": "en", **settings}
        self.folder = folder
        self.environment = {**kept, **{f"COMANDA_{name.upper()}": value for name, value in given.items()}}
        self._programs: list[Program] = []

    def begin(self, *words: str) -> Program:
        """Begin a command that goes on: `serve`, `worker`."""
        log = self.folder / f"{words[0]}-{len(self._programs)}.log"
        program = Program([sys.executable, "-m", "cloud.cli", *words], log, self.environment)
        self._programs.append(program)
        return program

    def serve(self) -> Program:
        """Begin a server on a free port."""
        return self.begin("serve", "--port", "0")

    def run(self, *words: str, given: str = "") -> str:
        """Run a command to its end. Returns what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "cloud.cli", *words],
            cwd=ROOT,
            env=self.environment,
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
        with (self.folder / "commands.log").open("a") as log:
            log.write(done.stderr)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def said(self) -> str:
        """All that its programs said on standard error, and servers and workers at all."""
        return "".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))

    def end(self) -> None:
        """End all programs."""
        for program in reversed(self._programs):
            program.end()


@contextmanager
def cloud(folder: Path, **settings: str) -> Iterator[Cloud]:
    """A cloud whose programs are ended after the block."""
    programs = Cloud(folder, **settings)
    try:
        yield programs
    finally:
        programs.end()
