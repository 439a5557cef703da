"""Reads the modifiers of a line from one cell. Nested ones are flattened to their leaves, in order."""

from __future__ import annotations

from dataclasses import dataclass, field

from terminal.rehearsal.plain_text import comparable, plain


@dataclass(frozen=True, slots=True)
class ModifierFormat:
    """Signs that separate modifiers, pairs of brackets that nest them, words that mean none."""

    separators: tuple[str, ...] = (",",)
    brackets: tuple[str, ...] = ("[]",)
    empty: frozenset[str] = field(default_factory=lambda: frozenset({"", "null", "none", "-"}))


def leaves(text: str, written: ModifierFormat) -> tuple[str, ...]:
    """Return the leaves of the nested modifiers: `[Salsa, [Black Beans, Rice]]` has three.

    Nesting carries no meaning here, so a bracket that is never closed does no harm.
    """
    cut = "\0"
    for separator in written.separators:
        text = text.replace(separator, cut)
    for pair in written.brackets:
        text = text.replace(pair[0], cut).replace(pair[1], cut)
    parts = (plain(part) for part in text.split(cut))
    return tuple(part for part in parts if comparable(part) not in written.empty)
