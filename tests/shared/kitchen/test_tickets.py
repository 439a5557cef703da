"""Kitchen tickets: fired per station, started, bumped, recalled, confirmed; what the order says follows them."""

from __future__ import annotations

from uuid import UUID

import pytest
import sqlalchemy as sa
from restaurant import COOK, SERVER, Replica, Village

from shared.books.queries import order_view
from shared.books.views import OrderState
from shared.kernel.errors import DomainError
from shared.kitchen.commands import bump, confirm, recall, start
from shared.kitchen.queries import open_tickets
from shared.kitchen.records import MOST_PARTS, KitchenTicket, TicketLine
from shared.kitchen.sending import send_order
from shared.kitchen.serving import serve_order
from shared.kitchen.ticket_views import TicketState
from shared.menu.rules import default_modifiers
from shared.orders.commands import add_line, open_order
from shared.orders.noting import note_order
from shared.orders.records import OrderKind
from shared.records import metadata
from sync.bypass import open_for_flush
from sync.tables import specs
from tests.done_tickets import done_tickets

ORDER = UUID(int=1_000)


@pytest.fixture
async def tickets(village: Village, till: Replica) -> dict[str, UUID]:
    """Two open tickets of one order, by station."""
    menu = await till.menu()
    async with till.work(SERVER) as work:
        await open_order(work, ORDER, OrderKind.DINE_IN, village.house.tables["1"])
        for number, code in enumerate(("lom", "cev", "chi"), start=1):
            item = menu.items[village.house.items[code]]
            await add_line(work, ORDER, UUID(int=number), item.id, default_modifiers(item))
        await work.session.flush()
        sent = await send_order(work, ORDER)
        names = {station: name for name, station in village.house.stations.items()}
        return {names[ticket.station_id]: ticket.id for ticket in sent.tickets.values()}


async def standing(till: Replica) -> OrderState:
    async with till.connection() as connection:
        view = await order_view(connection, till.place.organization_id, ORDER, {})
    assert view is not None
    return view.state


async def said(till: Replica, ticket_id: UUID) -> set[TicketState]:
    """How far a ticket is, as open and as bumped ones are listed."""
    place = till.place
    async with till.connection() as connection:
        found = await open_tickets(connection, place.organization_id, place.branch_id)
        found += await done_tickets(connection, place.organization_id, place.branch_id)
    return {ticket.state for ticket in found if ticket.id == ticket_id}


async def test_each_station_sees_its_own_dishes_with_their_modifiers(
    village: Village, till: Replica, tickets: dict[str, UUID]
) -> None:
    async with till.connection() as connection:
        place = till.place
        kitchen = await open_tickets(
            connection, place.organization_id, place.branch_id, village.house.stations["Cocina"]
        )
    (ticket,) = kitchen
    assert [(line.item_name, line.modifiers) for line in ticket.lines] == [
        ("Lomo saltado", ("Jugoso",)),
        ("Ceviche", ()),
    ]
    assert (ticket.table_name, ticket.number, ticket.part, ticket.state) == ("1", "A-1", 1, TicketState.FIRED)


async def test_the_order_is_ready_with_its_last_ticket(till: Replica, tickets: dict[str, UUID]) -> None:
    async with till.work(COOK) as work:
        await start(work, tickets["Cocina"])
    assert await said(till, tickets["Cocina"]) == {TicketState.STARTED}
    async with till.work(COOK) as work:
        await bump(work, tickets["Cocina"])
    assert await standing(till) is OrderState.PREPARING
    async with till.work(COOK) as work:
        await bump(work, tickets["Barra"])
    assert await standing(till) is OrderState.READY


async def test_bumping_again_changes_nothing_not_even_the_log(till: Replica, tickets: dict[str, UUID]) -> None:
    async with till.work(COOK) as work:
        await bump(work, tickets["Barra"])
    log = await till.log()
    for _press in range(5):
        async with till.work(COOK) as work:
            await bump(work, tickets["Barra"])
    assert await till.log() == log


async def test_a_recalled_ticket_is_back_in_its_place_and_says_so(
    village: Village, till: Replica, tickets: dict[str, UUID]
) -> None:
    place = till.place
    for ticket_id in tickets.values():
        village.clock.pass_time(seconds=5)
        async with till.work(COOK) as work:
            await bump(work, ticket_id)
    async with till.work(COOK) as work:
        await recall(work, tickets["Cocina"])
    async with till.connection() as connection:
        (back,) = await open_tickets(connection, place.organization_id, place.branch_id)
    assert (back.id, back.recalled, back.bumped_at) == (tickets["Cocina"], True, None)
    with pytest.raises(DomainError, match="TICKET_IS_OPEN"):
        async with till.work(COOK) as work:
            await recall(work, tickets["Cocina"])
    async with till.work(COOK) as work:
        await bump(work, tickets["Cocina"])
    assert {row.made.round for row in await till.rows(TicketLine)} == {0, 1}
    assert await said(till, tickets["Cocina"]) == {TicketState.BUMPED}


