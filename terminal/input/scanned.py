"""The event of a code that a scanner read: it reaches the app in one piece, in order with the keys."""

from __future__ import annotations

from textual.events import Event


class Scanned(Event):
    """A scanner has sent a code.

    Args:
        text: the code, without prefix and line end.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
