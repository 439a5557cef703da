"""The allergens that a dish may name: the fourteen of EU regulation 1169/2011, by code. Pure.

Codes are stored; screens and papers say the words of `terminal/texts`. A code that a newer program wrote is shown as it
is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

ALLERGENS = (
    "gluten",
    "crustaceans",
    "eggs",
    "fish",
    "peanuts",
    "soybeans",
    "milk",
    "nuts",
    "celery",
    "mustard",
    "sesame",
    "sulphites",
    "lupin",
    "molluscs",
)
"""In the order of the regulation's annex."""
_PLACES = {code: at for at, code in enumerate(ALLERGENS)}


def in_order(codes: Iterable[str]) -> tuple[str, ...]:
    """Codes without repetition, in the order of the annex; unknown ones last, by their letters."""
    return tuple(sorted(set(codes), key=lambda code: (_PLACES.get(code, len(ALLERGENS)), code)))


def dangers(of_dish: Iterable[str], of_guests: Collection[str]) -> tuple[str, ...]:
    """What is in a dish that a guest may not eat."""
    return in_order(code for code in of_dish if code in of_guests)
