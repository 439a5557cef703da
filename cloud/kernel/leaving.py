"""SIGTERM before a program of the server has handlers of its own for it."""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import NoReturn


class Leaving:
    """Ends the start of a program by an exception, so that everything that it has started is stopped.

    Python drops an exception that comes up in a callback of its garbage collector, so the signal is remembered, too.

    Attributes:
        is_told: whether the signal came. Whoever takes SIGTERM over looks at it.
    """

    def __init__(self) -> None:
        self.is_told = False

    def __call__(self, _signal: int, _frame: FrameType | None) -> NoReturn:
        """Handle the signal."""
        self.is_told = True
        sys.exit(0)


def leaving_on_sigterm() -> Leaving:
    """From now on SIGTERM ends the program."""
    leaving = Leaving()
    signal.signal(signal.SIGTERM, leaving)
    return leaving
