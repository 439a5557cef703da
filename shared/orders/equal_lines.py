"""One more of what was just added: an unsent line grows, if it is equal to what would be added."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from shared.kernel.permissions import Permission
from shared.kernel.text import MAX_NOTE_CHARACTERS, clean
from shared.kernel.work import Work
from shared.menu.availability import require_left
from shared.menu.queries import load_item
from shared.menu.rules import choose
from shared.orders.hours import sold_now
from shared.orders.records import OrderLine
from shared.orders.selling import can_grow, check_price, check_quantity, snapshot
from shared.truth.reading import look


async def add_to_equal(
    work: Work,
    line_id: UUID,
    item_id: UUID,
    modifier_ids: Sequence[UUID],
    quantity_milli: int,
    notes: str,
    check_id: UUID,
    course: int | None = None,
    seat: int = 0,
) -> bool:
    """Let an unsent line grow instead of adding another that is equal to it. Returns whether it did.

    Equal is what is of the same item, price, modifiers, note, check, course and seat as a new line would be now. Only
    the author's own line grows: what two devices add at once adds up, and stands in a line of each. What is weighed, or
    has an open price, is a line of its own each time.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, QUANTITY_NOT_SENSIBLE, PRICE_NOT_SENSIBLE, and those of `choose`.
    """
    work.require(Permission.TAKE_ORDER)
    row, family, part = await look(work, line_id)
    if not part.live or row.check_id != check_id or row.combo_id is not None or not can_grow(work, row, family):
        return False
    chosen = choose(await load_item(work.session, work.organization_id, item_id, work.place.branch_id), modifier_ids)
    line, item, modifiers = await work.get(OrderLine, line_id), chosen.item, snapshot(chosen.modifiers)
    if item.weight_unit is not None or item.open_price:
        return False
    now = await sold_now(work, item, row.order_id)
    rule_id = now.rule.id if now.rule is not None else None
    new = (item.id, item.name, item.tax_category_id, item.station_id, item.unit, now.price_minor, rule_id, modifiers)
    served = (item.course if course is None else course, seat)
    old = (line.item_id, line.item_name, line.tax_category_id, line.station_id, line.unit)
    priced = (line.unit_price_minor, line.price_rule_id, line.modifiers)
    is_same = (*old, *priced) == new and (line.course, line.seat or 0) == served
    if not is_same or line.notes != clean(notes, MAX_NOTE_CHARACTERS):
        return False
    check_quantity(quantity_milli, item)
    check_quantity(part.live + quantity_milli, item)
    check_price(part.live + quantity_milli, now.price_minor, modifiers)
    await require_left(work, item.id, (each.id for each in chosen.modifiers), quantity_milli)
    line.more_milli += quantity_milli
    return True
