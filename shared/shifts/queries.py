"""Reading what a session comes to (an X), Z reports, and the counts of a session."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.drawers.records import CashMovement, Drawer, DrawerOpening, DrawerSession
from shared.exceptions.records import ExceptionEvent
from shared.exceptions.rules import EventKind
from shared.kernel.columns import Key
from shared.payments.accounts import AccountPayment
from shared.payments.records import Payment, Receipt
from shared.payments.refund_records import RefundPayment
from shared.payments.rules import TenderKind, is_tax
from shared.payments.tips import Tip
from shared.shifts.apart import apart
from shared.shifts.records import Count, ZReport
from shared.shifts.rules import (
    NO_COUNTS,
    CountedPurse,
    Counts,
    Late,
    MethodSum,
    MovementSum,
    Purse,
    SalesSum,
    SessionReport,
    TaxSum,
    compared,
    expected,
    late_of,
)
from shared.tenancy.records import Device

Reader = AsyncConnection | AsyncSession
_OF_RECEIPTS = (
    "gross_minor",
    "discount_minor",
    "service_minor",
    "net_minor",
    "tax_minor",
    "total_minor",
    "rounding_minor",
)
"""What receipts say, in the order of `SalesSum`."""
MOST_LOOKED_BACK = 40
"""So many earlier sessions of a device are looked at for money that came late: weeks, and a statement stays small. An
older one is looked at once somebody was told that money of it moved (`payments/after_close.py`)."""


async def session_report(
    reader: Reader, organization_id: UUID, session_id: UUID, currency: str
) -> SessionReport | None:
    """What a session comes to now, an X, by a fixed number of statements. None if nobody knows the session."""
    given = {"organization": organization_id, "session": session_id}
    session = (await reader.execute(_session(), given)).first()
    if session is None:
        return None
    sales = (await _sales(reader, organization_id, [session_id])).get(session_id, SalesSum())
    methods = (await _methods(reader, organization_id, [session_id]))[session_id]
    movements = (await _movements(reader, organization_id, [session_id]))[session_id]
    late = await late_rows(reader, organization_id, session.device_id, currency)
    due = expected(methods, movements, currency)
    return SessionReport(
        session_id=session_id,
        device_id=session.device_id,
        drawer=session.drawer or session.device or "",
        device=session.device or "",
        business_date=session.business_date,
        opened_at=session.opened_at,
        opened_by=session.opened_by_name,
        currency=currency,
        declared=session.declared,
        sales=await apart(reader, organization_id, session_id, sales),
        taxes=await _taxes(reader, organization_id, session_id),
        methods=methods,
        movements=movements,
        openings=await _openings(reader, organization_id, session_id),
        counted=compared(due, late, await counts_of(reader, organization_id, session_id)),
        late=late,
    )


async def expected_now(
    reader: Reader, organization_id: UUID, session_id: UUID, device_id: UUID, currency: str
) -> dict[Purse, int]:
    """What should be there now by purse: the part of a report that a count needs."""
    methods = (await _methods(reader, organization_id, [session_id]))[session_id]
    movements = (await _movements(reader, organization_id, [session_id]))[session_id]
    late = await late_rows(reader, organization_id, device_id, currency)
    counted = compared(expected(methods, movements, currency), late, NO_COUNTS)
    return {Purse(each.method_id, each.currency): each.expected_minor for each in counted}


async def counts_of(reader: Reader, organization_id: UUID, session_id: UUID) -> Counts:
    """The first and the last round of counting a session."""
    of = Count.__table__.c
    mine = (of.organization_id == organization_id, of.session_id == session_id)
    ends = [sa.select(end(of.round)).where(*mine).scalar_subquery() for end in (sa.func.min, sa.func.max)]
    rows = (await reader.execute(sa.select(Count.__table__).where(*mine, of.round.in_(ends)).order_by(of.id))).all()
    first, last = min((row.round for row in rows), default=0), max((row.round for row in rows), default=0)
    newest = {Purse(row.method_id, row.currency): row for row in rows if row.round == last}
    return Counts(
        rounds=last,
        totals={purse: row.total_minor for purse, row in newest.items()},
        expected={purse: row.expected_minor for purse, row in newest.items()},
        first_differences={
            Purse(row.method_id, row.currency): row.total_minor - row.expected_minor
            for row in rows
            if row.round == first
        },
    )


async def late_rows(reader: Reader, organization_id: UUID, device_id: UUID, currency: str) -> tuple[Late, ...]:
    """What came of the device's closed sessions after their Z, and no Z has taken up."""
    given = {"organization": organization_id, "device": device_id}
    reports = {row.session_id: row for which in _looked_at() for row in await reader.execute(which, given)}
    if not reports:
        return ()
    sessions = list(reports)
    sales = await _sales(reader, organization_id, sessions)
    methods = await _methods(reader, organization_id, sessions)
    movements = await _movements(reader, organization_id, sessions)
    taken_up: defaultdict[UUID, list[Any]] = defaultdict(list)
    for row in reports.values():
        for entry in row.late:
            taken_up[UUID(entry["session_id"])].append(entry)
    found: list[Late] = []
    for key, row in reports.items():
        now = expected(methods[key], movements[key], currency), sales.get(key, SalesSum())
        sold = row.receipts, row.total_minor
        found += late_of(key, row.number, now, row.counted, sold, taken_up[key], currency)
    return tuple(found)


