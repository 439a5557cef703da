"""One name for each key, whatever terminal sent it. Text that no person typed (pasted, scanned) never becomes keys."""

from __future__ import annotations

from dataclasses import dataclass

LINE_FEED = "ctrl+j"
"""How Enter arrives from a terminal that is not in raw mode yet, and from scanners that end with a line feed."""
ALT = "alt+"

FUNCTION_KEYS = frozenset(f"f{number}" for number in range(1, 13)) | {f"ctrl+{letter}" for letter in "abdefglorptvwxy"}
"""Keys that type and move nothing: where they start no action, a screen says so."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """One key. `name` is the character of a key that types one, else the key's name (`f5`, `enter`, `pageup`)."""

    name: str
    character: str | None = None

    @property
    def is_digit(self) -> bool:
        """Whether it types one of the ten plain digits."""
        return self.character is not None and self.character.isascii() and self.character.isdigit()


def stroke_of(key: str, character: str | None) -> Stroke:
    """The stroke of a key event. A blank is named `space`, so that a key bar can show it."""
    if character == " ":
        return Stroke("space", character)
    if key == LINE_FEED:
        return Stroke("enter")
    if character is not None and len(character) == 1 and character.isprintable():
        return Stroke(character, character)
    return Stroke(key)


def strokes_of_key(key: str, character: str | None) -> tuple[Stroke, ...]:
    """The strokes of a key event: one, or Escape and a character where a person typed on before Escape was known alone.

    A terminal without the kitty protocol sends Escape and Alt with the same byte. Nothing here is done with Alt.
    """
    if key.startswith(ALT) and character:
        return Stroke("escape"), stroke_of(character, character)
    return (stroke_of(key, character),)
