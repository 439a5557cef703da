"""What each person of a branch sold on a business date, and what they took off, gave back or opened without a sale.

Who sold is who served the order at the end. Sales are one statement with sums, however many checks there are; the deeds
that an owner looks at are few, and are read one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from shared.drawers.records import DrawerOpening
from shared.kernel.columns import Instant, Key
from shared.kernel.instants import day_begins
from shared.orders.records import LineVoid, Order, OrderLine
from shared.orders.rules import gross_of, unit_with_modifiers
from shared.payments.adjustment_records import Discount, DiscountSource
from shared.payments.records import Receipt, WriteOff
from shared.payments.refund_records import Refund, RefundLine
from shared.staff.records import Approval, StaffMember
from shared.truth.reading import Reader

_A_DAY = timedelta(days=1)


class DeedKind(StrEnum):
    """What somebody did that takes money off a check, gives it back, or opens the drawer."""

    VOID = "void"
    DISCOUNT = "discount"
    REFUND = "refund"
    LOSS = "loss"
    OPENING = "opening"


@dataclass(frozen=True, slots=True)
class Deed:
    """One of these, with what it was worth (minor units; 0 for an opening).

    Attributes:
        about: the dish, the number of the order or of the refund; empty if nothing names it.
        quantity_milli: of a voided dish.
        approver: who approved it; empty: nobody had to.
    """

    kind: DeedKind
    at: datetime
    person_id: UUID | None
    name: str
    about: str
    amount_minor: int
    reason: str
    quantity_milli: int = 0
    approver: str = ""


@dataclass(frozen=True, slots=True)
class PersonDay:
    """The day of one person. `amounts`, `counts`: by kind of deed."""

    person_id: UUID | None
    name: str
    checks: int
    sold_minor: int
    amounts: Mapping[DeedKind, int]
    counts: Mapping[DeedKind, int]


@dataclass(frozen=True, slots=True)
class PeopleDay:
    """The day of all: who sold most first, and the newest deed first."""

    day: date
    people: tuple[PersonDay, ...] = ()
    deeds: tuple[Deed, ...] = ()


async def people_day(
    reader: Reader,
    organization_id: UUID,
    branch_id: UUID,
    day: date,
    zone: str,
    cutoff_minutes: int,
    currency: str,
    now: datetime | None = None,
) -> PeopleDay:
    """Read the day of a branch in its currency; eight statements.

    Args:
        now: of a day that is not closed: a shift that goes on past the end of its day still belongs to it.
    """
    begins, ends = (day_begins(each, zone, cutoff_minutes) for each in (day, day + _A_DAY))
    ends = ends if now is None else max(ends, now)
    given = {"organization": organization_id, "branch": branch_id, "day": day, "currency": currency}
    given |= {"begins": begins, "ends": ends}
    names = await _names(reader, organization_id)
    rows = [(kind, row) for kind, each in _statements().items() for row in await reader.execute(each, given)]
    approved = {**given, "rows": sorted(row.id for _kind, row in rows)}
    approvers = {
        each.of_row_id: names.get(each.approver_id, "") for each in await reader.execute(_approvals(), approved)
    }
    found = [_deed(kind, row, names, approvers.get(row.id, "")) for kind, row in rows]
    newest = sorted(found, key=lambda deed: deed.at, reverse=True)
    sold = {row.person: (int(row.checks), int(row.sold)) for row in await reader.execute(_sold(), given)}
    return PeopleDay(day, _people(sold, newest, names), tuple(newest))


def _deed(kind: DeedKind, row: Any, names: Mapping[UUID | None, str], approver: str) -> Deed:
    quantity = row.quantity_milli if kind is DeedKind.VOID else 0
    amount = _worth(row) if kind is DeedKind.VOID else int(row.amount)
    name = names.get(row.person, "")
    return Deed(kind, row.at, row.person, name, row.about or "", amount, row.reason, quantity, approver)


def _worth(row: Any) -> int:
    """What voided portions cost, with their modifiers."""
    unit = row.unit_price_minor if row.unit_price_minor is not None else row.root_price
    modifiers = row.modifiers if row.modifiers is not None else row.root_modifiers
    deltas = [int(each["price_delta_minor"]) for each in modifiers or ()]
    return gross_of(row.quantity_milli, unit_with_modifiers(int(unit or 0), deltas))


def _people(
    sold: Mapping[UUID | None, tuple[int, int]], deeds: Iterable[Deed], names: Mapping[UUID | None, str]
) -> tuple[PersonDay, ...]:
    of_person: dict[UUID | None, list[Deed]] = {person: [] for person in sold}
    for deed in deeds:
        of_person.setdefault(deed.person_id, []).append(deed)
    people = [
        PersonDay(
            person,
            names.get(person, ""),
            *sold.get(person, (0, 0)),
            amounts={kind: sum(deed.amount_minor for deed in own if deed.kind is kind) for kind in DeedKind},
            counts={kind: sum(deed.kind is kind for deed in own) for kind in DeedKind},
        )
        for person, own in of_person.items()
    ]
    return tuple(sorted(people, key=lambda each: (-each.sold_minor, each.name)))


async def _names(reader: Reader, organization_id: UUID) -> dict[UUID | None, str]:
    """The names of all people, of those too who have left."""
    of = StaffMember.__table__.c
    rows = await reader.execute(sa.select(of.id, of.name).where(of.organization_id == organization_id))
    return {row.id: row.name for row in rows}


_ORGANIZATION: sa.BindParameter[UUID] = sa.bindparam("organization", type_=Key())
_BRANCH: sa.BindParameter[UUID] = sa.bindparam("branch", type_=Key())
_DAY: sa.BindParameter[date] = sa.bindparam("day", type_=sa.Date())


def _here(of: Any) -> tuple[sa.ColumnElement[bool], ...]:
    return of.branch_id == _BRANCH, of.organization_id == _ORGANIZATION


def _within(column: Any) -> sa.ColumnElement[bool]:
    begins, ends = (sa.bindparam(name, type_=Instant()) for name in ("begins", "ends"))
    return sa.and_(column >= begins, column < ends)


@cache
def _sold() -> sa.Select[Any]:
    """Receipts by who served the order; where nobody did, by who was paid."""
    receipts, orders = Receipt.__table__.c, Order.__table__.c
    person = sa.func.coalesce(orders.server_id, orders.opened_by, receipts.settled_by).label("person")
    of_order = sa.and_(orders.organization_id == receipts.organization_id, orders.id == receipts.order_id)
    sums: tuple[sa.ColumnElement[Any], ...] = (
        sa.func.count().label("checks"),
        sa.func.sum(receipts.total_minor).label("sold"),
    )
    return (
        sa.select(person, *sums)
        .join_from(Receipt.__table__, Order.__table__, of_order)
        .where(*_here(receipts), receipts.business_date == _DAY, receipts.currency == sa.bindparam("currency"))
        .group_by(person)
    )


@cache
def _approvals() -> sa.Select[Any]:
    """Who approved which of some rows."""
    of = Approval.__table__.c
    wanted = sa.bindparam("rows", expanding=True, type_=Key())
    return sa.select(of.of_row_id, of.approver_id).where(of.organization_id == _ORGANIZATION, of.of_row_id.in_(wanted))


@cache
def _statements() -> Mapping[DeedKind, sa.Select[Any]]:
    """By kind: id, instant, person, what it is about, amount and reason. Built once."""
    return {
        DeedKind.VOID: _voids(),
        DeedKind.DISCOUNT: _discounts(),
        DeedKind.REFUND: _refunds(),
        DeedKind.LOSS: _losses(),
        DeedKind.OPENING: _openings(),
    }


def _voids() -> sa.Select[Any]:
    """What was voided with a reason, and by no refund: a refund tells of its portions itself."""
    voids, line, root = LineVoid.__table__.c, OrderLine.__table__.alias("line"), OrderLine.__table__.alias("root")
    refunds, lines = Refund.__table__.c, RefundLine.__table__.c
    of_refund = sa.exists().where(
        lines.organization_id == voids.organization_id,
        lines.root_id == voids.root_id,
        refunds.organization_id == lines.organization_id,
        refunds.id == lines.refund_id,
        refunds.refunded_at == voids.voided_at,
    )
    same = voids.organization_id
    return (
        sa.select(
            voids.id,
            voids.voided_at.label("at"),
            voids.voided_by.label("person"),
            line.c.item_name.label("about"),
            voids.quantity_milli,
            voids.reason,
            line.c.unit_price_minor,
            line.c.modifiers,
            root.c.unit_price_minor.label("root_price"),
            root.c.modifiers.label("root_modifiers"),
        )
        .join_from(LineVoid.__table__, line, sa.and_(line.c.organization_id == same, line.c.id == voids.line_id))
        .join(root, sa.and_(root.c.organization_id == same, root.c.id == voids.root_id))
        .where(*_here(voids), _within(voids.voided_at), voids.reason != "", sa.not_(voids.lifted), sa.not_(of_refund))
    )


def _discounts() -> sa.Select[Any]:
    """What people took off, of what stands; promotions are nobody's deed."""
    of, orders = Discount.__table__.c, Order.__table__.c
    of_order = sa.and_(orders.organization_id == of.organization_id, orders.id == of.order_id)
    return (
        sa.select(
            of.id,
            of.given_at.label("at"),
            of.given_by.label("person"),
            orders.number.label("about"),
            of.worth_minor.label("amount"),
            of.reason,
        )
        .outerjoin_from(Discount.__table__, Order.__table__, of_order)
        .where(*_here(of), _within(of.given_at), sa.not_(of.lifted), of.source == DiscountSource.HAND)
    )