@cache
def _looked_at() -> tuple[sa.Select[Any], sa.Select[Any]]:
    """The newest Zs of a device by their numbers, which no clock sets back; and those of which money moved later."""
    of, told = ZReport.__table__.c, ExceptionEvent.__table__.c
    organization, device = (sa.bindparam(name, type_=Key()) for name in ("organization", "device"))
    mine = sa.select(ZReport.__table__).where(of.organization_id == organization, of.device_id == device)
    moved = sa.exists().where(
        told.organization_id == of.organization_id,
        told.subject_id == of.session_id,
        told.kind == EventKind.AFTER_THE_CLOSE,
    )
    newest = mine.order_by(sa.func.length(of.number).desc(), of.number.desc()).limit(MOST_LOOKED_BACK)
    return newest, mine.where(moved)


async def z_reports(reader: Reader, organization_id: UUID, branch_id: UUID, most: int = 50) -> list[SessionReport]:
    """The newest Zs of a branch, of whatever device, the newest first."""
    of = ZReport.__table__.c
    rows = await reader.execute(
        sa.select(ZReport.__table__, Device.name.label("device"))
        .join_from(ZReport.__table__, Device.__table__, _same(of.device_id, of, Device.__table__.c), isouter=True)
        .where(of.organization_id == organization_id, of.branch_id == branch_id)
        .order_by(of.closed_at.desc(), of.id.desc())
        .limit(most)
    )
    return [report_of(row, row.device or "") for row in rows]


async def zs_of_day(reader: Reader, organization_id: UUID, branch_id: UUID, day: date) -> list[SessionReport]:
    """The Zs of a business date, in the order of closing."""
    of = ZReport.__table__.c
    rows = await reader.execute(
        sa.select(ZReport.__table__, Device.name.label("device"))
        .join_from(ZReport.__table__, Device.__table__, _same(of.device_id, of, Device.__table__.c), isouter=True)
        .where(of.organization_id == organization_id, of.branch_id == branch_id, of.business_date == day)
        .order_by(of.closed_at, of.id)
    )
    return [report_of(row, row.device or "") for row in rows]


def report_of(row: Any, device: str) -> SessionReport:
    """What the row of a Z says."""
    return SessionReport(
        session_id=row.session_id,
        device_id=row.device_id,
        drawer=row.drawer_name,
        device=device,
        business_date=row.business_date,
        opened_at=row.opened_at,
        opened_by=row.opened_by_name,
        currency=row.currency,
        declared=row.declared,
        sales=SalesSum(**{name: getattr(row, name) for name in SalesSum.__slots__}),
        taxes=tuple(TaxSum(**entry) for entry in row.taxes),
        methods=tuple(MethodSum(**_read(entry, kind=TenderKind)) for entry in row.methods),
        movements=tuple(MovementSum(**entry) for entry in row.movements),
        openings=row.openings,
        counted=tuple(CountedPurse(**_read(entry)) for entry in row.counted),
        late=tuple(Late(**_read(entry)) for entry in row.late),
        number=row.number,
        closed_at=row.closed_at,
        closed_by=row.closed_by_name,
        reason=row.reason,
        head_seq=row.head_seq,
        head_chain=row.head_chain,
    )


