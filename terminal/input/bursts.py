"""Which keys a scanner sent: it types a code and Enter, far faster than a person. Pure, without a clock.

A code is what follows the scanner's prefix, where one is set; else six or more characters less than 20 ms apart that
end with Enter, Tab or a line feed. So a character is held back until the next one, or for 20 ms. Other keys never are.

A busy program reads keys later than they came. So held characters are only given when it was looked and nothing had
come for 20 ms (`wait`), and what a person can have typed since it was looked before is no code, however it was read.
"""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

GAP_SECONDS = 0.020
"""Scanners type with 1 to 15 ms between characters, the fastest people with 60."""
HAND_SECONDS = 0.050
"""Less than any person takes from key to key over a whole word."""
LEAST_CHARACTERS = 6
"""Of a code without prefix. Two or three keys that a hand strikes at once are no code."""
PREFIXED_GAP_SECONDS = 0.1
"""After a prefix also a slow scanner (Bluetooth) is one; people are slower."""
MAX_CHARACTERS = 512
"""No code on a package is longer; the rest is not kept."""
ENDS = frozenset({"enter", "tab", "ctrl+j"})


class Key(Protocol):
    """A key press."""

    key: str
    character: str | None


K = TypeVar("K", bound=Key)


class Bursts(Generic[K]):
    """Parts keys that people press from codes.

    Args:
        prefix: name of the key that a scanner sends before each code (`ctrl+b`), or empty.
    """

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix
        self._held: list[K] = []
        self._opened_by: K | None = None
        self._first_at = 0.0
        self._last_at = 0.0
        self._read_at = float("-inf")

    @property
    def deadline(self) -> float | None:
        """When to call `wait`. None: nothing is held back."""
        if self._opened_by is not None:
            return self._last_at + PREFIXED_GAP_SECONDS
        return self._last_at + GAP_SECONDS if self._held else None

    def take(self, key: K, at: float, within: float = 0.0) -> list[K | str]:
        """Take a key that was read at a time (seconds). Returns keys of people, and codes as texts, in order.

        Args:
            within: seconds before the reading in which the key can have come.
        """
        given: list[K | str] = []
        if self._opened_by is None and key.key == self._prefix:
            given += self.release()
            self._opened_by, self._last_at = key, at
        elif _types(key):
            if not self._held:
                self._first_at = at - within
            if len(self._held) < MAX_CHARACTERS:
                self._held.append(key)
            self._last_at = at
        elif key.key in ENDS and self._is_code(at):
            given.append("".join(held.character or "" for held in self._held))
            self._held, self._opened_by, self._read_at = [], None, at
        elif key.key not in ENDS or at - self._read_at >= GAP_SECONDS:
            given += [*self.release(), key]
        return given

    def wait(self, now: float) -> list[K | str]:
        """Give what was held back long enough."""
        return self.release() if self.deadline is not None and now >= self.deadline else []

    def release(self) -> list[K | str]:
        """Give what is held back. A code that broke off after its prefix is dropped: its digits are no keys."""
        opened_by, held = self._opened_by, self._held
        self._held, self._opened_by = [], None
        if opened_by is None:
            return list(held)
        return [] if held else [opened_by]

    def _is_code(self, ended_at: float) -> bool:
        if self._opened_by is not None:
            return bool(self._held)
        hand_seconds = len(self._held) * HAND_SECONDS
        return len(self._held) >= LEAST_CHARACTERS and ended_at - self._first_at < hand_seconds


def _types(key: Key) -> bool:
    return key.character is not None and len(key.character) == 1 and key.character.isprintable()
