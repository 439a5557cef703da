"""The inbox: reads exceptions as people see them (`exception_views.py`): what happened, who, when, which rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from shared.books.causes import Causes, at_work, open_causes
from shared.books.differences import CHARGED_OTHERWISE, OF_ACCOUNTS, OpenDifference
from shared.books.exception_views import ENDS, LONG_AGO, Concerned, Ends, OpenException, Portion
from shared.books.overselling import oversold_views
from shared.books.promising_twice import promised_twice_views
from shared.exceptions.queries import EventView
from shared.exceptions.rules import APPROVER
from shared.kernel.columns import Key
from shared.orders.records import Order, OrderLine
from shared.orders.rules import gross_of, number_order
from shared.payments.accounts import Account, AccountCharge, AccountPayment
from shared.payments.adjustment_records import Discount, ServiceCharge
from shared.payments.records import Payment, Receipt, ReceiptLine
from shared.staff.records import StaffMember
from shared.tenancy.records import Device, Organization
from shared.truth.balances import NO_SUMS, credit_of
from shared.truth.family import LINES, RECEIPT_LINES, TICKET_LINES, VOIDS, Difference, Family, compare
from shared.truth.reading import Reader, RowsOfFamily, rows_of_families


async def open_exceptions(reader: Reader, organization_id: UUID, *branch_ids: UUID) -> list[OpenException]:
    """What waits for a person in some branches, the newest first; at most eighteen statements."""
    causes = await open_causes(reader, organization_id, branch_ids)
    names = await _names(reader, organization_id, causes.events)
    currency = names.get(organization_id, "")
    views = [_of_event(event, names, currency) for event in causes.events]
    of_accounts = [each for each in causes.differences if each.kind in OF_ACCOUNTS]
    of_menu = [each for each in causes.differences if each.kind is Difference.OVERSOLD]
    views += await oversold_views(reader, organization_id, branch_ids, of_menu, causes.settled, currency)
    of_tables = [each for each in causes.differences if each.kind is Difference.TABLE_PROMISED_TWICE]
    views += await promised_twice_views(reader, organization_id, branch_ids, of_tables, causes.settled, currency)
    apart = {*of_accounts, *of_menu, *of_tables}
    others = [each for each in causes.differences if each not in apart]
    if others:
        facts = await _facts(reader, organization_id, causes)
        views += [_of_difference(each, causes, facts, currency) for each in others]
    if of_accounts:
        last = await _last_of_accounts(reader, organization_id, of_accounts)
        views += [_of_account(each, causes, last, currency) for each in of_accounts]
    return sorted(views, key=lambda view: (-view.happened_at.timestamp(), view.id))


# -- events ----------------------------------------------------------------------------------------------------------


async def _names(reader: Reader, organization_id: UUID, events: Collection[EventView]) -> dict[UUID, str]:
    """The names of people and devices; under the organization's id, its currency."""
    named = {each for event in events for each in (event.person_id, event.device_id, *_approvers(event))}
    wanted = sorted(each for each in named if each is not None)
    rows = await reader.execute(_statements().names, {"organization": organization_id, "ids": wanted})
    return {row.id: row.name for row in rows}


def _of_event(event: EventView, names: Mapping[UUID, str], currency: str) -> OpenException:
    return OpenException(
        id=event.id,
        kind=event.kind,
        branch_id=event.branch_id,
        size=event.size,
        settled_up_to=event.settled_up_to,
        happened_at=event.happened_at,
        who=names.get(event.person_id, "") if event.person_id else "",
        device=names.get(event.device_id, "") if event.device_id else "",
        rows=tuple(_told_rows(event.details)),
        ends=(Ends.NOTE,),
        currency=currency,
        amount_minor=event.amount_minor,
        reason=event.reason,
        details=event.details,
        approvers=tuple(dict.fromkeys(names[each] for each in _approvers(event) if each in names)),
    )


def _approvers(event: EventView) -> Iterator[UUID]:
    """Whom the approvals of an event name: what a device said, so perhaps nobody."""
    for detail in event.details if isinstance(event.details, list) else ():
        said = detail.get(APPROVER) if isinstance(detail, Mapping) else None
        with suppress(ValueError):
            if isinstance(said, str):
                yield UUID(hex=said)


