"""Entry of an amount of money: typed text becomes integer minor units, without floats."""

from __future__ import annotations

MAX_WHOLE_DIGITS = 9
"""Nobody pays more than a billion. Thirteen digits of a scanner are cut instead of taken."""


def minor_units(typed: str, decimals: int) -> int:
    """Convert a typed amount to minor units: `12.5` with two decimals is 1250, an empty text 0."""
    whole, _, part = typed.partition(".")
    return int((whole or "0") + (part + "0" * decimals)[:decimals])


def with_key(typed: str, key: str, decimals: int) -> str:
    """The typed text after one more key. A key that does not fit changes nothing."""
    if key in (".", ","):
        return typed if "." in typed or decimals == 0 else (typed or "0") + "."
    if not (key.isascii() and key.isdigit()):
        return typed
    for digit in key:
        whole, point, part = typed.partition(".")
        if point and len(part) < decimals:
            typed += digit
        elif not point and len(whole) < MAX_WHOLE_DIGITS:
            typed = digit if whole == "0" else typed + digit
    return typed
