"""Pauses between the parts of a long reading, so that who presses a key goes first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

Between = Callable[[], Awaitable[None]]
"""Awaited between two parts of a long reading."""


async def go_on() -> None:
    """Go on with the next part at once."""
