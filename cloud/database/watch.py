"""The embedded server's guardian: a process that owns one server, starts it again when it dies, and stops it when its
launcher is gone.

It is run as a script (`python -I -S watch.py '{...}'`), so that it needs only the standard library and starts in
milliseconds. Its standard input is a pipe whose other end only the launcher holds: whatever ends the launcher, kill -9
included, closes that pipe, and then the server is shut down. Once the server accepts connections the launcher writes a
line into it: from then on a server that ends unasked is started again, with the same address. `embedded.py` passes what
to run as one JSON argument.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from typing import Any

STOP_TIMEOUT_SECONDS = 20
"""How long a shutdown may take before it is repeated the hard way (a checkpoint of a small database takes far less)."""
PAUSES_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)
"""Before each start after a death; the last one from then on. What was killed holds shared memory for a moment."""
LONG_RUN_SECONDS = 60.0
"""A server that ran so long has got over what killed it."""


class Guardian:
    """Owns one server.

    Args:
        order: command, process (how to start it), stop_signal, remove (a folder to delete at the end, or "").
    """

    def __init__(self, order: dict[str, Any]) -> None:
        self._order = order
        self._woken, wake = os.pipe()
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake)
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: None)
        self._was_ready = False
        self._is_to_end = False

    def run(self) -> int:
        """Start the server, print its pid, and keep it up until the launcher is gone. Returns its exit code."""
        deaths = 0
        while True:
            server, begun_at = self._started(), time.monotonic()
            if not self._was_ready:
                print(server.pid, flush=True)  # noqa: T201 - the answer that the launcher waits for
            is_to_end = self._wait(server)
            self._hear(0.0)
            if is_to_end or not self._was_ready:
                break
            deaths = 0 if time.monotonic() - begun_at > LONG_RUN_SECONDS else deaths
            pause = PAUSES_SECONDS[min(deaths, len(PAUSES_SECONDS) - 1)]
            deaths += 1
            self._log(f"the server {server.pid} ended with {server.returncode}; it is started again in {pause} s")
            if self._wait(None, pause):
                break
        if self._order["remove"]:
            shutil.rmtree(self._order["remove"], ignore_errors=True)
        return server.returncode or 0

    def _started(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - what our own launcher ordered
            self._order["command"], stdin=subprocess.DEVNULL, stdout=sys.stderr, **self._order["process"]
        )

    def _wait(self, server: subprocess.Popen[bytes] | None, seconds: float | None = None) -> bool:
        """Wait until the server has ended, or for so long; shut it down when it is time. Returns whether it was."""
        until = None if seconds is None else time.monotonic() + seconds
        while not self._is_to_end and (server is None or server.poll() is None):
            left = None if until is None else until - time.monotonic()
            if left is not None and left <= 0:
                break
            self._hear(left)
        if server is not None and server.poll() is None:
            _shut_down(server, self._order["stop_signal"])
        return self._is_to_end

    def _hear(self, seconds: float | None) -> None:
        """Take what the launcher or a signal says within so many seconds; None: wait for it."""
        ready, _, _ = select.select([sys.stdin.fileno(), self._woken], [], [], seconds)
        if sys.stdin.fileno() in ready:
            said = os.read(sys.stdin.fileno(), 64)
            self._was_ready, self._is_to_end = self._was_ready or bool(said), not said
        if self._woken in ready and not _only_a_child(self._woken):
            self._is_to_end = True

    def _log(self, sentence: str) -> None:
        print(f"comanda: {sentence}", file=sys.stderr, flush=True)  # noqa: T201 - standard error is the server's log


def _only_a_child(woken: int) -> bool:
    """Whether only the end of a child process woke us, not a signal that asks this process to end."""
    return set(os.read(woken, 64)) <= {signal.SIGCHLD}


def _shut_down(server: subprocess.Popen[bytes], first_signal: int) -> None:
    for number in (first_signal, signal.SIGQUIT, signal.SIGKILL):
        if server.poll() is None:
            server.send_signal(number)
            try:
                server.wait(STOP_TIMEOUT_SECONDS)
            except subprocess.TimeoutExpired:
                continue


if __name__ == "__main__":
    sys.exit(abs(Guardian(json.loads(sys.argv[1])).run()))
