"""Reading the rates of taxes."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.taxes.records import TaxRate
from shared.taxes.rules import CategoryTaxes, DatedRate, Tax, in_force


async def dated_rates(reader: AsyncConnection | AsyncSession, organization_id: UUID) -> tuple[DatedRate, ...]:
    """The rates of every category and day, the oldest row first."""
    rows = await reader.execute(_statement(), {"organization": organization_id})
    return tuple(
        DatedRate(
            row.tax_category_id,
            Tax(row.name, row.rate_millionths, row.included, row.per_unit_minor),
            row.valid_from,
            row.valid_until,
        )
        for row in rows
    )


async def rates_in_force(reader: AsyncConnection | AsyncSession, organization_id: UUID, day: date) -> CategoryTaxes:
    """The taxes of each category on a day, with one statement.

    Args:
        day: the civil date on which a bill is settled, in the branch's zone. Tax law knows no business day.
    """
    return in_force(await dated_rates(reader, organization_id), day)


@cache
def _statement() -> sa.Select[*tuple[Any, ...]]:
    """Built once: building it takes longer than running it."""
    return (
        sa.select(
            TaxRate.tax_category_id,
            TaxRate.name,
            TaxRate.rate_millionths,
            TaxRate.included,
            TaxRate.per_unit_minor,
            TaxRate.valid_from,
            TaxRate.valid_until,
        )
        .where(TaxRate.organization_id == sa.bindparam("organization"))
        .order_by(TaxRate.id)
    )
