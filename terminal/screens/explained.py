"""A line of a sheet that explains something: a key, a sign or a text to type, and what it does or means. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from terminal.theme.palette import Tone


@dataclass(frozen=True, slots=True)
class HelpLine:
    """A key, or what to type, and what it does.

    Attributes:
        title: what the key bar calls it; it is found by this, too.
        colour: of a sign in place of the keys: a tone, or the index of a hue.
    """

    keys: str
    does: str
    title: str = ""
    colour: Tone | int | None = None
