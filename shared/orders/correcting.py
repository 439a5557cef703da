"""Correcting what was sent: void with a reason, lift a void, split, move, cancel."""

from __future__ import annotations

from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission
from shared.kernel.quantity import FINE, cut_of
from shared.kernel.records import say_whole
from shared.kernel.text import clean
from shared.kernel.work import Work
from shared.orders.records import LineVoid, Order, OrderLine
from shared.truth.balances import credit_of
from shared.truth.begun import CooksFromPaper, fresh_of, no_paper
from shared.truth.family import Family, stakes_in
from shared.truth.reading import (
    checks_of_order,
    families,
    joined_into,
    look,
    require_check,
    roots_of_order,
    rows_of_families,
    sums_of_checks,
)

MAX_REASON_CHARACTERS = 120


async def void_line(
    work: Work,
    line_id: UUID,
    void_id: UUID,
    quantity_milli: int,
    reason: str,
    *,
    was_made: bool = False,
    cooks_from_paper: CooksFromPaper = no_paper,
) -> LineVoid:
    """Sent portions that are not to be charged.

    Whoever takes orders may, for a reason. Once this device knows that the kitchen has begun them, it takes the right
    to void. What nobody has begun is taken back first.

    Args:
        was_made: the kitchen had made them, so they are waste; else it must confirm that it does not make them.
        cooks_from_paper: which stations may have begun without a word.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, NOT_SENT_YET, NOT_SO_MANY, REASON_MISSING.
    """
    work.require(Permission.TAKE_ORDER)
    row, family, part = await look(work, line_id)
    if not family.is_told:
        raise DomainError("NOT_SENT_YET", item=row.item_name)
    if not 0 < quantity_milli <= part.owed:
        raise DomainError("NOT_SO_MANY", item=row.item_name)
    if not clean(reason, MAX_REASON_CHARACTERS):
        raise DomainError("REASON_MISSING")
    fresh = await fresh_of(work, [family], cooks_from_paper)
    begun = not fresh.take(family, part.content, quantity_milli)
    if begun or was_made:
        work.require(Permission.VOID_SENT_LINE)
    line = await work.get(OrderLine, line_id)
    return add_void(work, line, family, void_id, quantity_milli, reason, was_made=was_made, begun=begun)


def add_void(
    work: Work,
    line: OrderLine,
    family: Family,
    void_id: UUID,
    quantity_milli: int,
    reason: str,
    *,
    was_made: bool = False,
    begun: bool = False,
) -> LineVoid:
    """Write a void of a line, for a command that has looked whether it may."""
    return work.add(
        LineVoid(
            organization_id=work.organization_id,
            branch_id=line.branch_id,
            id=void_id,
            order_id=line.order_id,
            root_id=line.root_id,
            line_id=line.id,
            seen_milli=family.ordered,
            quantity_milli=quantity_milli,
            begun=begun,
            thrown_milli=quantity_milli if was_made else 0,
            content_id=family.parts[line.id].content if was_made else None,
            reason=clean(reason, MAX_REASON_CHARACTERS),
            voided_at=work.now,
            voided_by=work.actor.staff_id,
            lifted=False,
        )
    )


async def lift_void(work: Work, void_id: UUID) -> LineVoid:
    """The void was a mistake: they had it after all. What was thrown away is ordered again instead.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, ORDER_IT_AGAIN.
    """
    work.require(Permission.VOID_SENT_LINE)
    void = await work.get(LineVoid, void_id)
    if void.thrown_milli:
        raise DomainError("ORDER_IT_AGAIN")
    void.lifted = True
    return void


async def split_line(work: Work, line_id: UUID, part_id: UUID, quantity_milli: int) -> OrderLine:
    """Part a line in two. The new part says only what differs; the rest is said by the line it was split off.

    A third stays a third, whatever becomes of the others (`taken_fine`).

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, NOT_SO_MANY.
    """
    work.require(Permission.TAKE_ORDER)
    row, family, part = await look(work, line_id)
    if not (0 < quantity_milli < part.live and quantity_milli <= part.owed):
        raise DomainError("NOT_SO_MANY", item=row.item_name)
    names = ("branch_id", "order_id", "root_id", "check_id", "item_id", "item_name", "kitchen_name", "category_id")
    more = ("category_name", "tax_category_id", "station_id", "unit", "course", "combo_id", "combo_name")
    return work.add(
        OrderLine(
            organization_id=work.organization_id,
            id=part_id,
            part_of_id=line_id,
            author=work.author,
            taken_milli=quantity_milli,
            taken_fine=await _fine(work, family.root, line_id, part.owed, quantity_milli),
            quantity_milli=0,
            held=0,
            fired=0,
            added_at=work.now,
            gathered_from_id=row.gathered_from_id,
            **{name: getattr(row, name) for name in (*names, *more)},
        )
    )


