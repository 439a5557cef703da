"""How many changes a pushed frame holds where something on the way takes no large messages. No clock here."""

from __future__ import annotations

from sync.messages import MAX_PUSH_CHANGES

RAISE_LIMIT_AFTER_MS = 60 * 60 * 1_000
"""How long a learnt limit holds before larger frames are tried again: each try costs one refused frame."""


class FrameLimit:
    """The most changes of a frame, as learnt from refusals.

    A refusal halves the frame; the limit then holds. After `RAISE_LIMIT_AFTER_MS` it doubles with each frame that it
    bounds, until the next refusal. Times are milliseconds of any clock; one that jumps costs at most a refused frame.
    """

    def __init__(self) -> None:
        self.changes = MAX_PUSH_CHANGES
        self._refused_ms: int | None = None

    def pass_time(self, now_ms: int) -> None:
        """Try larger frames again once the last refusal is old. A clock that was set back starts the wait anew."""
        if self._refused_ms is None:
            return
        self._refused_ms = min(self._refused_ms, now_ms)
        if now_ms - self._refused_ms >= RAISE_LIMIT_AFTER_MS:
            self._refused_ms = None
            self._double()

    def refused(self, sent: int, now_ms: int) -> bool:
        """Learn that a frame of so many changes is too large. Returns whether a smaller one can be made."""
        self._refused_ms = now_ms
        if sent > self.changes or sent <= 1:
            return False  # a single unit of work, which travels whole
        self.changes = sent // 2
        return True

    def taken(self, sent: int) -> None:
        """Learn that a frame of so many changes was taken."""
        if self._refused_ms is None and 2 * sent > self.changes:
            self._double()

    def _double(self) -> None:
        self.changes = min(MAX_PUSH_CHANGES, self.changes * 2)
