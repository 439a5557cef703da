"""The demo's guardian: a process that runs one program and stops it when the demo has ended for any reason.

It runs as a script (`python -I -S guard.py '[...]'`), so that it needs only the standard library and starts at once.
Its standard input is a pipe from the demo: whatever ends the demo, kill -9 included, closes the pipe. It also holds
the lock that it was given, so that the next demo waits until this program has ended.
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
"""How long the program may take to end in order. The cloud needs far less to stop its database."""
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of Linux


def guard(command: list[str]) -> int:
    """Run a program until it ends or the demo is gone. Returns its exit code."""
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    program = subprocess.Popen(  # noqa: S603 - our own demo gives the command
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
    """Let Linux end the program if somebody kills the guardian."""
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