async def _fine(work: Work, root_id: UUID, line_id: UUID, owed_milli: int, taken_milli: int) -> int:
    """What a part takes exactly beyond its thousandths, of what is owed of a line."""
    rows = (await rows_of_families(work.session, work.organization_id, [root_id]))[root_id]
    stake = stakes_in(rows).get(line_id)
    exact = cut_of(taken_milli, owed_milli, owed_milli * stake.scale if stake is not None else None)
    fine = round((exact - taken_milli) * FINE)
    return max(1 - FINE, min(fine, FINE - 1))


async def move_line(work: Work, line_id: UUID, check_id: UUID, gathered_from_id: UUID | None = None) -> OrderLine:
    """Put a line on another check, of this table or another.

    Args:
        gathered_from_id: where it was, if it goes to the one bill of parties that sit together. Else it stays as it is
            until the line is back there.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, NOTHING_TO_MOVE.
    """
    work.require(Permission.TAKE_ORDER)
    _row, _family, part = await look(work, line_id)
    if not part.owed:
        raise DomainError("NOTHING_TO_MOVE")
    await require_check(work, check_id)
    line = await work.get(OrderLine, line_id)
    since = gathered_from_id or line.gathered_from_id
    say_whole(line, check_id=check_id, gathered_from_id=since if since != check_id else None)
    return line


async def cancel_order(
    work: Work,
    order_id: UUID,
    reason: str = "",
    *,
    was_made: bool = False,
    cooks_from_paper: CooksFromPaper = no_paper,
) -> None:
    """Cancel an order: unsent lines go, sent ones are voided, the party has left. Again, it changes nothing.

    What was moved to the check of another order stays there.

    Once something that was sent is begun it takes the right to void, as `void_line` does; the kitchen sees what is
    taken back.

    Args:
        was_made: what was sent had been made, so it is waste.
        cooks_from_paper: which stations may have begun without a word.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, ORDER_HAS_PAYMENTS.
    """
    work.require(Permission.CANCEL_ORDER)
    order = await work.get(Order, order_id)
    checks = await checks_of_order(work, order_id)
    found = await families(work, await roots_of_order(work, order_id))
    owed = [
        (family, line_id, part)
        for family in found.values()
        for line_id, part in family.parts.items()
        if part.owed and part.check_id in checks
    ]
    fresh = await fresh_of(work, found.values(), cooks_from_paper)
    begun = {line_id for family, line_id, part in owed if not fresh.take(family, part.content, part.owed)}
    if begun or (was_made and any(family.is_told for family, _line_id, _part in owed)):
        work.require(Permission.VOID_SENT_LINE)
    sums = await sums_of_checks(work.session, work.organization_id, checks)
    if any(each.receipts or credit_of(each) for each in sums.values()):
        raise DomainError("ORDER_HAS_PAYMENTS", number=order.number)
    for family, line_id, part in owed:
        line = await work.get(OrderLine, line_id)
        if family.is_told:
            void_id, is_begun = work.ids.new(), line_id in begun
            add_void(work, line, family, void_id, part.owed, reason, was_made=was_made, begun=is_begun)
        else:
            line.quantity_milli -= part.live
    for each in sorted(await joined_into(work, order_id)):
        (await work.get(Order, each)).has_left = True


async def leave(work: Work, order_id: UUID) -> None:
    """The party of an order without anything on it has left, with all that sit with it.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND.
    """
    work.require(Permission.TAKE_ORDER)
    order = await work.get(Order, order_id)
    for each in sorted(await joined_into(work, order.id)):
        (await work.get(Order, each)).has_left = True
