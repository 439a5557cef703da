"""The demo's guardian: a process that owns one program and stops it when the demo is gone, however it went.

Run as a script (`python -I -S guard.py '[...]'`), so that it needs the standard library alone and starts at once. Its
standard input is a pipe whose other end only the demo holds: whatever ends the demo, kill -9 included, closes it. It
also holds the lock that it was handed, so that the next demo waits until this one's program has really ended.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import subprocess
import sys

STOP_SECONDS = 20
"""How long the program may take to end in order; the cloud stops its database in far less."""
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of Linux


def guard(command: list[str]) -> int:
    """Run a program until it ends or the launcher is gone; its exit code."""
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    program = subprocess.Popen(  # noqa: S603 - what our own launcher ordered
        command,
        stdin=subprocess.DEVNULL,
        preexec_fn=_die_with_guardian,  # noqa: PLW1509 - this process has one thread
    )
    while program.poll() is None:
        ready, _, _ = select.select([sys.stdin.fileno(), woken], [], [])
        asked_to_end = woken in ready and set(os.read(woken, 64)) - {signal.SIGCHLD}
        if sys.stdin.fileno() in ready or asked_to_end:
            _stop(program)
    return abs(int(program.returncode))


def _die_with_guardian() -> None:
    """Should somebody kill the guardian itself, Linux ends the program for it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, int(signal.SIGTERM))


def _stop(program: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        if program.poll() is None:
            program.send_signal(number)
            try:
                program.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                continue


if __name__ == "__main__":
    sys.exit(guard(json.loads(sys.argv[1])))
