"""The live socket: how devices and pages open it, and how it ends. Plain values; no I/O.

Its first message is an `Opening` with a token, as JSON text. The cloud answers `READY`. Then a device sends a `Pull`
and gets its answer when there is news, again and again, in the binary form of `sync/messages.py`; a page sends nothing
more, and hears `NEWS`.
"""

from __future__ import annotations

from enum import IntEnum

import msgspec

PATH = "/api/v1/live"
READY = '{"t":"ready"}'
NEWS = '{"t":"news"}'
LONGEST_OPENING_CHARACTERS = 16 * 1024
"""A token has at most half of it."""
WAIT_MS = 300_000
"""A pull waits so long on the socket: its pings say that the other side is there."""
_COME_BACK = "come back in "


class Close(IntEnum):
    """Why the cloud ends a socket."""

    MESSAGE_WRONG = 4400
    """Not what stands above, or too much at once."""
    TOKEN_REFUSED = 4401
    REVOKED = 4403
    """Whoever waits may hear nothing any more."""
    SILENT = 4408
    """Nothing came for too long."""
    REPLACED = 4409
    """The same device waits on a newer socket."""
    LATER = 4429
    """The cloud has too much to do. The reason may say when to come back."""
    RESTART = 1012
    """The cloud stops. The reason says when to come back."""
    FAILED = 1011
    """The cloud cannot answer now."""


class Opening(msgspec.Struct, frozen=True, tag_field="t"):
    """The first message."""

    token: str


class DeviceOpening(Opening, frozen=True, tag="device"):
    """A device waits. The token is the one that it sends with its other requests."""


class PageOpening(Opening, frozen=True, tag="page"):
    """A page listens. The token is for one use."""


_opening: msgspec.json.Decoder[DeviceOpening | PageOpening] = msgspec.json.Decoder(DeviceOpening | PageOpening)


def opening_of(text: str) -> DeviceOpening | PageOpening | None:
    """What a first message says; None if it is none."""
    if len(text) > LONGEST_OPENING_CHARACTERS:
        return None
    try:
        return _opening.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def opening_text(opening: Opening) -> str:
    """The first message."""
    return msgspec.json.encode(opening).decode()


def come_back(seconds: float) -> str:
    """The reason of a close that says when to come back."""
    return f"{_COME_BACK}{seconds:.1f} s"


def come_back_seconds(reason: str) -> float | None:
    """When to come back, if a reason says it."""
    text = reason.removeprefix(_COME_BACK).removesuffix(" s")
    if text == reason or not text.replace(".", "", 1).isdigit():
        return None
    return float(text)