def _read(entry: dict[str, Any], **kinds: Any) -> dict[str, Any]:
    """An entry of a list with its ids and kinds."""
    ids = {name: UUID(entry[name]) for name in ("method_id", "session_id") if entry.get(name)}
    return {**entry, **ids, **{name: kind(entry[name]) for name, kind in kinds.items()}}


async def _sales(reader: Reader, organization_id: UUID, sessions: Sequence[UUID]) -> dict[UUID, SalesSum]:
    given = {"organization": organization_id, "sessions": sorted(sessions)}
    rows = await reader.execute(_statement("sales"), given)
    return {row[0]: SalesSum(row[1], 0, row[2] or "", row[3] or "", *map(int, row[4:])) for row in rows}


async def _methods(
    reader: Reader, organization_id: UUID, sessions: Sequence[UUID]
) -> dict[UUID, tuple[MethodSum, ...]]:
    """The money of each method; four statements."""
    given = {"organization": organization_id, "sessions": sorted(sessions)}
    found: defaultdict[UUID, dict[Any, MethodSum]] = defaultdict(dict)

    def add(row: Any, **amounts: int) -> None:
        given = getattr(row, "given_currency", "")
        key = row.method_id, row.currency, given
        before = found[row.session_id].get(key) or MethodSum(*key[:1], row.method_name, row.kind, *key[1:])
        more = {name: getattr(before, name) + int(amount) for name, amount in amounts.items()}
        found[row.session_id][key] = before._replace(**more)

    for row in await reader.execute(_statement("payments"), given):
        add(
            row,
            payments=row.rows,
            amount_minor=row.amount_minor,
            change_minor=_change(row),
            given_minor=row.given_minor,
        )
    for row in await reader.execute(_refunds(), given):
        count, amount = ("corrections", "corrections_minor") if row.correction else ("refunds", "refunds_minor")
        add(
            row, **{count: row.rows, amount: row.amount_minor}, change_minor=-_change(row), given_minor=-row.given_minor
        )
    for row in await reader.execute(_statement("tips"), given):
        add(row, tips=row.rows, tips_minor=row.amount_minor)
    for row in await reader.execute(_statement("collected"), given):
        add(row, collected=row.rows, collected_minor=row.amount_minor)
    in_order = {key: tuple(sorted(of.values(), key=_by_kind)) for key, of in found.items()}
    return {key: in_order.get(key, ()) for key in sessions}


def _change(row: Any) -> int:
    """The cash that was given back for other money or a voucher; that of house cash is in its amount already."""
    return 0 if row.kind is TenderKind.CASH and not row.given_currency else int(row.change_minor)


def _by_kind(method: MethodSum) -> tuple[Any, ...]:
    """Cash first, then the others by name."""
    return method.kind is not TenderKind.CASH, method.name, str(method.method_id), *method[3:5]


async def _movements(
    reader: Reader, organization_id: UUID, sessions: Sequence[UUID]
) -> dict[UUID, tuple[MovementSum, ...]]:
    given = {"organization": organization_id, "sessions": sorted(sessions)}
    found: defaultdict[UUID, list[MovementSum]] = defaultdict(list)
    for row in await reader.execute(_statement("movements"), given):
        found[row.session_id].append(MovementSum(str(row.kind), row.currency, row.rows, int(row.amount_minor)))
    return {key: tuple(found[key]) for key in sessions}


async def _openings(reader: Reader, organization_id: UUID, session_id: UUID) -> int:
    """How often the drawer was opened without a sale."""
    of = DrawerOpening.__table__.c
    mine = (of.organization_id == organization_id, of.session_id == session_id, of.of_id.is_(None))
    counted = sa.select(sa.func.count()).select_from(DrawerOpening.__table__).where(*mine)
    return int((await reader.execute(counted)).scalar_one())


async def _taxes(reader: Reader, organization_id: UUID, session_id: UUID) -> tuple[TaxSum, ...]:
    """The taxes of the receipts. They are lists in the rows, so they are added up here."""
    found: dict[tuple[Any, ...], TaxSum] = {}
    given = {"organization": organization_id, "session": session_id}
    for taxes in (await reader.execute(_receipt_taxes(), given)).scalars():
        for tax in filter(is_tax, taxes):
            key = tax["name"], tax.get("rate_millionths") or 0, tax.get("per_unit_minor")
            before = found.get(key, TaxSum(*key, 0, 0))
            found[key] = before._replace(
                net_minor=before.net_minor + tax.get("net_minor", 0), tax_minor=before.tax_minor + tax["tax_minor"]
            )
    return tuple(found[key] for key in sorted(found, key=str))


