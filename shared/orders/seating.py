"""Where a party sits and who serves it: move an order to another table, give it to a colleague."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from shared.floor.records import DiningTable
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission
from shared.kernel.records import say_whole
from shared.kernel.work import Work
from shared.orders.records import Order, OrderKind
from shared.staff.records import StaffMember

MOST_GUESTS = 999


async def move_order(work: Work, order_id: UUID, table_id: UUID, beside: Iterable[UUID] = ()) -> Order:
    """Seat the party of an order at another table. Moved on two devices at once, the newer move holds.

    Args:
        beside: the orders there that are known to who moves it: nobody is asked about these.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, TABLE_OUT_OF_SERVICE.
    """
    work.require(Permission.TAKE_ORDER)
    order, table = await work.get(Order, order_id), await work.get(DiningTable, table_id)
    if table.out_of_service:
        raise DomainError("TABLE_OUT_OF_SERVICE", table=table.name)
    known = sorted(str(each) for each in beside if each != order_id)
    say_whole(order, kind=OrderKind.DINE_IN, table_id=table.id, table_name=table.name, beside=known)
    return order


async def note_guests(work: Work, order_id: UUID, guests: int) -> Order:
    """Note how many sit there.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, GUESTS_NOT_SENSIBLE.
    """
    work.require(Permission.TAKE_ORDER)
    if not 0 <= guests <= MOST_GUESTS:
        raise DomainError("GUESTS_NOT_SENSIBLE", most=MOST_GUESTS)
    order = await work.get(Order, order_id)
    order.guests = guests
    return order


async def hand_to(work: Work, order_id: UUID, person_id: UUID) -> Order:
    """Give an order to a colleague, who serves it from now on.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, NO_LONGER_WORKS_HERE (params: name).
    """
    work.require(Permission.TAKE_ORDER)
    order, person = await work.get(Order, order_id), await work.get(StaffMember, person_id)
    if not person.active:
        raise DomainError("NO_LONGER_WORKS_HERE", name=person.name)
    order.server_id, order.server_name = person.id, person.name
    return order
