"""Tables that sit together: one register of an order says with whose party, and parting gives all back.

While parties are together their orders keep their checks and lines; screens show them as one (`books/queries.py`).
Before their bill is printed, split or paid it is gathered: what the others owe goes to one check, so that one paper
says it all. Parting takes it back to the table where it was ordered.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission
from shared.kernel.work import Work
from shared.orders.commands import open_order
from shared.orders.correcting import move_line
from shared.orders.joined import owed_lines
from shared.orders.records import Order, OrderKind, OrderLine
from shared.payments.adjustment_records import Discount, ServiceCharge
from shared.payments.commands import check_for_more
from shared.payments.records import Check
from shared.truth.balances import credit_of
from shared.truth.family import LINES
from shared.truth.reading import (
    Reader,
    checks_of_order,
    joined_into,
    roots_of_order,
    rows_of_families,
    sums_of_checks,
)


async def join_tables(work: Work, order_id: UUID, into_order_id: UUID) -> Order:
    """Let the party of an order sit together with another one: one bill from now on, whatever is added to either.

    Joined on two devices at once, the newer word holds; joined in a circle, the oldest order has it all.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, NOTHING_TO_MOVE (the same party, or another branch).
    """
    work.require(Permission.TAKE_ORDER)
    order, into = await work.get(Order, order_id), await work.get(Order, into_order_id)
    if order.branch_id != into.branch_id or into.id in await joined_into(work, order_id):
        raise DomainError("NOTHING_TO_MOVE")
    order.joined_to_id = into.id
    return order


async def push_table(work: Work, order_id: UUID, pushed_id: UUID, table_id: UUID) -> Order:
    """Push a free table to that of a party, which sits at both from now on.

    Args:
        pushed_id: of the order that stands for the pushed table: it has no guests of its own, and is over with the bill
            or when the tables part.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, TABLE_OUT_OF_SERVICE, NOTHING_TO_MOVE.
    """
    pushed = await open_order(work, pushed_id, OrderKind.DINE_IN, table_id)
    return await join_tables(work, pushed.id, order_id)


async def part_tables(work: Work, order_id: UUID) -> Order:
    """Let a party that joined another one be by itself again.

    What was ordered at its table and is not paid goes back to it. What was sent stays sent. A table that was pushed to
    theirs is free then.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, NOT_JOINED.
    """
    work.require(Permission.TAKE_ORDER)
    order = await work.get(Order, order_id)
    if order.joined_to_id is None:
        raise DomainError("NOT_JOINED", number=order.number)
    order.joined_to_id = None
    for each in sorted(await joined_into(work, order_id)):
        own = await checks_of_order(work, each, with_joined=False)
        gone = await owed_lines(work, await _ordered_at(work, each), elsewhere_than=own)
        if gone:
            check_id = await check_for_more(work, each)
            for line_id in gone:
                await move_line(work, line_id, check_id)
    if not order.guests and not await _ordered_at(work, order_id):
        order.has_left = True  # a table that was pushed to theirs: nobody sits there by themselves
    return order


async def gather(work: Work, order_id: UUID) -> UUID | None:
    """Bring what joined parties owe to one check of the order that they joined. Returns it; None if nobody joined.

    A check that has payments, a discount or service charge of its own, or that is split, is paid by itself. If another
    device said so while this one gathered it, its lines go back to it, unless the bill of all is begun already
    (`books/left_behind.py` asks about that).

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND.
    """
    work.require(Permission.TAKE_ORDER)
    others = await joined_into(work, order_id) - {order_id}
    if not others:
        return None
    check_id = await check_for_more(work, order_id)
    ends = await checks_of_order(work, order_id, with_joined=False)
    not_begun = await untouched_checks(work.session, work.organization_id, ends)
    touched = set[UUID]()
    for each in sorted(others):
        own, roots = await checks_of_order(work, each, with_joined=False), await roots_of_order(work, each)
        free = await untouched_checks(work.session, work.organization_id, own)
        touched |= own - free
        for line_id in await owed_lines(work, roots, on=free):
            line = await work.get(OrderLine, line_id)
            await move_line(work, line_id, check_id, line.gathered_from_id or line.check_id)
    if touched and not_begun:
        of_all = await roots_of_order(work, order_id)
        await _give_back(work, await owed_lines(work, of_all, on=not_begun), touched)
    return check_id


async def _give_back(work: Work, line_ids: Iterable[UUID], checks: set[UUID]) -> None:
    """Put gathered lines back on those of some checks from which they came and that were not paid."""
    sums = await sums_of_checks(work.session, work.organization_id, checks)
    unpaid = {each for each in checks if each not in sums or not sums[each].receipts}
    for line_id in line_ids:
        home = (await work.get(OrderLine, line_id)).gathered_from_id
        if home is not None and home in unpaid:
            await move_line(work, line_id, home)


async def _ordered_at(work: Work, order_id: UUID) -> set[UUID]:
    """The roots of what was ordered at a table, wherever it stands."""
    own = await roots_of_order(work, order_id)
    rows = await rows_of_families(work.session, work.organization_id, own)
    return {root for root, of in rows.items() if of[LINES][root].order_id == order_id}


async def untouched_checks(reader: Reader, organization_id: UUID, checks: set[UUID]) -> set[UUID]:
    """Those of some checks without payments, discounts of the whole, service charges or splits."""
    sums = await sums_of_checks(reader, organization_id, checks)
    found = {each for each in checks if each not in sums or not (sums[each].receipts or credit_of(sums[each]))}
    for kind, whole in ((Discount, Discount.line_id.is_(None)), (ServiceCharge, sa.true())):
        on = kind.organization_id == organization_id, kind.check_id.in_(sorted(checks)), ~kind.lifted, whole
        found.difference_update((await reader.execute(sa.select(kind.check_id).where(*on))).scalars())
    here = sa.or_(Check.id.in_(sorted(checks)), Check.split_of_id.in_(sorted(checks)))
    of = Check.organization_id == organization_id, here, Check.split_of_id.is_not(None)
    for split in (await reader.execute(sa.select(Check.id, Check.split_of_id).where(*of))).all():
        found.difference_update(split)
    return found