def _refunds() -> sa.Select[Any]:
    of = Refund.__table__.c
    return sa.select(
        of.id,
        of.refunded_at.label("at"),
        of.refunded_by.label("person"),
        of.number.label("about"),
        of.paid_minor.label("amount"),
        of.reason,
    ).where(*_here(of), of.business_date == _DAY, sa.not_(of.correction))


def _losses() -> sa.Select[Any]:
    """What parties left without paying."""
    of, receipts = WriteOff.__table__.c, Receipt.__table__.c
    of_receipt = sa.and_(receipts.organization_id == of.organization_id, receipts.id == of.receipt_id)
    return (
        sa.select(
            of.id,
            of.written_at.label("at"),
            of.written_by.label("person"),
            receipts.number.label("about"),
            of.amount_minor.label("amount"),
            of.reason,
        )
        .join_from(WriteOff.__table__, Receipt.__table__, of_receipt)
        .where(*_here(of), of.business_date == _DAY, of.written_at.is_not(None), sa.not_(of.lifted))
    )


def _openings() -> sa.Select[Any]:
    """Drawers that were opened without a sale."""
    of = DrawerOpening.__table__.c
    return sa.select(
        of.id,
        of.opened_at.label("at"),
        of.opened_by.label("person"),
        sa.literal("").label("about"),
        sa.literal(0).label("amount"),
        of.reason,
    ).where(*_here(of), of.business_date == _DAY, of.of_id.is_(None))
