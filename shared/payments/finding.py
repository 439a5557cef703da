"""Finding receipts of the past by whatever somebody knows of them, the newest first.

Every statement is bounded by an index and a limit; words are looked for among the newest `WINDOW` receipts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.columns import Key
from shared.kernel.numbers import DIGITS
from shared.orders.records import Order
from shared.payments.counting import counted_by
from shared.payments.records import Check, Payment, Receipt, ReceiptLine
from shared.payments.refund_records import Refund
from shared.payments.seeking import Sought

Reader = AsyncConnection | AsyncSession
MOST_FOUND = 100
"""So many are found at once; further ones come after the last of them."""
WINDOW = 2_000
"""So many receipts, the newest, are searched for words: some weeks of a busy branch, in some 20 ms."""
_ROUNDED = 50
"""So far from what was sold the amount of a receipt may be in coins, in minor units."""


@dataclass(frozen=True, slots=True)
class Found:
    """Receipts that were found.

    Attributes:
        ids: those of the best kind of match first, of one kind the newest.
        is_cut: whether there are more.
        is_recent: whether only the newest `WINDOW` receipts were searched for words.
    """

    ids: tuple[UUID, ...] = ()
    is_cut: bool = False
    is_recent: bool = False


async def find_receipts(
    reader: Reader,
    organization_id: UUID,
    branch_id: UUID,
    what: Sought,
    items: Collection[UUID] = (),
    tables: Collection[UUID] = (),
    after: UUID | None = None,
) -> Found:
    """The receipts of a branch that something can mean; at most twelve statements.

    What is exactly a number, an operation or an amount comes before what only begins so or is called so. Digits that
    are exactly an operation mean nothing less exact: only receipts with this operation or this number are found.

    Args:
        items, tables: the dishes and tables that its words name.
        after: the newest, or those of a day, that come after this one.
    """
    given = {"organization": organization_id, "branch": branch_id}
    if what.is_anything or what.day is not None:
        return await _listed(reader, given, what, after)
    found: dict[UUID, None] = {}
    if what.place is not None:
        letters = [what.letter] if what.letter else await _letters(reader, given)
        for query, numbers in _numbered(what, letters):
            found |= dict.fromkeys(await _ids(reader, query, {**given, "numbers": numbers}))
    paid: Sequence[UUID] = ()
    if what.operation:
        paid = await _paid_with(reader, _paid_by(), {**given, "operation": what.operation})
    if paid and what.operation.isdigit():
        return _best(dict.fromkeys(paid) | found)
    found |= dict.fromkeys(paid)
    if what.amount_minor is not None:
        near = {"amount": what.amount_minor, "low": what.amount_minor - _ROUNDED, "high": what.amount_minor + _ROUNDED}
        found |= dict.fromkeys(await _ids(reader, _by_amount(), {**given, **near}))
    if what.operation:
        ends = what.operation + "\uffff"
        begun = await _paid_with(reader, _by_operation(), {**given, "begins": what.operation, "ends": ends})
        found |= dict.fromkeys(begun)
    if what.words:
        named = {"words": what.words, "like": f"%{_escaped(what.words)}%", "items": sorted(items)}
        named["tables"] = sorted(tables)
        found |= dict.fromkeys(await _ids(reader, _by_words(), {**given, **named}))
    return _best(found, is_recent=bool(what.words))


def _best(found: Collection[UUID], *, is_recent: bool = False) -> Found:
    return Found(tuple(found)[:MOST_FOUND], len(found) > MOST_FOUND, is_recent)


async def _ids(reader: Reader, query: sa.Select[Any], given: Mapping[str, Any]) -> Sequence[UUID]:
    ids: Sequence[UUID] = (await reader.execute(query, given)).scalars().all()
    return ids


def _escaped(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


async def _listed(reader: Reader, given: Mapping[str, Any], what: Sought, after: UUID | None) -> Found:
    of = Receipt.__table__.c
    query = sa.select(of.id).where(of.organization_id == given["organization"], of.branch_id == given["branch"])
    if what.day is not None:
        query = query.where(of.business_date == what.day)
    if after is not None:
        place = of.business_date, of.settled_at, of.id
        last = sa.select(*place).where(of.organization_id == given["organization"], of.id == after)
        row = (await reader.execute(last)).one()
        query = query.where(sa.tuple_(*place) < sa.tuple_(*map(_bound, place, row)))
    newest = query.order_by(of.business_date.desc(), of.settled_at.desc(), of.id.desc()).limit(MOST_FOUND + 1)
    ids = (await reader.execute(newest)).scalars().all()
    return Found(tuple(ids[:MOST_FOUND]), len(ids) > MOST_FOUND)


def _bound(column: Any, value: Any) -> sa.BindParameter[Any]:
    return sa.literal(value, column.type)


async def _letters(reader: Reader, given: Mapping[str, Any]) -> list[str]:
    """The letters of the devices that ever made a receipt here: a step in the index for each."""
    found = (await reader.execute(_first_of_each_series(), given)).scalars().all()
    return [number[: -DIGITS - 1] for number in found if number is not None]


def _numbered(what: Sought, letters: Sequence[str]) -> list[tuple[sa.Select[Any], list[str]]]:
    if what.is_refund:
        return [(_by_refund(), [f"{letter}-R{what.place:0{DIGITS}d}" for letter in letters])]
    return [
        (_by_number(), [f"{letter}-{what.place:0{DIGITS}d}" for letter in letters]),
        (_by_order(), [f"{letter}-{what.place}" for letter in letters]),
    ]


def _mine(of: Any) -> tuple[sa.ColumnElement[bool], ...]:
    return of.organization_id == sa.bindparam("organization", type_=Key()), of.branch_id == sa.bindparam(
        "branch", type_=Key()
    )


@cache
def _first_of_each_series() -> sa.Select[Any]:
    """Built once, as all of these: building one takes longer than running it."""
    of = Receipt.__table__.c
    first = sa.select(sa.func.min(of.number).label("number")).where(*_mine(of)).cte("series", recursive=True)
    end = sa.func.substr(first.c.number, 1, sa.func.length(first.c.number) - DIGITS) + ":"
    following = sa.select(sa.func.min(of.number)).where(*_mine(of), of.number > end).scalar_subquery()
    series = first.union_all(sa.select(following).where(first.c.number.is_not(None)))
    return sa.select(series.c.number)


def _newest(query: sa.Select[Any]) -> sa.Select[Any]:
    of = Receipt.__table__.c
    return query.order_by(of.business_date.desc(), of.settled_at.desc(), of.id.desc()).limit(MOST_FOUND + 1)


_NUMBERS: sa.BindParameter[Any] = sa.bindparam("numbers", expanding=True)


@cache
def _by_number() -> sa.Select[Any]:
    of = Receipt.__table__.c
    return _newest(sa.select(of.id).where(*_mine(of), of.number.in_(_NUMBERS)))


@cache
def _by_order() -> sa.Select[Any]:
    orders, checks, of = Order.__table__.c, Check.__table__.c, Receipt.__table__.c
    on_check = sa.and_(checks.organization_id == orders.organization_id, checks.order_id == orders.id)
    receipts = sa.and_(of.organization_id == checks.organization_id, of.check_id == checks.id)
    query = sa.select(of.id).join_from(Order.__table__, Check.__table__, on_check).join(Receipt.__table__, receipts)
    return _newest(query.where(*_mine(orders), orders.number.in_(_NUMBERS)))


@cache
def _by_refund() -> sa.Select[Any]:
    refunds, of = Refund.__table__.c, Receipt.__table__.c
    same = sa.and_(of.organization_id == refunds.organization_id, of.check_id == refunds.check_id)
    query = sa.select(of.id).join_from(Refund.__table__, Receipt.__table__, same)
    return _newest(query.where(*_mine(refunds), refunds.number.in_(_NUMBERS)))


async def _paid_with(reader: Reader, payments: sa.Select[Any], given: Mapping[str, Any]) -> list[UUID]:
    """The receipts that count some payments, the newest first; three statements.

    What no receipt of a check counts is on its last one (as in `past`).
    """
    paid = (await reader.execute(payments, given)).all()
    if not paid:
        return []
    checks = {"organization": given["organization"], "checks": sorted({row.check_id for row in paid})}
    receipts: defaultdict[UUID, dict[UUID, Any]] = defaultdict(dict)
    for row in await reader.execute(_receipts_of(), checks):
        receipts[row.check_id][row.id] = row
    replaces: defaultdict[UUID, dict[UUID, UUID | None]] = defaultdict(dict)
    for row in await reader.execute(_replacements_of(), checks):
        replaces[row.check_id][row.id] = row.replaces_id
    found = {}
    for row in paid:
        of_check = receipts[row.check_id]
        counted = counted_by({key: of.counts for key, of in of_check.items()}, {row.id: None, **replaces[row.check_id]})
        receipt_id = counted.get(row.id) or max(of_check, default=None)
        if receipt_id is not None:
            found[receipt_id] = of_check[receipt_id]
    newest = sorted(found.values(), key=lambda of: (of.business_date, of.settled_at, of.id), reverse=True)
    return [of.id for of in newest]


@cache
def _receipts_of() -> sa.Select[Any]:
    of = Receipt.__table__.c
    return sa.select(of.id, of.check_id, of.counts, of.business_date, of.settled_at).where(*_on_checks(of))


@cache
def _replacements_of() -> sa.Select[Any]:
    of = Payment.__table__.c
    return sa.select(of.id, of.check_id, of.replaces_id).where(*_on_checks(of), of.replaces_id.is_not(None))


def _on_checks(of: Any) -> tuple[sa.ColumnElement[bool], ...]:
    checks: sa.BindParameter[Any] = sa.bindparam("checks", expanding=True, type_=Key())
    return of.organization_id == sa.bindparam("organization", type_=Key()), of.check_id.in_(checks)


def _payments_with(*reference: sa.ColumnElement[bool]) -> sa.Select[Any]:
    of = Payment.__table__.c
    query = sa.select(of.id, of.check_id).where(*_mine(of), of.reference != "", *reference)
    return query.order_by(of.business_date.desc(), of.id.desc()).limit(MOST_FOUND + 1)


@cache
def _paid_by() -> sa.Select[Any]:
    return _payments_with(Payment.__table__.c.reference == sa.bindparam("operation"))


@cache
def _by_operation() -> sa.Select[Any]:
    reference = Payment.__table__.c.reference
    return _payments_with(reference >= sa.bindparam("begins"), reference < sa.bindparam("ends"))


@cache
def _by_amount() -> sa.Select[Any]:
    of = Receipt.__table__.c
    amount: sa.BindParameter[int] = sa.bindparam("amount", type_=sa.BigInteger())
    near = of.total_minor.between(sa.bindparam("low"), sa.bindparam("high"))
    is_it = sa.or_(of.total_minor == amount, of.total_minor + of.rounding_minor == amount)
    return _newest(sa.select(of.id).where(*_mine(of), near, is_it))


@cache
def _by_words() -> sa.Select[Any]:
    of, lines, orders = Receipt.__table__.c, ReceiptLine.__table__.c, Order.__table__
    newest = sa.select(of.id, of.organization_id, of.order_id, of.business_date, of.settled_at).where(*_mine(of))
    newest = newest.order_by(of.business_date.desc(), of.settled_at.desc(), of.id.desc()).limit(WINDOW)
    recent = newest.subquery()
    like, words = sa.bindparam("like", type_=sa.Text()), sa.bindparam("words", type_=sa.Text())
    items: sa.BindParameter[Any] = sa.bindparam("items", expanding=True, type_=Key())
    has_dish = sa.exists().where(
        lines.organization_id == recent.c.organization_id,
        lines.receipt_id == recent.c.id,
        sa.or_(lines.item_id.in_(items), sa.func.lower(lines.item_name).like(like, escape="\\")),
    )
    tables: sa.BindParameter[Any] = sa.bindparam("tables", expanding=True, type_=Key())
    name = sa.func.lower(orders.c.table_name)
    is_called = sa.or_(name == words, sa.and_(sa.func.length(words) > _SHORT, name.like(like, escape="\\")))
    at_table = sa.or_(is_called, orders.c.table_id.in_(tables))
    same = sa.and_(orders.c.organization_id == recent.c.organization_id, orders.c.id == recent.c.order_id)
    return (
        sa.select(recent.c.id)
        .join_from(recent, orders, same)
        .where(sa.or_(at_table, sa.and_(sa.func.length(words) > _SHORT, has_dish)))
        .order_by(recent.c.business_date.desc(), recent.c.settled_at.desc(), recent.c.id.desc())
        .limit(MOST_FOUND + 1)
    )


_SHORT = 2
"""Words of so few signs mean only a table that is called exactly so."""
