"""Reads quantity, price and amount of one row, by the columns and rules of the mapping, and checks them.

A row that takes something back (a void, a refund, a discount as a row) has an amount or a quantity below zero. What it
takes back is found when the whole ticket is known (`reversals`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from shared.kernel.money import MAX_MINOR, divide_half_up
from shared.kernel.quantity import MAX_QUANTITY_MILLI, ONE
from terminal.rehearsal.errors import RowError
from terminal.rehearsal.mapping import Mapping
from terminal.rehearsal.number_text import UNIT_DECIMALS, NumberReader
from terminal.rehearsal.plain_text import plain

_DASHES = "-−–—"


class RowFigures(NamedTuple):
    """Figures of a row. If it takes something back, quantity and amount are zero or less."""

    quantity_milli: int
    unit_price_minor: int
    amount_minor: int


class FigureColumns(NamedTuple):
    """Index of each figure in the cells of a row. None if the file does not have it."""

    quantity: int | None
    amount: int | None
    unit_price: int | None
    discount: int | None


class FigureReader:
    """Reads the figures of rows, and caches numbers that it has read."""

    def __init__(self, mapping: Mapping) -> None:
        columns, numbers, decimals = mapping.columns, mapping.numbers, mapping.amounts.decimals
        self._rule = mapping.amounts
        self._quantities = NumberReader(str(columns.quantity), mapping.quantity_numbers, 3, any_decimals=True)
        self._amounts = NumberReader(str(columns.amount), numbers, decimals, mapping.currency)
        self._units: int = 10 ** (UNIT_DECIMALS - decimals)
        most = MAX_MINOR * self._units
        self._unit_amounts, self._unit_prices = (
            NumberReader(str(column), numbers, UNIT_DECIMALS, mapping.currency, any_decimals=True, most=most)
            for column in (columns.amount, columns.unit_price)
        )
        self._discounts = NumberReader(str(columns.discount), numbers, decimals, mapping.currency)
        self._percents = NumberReader(str(columns.discount), numbers, 2)

    def read(self, cells: Sequence[str], at: FigureColumns) -> RowFigures:
        """Return the figures of a row.

        Raises:
            RowError: a figure is missing, is no number, or is beyond belief.
        """
        quantity = self._quantity(cells, at)
        size = abs(quantity)
        price: int | None = None  # unit price, in units of 10 ** -UNIT_DECIMALS
        if at.amount is None or self._rule.amount_is == "unit":
            price = self._price(cells, at)
            negative = quantity < 0 or price < 0
            amount = divide_half_up((size or ONE) * abs(price), ONE * self._units)
        else:
            written = self.amount(cells, at)
            negative = written < 0 or quantity < 0
            if quantity < 0 < written:
                raise RowError("quantity_not_positive", value=_cell(cells, at.quantity))
            amount = abs(written)
        if not size and not negative:
            text = _cell(cells, at.quantity)
            raise RowError("quantity_not_positive", value=text) if text else RowError("missing_quantity")
        discount = self._discount(cells, at, amount)
        if discount > amount:
            raise RowError("discount_too_big")
        if amount > MAX_MINOR:
            raise RowError("amount_too_big")
        unit = self._unit_minor(cells, at, price, divide_half_up(amount * ONE, size or ONE))
        amount -= discount
        return RowFigures(-size, unit, -amount) if negative else RowFigures(size, unit, amount)

    def amount(self, cells: Sequence[str], at: FigureColumns) -> int:
        """Return the amount of the whole line, as the row has it.

        Raises:
            RowError: it is missing, or is no number.
        """
        text = _cell(cells, at.amount)
        if not text or self._rule.amount_is == "unit":
            raise RowError("missing_amount")
        return self._amounts.exact(text)

    def _quantity(self, cells: Sequence[str], at: FigureColumns) -> int:
        """The quantity. Zero if the cell is empty: rows that are discounts often have none."""
        if at.quantity is None:
            return ONE
        text = _cell(cells, at.quantity)
        quantity = self._quantities.exact(text) if text else 0
        if abs(quantity) > MAX_QUANTITY_MILLI:
            raise RowError("quantity_too_big", value=text)
        return quantity

    def _price(self, cells: Sequence[str], at: FigureColumns) -> int:
        per_unit = at.amount is not None
        text = _cell(cells, at.amount if per_unit else at.unit_price)
        if not text:
            raise RowError("missing_amount")
        return (self._unit_amounts if per_unit else self._unit_prices).nearest(text)

    def _unit_minor(self, cells: Sequence[str], at: FigureColumns, price: int | None, otherwise: int) -> int:
        """The unit price in minor units. If the row has an amount, a bad unit price does not reject the row."""
        text = "" if at.amount is None else _cell(cells, at.unit_price)
        if text:
            try:
                return divide_half_up(abs(self._unit_prices.nearest(text)), self._units)
            except RowError:
                return otherwise
        return otherwise if price is None else divide_half_up(abs(price), self._units)

    def _discount(self, cells: Sequence[str], at: FigureColumns, amount: int) -> int:
        text = _cell(cells, at.discount)
        if not text or text in _DASHES:
            return 0
        if self._rule.discount_is == "percent":
            return divide_half_up(amount * abs(self._percents.exact(text.removesuffix("%"))), 10_000)
        return abs(self._discounts.exact(text))


def _cell(cells: Sequence[str], index: int | None) -> str:
    return "" if index is None or index >= len(cells) else plain(cells[index])