async def test_starting_a_bumped_ticket_does_not_bring_it_back(till: Replica, tickets: dict[str, UUID]) -> None:
    async with till.work(COOK) as work:
        await bump(work, tickets["Cocina"])
    async with till.work(COOK) as work:
        await start(work, tickets["Cocina"])
    assert await said(till, tickets["Cocina"]) == {TicketState.BUMPED}


async def test_what_is_made_twice_over_after_a_recall_is_made_once(till: Replica, tickets: dict[str, UUID]) -> None:
    for command in (bump, recall, bump):
        async with till.work(COOK) as work:
            await command(work, tickets["Barra"])
    (chicha,) = (row for row in await till.rows(TicketLine) if row.item_name == "Chicha morada")
    assert (chicha.told_milli, chicha.made.total) == (1_000, 1_000)


async def test_serving_is_said_once_and_of_what_was_told(till: Replica, tickets: dict[str, UUID]) -> None:
    async with till.work(SERVER) as work:
        assert (await serve_order(work, ORDER)).dishes == 3
    async with till.work(SERVER) as work:
        assert (await serve_order(work, ORDER)).dishes == 0
    assert await standing(till) is OrderState.SERVED


@pytest.mark.parametrize("command", [start, bump, recall, confirm])
async def test_only_the_kitchen_works_tickets(till: Replica, tickets: dict[str, UUID], command: object) -> None:
    with pytest.raises(DomainError, match="NOT_PERMITTED"):
        async with till.work(SERVER) as work:
            await command(work, tickets["Cocina"])  # type: ignore[operator]


async def test_what_no_kitchen_can_show_is_left_out_and_sent_orders_can_be_sent_again(
    till: Replica, tickets: dict[str, UUID], village: Village
) -> None:
    """Rows that an older program let in; rules of the records void them now."""
    menu = await till.menu()
    async with till.connection() as connection:
        await connection.run_sync(open_for_flush)
        for table, hostile in ((TicketLine, {"modifiers": [1, "Jugoso"]}), (KitchenTicket, {"part": MOST_PARTS + 1})):
            await connection.execute(sa.update(table).values(hostile))
        await connection.commit()
    place = till.place
    async with till.connection() as connection:
        shown = await open_tickets(connection, place.organization_id, place.branch_id)
    assert {line.modifiers for ticket in shown for line in ticket.lines} == {("Jugoso",)}
    async with till.work(SERVER) as work:
        item = menu.items[village.house.items["cev"]]
        await add_line(work, ORDER, UUID(int=9), item.id, default_modifiers(item))
        await work.session.flush()
        assert (await send_order(work, ORDER)).part == MOST_PARTS


def test_rules_of_what_the_kitchen_is_told() -> None:
    tables = specs(metadata)
    parts = tables["kitchen_tickets"].rights
    assert [parts.broken_by_edit({"part": part}) is None for part in (0, 1, MOST_PARTS, MOST_PARTS + 1)] == [
        False,
        True,
        True,
        False,
    ]
    names = tables["ticket_lines"].rights
    assert names.broken_by_edit({"modifiers": ["Jugoso"]}) is None
    assert names.broken_by_edit({"modifiers": [1]}) is not None


async def test_a_note_of_the_whole_order_is_a_change_of_every_ticket_that_stands(
    till: Replica, tickets: dict[str, UUID]
) -> None:
    async with till.work(COOK) as work:
        await start(work, tickets["Cocina"])
        await bump(work, tickets["Barra"])
    async with till.work(SERVER) as work:
        await note_order(work, ORDER, "alergia mariscos")
    assert await noted(till, tickets["Cocina"]) == (TicketState.CHANGED, "alergia mariscos", "")
    assert await noted(till, tickets["Barra"]) == (TicketState.BUMPED, "alergia mariscos", None)
    async with till.work(COOK) as work:
        await confirm(work, tickets["Cocina"])
    assert await noted(till, tickets["Cocina"]) == (TicketState.STARTED, "alergia mariscos", None)


async def noted(till: Replica, ticket_id: UUID) -> tuple[TicketState, str, str | None]:
    """How far a ticket is, what its order says, and what its station was told before."""
    place = till.place
    async with till.connection() as connection:
        found = await open_tickets(connection, place.organization_id, place.branch_id)
        found += await done_tickets(connection, place.organization_id, place.branch_id)
    return next((each.state, each.notes, each.notes_before) for each in found if each.id == ticket_id)
