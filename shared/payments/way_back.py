"""By which methods money goes back: to a card or wallet never more than it paid, the rest in cash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.errors import DomainError
from shared.kernel.money import CashRounding, round_cash
from shared.payments.records import Payment, PaymentMethod
from shared.payments.refund_records import RefundPayment
from shared.payments.rules import LARGEST_COIN_MINOR, TenderKind


@dataclass(frozen=True, slots=True)
class PayBack:
    """A method by which money goes back."""

    method_id: UUID | None
    method_name: str
    kind: TenderKind


class PaidBy(NamedTuple):
    """A payment of a check, and what was not given back by it yet, in minor units."""

    payment_id: UUID
    by: PayBack
    left_minor: int


class Part(NamedTuple):
    """So much goes back by one method. `payment_id` names the payment that it takes back; None: out of the drawer."""

    by: PayBack
    amount_minor: int
    payment_id: UUID | None


class WayBack(NamedTuple):
    """All parts of what goes back, and what cash rounding added to them."""

    parts: tuple[Part, ...]
    rounding_minor: int

    @property
    def paid_minor(self) -> int:
        """What is handed out."""
        return sum(part.amount_minor for part in self.parts)


class Coins(NamedTuple):
    """How a branch rounds cash."""

    step_minor: int = 1
    way: CashRounding = CashRounding.NEAREST


async def paid_by(reader: AsyncConnection | AsyncSession, organization_id: UUID, check_id: UUID) -> list[PaidBy]:
    """What came in for a check, the oldest first, less what was given back by each payment; one statement."""
    paid, back = Payment.__table__.c, RefundPayment.__table__.c
    gone = (
        sa.select(sa.func.coalesce(sa.func.sum(back.paid_minor), 0))
        .where(back.organization_id == paid.organization_id, back.check_id == paid.check_id)
        .where(back.payment_id == paid.id)
        .scalar_subquery()
    )
    rows = await reader.execute(
        sa.select(paid.id, paid.method_id, paid.method_name, paid.kind, (paid.amount_minor - gone).label("left_minor"))
        .where(paid.organization_id == organization_id, paid.check_id == check_id)
        .order_by(paid.id)
    )
    return [PaidBy(row.id, PayBack(row.method_id, row.method_name, row.kind), int(row.left_minor)) for row in rows]


async def cash_method(reader: AsyncConnection | AsyncSession, organization_id: UUID) -> PayBack | None:
    """The first method that is cash; None if the house takes none."""
    of = PaymentMethod.__table__.c
    is_cash = sa.and_(of.kind == TenderKind.CASH, of.currency == "", of.active)
    cash = sa.select(of.id, of.name).where(of.organization_id == organization_id, is_cash)
    row: Any = (await reader.execute(cash.order_by(of.position, of.id).limit(1))).first()
    return None if row is None else PayBack(row.id, row.name, TenderKind.CASH)


def as_it_came(exact_minor: int, paid: Sequence[PaidBy]) -> tuple[Part, ...]:
    """What goes back by cards, wallets and transfers, in this order, up to what each paid; the rest is cash."""
    parts, rest = [], exact_minor
    for kind in (kind for kind in TenderKind if kind is not TenderKind.CASH):
        for each in paid:
            amount = min(rest, each.left_minor) if each.by.kind is kind else 0
            if amount > 0:
                parts.append(Part(each.by, amount, each.payment_id))
                rest -= amount
    return tuple(parts)


def way_back(
    exact_minor: int,
    by: PayBack | None,
    paid: Sequence[PaidBy],
    cash: PayBack | None,
    coins: Coins,
    *,
    in_hand_minor: int,
    is_last: bool,
) -> WayBack:
    """How an amount goes back.

    Args:
        by: the one method that was asked for; None: as it came.
        cash: by which what is left over goes back.
        in_hand_minor: what came in for the check and was not given back: no more of it can go back.
        is_last: nothing is charged any more, so that all of it goes back, however often cash was rounded.

    Raises:
        DomainError: MORE_THAN_IT_PAID (params: method, most), NO_CASH_METHOD.
    """
    others: tuple[Part, ...] = ()
    if by is None:
        others = as_it_came(exact_minor, paid)
    elif by.kind is not TenderKind.CASH:
        others = as_it_came(exact_minor, [each for each in paid if each.by.method_id == by.method_id])
    rest = exact_minor - sum(part.amount_minor for part in others)
    if rest <= 0:
        return WayBack(others, 0)
    if by is not None and by.kind is not TenderKind.CASH:
        raise DomainError("MORE_THAN_IT_PAID", method=by.method_name, most=exact_minor - rest)
    in_coins = round_cash(rest, coins.step_minor, coins.way)
    left = in_hand_minor - (exact_minor - rest)
    if is_last and abs(left - rest) <= LARGEST_COIN_MINOR:
        in_coins = left
    in_coins = max(0, min(in_coins, left))
    drawer = by or cash
    if in_coins and drawer is None:
        raise DomainError("NO_CASH_METHOD")
    parts = (*others, Part(drawer, in_coins, None)) if in_coins and drawer is not None else others
    return WayBack(parts, in_coins - rest)
