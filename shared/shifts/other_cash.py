"""Cash of a session that no sale and no movement says: other money, its change, tips, and what was paid on account.

A payment in other money is worth its amount in the sums of its method. In the drawer lies what was given, and what it
was taken for is not there; so the two are moved against each other. Change of a voucher went out of the drawer, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.payments.accounts import AccountPayment
from shared.payments.records import Payment
from shared.payments.rules import TenderKind
from shared.payments.tips import Tip

OTHER_MONEY, CHANGE, TIPS, ACCOUNTS = "other_money", "change", "tips", "accounts"
"""The kinds of what is moved, beside those of `CashMovement`."""


class OtherCash(NamedTuple):
    """Cash that came into the drawer of a session; below nothing: went out."""

    session_id: UUID
    kind: str
    currency: str
    rows: int
    amount_minor: int


async def other_cash(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, sessions: Sequence[UUID]
) -> list[OtherCash]:
    """The cash of some sessions that is in no other sum; one statement."""
    given = {"organization": organization_id, "sessions": sorted(sessions)}
    rows = await reader.execute(_statement(), given)
    return [OtherCash(row[0], row[1], row[2], int(row[3]), int(row[4])) for row in rows if row[4]]


@cache
def _statement() -> sa.CompoundSelect[Any]:
    """Built once: building it takes longer than running it."""
    paid, tip, account = Payment.__table__.c, Tip.__table__.c, AccountPayment.__table__.c
    is_cash, is_other = paid.kind == TenderKind.CASH, paid.given_currency != ""
    parts = (
        (paid, OTHER_MONEY, paid.given_currency, paid.given_minor, sa.and_(is_cash, is_other)),
        (paid, OTHER_MONEY, paid.currency, -paid.tendered_minor, sa.and_(is_cash, is_other)),
        (paid, CHANGE, paid.currency, -paid.change_minor, ~is_cash),
        (tip, TIPS, tip.currency, tip.amount_minor, sa.and_(tip.kind == TenderKind.CASH, ~tip.lifted)),
        (account, ACCOUNTS, account.currency, account.amount_minor, account.kind == TenderKind.CASH),
    )
    organization: sa.BindParameter[Any] = sa.bindparam("organization")
    sessions: sa.BindParameter[Any] = sa.bindparam("sessions", expanding=True)
    return sa.union_all(
        *(
            sa.select(of.session_id, sa.literal(kind), currency, sa.func.count(), sa.func.sum(amount))
            .where(of.organization_id == organization, of.session_id.in_(sessions), which)
            .group_by(of.session_id, currency)
            for of, kind, currency, amount, which in parts
        )
    )
