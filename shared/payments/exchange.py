"""Rates of other currencies, by day: set at a till by who may, or brought by the founding file.

Where a day has no rate of its own, the last one holds. A payment keeps the rate that it was taken at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Index
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import Mapped

from shared.countries.currencies import is_code
from shared.countries.exchange import MOST_RATE
from shared.drawers.records import TAKES_MONEY
from shared.kernel.columns import Day, Key, Whole, Words
from shared.kernel.declared import RowRule
from shared.kernel.errors import DomainError
from shared.kernel.ids import derived_id
from shared.kernel.permissions import Permission
from shared.kernel.records import BranchRecord, ledger, register
from shared.kernel.text import clean
from shared.kernel.work import Work


class ExchangeRate(BranchRecord):
    """What one unit of a currency is worth in the house's from a business date on. Its id follows from both."""

    __tablename__ = "exchange_rates"
    __writes__ = Permission.SET_RATE
    __devices__ = TAKES_MONEY
    __rules__ = (RowRule("it is a rate", ("rate_millionths",), lambda rate: 0 < rate <= MOST_RATE),)
    __told__ = ("currency", "rate_millionths")
    __table_args__ = (Index("ix_exchange_rates_day", "branch_id", "organization_id", "currency", "day"),)
    currency: Mapped[str] = ledger(Words(3))
    day: Mapped[date] = ledger(Day())
    rate_millionths: Mapped[int] = register(Whole())


@dataclass(frozen=True, slots=True)
class RateView:
    """The rate of a currency that holds, and the day of which it is."""

    currency: str
    rate_millionths: int
    day: date


async def set_rate(
    work: Work, currency: str, rate_millionths: int, *, branch_id: UUID | None = None, day: date | None = None
) -> ExchangeRate:
    """Set the rate of a currency for a business date, by default today here.

    Raises:
        DomainError: NOT_PERMITTED, CURRENCY_UNKNOWN, EXCHANGE_NOT_SENSIBLE.
    """
    work.require(Permission.SET_RATE)
    if not is_code(currency) or currency == work.place.currency:
        raise DomainError("CURRENCY_UNKNOWN", currency=clean(currency))
    if not 0 < rate_millionths <= MOST_RATE:
        raise DomainError("EXCHANGE_NOT_SENSIBLE")
    branch, on = branch_id or work.branch_id, day or work.business_date
    key = rate_id(branch, currency, on)
    held = await work.session.get(ExchangeRate, (work.organization_id, key))
    if held is not None:
        held.rate_millionths = rate_millionths
        return held
    return work.add(
        ExchangeRate(
            organization_id=work.organization_id,
            branch_id=branch,
            id=key,
            currency=currency,
            day=on,
            rate_millionths=rate_millionths,
        )
    )


def rate_id(branch_id: UUID, currency: str, day: date) -> UUID:
    """The id of a rate: two tills that set it on one day set one."""
    return derived_id("exchange_rate", branch_id, currency, day.isoformat())


async def refuse_unknown_rate(work: Work, currency: str, rate_millionths: int) -> None:
    """Refuse a rate that is not the one in force.

    Raises:
        DomainError: RATE_CHANGED (params: currency).
    """
    await work.session.flush()
    known = await rates_on(work.session, work.organization_id, work.branch_id, work.business_date)
    held = known.get(currency)
    if held is None or held.rate_millionths != rate_millionths:
        raise DomainError("RATE_CHANGED", currency=currency)


async def rates_on(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, branch_id: UUID, day: date
) -> Mapping[str, RateView]:
    """The rates that hold in a branch on a day, by currency; one statement over the newest row of each currency."""
    given = {"organization": organization_id, "branch": branch_id, "day": day}
    rows = await reader.execute(_newest(), given)
    return MappingProxyType({row.currency: RateView(row.currency, row.rate_millionths, row.day) for row in rows})


@cache
def _newest() -> sa.Select[Any]:
    """Built once: building it takes longer than running it."""
    of, known = ExchangeRate.__table__.c, ExchangeRate.__table__.alias("known").c
    here = (
        known.organization_id == sa.bindparam("organization", type_=Key()),
        known.branch_id == sa.bindparam("branch", type_=Key()),
        known.day <= sa.bindparam("day", type_=Day()),
    )
    newest = sa.select(known.currency, sa.func.max(known.day).label("day")).where(*here).group_by(known.currency)
    last = newest.subquery()
    return (
        sa.select(of.currency, of.rate_millionths, of.day)
        .join_from(ExchangeRate.__table__, last, sa.and_(of.currency == last.c.currency, of.day == last.c.day))
        .where(
            of.organization_id == sa.bindparam("organization", type_=Key()),
            of.branch_id == sa.bindparam("branch", type_=Key()),
        )
    )
