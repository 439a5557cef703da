"""From the command `comanda pos` to the painted log-in screen: the whole process, on a pseudo-terminal.

The till has 2,000 items and one process; the yardstick is the smallest Textual app, started the same way.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path
from statistics import median

from shared.kernel.language import Language, Texts
from tests.benchmarks.big_menu import big_till
from tests.benchmarks.figures import Figure, processor_seconds

LONGEST_SECONDS = 1.5
RUNS = 7
ROWS, COLUMNS = 36, 120
GIVE_UP_SECONDS = 60.0
ROOT = Path(__file__).parents[2]
PROMPT = Texts(Language.SPANISH, ("terminal",))("login.prompt")
SMALLEST = f"""
from textual.app import App
from textual.widgets import Static

class Smallest(App):
    def compose(self):
        yield Static({PROMPT!r})

Smallest().run()
"""


def seconds_to_paint(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Start a program on a terminal of its own; seconds until the prompt is on it, and those of the processor alone.

    The program is ended.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    begun = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, cwd=ROOT, start_new_session=True
    )
    os.close(theirs)
    seen = b""
    try:
        while PROMPT.encode() not in seen:
            ready, _, _ = select.select([ours], [], [], GIVE_UP_SECONDS)
            if not ready:
                raise AssertionError(f"no {PROMPT!r} among {len(seen)} bytes")
            seen += os.read(ours, 65_536)
        return time.perf_counter() - begun, processor_seconds(process.pid)
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def figures() -> list[Figure]:
    """Measure, and hold against the goal."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        asyncio.run(big_till(home))
        environment = {
            **os.environ,
            "COMANDA_HOME": str(home),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "TERM": "xterm-256color",
        }
        pos = [sys.executable, "-m", "terminal.cli", "pos"]
        smallest = [sys.executable, "-c", SMALLEST]
        painted = [(seconds_to_paint(pos, environment), seconds_to_paint(smallest, environment)) for _ in range(RUNS)]
    times, busy = [ours[0] for ours, _ in painted], [ours[1] for ours, _ in painted]
    bare, bare_busy = [theirs[0] for _, theirs in painted], [theirs[1] for _, theirs in painted]
    return [
        Figure(
            "start to log-in screen",
            f"{median(times):.2f} s (best {min(times):.2f}, worst {max(times):.2f}; processor {median(busy):.2f} s)",
            f"the smallest Textual app {median(bare):.2f} s (processor {median(bare_busy):.2f} s)",
            median(times) / median(bare),
            f"under {LONGEST_SECONDS} s",
            median(times) < LONGEST_SECONDS,
        )
    ]
