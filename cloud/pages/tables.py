"""Tables of pages: columns that sort by an address, typed cells, and the way to the next part.

`pages/parts.html` draws them. Here are plain values only; what stands in a cell is text that was cleaned before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from cloud.pages.addresses import Address

DESCENDING = "-"
"""Before the key of a column in an address: the other way round."""


class Kind(StrEnum):
    """How a column stands."""

    TEXT = "text"
    COUNT = "count"
    AMOUNT = "amount"


class Tone(StrEnum):
    """What a mark or a note means. It never stands alone: a glyph and words say the same."""

    PLAIN = ""
    GOOD = "good"
    WARNING = "note"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Note:
    """A line below the text of a cell."""

    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a row under a column.

    Attributes:
        mark: a glyph before the text.
    """

    text: str
    href: str = ""
    mark: str = ""
    tone: Tone = Tone.PLAIN
    notes: Sequence[Note] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column as a page declares it.

    Attributes:
        key: by which addresses sort it; empty: it does not sort.
    """

    title: str
    key: str = ""
    kind: Kind = Kind.TEXT


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """A column with the way to sort by it. `order` is that of `aria-sort`, empty for another column."""

    title: str
    kind: Kind
    href: str
    order: str


@dataclass(frozen=True, slots=True)
class Table:
    """A part of a list.

    Attributes:
        total: how many there are, in words.
        first_href, next_href: to other parts; empty where there is none.
    """

    caption: str
    columns: Sequence[ShownColumn]
    rows: Sequence[Sequence[Cell]]
    total: str = ""
    first_href: str = ""
    next_href: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """By which column a list is sorted."""

    key: str
    is_descending: bool = False

    @classmethod
    def of(cls, text: str, keys: Sequence[str], usual: Order) -> Order:
        """The order that an address names; the usual one if it names none of these columns."""
        key = text.removeprefix(DESCENDING)
        return cls(key, text.startswith(DESCENDING)) if key in keys else usual

    def __str__(self) -> str:
        return f"{DESCENDING if self.is_descending else ''}{self.key}"


def table(
    caption: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Cell]],
    *,
    address: Address,
    order: Order | None = None,
    next_cursor: str = "",
    total: str = "",
) -> Table:
    """A table whose heads, and the way to its next part, are addresses of the same page.

    Args:
        address: of the page with its filter; `sort` and `after` are the table's.
        next_cursor: where the next part begins; empty if there is none.
    """
    is_later = bool(address.query.get("after"))
    return Table(
        caption=caption,
        columns=[_shown(column, address, order) for column in columns],
        rows=rows,
        total=total,
        first_href=str(address.without(["after"])) if is_later else "",
        next_href=str(address.but(after=next_cursor)) if next_cursor else "",
    )


def _shown(column: Column, address: Address, order: Order | None) -> ShownColumn:
    if not column.key:
        return ShownColumn(column.title, column.kind, "", "")
    is_sorted = order is not None and order.key == column.key
    is_descending = order is not None and is_sorted and order.is_descending
    turned = Order(column.key, is_sorted and not is_descending)
    href = str(address.but(sort=str(turned), after=""))
    return ShownColumn(
        column.title, column.kind, href, ("descending" if is_descending else "ascending") if is_sorted else ""
    )
