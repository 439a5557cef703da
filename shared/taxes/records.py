"""The taxes that items bear."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from shared.kernel.columns import Flag, Whole, Words
from shared.kernel.permissions import Permission
from shared.kernel.records import Record, register


class TaxRate(Record):
    """A tax: its rate, and whether prices contain it or the bill adds it."""

    __tablename__ = "tax_rates"
    __writes__ = Permission.EDIT_MENU
    name: Mapped[str] = register(Words(40))
    rate_basis_points: Mapped[int] = register(Whole())
    included: Mapped[bool] = register(Flag(), default=True)
