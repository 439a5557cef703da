"""Two people do something to one line at one moment, at two devices that did not hear of each other.

By chance this takes many schedules; in a real restaurant it needs a busy evening. In a duel both write one field by
clocks that agree: no stamp is the greater, and all must choose alike. In a rush each does what he likes.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from shared.kernel.errors import DomainError
from shared.kernel.work import Work
from shared.kitchen.commands import bump, confirm
from shared.kitchen.records import TicketLine
from shared.kitchen.sending import send_order
from shared.orders.commands import add_line, change_line, one_more, remove_line, set_quantity
from shared.orders.correcting import cancel_order, lift_void, move_line, split_line, void_line
from shared.orders.records import OrderLine
from shared.payments.adjusting import give_discount
from shared.payments.commands import check_for_more, join_orders, pay
from shared.payments.pricing import due_of_check
from shared.payments.records import Check
from shared.payments.refunding import refund
from shared.payments.rules import Tender, TenderKind
from shared.payments.way_back import PayBack
from shared.truth.reading import look
from terminal.store.errors import StoreError
from tests.simulation.conditions import is_of_the_disk
from tests.simulation.device import SimulatedDevice
from tests.simulation.house import MANAGER, WAITRESS, actor

_NEWEST = "SELECT id FROM order_lines ORDER BY id DESC LIMIT 6"
_UNTOLD = (
    "SELECT id FROM order_lines l WHERE NOT EXISTS (SELECT 1 FROM ticket_lines t WHERE t.root_id = l.root_id)"
    " ORDER BY id DESC LIMIT 6"
)
_METHOD = "SELECT id FROM payment_methods WHERE kind = 'card'"
_NEWEST_ORDER = "SELECT id FROM orders WHERE NOT has_left ORDER BY id DESC LIMIT 1"
_CEVICHE = "SELECT id FROM items WHERE code = 'cev'"
_CHECKS = "SELECT id FROM checks ORDER BY id DESC LIMIT 4"
_OTHERS = "SELECT id FROM orders WHERE NOT has_left AND id <> ? ORDER BY id DESC LIMIT 2"
_COVERING = "SELECT id, check_id FROM receipt_lines WHERE order_line_id = ? ORDER BY id LIMIT 1"
_VOID = "SELECT id FROM line_voids WHERE root_id = ? AND NOT lifted ORDER BY id LIMIT 1"

HEARD_AFTER_SECONDS = 0.8
"""Whoever is in reach has heard of an edit by then, in most weathers."""
HARD, STAGED = 0.7, 0.4
"""How often a rush is a hard race, if a line is there for it; and how often one is written for the next, if none is."""

Act = Callable[[Work, SimulatedDevice, UUID, random.Random], Awaitable[object]]


async def duel(devices: list[SimulatedDevice], rnd: random.Random) -> None:
    """Let two devices of one branch write the notes of a line that both know; nothing happens if there is none."""
    both = rnd.sample(devices, min(len(devices), 2))
    line_id = _some_line(both, rnd, _NEWEST)
    if line_id is None:
        return
    first, second = both
    instant = max(first.clock.now(), second.clock.now()) + timedelta(seconds=1)
    for each in (first, second):
        each.clock.stand(instant)
    await asyncio.gather(*(each.process.spawn(_write(each, line_id)) for each in (first, second)))
    for each in (first, second):
        each.clock.stuck = None


async def rush(devices: list[SimulatedDevice], rnd: random.Random) -> None:
    """Let two or three devices of one branch each do something to a line that all of them know.

    What they do comes by chance, or is one of the races of which it is known that they are hard.
    """
    some = rnd.sample(devices, min(len(devices), rnd.choice((2, 3, 3))))
    races, untold = [race for race in RACES if len(race) == len(some)], _some_line(some, rnd, _UNTOLD)
    if races and rnd.random() < (HARD if untold else STAGED):
        line_id, acts = untold, rnd.choice(races)
    else:
        line_id, acts = _some_line(some, rnd, _NEWEST), tuple(rnd.choice(ACTS) for _each in some)
    if line_id is None:
        await some[0].process.spawn(_act(some[0], _fresh_line, UUID(int=0), rnd))
        return
    dice = [random.Random(rnd.random()) for _each in some]
    each_acts = zip(some, acts, dice, strict=True)
    await asyncio.gather(*(each.process.spawn(_act(each, act, line_id, own)) for each, act, own in each_acts))


async def by_other_routes(
    devices: list[SimulatedDevice], rnd: random.Random, cut: set[str], reroute: Callable[[], Awaitable[None]]
) -> None:
    """Let two devices send a fresh line, one of which has not heard where dishes are made now."""
    first = rnd.choice(devices)
    others = [each for each in devices if each.enrolment.branch_id == first.enrolment.branch_id and each is not first]
    if not others:
        return
    both = [first, rnd.choice(others)]
    await first.process.spawn(_act(first, _fresh_line, UUID(int=0), rnd))
    await asyncio.sleep(HEARD_AFTER_SECONDS)
    line_id = _some_line(both, rnd, _UNTOLD)
    if line_id is None:
        return
    deaf, was_cut = both[rnd.randrange(2)], set(cut)
    cut.add(deaf.name)
    await reroute()
    await asyncio.sleep(HEARD_AFTER_SECONDS)
    await asyncio.gather(*(each.process.spawn(_act(each, _send, line_id, rnd)) for each in both))
    if deaf.name not in was_cut:
        cut.discard(deaf.name)


def _some_line(devices: list[SimulatedDevice], rnd: random.Random, query: str) -> UUID | None:
    """A line that all of these know; None if there is none, or but one device."""
    known = [{row[0] for row in each.eye.execute(query)} for each in devices]
    everywhere = sorted(set.intersection(*known))
    return UUID(bytes=rnd.choice(everywhere)) if everywhere and len(devices) > 1 else None


async def _write(device: SimulatedDevice, line_id: UUID) -> None:
    notes = f"de {device.name}"
    with suppress(DomainError):  # the till closed a moment ago
        await device.store.run(actor(WAITRESS), lambda work: change_line(work, line_id, notes))


async def _act(device: SimulatedDevice, act: Act, line_id: UUID, rnd: random.Random) -> None:
    try:
        await device.store.run(actor(MANAGER), lambda work: act(work, device, line_id, rnd))
        device.agent.wake()
    except DomainError as error:
        if isinstance(error, StoreError) and not is_of_the_disk(error):
            raise


async def _notes(work: Work, device: SimulatedDevice, line_id: UUID, _rnd: random.Random) -> None:
    await change_line(work, line_id, f"de {device.name}")


async def _more(work: Work, _device: SimulatedDevice, line_id: UUID, _rnd: random.Random) -> None:
    await one_more(work, line_id, work.ids.new())


async def _number(work: Work, _device: SimulatedDevice, line_id: UUID, rnd: random.Random) -> None:
    await set_quantity(work, line_id, rnd.choice((1_000, 3_000)))


async def _reprice(work: Work, _device: SimulatedDevice, line_id: UUID, rnd: random.Random) -> None:
    await change_line(work, line_id, unit_price_minor=rnd.randrange(100, 5_000))


async def _three(work: Work, _device: SimulatedDevice, line_id: UUID, _rnd: random.Random) -> None:
    await set_quantity(work, line_id, 3_000)


async def _fresh_line(work: Work, device: SimulatedDevice, _line_id: UUID, _rnd: random.Random) -> None:
    """A line that nobody has sent, on the newest order: for the next race."""
    order, dish = (device.eye.execute(query).fetchone() for query in (_NEWEST_ORDER, _CEVICHE))
    if order is not None and dish is not None:
        order_id, item_id = UUID(bytes=order[0]), UUID(bytes=dish[0])
        check_id = await check_for_more(work, order_id)
        await add_line(work, order_id, work.ids.new(), item_id, [], check_id=check_id)


async def _remove(work: Work, _device: SimulatedDevice, line_id: UUID, _rnd: random.Random) -> None:
    await remove_line(work, line_id)


async def _send(work: Work, _device: SimulatedDevice, line_id: UUID, _rnd: random.Random) -> None:
    await send_order(work, (await work.get(OrderLine, line_id)).order_id)


async def _void(work: Work, _device: SimulatedDevice, line_id: UUID, rnd: random.Random) -> None:
    _row, family, part = await look(work, line_id)
    made = any(each.good for each in family.cooking.values()) and rnd.random() < 0.5
    await void_line(work, line_id, work.ids.new(), part.owed, "cold", was_made=made)


async def _send_and_void(work: Work, device: SimulatedDevice, line_id: UUID, rnd: random.Random) -> None:
    await _send(work, device, line_id, rnd)
    await _void(work, device, line_id, rnd)


async def _waste(work: Work, device: SimulatedDevice, line_id: UUID, rnd: random.Random) -> None:
    """They send it back: it was made, and is thrown away."""
    await _send(work, device, line_id, rnd)
    for ticket in await _tickets(work, line_id):
        await bump(work, ticket)
    _row, _family, part = await look(work, line_id)
    await void_line(work, line_id, work.ids.new(), rnd.choice((500, part.owed)), "burnt", was_made=True)


async def _void_and_confirm(work: Work, device: SimulatedDevice, line_id: UUID, rnd: random.Random) -> None:
    await _send_and_void(work, device, line_id, rnd)
    for ticket in await _tickets(work, line_id):
        await confirm(work, ticket)


async def _another_round(work: Work, _device: SimulatedDevice, line_id: UUID, _rnd: random.Random) -> None:
    line = await work.get(OrderLine, line_id)
    modifiers = [UUID(each["id"]) for each in line.modifiers or ()]
    check_id = await check_for_more(work, line.order_id)
    await add_line(work, line.order_id, work.ids.new(), line.item_id, modifiers, check_id=check_id)


async def _lift(work: Work, device: SimulatedDevice, line_id: UUID, _rnd: random.Random) -> None:
    row = await work.get(OrderLine, line_id)
    for (found,) in device.eye.execute(_VOID, (row.root_id.bytes,)).fetchall():
        await lift_void(work, UUID(bytes=found))


async def _split(work: Work, _device: SimulatedDevice, line_id: UUID, _rnd: random.Random) -> None:
    await split_line(work, line_id, work.ids.new(), 500)


async def _move(work: Work, device: SimulatedDevice, line_id: UUID, rnd: random.Random) -> None:
    checks = [UUID(bytes=row[0]) for row in device.eye.execute(_CHECKS)]
    await move_line(work, line_id, rnd.choice(checks))


async def _join(work: Work, device: SimulatedDevice, line_id: UUID, rnd: random.Random) -> None:
    """Two tables sit together: of the newest open orders, this one and another, whichever way."""
    line = await work.get(OrderLine, line_id)
    order_id = (await work.get(Check, line.check_id)).order_id
    others = [UUID(bytes=row[0]) for row in device.eye.execute(_OTHERS, (order_id.bytes,))]
    if others:
        pair = [order_id, rnd.choice(others)]
        rnd.shuffle(pair)
        await join_orders(work, *pair)


async def _cancel(work: Work, _device: SimulatedDevice, line_id: UUID, _rnd: random.Random) -> None:
    await cancel_order(work, (await work.get(OrderLine, line_id)).order_id, "they left")


async def _pay(work: Work, device: SimulatedDevice, line_id: UUID, rnd: random.Random) -> None:
    line = await work.get(OrderLine, line_id)
    await send_order(work, line.order_id)
    (method,) = device.eye.execute(_METHOD).fetchone()
    due = await due_of_check(work, line.check_id)
    amount = max(0, due.bill.total_minor - due.credit_minor)
    tenders = [Tender(UUID(bytes=method), "Visa", TenderKind.CARD, amount)] if amount else []
    await pay(work, line.check_id, work.ids.new(), tenders, rnd.choice((1, 1, 2)))


async def _discount(work: Work, _device: SimulatedDevice, line_id: UUID, _rnd: random.Random) -> None:
    check_id = (await work.get(OrderLine, line_id)).check_id
    await give_discount(work, check_id, work.ids.new(), rate_millionths=150_000)


async def _refund(work: Work, device: SimulatedDevice, line_id: UUID, _rnd: random.Random) -> None:
    row = device.eye.execute(_COVERING, (line_id.bytes,)).fetchone()
    if row is not None:
        row_id, check_id = (UUID(bytes=key) for key in row)
        by = PayBack(None, "", TenderKind.CARD)
        await refund(work, check_id, work.ids.new(), {row_id: 500}, by, "hair")


async def _cook(work: Work, _device: SimulatedDevice, line_id: UUID, rnd: random.Random) -> None:
    command = rnd.choice((bump, bump, confirm))
    for ticket in await _tickets(work, line_id):
        await command(work, ticket)


async def _tickets(work: Work, line_id: UUID) -> list[UUID]:
    """The tickets on which the kitchen was told of a line, with what this unit of work told it."""
    await work.session.flush()
    line, told = await work.get(OrderLine, line_id), TicketLine.__table__.c
    found = await work.session.scalars(
        sa.select(told.ticket_id)
        .where(told.organization_id == work.organization_id, told.root_id == line.root_id, told.ticket_id.is_not(None))
        .distinct()
        .order_by(told.ticket_id)
    )
    return list(found)


ACTS: tuple[Act, ...] = (
    _notes, _more, _number, _reprice, _remove, _send, _void, _send_and_void, _waste, _lift, _split, _split, _move,
    _cancel, _pay, _pay, _refund, _cook, _another_round,
)  # fmt: skip
RACES: tuple[tuple[Act, ...], ...] = (
    (_pay, _reprice),
    (_pay, _cancel),
    (_waste, _void_and_confirm),
    (_waste, _void_and_confirm, _three),
    (_three, _waste, _void_and_confirm),
    (_void_and_confirm, _waste, _more),
    (_send_and_void, _send_and_void, _three),
    (_pay, _reprice, _split),
    (_pay, _discount),
    (_pay, _discount, _discount),
    (_join, _join),
    (_join, _join, _another_round),
)
"""What makes one portion be gone twice, while another is ordered that nobody who voids has seen; and what is paid while
its price, its parts, its order or its discounts change;
and tables that two people put together at once."""
