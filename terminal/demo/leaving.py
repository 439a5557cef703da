"""SIGTERM and a closed terminal end the demo like Ctrl-C, so that everything that it has started is stopped."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

AGAIN_SECONDS = 0.5
_NUMBERS = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def ending_in_order() -> Iterator[None]:
    """End the block by `SystemExit` when one of the signals comes."""
    leaving = _Leaving()
    taken = (*_NUMBERS, signal.SIGALRM)
    before = [signal.signal(number, leaving) for number in taken]
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        for number, handler in zip(taken, before, strict=True):
            signal.signal(number, handler)


class _Leaving:
    """Ends the program by an exception, and again if that was lost.

    Python drops an exception that comes up in a callback of its garbage collector, so a timer looks whether the program
    is ending. What is being stopped by then is left alone.
    """

    def __init__(self) -> None:
        self._code = 0

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        """Handle the signal, or the timer."""
        self._code = self._code or 128 + number
        if not _is_ending():
            signal.setitimer(signal.ITIMER_REAL, AGAIN_SECONDS, AGAIN_SECONDS)
            sys.exit(self._code)


def _is_ending() -> bool:
    """Whether a `SystemExit` is on its way out of whatever is being done now."""
    error = sys.exc_info()[1]
    while error is not None:
        if isinstance(error, SystemExit):
            return True
        error = error.__context__
    return False
