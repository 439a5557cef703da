"""Taking orders: open, add, change, one more, remove. Every tap is one of these, committed by itself.

Whether a line is there, told or paid is asked of the ledgers (`shared/truth/`): no row says it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.floor.records import DiningTable
from shared.kernel.errors import DomainError, NotFound
from shared.kernel.ids import derived_id
from shared.kernel.money import price_is_sensible
from shared.kernel.permissions import Permission
from shared.kernel.quantity import ONE
from shared.kernel.text import MAX_NOTE_CHARACTERS, clean
from shared.kernel.work import Work
from shared.menu.availability import require_left
from shared.menu.commands import check_course
from shared.menu.queries import load_item
from shared.menu.records import Item
from shared.menu.rules import MenuItem, choose
from shared.menu.weights import weight_unit
from shared.orders.hours import ruled, sold_now
from shared.orders.more import like, priced_anew
from shared.orders.records import Order, OrderKind, OrderLine, OrderSource
from shared.orders.rules import gross_of
from shared.orders.selling import (
    can_grow,
    check_price,
    check_quantity,
    check_seat,
    chosen_again,
    last_listed,
    refuse_part,
    require_modifiers,
    require_more,
    require_price,
    snapshot,
)
from shared.orders.taking import branch_of_taken
from shared.pricing.rules import PricedNow
from shared.truth.family import Family, Part
from shared.truth.portions import modifiers_of, said
from shared.truth.reading import look, require_check, rows_of_families


def first_check_id(order_id: UUID) -> UUID:
    """The id of the check that an order has from the start."""
    return derived_id("check", order_id)


async def open_order(
    work: Work,
    order_id: UUID,
    kind: OrderKind,
    table_id: UUID | None = None,
    guests: int = 0,
    notes: str = "",
    promised_at: datetime | None = None,
    party_id: UUID | None = None,
    beside: Iterable[UUID] = (),
    *,
    source: OrderSource = OrderSource.TILL,
    guest_order_id: UUID | None = None,
) -> Order:
    """Open an order; its check follows from it. Its number is the device's letter and the day's count: `A-17`.

    Args:
        party_id: the reservation with which the guests came.
        beside: the orders at the table that are known to who opens another: nobody is asked about these.
        source: what takes it.
        guest_order_id: the guest's order that is the first on it.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND (the table), TABLE_OUT_OF_SERVICE.
    """
    work.require(Permission.TAKE_ORDER)
    table_name = ""
    if kind is OrderKind.DINE_IN and table_id is not None:
        table = await work.get(DiningTable, table_id)
        if table.out_of_service:
            raise DomainError("TABLE_OUT_OF_SERVICE", table=table.name)
        table_name = table.name
    day = work.business_date
    number = await work.next_number(f"order:{day.isoformat()}")
    return work.add(
        Order(
            organization_id=work.organization_id,
            branch_id=work.branch_id,
            id=order_id,
            number=f"{work.place.letter}-{number}",
            kind=kind,
            table_id=table_id,
            table_name=table_name,
            guests=max(0, guests),
            notes=clean(notes, MAX_NOTE_CHARACTERS),
            promised_at=promised_at,
            currency=work.place.currency,
            opened_at=work.now,
            opened_by=work.actor.staff_id,
            server_id=work.actor.staff_id,
            server_name=work.actor.name,
            party_id=party_id,
            business_date=day,
            has_left=False,
            beside=sorted(map(str, beside)),
            source=source,
            guest_order_id=guest_order_id,
        )
    )


async def promise(work: Work, order_id: UUID, promised_at: datetime | None) -> None:
    """Note when the guest was told that the order is ready; None takes it back.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND.
    """
    work.require(Permission.TAKE_ORDER)
    order = await work.get(Order, order_id)
    if order.promised_at != promised_at:
        order.promised_at = promised_at


async def add_line(
    work: Work,
    order_id: UUID,
    line_id: UUID,
    item_id: UUID,
    modifier_ids: Sequence[UUID] = (),
    quantity_milli: int = ONE,
    notes: str = "",
    unit_price_minor: int | None = None,
    check_id: UUID | None = None,
    course: int | None = None,
    seat: int = 0,
) -> OrderLine:
    """Add a line of an item with these modifiers. Name, price and tax category are read from the menu, as they are now;
    so is the price rule that holds at this hour. The line keeps them.

    Args:
        quantity_milli: of what is sold by weight, its weight.
        unit_price_minor: without modifiers. Of an item with an open price it must be said; of any other it is another
            price than the menu's, and needs its permission.
        check_id: the check that it goes on; without it the order's first one. What is added to a paid check goes on a
            new one (`shared.payments.commands.check_for_more`).
        course: None: that of the item.
        seat: for which guest; 0: nobody's.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, ORDER_CLOSED, QUANTITY_NOT_SENSIBLE, WEIGHT_NOT_SENSIBLE,
            PRICE_NOT_SENSIBLE, PRICE_IS_ASKED, ABOVE_LIMIT, COURSE_NOT_SENSIBLE, SEAT_NOT_SENSIBLE, ITEM_IS_COMBO,
            ITEM_NOT_NOW, and those of `choose` and `require_left`.
    """
    work.require(Permission.TAKE_ORDER)
    check_course(course)
    check_seat(seat)
    branch_id = await branch_of_taken(work, order_id)
    if check_id is not None and check_id != first_check_id(order_id):
        await require_check(work, check_id)
    line = await line_of(
        work, branch_id, order_id, line_id, item_id, modifier_ids, quantity_milli, notes, unit_price_minor
    )
    line.check_id = check_id or first_check_id(order_id)
    line.seat = seat or None
    if course is not None:
        line.course = course
    return work.add(line)


async def line_of(
    work: Work,
    branch_id: UUID,
    order_id: UUID,
    line_id: UUID,
    item_id: UUID,
    modifier_ids: Sequence[UUID],
    quantity_milli: int,
    notes: str,
    unit_price_minor: int | None = None,
    kind: str | None = None,
) -> OrderLine:
    """A line as `add_line` writes it, which nobody has written yet: on no check, in the course of its item.

    Args:
        kind: of the order, where it is not there yet.

    Raises:
        DomainError: see `add_line`.
    """
    chosen = choose(await load_item(work.session, work.organization_id, item_id, branch_id), modifier_ids)
    item, modifiers = chosen.item, snapshot(chosen.modifiers)
    check_quantity(quantity_milli, item)
    await require_left(work, item.id, (each.id for each in chosen.modifiers), quantity_milli)
    if item.is_combo:
        raise DomainError("ITEM_IS_COMBO", item=item.name)
    if item.open_price and unit_price_minor is None:
        raise DomainError("PRICE_IS_ASKED", item=item.name)
    now = await sold_now(work, item, order_id, kind)
    price = now.price_minor if unit_price_minor is None else unit_price_minor
    rule = now.rule if price == now.price_minor else None
    if rule is None:
        require_price(work, item, price)
    check_price(quantity_milli, price, modifiers)
    return OrderLine(
        organization_id=work.organization_id,
        branch_id=branch_id,
        id=line_id,
        order_id=order_id,
        root_id=line_id,
        author=work.author,
        item_id=item.id,
        item_name=item.name,
        kitchen_name=item.kitchen_name,
        category_id=item.category_id,
        category_name=item.category_name,
        tax_category_id=item.tax_category_id,
        station_id=item.station_id,
        unit=item.unit,
        unit_price_minor=price,
        **ruled(now if rule is not None else PricedNow(price)),
        listed_minor=None if item.open_price else now.price_minor,
        quantity_milli=quantity_milli,
        modifiers=modifiers,
        notes=clean(notes, MAX_NOTE_CHARACTERS),
        course=item.course,
        held=0,
        fired=0,
        added_at=work.now,
    )


async def one_more(work: Work, line_id: UUID, new_line_id: UUID) -> UUID:
    """One more of a line. Presses on two devices add up.

    The author's own unsent line grows; one more of a line that was sent, that another device wrote, or whose price
    holds no more (an hour is over, the house changed it), is a line of its own on the same check.

    Args:
        new_line_id: id of the line if it is a new one.

    Returns:
        The line that holds the new portion.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, LINE_IS_GONE, LINE_IS_WEIGHED, ITEM_SOLD_OUT (or off the menu),
            FEWER_LEFT, QUANTITY_NOT_SENSIBLE, PART_OF_COMBO.
    """
    work.require(Permission.TAKE_ORDER)
    row, family, part = await _live(work, line_id)
    refuse_part(row)
    if weight_unit(row.unit) is not None:
        raise DomainError("LINE_IS_WEIGHED", item=row.item_name)
    check_quantity(part.live + ONE, row)
    lines, item = await _lines_of(work, row), await _sold(work, row)
    await require_more(work, row, lines, ONE)
    repriced = await priced_anew(work, item, row, lines)
    if not repriced and can_grow(work, row, family):
        line = await work.get(OrderLine, line_id)
        line.more_milli += ONE
        return line_id
    work.add(like(work, row, new_line_id, lines, repriced))
    return new_line_id


async def set_quantity(work: Work, line_id: UUID, quantity_milli: int, new_line_id: UUID | None = None) -> OrderLine:
    """So many (or so much) of a line in all, typed before it was sent. Of what is sold out no more than before.

    Args:
        new_line_id: id of a line for what comes besides, if that costs something else now. What was weighed is one
            piece, and keeps its price.

    Returns:
        The line that holds what was added last.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, LINE_IS_GONE, LINE_ALREADY_SENT, ITEM_SOLD_OUT (or off the menu),
            FEWER_LEFT, QUANTITY_NOT_SENSIBLE, WEIGHT_NOT_SENSIBLE, PRICE_NOT_SENSIBLE, PART_OF_COMBO,
            PRICE_OF_ITS_HOUR (no id for a new line was given).
    """
    work.require(Permission.TAKE_ORDER)
    row, family, part = await _live(work, line_id)
    refuse_part(row)
    check_quantity(quantity_milli, row)
    _refuse_if_sent(row, family)
    if not price_is_sensible(gross_of(quantity_milli, part.unit_minor)):
        raise DomainError("PRICE_NOT_SENSIBLE")
    if quantity_milli > part.live:
        lines, item, more = await _lines_of(work, row), await _sold(work, row), quantity_milli - part.live
        await require_more(work, row, lines, more)
        repriced = await priced_anew(work, item, row, lines)
        if repriced and weight_unit(row.unit) is None:
            if new_line_id is None:
                raise DomainError("PRICE_OF_ITS_HOUR", item=row.item_name)
            return work.add(like(work, row, new_line_id, lines, repriced, more))
    return await _hold(work, line_id, part, quantity_milli)


async def change_line(
    work: Work,
    line_id: UUID,
    notes: str | None = None,
    modifier_ids: Sequence[UUID] | None = None,
    unit_price_minor: int | None = None,
) -> OrderLine:
    """Change notes, modifiers or price of a line, each by itself; only what differs is written.

    What the kitchen was told already becomes a change that it must confirm. What new modifiers add to the price is read
    from the menu; those that the line has keep what they cost when they were ordered, and may be kept though the menu
    has them no more. What is sold out can still be changed.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, LINE_IS_GONE, LINE_IS_PAID, PRICE_NOT_SENSIBLE, ABOVE_LIMIT, and those
            of `choose_again`.
    """
    work.require(Permission.TAKE_ORDER)
    row, family, part = await _live(work, line_id)
    line = await work.get(OrderLine, line_id)
    if family.is_covered and (modifier_ids is not None or unit_price_minor is not None):
        raise DomainError("LINE_IS_PAID", item=row.item_name)
    if notes is not None and (cleaned := clean(notes, MAX_NOTE_CHARACTERS)) != line.notes:
        line.notes = cleaned
    if modifier_ids is None and unit_price_minor is None:
        return line
    item = await _on_menu(work, row.item_id)
    lines = await _lines_of(work, row)
    modifiers: Sequence[Mapping[str, Any]] = modifiers_of(line_id, lines)
    price = said(line_id, lines, "unit_price_minor")
    if modifier_ids is not None:
        if item is None:
            raise NotFound(Item.__tablename__, row.item_id)
        held, modifiers = modifiers, chosen_again(item, modifier_ids, modifiers)
        await require_modifiers(work, held, modifiers, part.live)
    if unit_price_minor is not None and unit_price_minor != price:
        listed = await last_listed(work, row.item_id) if item is None else None
        require_price(work, item, unit_price_minor, last_listed_minor=listed)
        price = unit_price_minor
    check_price(part.live, price, modifiers)
    if modifier_ids is not None and modifiers != line.modifiers:
        line.modifiers = [dict(each) for each in modifiers]
    if unit_price_minor is not None and price != line.unit_price_minor:
        line.unit_price_minor = price
    return line


async def remove_line(work: Work, line_id: UUID) -> None:
    """Remove a line before it is sent; it costs nobody a reason. Removing it again changes nothing.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, LINE_ALREADY_SENT, PART_OF_COMBO.
    """
    await take_off(work, line_id, alone=True)


async def take_off(work: Work, line_id: UUID, *, alone: bool = False) -> None:
    """Remove a line before it is sent, as `remove_line` does.

    Args:
        alone: whether the other parts of its combo stay, which no part may leave.

    Raises:
        DomainError: those of `remove_line`.
    """
    work.require(Permission.TAKE_ORDER)
    row, family, part = await look(work, line_id)
    if part.live:
        if alone:
            refuse_part(row)
        _refuse_if_sent(row, family)
        await _hold(work, line_id, part, 0)


async def _hold(work: Work, line_id: UUID, part: Part, quantity_milli: int) -> OrderLine:
    """Let a line hold so many portions: what was typed moves by the difference, and one more elsewhere adds to it."""
    line = await work.get(OrderLine, line_id)
    line.quantity_milli += quantity_milli - part.live
    return line


async def _live(work: Work, line_id: UUID) -> tuple[Any, Family, Part]:
    row, family, part = await look(work, line_id)
    if not part.live:
        raise DomainError("LINE_IS_GONE", item=row.item_name)
    return row, family, part


async def _sold(work: Work, row: Any) -> MenuItem:
    """The item of a line, if the menu still has it."""
    item = await _on_menu(work, row.item_id)
    if item is None:
        raise DomainError("ITEM_SOLD_OUT", item=row.item_name)
    return item


async def _lines_of(work: Work, row: Any) -> Mapping[UUID, Any]:
    """The lines of a line's family."""
    found = await rows_of_families(work.session, work.organization_id, [row.root_id])
    return found[row.root_id][OrderLine.__tablename__]


def _refuse_if_sent(row: Any, family: Family) -> None:
    if family.is_told or family.is_covered:
        raise DomainError("LINE_ALREADY_SENT", item=row.item_name)


async def _on_menu(work: Work, item_id: UUID) -> MenuItem | None:
    try:
        return await load_item(work.session, work.organization_id, item_id, work.place.branch_id)
    except NotFound:
        return None