@cache
def _session() -> sa.Select[Any]:
    """Built once: building it takes longer than running it."""
    session, drawer, device = DrawerSession.__table__, Drawer.__table__, Device.__table__
    of = session.c
    return (
        sa.select(session, drawer.c.name.label("drawer"), device.c.name.label("device"))
        .join_from(session, drawer, _same(of.drawer_id, of, drawer.c), isouter=True)
        .join(device, _same(of.device_id, of, device.c), isouter=True)
        .where(of.organization_id == sa.bindparam("organization"), of.id == sa.bindparam("session"))
    )


@cache
def _receipt_taxes() -> sa.Select[Any]:
    of = Receipt.__table__.c
    return sa.select(of.taxes).where(
        of.organization_id == sa.bindparam("organization"), of.session_id == sa.bindparam("session")
    )


@cache
def _refunds() -> sa.Select[Any]:
    """What went back by each method. A correction takes back what its payment put into the drawer, in that money."""
    of, paid = RefundPayment.__table__.c, Payment.__table__
    reversed_ = sa.and_(of.correction, paid.c.id.is_not(None))
    given = sa.case((reversed_, paid.c.given_currency), else_="").label("given_currency")
    keys = [of[name] for name in ("session_id", "method_id", "method_name", "kind", "currency", "correction")]
    taken_back = (sa.func.sum(sa.case((reversed_, paid.c[name]), else_=0)) for name in ("change_minor", "given_minor"))
    sessions: sa.BindParameter[Any] = sa.bindparam("sessions", expanding=True)
    return (
        sa.select(
            *keys,
            given,
            sa.func.count().label("rows"),
            sa.func.sum(of.paid_minor).label("amount_minor"),
            *(column.label(name) for column, name in zip(taken_back, ("change_minor", "given_minor"), strict=True)),
        )
        .join_from(RefundPayment.__table__, paid, _same(of.payment_id, of, paid.c), isouter=True)
        .where(of.organization_id == sa.bindparam("organization"), of.session_id.in_(sessions))
        .group_by(*keys, given)
        .order_by(*keys)
    )


@cache
def _statement(what: str) -> sa.Select[Any]:
    """The sums of some sessions. Built once: building one takes longer than running it."""
    total, rows = sa.func.sum, sa.func.count().label("rows")
    by_method = ("session_id", "method_id", "method_name", "kind", "currency")
    columns: list[Any]
    named: tuple[str, ...]
    match what:
        case "sales":
            of, named = Receipt.__table__.c, ("session_id",)
            columns = [
                sa.func.count(),
                sa.func.min(of.number),
                sa.func.max(of.number),
                *(total(of[name]) for name in _OF_RECEIPTS),
            ]
        case "payments":
            of, named = Payment.__table__.c, (*by_method, "given_currency")
            columns = [rows, *(total(of[name]).label(name) for name in ("amount_minor", "change_minor", "given_minor"))]
        case "tips":
            of, named = Tip.__table__.c, by_method
            columns = [rows, total(of.amount_minor).label("amount_minor")]
        case "collected":
            of, named = AccountPayment.__table__.c, by_method
            columns = [rows, total(of.amount_minor).label("amount_minor")]
        case _:
            of, named = CashMovement.__table__.c, ("session_id", "kind", "currency")
            columns = [rows, total(of.in_minor - of.out_minor - of.taken_minor).label("amount_minor")]
    keys = [of[name] for name in named]
    counts = of.lifted == sa.false() if what == "tips" else sa.true()
    sessions: sa.BindParameter[Any] = sa.bindparam("sessions", expanding=True)
    return (
        sa.select(*keys, *columns)
        .where(of.organization_id == sa.bindparam("organization"), of.session_id.in_(sessions), counts)
        .group_by(*keys)
        .order_by(*keys)
    )


def _same(reference: Any, of: Any, other: Any) -> sa.ColumnElement[bool]:
    return sa.and_(other.organization_id == of.organization_id, other.id == reference)
