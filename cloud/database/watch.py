"""The embedded server's guardian: a process that owns one server and stops it when its launcher is gone.

It is run as a script (`python -I -S watch.py '{...}'`), so that it needs only the standard library and starts in
milliseconds. Its standard input is a pipe whose other end only the launcher holds: whatever ends the launcher, kill -9
included, closes that pipe, and then the server is shut down. `embedded.py` passes what to run as one JSON argument.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
from typing import Any

STOP_TIMEOUT_SECONDS = 20
"""How long a shutdown may take before it is repeated the hard way (a checkpoint of a small database takes far less)."""


def guard(order: dict[str, Any]) -> int:
    """Start the server, print its pid, wait until the launcher is gone or the server ends. Returns its exit code."""
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    server = subprocess.Popen(  # noqa: S603 - what our own launcher ordered
        order["command"], stdin=subprocess.DEVNULL, stdout=sys.stderr, **order["process"]
    )
    print(server.pid, flush=True)  # noqa: T201 - the answer that the launcher waits for
    while server.poll() is None:
        ready, _, _ = select.select([sys.stdin.fileno(), woken], [], [])
        if sys.stdin.fileno() in ready or not _only_a_child(woken):
            _shut_down(server, order["stop_signal"])
    if order["remove"]:
        shutil.rmtree(order["remove"], ignore_errors=True)
    return server.returncode


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
    sys.exit(abs(guard(json.loads(sys.argv[1]))))
