"""Tax categories, and the dated rates of each."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Mapped

from shared.kernel.columns import Day, Flag, Key, Whole, Words
from shared.kernel.declared import not_negative
from shared.kernel.permissions import Permission
from shared.kernel.records import Record, belongs_to, ledger, register


class TaxCategory(Record):
    """What items are to the tax law (meals, alcohol, bags, exempt). Its rates say which taxes that means."""

    __tablename__ = "tax_categories"
    __writes__ = Permission.EDIT_MENU
    name: Mapped[str] = register(Words(60))


class TaxRate(Record):
    """One tax of a category during some days: a rate of the price, or an amount for each unit that is sold.

    `included`: prices contain it; else the bill adds it. `valid_from` and `valid_until` are the first and last day on
    which it is due, None for no bound. A later rate of the same name supersedes an earlier one.
    """

    __tablename__ = "tax_rates"
    __writes__ = Permission.EDIT_MENU
    __table_args__ = (belongs_to("tax_category_id", "tax_categories"),)
    __rules__ = not_negative("rate_millionths", "per_unit_minor")
    tax_category_id: Mapped[UUID] = ledger(Key())
    name: Mapped[str] = register(Words(40))
    rate_millionths: Mapped[int] = register(Whole(), default=0)
    per_unit_minor: Mapped[int] = register(Whole(), default=0)
    included: Mapped[bool] = register(Flag(), default=True)
    valid_from: Mapped[date | None] = register(Day(), nullable=True)
    valid_until: Mapped[date | None] = register(Day(), nullable=True)
