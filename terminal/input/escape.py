"""Escape followed at once by a digit: two keys, though some keyboards send a character of their own by these bytes."""

from __future__ import annotations

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS


def keep_escape_before_digits() -> None:
    """Let Textual read Escape and a digit as keys (see `strokes_of_key`), not as `º` or `™` of a keyboard on macOS."""
    for sequence, value in tuple(ANSI_SEQUENCES_KEYS.items()):
        if len(sequence) == 2 and sequence[0] == "\x1b" and isinstance(value, str):
            del ANSI_SEQUENCES_KEYS[sequence]
