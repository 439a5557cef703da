"""SIGTERM ends the demo at whatever moment it comes, and what it has started is stopped in order."""

from __future__ import annotations

import os
import signal
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from terminal.demo.leaving import AGAIN_SECONDS, ending_in_order

GENEROUS_SECONDS = 60.0


class Thing:
    """Can be collected."""


def wait_for_ever() -> None:
    deadline = time.monotonic() + GENEROUS_SECONDS
    while time.monotonic() < deadline:
        time.sleep(0.01)


def lose_a_signal_and_wait() -> None:
    thing = Thing()
    watched = weakref.ref(thing, lambda _gone: os.kill(os.getpid(), signal.SIGTERM))
    del thing
    assert watched() is None
    wait_for_ever()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=["TERM", "HUP"])
def test_a_signal_ends_the_block(number: signal.Signals) -> None:
    with pytest.raises(SystemExit) as ended, ending_in_order():
        os.kill(os.getpid(), number)
    assert ended.value.code == 128 + number


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_signal_whose_exception_python_has_dropped_ends_the_block_all_the_same() -> None:
    with pytest.raises(SystemExit) as ended, ending_in_order():
        lose_a_signal_and_wait()
    assert ended.value.code == 128 + signal.SIGTERM


@contextmanager
def stopping_takes_long(stopped: list[str]) -> Iterator[None]:
    try:
        yield
    finally:
        with suppress(OSError):
            raise OSError
        deadline = time.monotonic() + 3 * AGAIN_SECONDS
        while time.monotonic() < deadline:
            time.sleep(0.01)
        stopped.append("all")


def test_what_is_being_stopped_is_not_stopped_again() -> None:
    stopped: list[str] = []
    with pytest.raises(SystemExit), ending_in_order(), stopping_takes_long(stopped):
        os.kill(os.getpid(), signal.SIGTERM)
    assert stopped == ["all"]
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
