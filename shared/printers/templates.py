"""What a restaurant may change of its papers: rows of text with placeholders, and parts that are left out. Pure.

A template is text, never code: a placeholder is `{order}`, and what is none is refused when it is saved. What is
printed for a placeholder is a text of the sale, cleaned like every other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from shared.kernel.errors import DomainError

HEAD, FOOT, HIDE = "head", "foot", "hide"
BLOCKS = (HEAD, FOOT, HIDE)
"""Rows below the restaurant's name, rows at the end (in place of the thanks), and names of parts that are left out."""
PLACEHOLDERS = ("restaurant", "branch", "number", "order", "table", "server", "date", "time", "guests", "total")
MOST_ROWS = 12
"""Of a block: more than that is another paper."""
_SALE = ("logo", "address", "tax", "phone", "server", "guests", "contact", "unit_prices", "legal")
PARTS: Mapping[str, tuple[str, ...]] = {
    "receipt": _SALE[:-1],
    "bill": _SALE[:-1],
    "gift": ("logo", "address", "tax", "phone", "server", "guests", "contact"),
    "refund": ("logo", "address", "tax", "phone", "server"),
    "kitchen": ("server", "guests", "contact"),
    "packing": ("logo", "contact", "contents"),
    "report": ("logo", "address", "tax", "phone"),
    "qr": ("logo",),
}
"""The papers that can be changed, and the parts of each that can be left out. Amounts, dishes and what the law asks for
never can."""
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def require_template(document: str, block: str, text: str) -> None:
    """Raise unless this can be printed.

    Raises:
        DomainError: TEMPLATE_PAPER_UNKNOWN, TEMPLATE_BLOCK_UNKNOWN, TEMPLATE_ROWS (params: most),
            TEMPLATE_PLACEHOLDER_UNKNOWN (params: name, known), TEMPLATE_BRACE, TEMPLATE_PART_UNKNOWN (params: name,
            known).
    """
    if document not in PARTS:
        raise DomainError("TEMPLATE_PAPER_UNKNOWN", name=document, known=", ".join(PARTS))
    if block not in BLOCKS:
        raise DomainError("TEMPLATE_BLOCK_UNKNOWN", name=block, known=", ".join(BLOCKS))
    rows = text.splitlines()
    if len(rows) > MOST_ROWS:
        raise DomainError("TEMPLATE_ROWS", most=MOST_ROWS)
    if block == HIDE:
        for name in filter(None, map(str.strip, rows)):
            if name not in PARTS[document]:
                raise DomainError("TEMPLATE_PART_UNKNOWN", name=name, known=", ".join(PARTS[document]))
        return
    for name in _PLACEHOLDER.findall(text):
        if name not in PLACEHOLDERS:
            raise DomainError("TEMPLATE_PLACEHOLDER_UNKNOWN", name=name, known=", ".join(PLACEHOLDERS))
    if "{" in _PLACEHOLDER.sub("", text) or "}" in _PLACEHOLDER.sub("", text):
        raise DomainError("TEMPLATE_BRACE")


def filled(text: str, values: Mapping[str, str]) -> list[str]:
    """The rows of a template with these values. A row whose placeholders are all empty is left out."""
    rows = []
    for row in text.splitlines():
        names = _PLACEHOLDER.findall(row)
        if names and not any(values.get(name) for name in names):
            continue
        rows.append(_PLACEHOLDER.sub(lambda found: values.get(found.group(1), ""), row))
    return rows


def hidden(text: str) -> frozenset[str]:
    """The names of the parts that are left out."""
    return frozenset(filter(None, map(str.strip, text.splitlines())))
