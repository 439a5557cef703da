"""What the demo starts cannot outlive it."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from terminal.demo.guarded import GuardedProgram

WAIT_SECONDS = 20
SLEEPER = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(600)"
LAUNCHER = """
import fcntl, os, sys
from terminal.demo.guarded import GuardedProgram
lock = open(sys.argv[2], "ab")
fcntl.flock(lock, fcntl.LOCK_EX)
command = [sys.executable, "-c", sys.argv[3], sys.argv[1]]
program = GuardedProgram(command, os.environ, sys.stderr.buffer, held=[lock.fileno()])
lock.close()
sys.stdin.read()
"""


def test_a_killed_launcher_takes_its_program_with_it_and_frees_the_lock(tmp_path: Path) -> None:
    told, lock = tmp_path / "pid", tmp_path / "lock"
    launcher = subprocess.Popen([sys.executable, "-c", LAUNCHER, told, lock, SLEEPER], stdin=subprocess.PIPE)
    pid = _pid(told)
    with lock.open("ab") as mine, pytest.raises(BlockingIOError):
        fcntl.flock(mine, fcntl.LOCK_EX | fcntl.LOCK_NB)

    launcher.send_signal(signal.SIGKILL)
    launcher.wait()

    _until(lambda: not _runs(pid))
    with lock.open("ab") as mine:
        _until(lambda: _takes(mine.fileno()))


def test_stopping_waits_for_the_end_and_may_be_repeated(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    with (tmp_path / "errors").open("wb") as errors:
        program = GuardedProgram([sys.executable, "-c", SLEEPER, str(told)], os.environ, errors)
    pid = _pid(told)

    program.stop()
    program.stop()

    assert not _runs(pid)


def test_an_answer_is_the_exit_code_and_what_was_written(tmp_path: Path) -> None:
    with (tmp_path / "errors").open("wb") as errors:
        command = [sys.executable, "-c", "import sys; print('hola'); sys.exit(3)"]
        program = GuardedProgram(command, os.environ, errors, answers=True)

    assert program.answer() == (3, b"hola\n")
    program.stop()


def _pid(told: Path) -> int:
    _until(lambda: told.exists() and told.read_text() != "")
    return int(told.read_text())


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _takes(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _until(holds) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)