def _told_rows(details: Any) -> Iterator[Concerned]:
    """The rows that an event tells of, as far as it says their table and id."""
    for detail in details if isinstance(details, list) else ():
        if not isinstance(detail, Mapping):
            continue
        yield from _told_rows(detail.get("changes"))
        try:
            row_id = UUID(hex=str(detail.get("row", "")))
        except ValueError:
            continue
        named = (detail.get(name) for name in ("number", "item_name", "method_name", "reason", "name"))
        yield Concerned(str(detail.get("table", "")), row_id, next((str(name) for name in named if name), ""))


# -- differences -----------------------------------------------------------------------------------------------------


class _Facts(NamedTuple):
    """What is known of the rows behind differences.

    Attributes:
        receipts: by check, the oldest first.
        adjusting: by check, its discounts and service charges, if something is charged otherwise.
        families: compared, with their rows.
    """

    receipts: Mapping[UUID, list[Any]]
    adjusting: Mapping[UUID, list[Any]]
    families: Sequence[tuple[Family, RowsOfFamily]]


async def _facts(reader: Reader, organization_id: UUID, causes: Causes) -> _Facts:
    checks = sorted({each.check_id for each in causes.differences})
    subjects = sorted({each.subject_id for each in causes.differences})
    receipts: dict[UUID, list[Any]] = {}
    given = {"organization": organization_id, "checks": checks}
    for row in await reader.execute(_statements().receipts, given):
        receipts.setdefault(row.check_id, []).append(row)
    adjusting: dict[UUID, list[Any]] = {}
    if any(each.kind in CHARGED_OTHERWISE for each in causes.differences):
        for row in await reader.execute(_statements().adjusting, given):
            adjusting.setdefault(row.check_id, []).append(row)
    found = (await reader.execute(_statements().roots, {**given, "subjects": subjects})).scalars()
    families = await rows_of_families(reader, organization_id, found)
    return _Facts(receipts, adjusting, [(compare(root, rows), rows) for root, rows in sorted(families.items())])


_TWICE = {Difference.TABLE_OPENED_TWICE: "table_id", Difference.PARTY_SEATED_TWICE: "party_id"}
"""Differences between orders, and what those have in common."""


def _of_difference(each: OpenDifference, causes: Causes, facts: _Facts, currency: str) -> OpenException:
    order = causes.orders.get(each.check_id)
    receipts = facts.receipts.get(each.check_id, []) if each.kind not in _TWICE else []
    found = [(family, rows, size) for family, rows in facts.families if (size := _size_in(family, each))]
    adjusting = facts.adjusting.get(each.check_id, []) if each.kind in CHARGED_OTHERWISE else []
    old = _price_when_paid(each, found)
    return OpenException(
        id=each.id,
        kind=each.kind,
        branch_id=each.branch_id,
        size=each.size,
        settled_up_to=causes.settled.get(each.id, 0),
        happened_at=_last_said(order, receipts, adjusting, found),
        who=receipts[-1].cashier_name if receipts else order.server_name if order is not None else "",
        rows=tuple(_rows(each, causes, (*_papers(receipts), *_adjustments(adjusting)), found)),
        ends=_ends(each.kind, found),
        currency=order.currency if order is not None else currency,
        amount_minor=_amount(each, causes, found),
        order_number=order.number if order is not None else "",
        table_name=order.table_name if order is not None else "",
        portions=_portions(found),
        old_minor=old,
        new_minor=each.also if each.kind is Difference.CHANGED_AFTER_PAYING else 0,
    )


_Found = Sequence[tuple[Family, RowsOfFamily, int]]


def _portions(found: _Found) -> tuple[Portion, ...]:
    """The dishes, each once however many lines it stands on."""
    sizes: dict[tuple[str, str], int] = {}
    for family, rows, size in found:
        line = rows[LINES][family.root]
        dish = line.item_name, line.unit
        sizes[dish] = sizes.get(dish, 0) + size
    return tuple(Portion(size, *dish) for dish, size in sizes.items())


def _size_in(family: Family, each: OpenDifference) -> int:
    """How many portions of a family a difference is about; those of a changed price, all that are counted."""
    if each.kind is Difference.ORDERED_AFTER_PAYING:
        late = (part.owed for part in family.parts.values() if part.check_id == each.subject_id)
        return 0 if family.is_covered else sum(late)
    kind = Difference.PAID_TWICE if each.kind is Difference.PAID_AFTER_ALL else each.kind
    for trouble, size in family.troubles.items():
        if (trouble.kind, trouble.subject, trouble.also) == (kind, each.subject_id, each.also):
            return family.covered[each.subject_id].counted if each.kind is Difference.CHANGED_AFTER_PAYING else size
    return 0


