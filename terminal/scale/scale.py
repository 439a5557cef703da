"""What the scale says now. It listens only while somebody looks (`begin`, `end`), and nothing here waits.

A scale that was pulled out and comes back is opened again by itself. Whatever is wrong, a weight can be typed.
"""

from __future__ import annotations

import asyncio
import logging
import os
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from terminal.scale.frames import Frames, Ready, Steady, Weighed
from terminal.scale.port import MOST_READ_BYTES, ScaleSettings, open_port

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)

ASK_SECONDS = 0.2
"""Between two questions. Scales measure about seven times a second."""
SILENT_SECONDS = 2.0
"""Without a frame: longer than a scale needs to settle and answer."""
OPEN_AGAIN_SECONDS = 1.0
STEADY_READINGS = 3
"""Equal readings in a row that make a weight stable where the protocol does not say."""
DC1 = b"\x11"


class ScaleState(StrEnum):
    """What can be said of the scale."""

    STARTING = "starting"
    STABLE = "stable"
    EMPTY = "empty"
    UNSTABLE = "unstable"
    NEGATIVE = "negative"
    OVERLOAD = "overload"
    SILENT = "silent"
    GARBLED = "garbled"
    """It sends, but nothing that can be read: another speed or parity."""
    DISCONNECTED = "disconnected"


_STATES = {
    Steady.UNSTABLE: ScaleState.UNSTABLE,
    Steady.NEGATIVE: ScaleState.NEGATIVE,
    Steady.OVERLOAD: ScaleState.OVERLOAD,
}


@dataclass(frozen=True, slots=True)
class ScaleView:
    """The scale at one moment; the weight (thousandths of its unit) only if it is stable and more than nothing."""

    state: ScaleState
    weight_milli: int = 0
    unit: str = ""


class Scale:
    """See the module."""

    def __init__(self, settings: ScaleSettings) -> None:
        self.settings = settings
        self._descriptor: int | None = None
        self._frames = Frames()
        self._watchers = 0
        self._timer: asyncio.TimerHandle | None = None
        self._last: Weighed | None = None
        self._equal = 0
        self._framed_at = self._heard_at = self._open_at = float("-inf")

    @property
    def view(self) -> ScaleView:
        """What the scale says now."""
        now = _now()
        if self._descriptor is None:
            return ScaleView(ScaleState.DISCONNECTED)
        if self._last is None or now - self._framed_at > SILENT_SECONDS:
            if now - max(self._open_at, self._framed_at) <= SILENT_SECONDS:
                return ScaleView(ScaleState.STARTING)
            heard = now - self._heard_at <= SILENT_SECONDS
            return ScaleView(ScaleState.GARBLED if heard else ScaleState.SILENT)
        last = self._last
        if last.steady in _STATES:
            return ScaleView(_STATES[last.steady])
        if last.steady is Steady.UNSAID and self._equal < STEADY_READINGS:
            return ScaleView(ScaleState.UNSTABLE)
        if not last.weight_milli:
            return ScaleView(ScaleState.EMPTY)
        return ScaleView(ScaleState.STABLE, last.weight_milli, last.unit or self.settings.unit)

    def begin(self) -> None:
        """Somebody looks: open the port, and ask if the scale must be asked. What it said before is forgotten."""
        self._watchers += 1
        if self._watchers == 1:
            self._open()
            self._again()

    def end(self) -> None:
        """Nobody looks any more: close the port."""
        self._watchers = max(0, self._watchers - 1)
        if not self._watchers:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            self._close()

    # -- the port ----------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        self._last, self._equal, self._frames = None, 0, Frames()
        self._framed_at = self._heard_at = float("-inf")
        self._open_at = _now()
        try:
            self._descriptor = open_port(self.settings.line)
        except OSError as error:
            logger.info("the scale at %s cannot be opened: %s", self.settings.line.port, error)
            return
        asyncio.get_running_loop().add_reader(self._descriptor, self._guarded, self._read)

    def _close(self) -> None:
        if self._descriptor is not None:
            asyncio.get_running_loop().remove_reader(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = None

    def _again(self) -> None:
        """Ask, or open again, once in a while."""
        if self._descriptor is None:
            if _now() - self._open_at >= OPEN_AGAIN_SECONDS:
                self._open()
        elif self.settings.ask:
            self._guarded(lambda: self._write(self.settings.question))
        self._timer = asyncio.get_running_loop().call_later(ASK_SECONDS, self._again)

    def _guarded(self, deed: Callable[[], None]) -> None:
        """Do something with the port; a port that is gone is closed."""
        try:
            deed()
        except BlockingIOError:
            return
        except OSError as error:
            logger.info("the scale at %s is gone: %s", self.settings.line.port, error)
            self._close()
            self._open_at = _now()

    def _write(self, data: bytes) -> None:
        if self._descriptor is not None:
            os.write(self._descriptor, data)

    def _read(self) -> None:
        if self._descriptor is None:
            return
        data = os.read(self._descriptor, MOST_READ_BYTES)
        if not data:
            raise OSError("end of file")  # the device was unplugged
        self._heard_at = _now()
        for frame in self._frames.feed(data):
            if isinstance(frame, Ready):
                self._write(DC1)
            else:
                self._take(frame)

    def _take(self, weighed: Weighed) -> None:
        last, self._last = self._last, weighed
        self._equal = self._equal + 1 if weighed == last else 1
        self._framed_at = _now()


def _now() -> float:
    """Running time: no wall clock makes a weight old."""
    return asyncio.get_running_loop().time()
