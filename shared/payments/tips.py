"""Tips: money of the people who served. No sale, outside the balance of a check, and each a row of its own."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Index
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import Mapped

from shared.countries.currencies import currency
from shared.drawers.commands import moment, moment_of
from shared.drawers.records import OF_SESSION, TAKES_MONEY
from shared.kernel.columns import Choice, Day, Hour, Instant, Key, Listed, Whole, Words
from shared.kernel.declared import OneFact, RowRule, is_list_of_ids
from shared.kernel.errors import DomainError
from shared.kernel.money import price_is_sensible
from shared.kernel.permissions import Permission
from shared.kernel.records import BranchRecord, belongs_to, ledger, once
from shared.kernel.text import clean
from shared.kernel.work import Work
from shared.orders.records import Order
from shared.payments.after_close import tell_after_close
from shared.payments.pricing import due_of_check
from shared.payments.records import Check, Payment, Receipt
from shared.payments.rules import CHOSEN_ANEW, KIND_OF_METHOD, TenderKind, is_rounded

MAX_NOTES_OF_A_TIP = 1_000
"""Nobody gives more than so many of the largest note; what is typed above that is a slip."""


class Tip(BranchRecord):
    """What a guest gave to a person who served, by one method. `lifted` takes it back.

    `replaces_id`: the tip by a wrong method for which it stands, in whose session it is. `seen`: the receipts of the
    check that its author knew: any other one came after it. `after_receipt`: it is cash, and was taken back after its
    receipt.
    """

    __tablename__ = "tips"
    __writes__ = Permission.TAKE_PAYMENT
    __devices__ = TAKES_MONEY
    __rules__ = (
        RowRule("it is something", ("amount_minor",), lambda amount: amount > 0),
        RowRule("it names receipts", ("seen",), is_list_of_ids),
    )
    __one_device__ = OF_SESSION._replace(unless="replaces_id")
    __one_fact__ = OneFact(
        ("replaces_id",),
        CHOSEN_ANEW | {"amount_minor", "seen"},
        RowRule("they differ by no more than a coin", ("amount_minor",), lambda one, other: is_rounded(one - other)),
    )
    __whole__ = True
    __copied__ = KIND_OF_METHOD
    __told__ = ("method_name", "amount_minor")
    __table_args__ = (
        belongs_to("check_id", "checks"),
        belongs_to("method_id", "payment_methods"),
        Index("ix_tips_check_id", "check_id", "organization_id"),
        Index("ix_tips_session_id", "session_id", "organization_id"),
        Index("ix_tips_business_date", "branch_id", "organization_id", "business_date"),
    )
    check_id: Mapped[UUID] = ledger(Key())
    payment_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    person_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    person_name: Mapped[str] = ledger(Words(120), default="")
    method_id: Mapped[UUID] = ledger(Key())
    method_name: Mapped[str] = ledger(Words(40))
    kind: Mapped[TenderKind] = ledger(Choice(TenderKind, fallback=TenderKind.CARD))
    currency: Mapped[str] = ledger(Words(3))
    amount_minor: Mapped[int] = ledger(Whole())
    replaces_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    seen: Mapped[list[str]] = ledger(Listed(), default=list)
    taken_at: Mapped[datetime] = ledger(Instant())
    taken_by: Mapped[UUID | None] = ledger(Key(), nullable=True)
    session_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    business_date: Mapped[date] = ledger(Day())
    local_hour: Mapped[int] = ledger(Hour())
    lifted: Mapped[bool] = once()
    after_receipt: Mapped[bool] = once(by=Permission.CORRECT_PAYMENT)


async def add_tip(
    work: Work,
    check_id: UUID,
    tip_id: UUID,
    amount_minor: int,
    method_id: UUID,
    method_name: str,
    kind: TenderKind,
    *,
    payment_id: UUID | None = None,
    person_id: UUID | None = None,
    person_name: str = "",
    replaces: Tip | None = None,
) -> Tip:
    """Note a tip on a check, paid or not. Nobody named: it is whoever opened the order.

    Args:
        replaces: the tip by a wrong method for which it stands; it belongs to the same session.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, TIP_NOT_SENSIBLE, TIP_TOO_MUCH.
    """
    work.require(Permission.TAKE_PAYMENT)
    check = await work.get(Check, check_id)
    if amount_minor <= 0 or not price_is_sensible(amount_minor) or kind is TenderKind.ACCOUNT:
        raise DomainError("TIP_NOT_SENSIBLE")
    order = await work.get(Order, check.order_id)
    refuse_too_much(amount_minor, order.currency)
    if replaces is not None and replaces.session_id is not None:
        at = moment_of(replaces)
    else:
        at = await moment(work, takes_cash=kind is TenderKind.CASH)
    return work.add(
        Tip(
            organization_id=work.organization_id,
            branch_id=check.branch_id,
            id=tip_id,
            check_id=check_id,
            payment_id=payment_id,
            person_id=person_id,
            person_name=clean(person_name) or order.server_name,
            method_id=method_id,
            method_name=clean(method_name, 40),
            kind=kind,
            currency=order.currency,
            amount_minor=amount_minor,
            replaces_id=replaces.id if replaces is not None else None,
            seen=replaces.seen if replaces is not None else sorted(await _receipts_of(work, check_id)),
            taken_at=work.now,
            taken_by=work.actor.staff_id,
            **at._asdict(),
            lifted=False,
            after_receipt=False,
        )
    )


def refuse_too_much(amount_minor: int, code: str) -> None:
    """Refuse a tip that is more than any till takes.

    Raises:
        DomainError: TIP_TOO_MUCH.
    """
    if amount_minor > MAX_NOTES_OF_A_TIP * currency(code).notes_minor[-1]:
        raise DomainError("TIP_TOO_MUCH")


async def lift_tip(work: Work, tip_id: UUID) -> Tip:
    """Take a tip back. Cash that lies in the drawer since a receipt needs the right to correct payments.

    Raises:
        DomainError: NOT_PERMITTED, ABOVE_LIMIT, NOT_FOUND.
    """
    work.require(Permission.TAKE_PAYMENT)
    tip = await work.get(Tip, tip_id)
    if tip.kind is TenderKind.CASH and await _has_its_receipt(work, tip):
        work.require(Permission.CORRECT_PAYMENT, tip.amount_minor)
        tip.after_receipt = True
    if not tip.lifted:
        await tell_after_close(work, tip.session_id, 1, tip.amount_minor)
    tip.lifted = True
    return tip


async def _has_its_receipt(work: Work, tip: Tip) -> bool:
    """Whether a receipt was made since a tip was given, or nothing is owed on its check any more."""
    receipts = await _receipts_of(work, tip.check_id)
    if not receipts:
        return False
    return not receipts <= set(tip.seen) or not (await due_of_check(work, tip.check_id)).parts


async def _receipts_of(work: Work, check_id: UUID) -> set[str]:
    """The receipts of a check that are known here, as text."""
    await work.session.flush()
    mine = (Receipt.organization_id == work.organization_id, Receipt.check_id == check_id)
    return set(map(str, await work.session.scalars(sa.select(Receipt.id).where(*mine))))


async def tips_with(work: Work, payment: Payment) -> list[Tip]:
    """The tips that were given with a payment, and stand."""
    await work.session.flush()
    of = (Tip.organization_id == work.organization_id, Tip.check_id == payment.check_id)
    return list(await work.session.scalars(sa.select(Tip).where(*of, Tip.payment_id == payment.id, ~Tip.lifted)))


async def tips_of_check(reader: AsyncConnection | AsyncSession, organization_id: UUID, check_id: UUID) -> list[Any]:
    """The tips of a check that stand, as rows, in the order in which they were given."""
    of = Tip.__table__.c
    rows = await reader.execute(
        sa.select(Tip.__table__)
        .where(of.organization_id == organization_id, of.check_id == check_id, ~of.lifted)
        .order_by(of.taken_at, of.id)
    )
    return list(rows)


class TipView(NamedTuple):
    """A tip of a check that stands."""

    id: UUID
    amount_minor: int
    method_name: str
    person_name: str


async def tips_given(reader: AsyncConnection | AsyncSession, organization_id: UUID, check_id: UUID) -> list[TipView]:
    """The tips of a check that stand, in the order in which they were given."""
    rows = await tips_of_check(reader, organization_id, check_id)
    return [TipView(row.id, row.amount_minor, row.method_name, row.person_name) for row in rows]