def _amount(each: OpenDifference, causes: Causes, found: _Found) -> int:
    """The money that a difference is about: to be given back (no more than came in), missing, handed out twice, or
    charged otherwise.

    Of a changed price above nothing what was charged too much by the new one, below nothing what was charged too
    little. 0 where nobody knows: what is owed is priced with its whole check.
    """
    match each.kind:
        case Difference.SHORT | Difference.TO_GIVE_BACK | Difference.CHARGED_TOO_MUCH | Difference.CHARGED_TOO_LITTLE:
            return each.size
        case Difference.DISCOUNTS_ABOVE_LIMIT | Difference.REFUNDS_ABOVE_LIMIT | Difference.DISCOUNT_LEFT_BEHIND:
            return each.size
        case Difference.PAID_AFTER_ALL:
            return min(_spare(each, found), int(causes.sums[each.check_id].lost_minor))
        case Difference.PAID_TWICE | Difference.PAID_THEN_TAKEN_OFF:
            return max(0, min(_spare(each, found), credit_of(causes.sums.get(each.check_id, NO_SUMS))))
        case Difference.CHANGED_AFTER_PAYING:
            cheaper = _price_when_paid(each, found) - each.also
            portions = sum(size for _family, _rows, size in found)
            return gross_of(portions, abs(cheaper)) * (1 if cheaper > 0 else -1)
        case Difference.REFUNDED_TWICE:
            return sum(family.covered[each.subject_id].twice_minor for family, _rows, _size in found)
        case _:
            return 0


def _spare(each: OpenDifference, found: _Found) -> int:
    """What receipts of a check count too much of the dishes that a difference is about."""
    return sum(
        covered.spare_minor
        for family, rows, _size in found
        for row_id, covered in family.covered.items()
        if rows[RECEIPT_LINES][row_id].check_id == each.check_id
    )


def _price_when_paid(each: OpenDifference, found: _Found) -> int:
    if each.kind is not Difference.CHANGED_AFTER_PAYING:
        return 0
    return next((rows[RECEIPT_LINES][each.subject_id].unit_price_minor for _family, rows, _size in found), 0)


def _last_said(order: Any, receipts: Sequence[Any], adjusting: Sequence[Any], found: _Found) -> datetime:
    said = [order.opened_at] if order is not None else []
    said += [receipt.settled_at for receipt in receipts]
    said += [row.said_at for row in adjusting]
    for _family, rows, _size in found:
        said += [line.added_at for line in rows[LINES].values()]
        said += [void.voided_at for void in rows[VOIDS].values()]
    return max(said, default=LONG_AGO)


def _papers(receipts: Iterable[Any]) -> Iterator[Concerned]:
    return (Concerned(Receipt.__tablename__, receipt.id, receipt.number) for receipt in receipts)


def _adjustments(adjusting: Iterable[Any]) -> Iterator[Concerned]:
    return (Concerned(row.kind, row.id, row.reason) for row in adjusting)


def _rows(each: OpenDifference, causes: Causes, papers: Iterable[Concerned], found: _Found) -> Iterator[Concerned]:
    order = causes.orders.get(each.check_id)
    if each.kind in _TWICE and order is not None:
        same = _TWICE[each.kind]
        orders = (row for row in causes.orders.values() if getattr(row, same) == getattr(order, same))
        at_table = {row.id: row for row in orders if not row.has_left}
        busy = {causes.orders[check].id for check in at_work(causes.sums) if check in causes.orders}
        of_table = sorted((number_order(at_table[key].number), key) for key in busy & at_table.keys())
        yield from (Concerned(Order.__tablename__, key, at_table[key].number) for _place, key in of_table)
        return
    yield Concerned("checks", each.check_id, "")
    if order is not None:
        yield Concerned(Order.__tablename__, order.id, order.number)
    yield from papers
    for family, rows, _size in found:
        name = rows[LINES][family.root].item_name
        yield Concerned(LINES, family.root, name)
        yield from (Concerned(VOIDS, key, void.reason) for key, void in sorted(_lifting(rows)))
        if each.kind is Difference.CHANGED_AFTER_COOKING:
            tickets = {row.ticket_id for row in rows[TICKET_LINES].values() if row.ticket_id is not None}
            yield from (Concerned("kitchen_tickets", ticket, "") for ticket in sorted(tickets))


