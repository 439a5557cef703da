"""Reading how many checks a session settled, and what of its sales was not paid or on the house."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.payments.adjustment_records import Discount, DiscountKind
from shared.payments.records import Receipt, ReceiptLine, WriteOff
from shared.payments.rules import is_discount_share
from shared.payments.settled import settled_in
from shared.shifts.rules import SalesSum

Reader = AsyncConnection | AsyncSession


async def apart(reader: Reader, organization_id: UUID, session_id: UUID, sales: SalesSum) -> SalesSum:
    """The sales of one session with its settled checks, and what of them was not paid or on the house."""
    given = {"organization": organization_id, "session": session_id}
    losses, lost = (await reader.execute(_losses(), given)).one()
    comps = await _comps(reader, given) if sales.discount_minor else 0
    checks = await settled_in(reader, organization_id, session_id)
    return replace(sales, checks=checks, comp_minor=comps, losses=losses, lost_minor=int(lost))


async def _comps(reader: Reader, given: dict[str, UUID]) -> int:
    """What comps took off. Lines list their discounts, so they are added up here."""
    taken_off: defaultdict[str, int] = defaultdict(int)
    for discounts in (await reader.execute(_line_discounts(), given)).scalars():
        for each in filter(is_discount_share, discounts):
            taken_off[each["id"]] += each["amount_minor"]
    if not taken_off:
        return 0
    of = Discount.__table__.c
    comps = await reader.execute(
        sa.select(of.id).where(
            of.organization_id == given["organization"],
            of.id.in_([UUID(each) for each in taken_off]),
            of.kind == DiscountKind.COMP,
        )
    )
    return sum(taken_off[str(each)] for each in comps.scalars())


@cache
def _losses() -> sa.Select[Any]:
    """Of how many receipts of a session something was not paid, and how much."""
    of, receipt = WriteOff.__table__.c, Receipt.__table__
    return (
        sa.select(sa.func.count(sa.distinct(of.receipt_id)), sa.func.coalesce(sa.func.sum(of.amount_minor), 0))
        .join_from(receipt, WriteOff.__table__, _belongs(of, receipt.c))
        .where(
            receipt.c.organization_id == sa.bindparam("organization"),
            receipt.c.session_id == sa.bindparam("session"),
            of.lifted == sa.false(),
        )
    )


@cache
def _line_discounts() -> sa.Select[Any]:
    of, receipt = ReceiptLine.__table__.c, Receipt.__table__
    return (
        sa.select(of.discounts)
        .join_from(receipt, ReceiptLine.__table__, _belongs(of, receipt.c))
        .where(
            receipt.c.organization_id == sa.bindparam("organization"),
            receipt.c.session_id == sa.bindparam("session"),
            of.discount_minor > 0,
        )
    )


def _belongs(of: Any, receipt: Any) -> sa.ColumnElement[bool]:
    """Whether a row belongs to a receipt."""
    return sa.and_(of.organization_id == receipt.organization_id, of.receipt_id == receipt.id)
