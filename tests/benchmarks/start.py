"""From the command `comanda pos` to the painted log-in screen, and to the answer to a PIN typed right then.

Whole processes, each on a pseudo-terminal of its own. The till has 2,000 items; the yardstick is the smallest Textual
app, started in turns with it.
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
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from shared.kernel.language import Language, Texts
from tests.benchmarks.big_menu import big_till
from tests.benchmarks.figures import Figure, processor_seconds
from tests.faults.till_on_disk import PIN

LARGEST_RATIO = 1.5
"""Of the painted log-in to the smallest app."""
LARGEST_ANSWER_RATIO = 6.0
"""Of the answered PIN to the smallest app: no later than when everything was loaded before the first paint."""
RUNS = 9
ROWS, COLUMNS = 36, 120
GIVE_UP_SECONDS = 60.0
ROOT = Path(__file__).parents[2]
TEXTS = Texts(Language.SPANISH, ("terminal",))
PROMPT, FLOOR = TEXTS("login.prompt"), TEXTS("floor.hint")[:16]
SMALLEST = f"""
from textual.app import App
from textual.widgets import Static

class Smallest(App):
    def compose(self):
        yield Static({PROMPT!r})

Smallest().run()
"""


@dataclass(frozen=True)
class Started:
    """Seconds since the command: until the prompt stood there, of the processor alone, until the PIN was answered."""

    painted: float
    processor: float
    answered: float = 0.0


def start(command: list[str], environment: dict[str, str], pin: str = "") -> Started:
    """Start a program on a terminal of its own, type the PIN as soon as it asks for it, end the program."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    begun = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, cwd=ROOT, start_new_session=True
    )
    os.close(theirs)
    try:
        _read_until(ours, PROMPT)
        painted, processor = time.perf_counter() - begun, processor_seconds(process.pid)
        if not pin:
            return Started(painted, processor)
        os.write(ours, f"{pin}\r".encode())
        _read_until(ours, FLOOR)
        return Started(painted, processor, time.perf_counter() - begun)
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def _read_until(terminal: int, text: str) -> None:
    seen = b""
    while text.encode() not in seen:
        ready, _, _ = select.select([terminal], [], [], GIVE_UP_SECONDS)
        if not ready:
            raise AssertionError(f"no {text!r} among {len(seen)} bytes")
        seen += os.read(terminal, 65_536)


def figures() -> list[Figure]:
    """Measure, and hold against the goals."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        asyncio.run(big_till(home))
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | {
            "COMANDA_HOME": str(home),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "PYTHONPYCACHEPREFIX": str(Path(folder) / "compiled"),  # as on a device: compiled once, by the first start
            "TERM": "xterm-256color",
        }
        pos = [sys.executable, "-m", "terminal.cli", "pos"]
        smallest = [sys.executable, "-c", SMALLEST]
        for command, pin in ((pos, PIN), (smallest, "")):
            start(command, environment, pin)
        runs = [(start(pos, environment, PIN), start(smallest, environment)) for _ in range(RUNS)]
    ours, theirs = [each for each, _ in runs], [each for _, each in runs]
    bare = median(each.painted for each in theirs)
    yardstick = f"the smallest Textual app {bare:.2f} s (processor {median(each.processor for each in theirs):.2f} s)"
    painted, answered = median(each.painted for each in ours), median(each.answered for each in ours)
    return [
        Figure(
            "start to log-in screen",
            _spread([each.painted for each in ours]) + f", processor {median(each.processor for each in ours):.2f} s",
            yardstick,
            painted / bare,
            f"at most {LARGEST_RATIO} times the smallest app",
            painted <= LARGEST_RATIO * bare,
        ),
        Figure(
            "start to the answer to a PIN typed at once",
            _spread([each.answered for each in ours]),
            yardstick,
            answered / bare,
            f"at most {LARGEST_ANSWER_RATIO} times the smallest app",
            answered <= LARGEST_ANSWER_RATIO * bare,
        ),
    ]


def _spread(seconds: list[float]) -> str:
    return f"{median(seconds):.2f} s (best {min(seconds):.2f}, worst {max(seconds):.2f})"