def _lifting(rows: RowsOfFamily) -> list[tuple[UUID, Any]]:
    """The voids of a family that can be lifted: what was thrown away is ordered again instead."""
    return [(key, void) for key, void in rows[VOIDS].items() if not void.lifted and not void.thrown_milli]


def _ends(kind: Difference, found: _Found) -> tuple[Ends, ...]:
    if kind not in ENDS:
        return (Ends.NOTE,)
    can_lift = any(_lifting(rows) for _family, rows, _size in found)
    return tuple(end for end in ENDS[kind] if end is not Ends.LIFT_VOID or can_lift)


# -- accounts ----------------------------------------------------------------------------------------------------------


async def _last_of_accounts(
    reader: Reader, organization_id: UUID, found: Iterable[OpenDifference]
) -> dict[UUID, datetime]:
    """When something was last charged to or paid of each account."""
    given = {"organization": organization_id, "ids": sorted(each.subject_id for each in found)}
    return {row.account_id: row.said_at for row in await reader.execute(_statements().of_accounts, given)}


def _of_account(each: OpenDifference, causes: Causes, last: Mapping[UUID, datetime], currency: str) -> OpenException:
    """Of whom it is, only the sealed name of the account tells."""
    return OpenException(
        id=each.id,
        kind=each.kind,
        branch_id=each.branch_id,
        size=each.size,
        settled_up_to=causes.settled.get(each.id, 0),
        happened_at=last.get(each.subject_id, LONG_AGO),
        who="",
        rows=(Concerned(Account.__tablename__, each.subject_id, ""),),
        ends=ENDS[each.kind],
        currency=currency,
        amount_minor=each.size,
    )


class _Statements(NamedTuple):
    """What is asked of the rows behind exceptions: names, receipts of checks, what adjusts checks, the last rows of
    accounts, families of subjects and checks."""

    names: sa.CompoundSelect[Any]
    receipts: sa.Select[Any]
    adjusting: sa.CompoundSelect[Any]
    of_accounts: sa.Select[Any]
    roots: sa.Select[Any]


@cache
def _statements() -> _Statements:
    """Built once: building one takes longer than running it."""
    organization: sa.BindParameter[UUID] = sa.bindparam("organization")
    ids, checks, subjects = (sa.bindparam(name, expanding=True, type_=Key()) for name in ("ids", "checks", "subjects"))
    people, devices, organizations, receipts, lines, receipt_lines = (
        kind.__table__.c for kind in (StaffMember, Device, Organization, Receipt, OrderLine, ReceiptLine)
    )
    currency = sa.select(organizations.organization_id.label("id"), organizations.currency.label("name"))
    named = (
        sa.select(of.id, of.name).where(of.organization_id == organization, of.id.in_(ids)) for of in (people, devices)
    )
    roots = (
        sa.select(of.root_id).where(
            of.organization_id == organization, sa.or_(of.id.in_(subjects), of.check_id.in_(checks))
        )
        for of in (lines, receipt_lines)
    )
    given, charged = Discount.__table__.c, ServiceCharge.__table__.c
    adjusting = (
        sa.select(
            of.id, of.check_id, at.label("said_at"), reason.label("reason"), sa.literal(kind).label("kind")
        ).where(of.organization_id == organization, of.check_id.in_(checks))
        for of, at, reason, kind in (
            (given, given.given_at, given.reason, Discount.__tablename__),
            (charged, charged.added_at, sa.literal(""), ServiceCharge.__tablename__),
        )
    )
    charge, paid, payment = AccountCharge.__table__.c, AccountPayment.__table__.c, Payment.__table__.c
    of_accounts = sa.union_all(
        sa.select(paid.account_id, paid.taken_at.label("said_at")).where(
            paid.organization_id == organization, paid.account_id.in_(ids)
        ),
        sa.select(charge.account_id, payment.taken_at).where(
            charge.organization_id == organization,
            charge.account_id.in_(ids),
            payment.organization_id == charge.organization_id,
            payment.id == charge.payment_id,
        ),
    ).subquery()
    return _Statements(
        names=sa.union_all(currency.where(organizations.organization_id == organization), *named),
        receipts=sa.select(Receipt.__table__)
        .where(receipts.organization_id == organization, receipts.check_id.in_(checks))
        .order_by(receipts.id),
        adjusting=sa.union_all(*adjusting).order_by("id"),
        of_accounts=sa.select(of_accounts.c.account_id, sa.func.max(of_accounts.c.said_at).label("said_at")).group_by(
            of_accounts.c.account_id
        ),
        roots=sa.select(sa.union(*roots).subquery()),
    )
