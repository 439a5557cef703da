"""Taking orders on a till's own database: open, add, change, remove, send, cancel."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from restaurant import CASHIER, COOK, MANAGER, NOON, SERVER, Replica, Village

from shared.books.queries import open_orders, order_view
from shared.books.views import LineState, OrderState, OrderView
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Actor
from shared.kitchen.queries import open_tickets
from shared.kitchen.sending import send_order
from shared.kitchen.serving import serve_order
from shared.menu.rules import default_modifiers
from shared.orders.commands import add_line, change_line, first_check_id, open_order, remove_line, set_quantity
from shared.orders.correcting import cancel_order
from shared.orders.records import OrderKind, OrderLine
from shared.payments.adjusting import give_discount, lift_discount
from shared.payments.commands import pay
from shared.payments.rules import Tender, TenderKind
from shared.taxes.queries import rates_in_force

ORDER = UUID(int=1_000)
CHECK = first_check_id(ORDER)
Dishes = dict[str, tuple[UUID, tuple[UUID, ...]]]
"""Items and their usual modifiers, by code."""
LINE, SECOND, THIRD, DISCOUNT = (UUID(int=1_000 + number) for number in (1, 2, 3, 4))


@pytest.fixture
async def chosen(village: Village, till: Replica) -> Dishes:
    menu = await till.menu()
    return {code: (key, default_modifiers(menu.items[key])) for code, key in village.house.items.items()}


@pytest.fixture
async def order(till: Replica, chosen: Dishes) -> UUID:
    """An order with two lines: a lomo for the kitchen, two chichas for the bar."""
    async with till.work(SERVER) as work:
        await open_order(work, ORDER, OrderKind.TAKEOUT, guests=2, notes="para\nllevar")
    async with till.work(SERVER) as work:
        await add_line(work, ORDER, LINE, *chosen["lom"], notes="sin cebolla")
    async with till.work(SERVER) as work:
        await add_line(work, ORDER, SECOND, *chosen["chi"], 2_000)
    return ORDER


async def seen(till: Replica, order_id: UUID = ORDER) -> OrderView:
    async with till.connection() as connection:
        taxes = await rates_in_force(connection, till.place.organization_id, NOON.date())
        view = await order_view(connection, till.place.organization_id, order_id, taxes)
    assert view is not None
    return view


async def refused(
    till: Replica, code: str, command: object, *args: object, actor: Actor = MANAGER, **kw: object
) -> None:
    """The command says no with this code, and writes neither a row nor a change."""
    before, log = await till.digests(), await till.log()
    with pytest.raises(DomainError) as caught:
        async with till.work(actor) as work:
            await command(work, *args, **kw)  # type: ignore[operator]
    assert caught.value.code == code
    assert await till.digests() == before
    assert await till.log() == log


async def test_an_order_keeps_what_was_true_when_it_was_taken(till: Replica, order: UUID) -> None:
    view = await seen(till)
    assert (view.number, view.state, view.server_name, view.notes) == (
        "A-1",
        OrderState.PENDING,
        SERVER.name,
        "para llevar",
    )
    lomo, chicha = view.lines
    assert (lomo.item_name, lomo.unit_minor, lomo.modifiers, lomo.notes) == (
        "Lomo saltado",
        3_890,
        (("Jugoso", 0),),
        "sin cebolla",
    )
    assert (chicha.quantity_milli, chicha.total_minor) == (2_000, 2_400)
    assert view.due_minor == view.bill.total_minor == 6_290
    assert view.unsent == 2


async def test_numbers_begin_anew_each_business_day_and_each_device_has_its_letter(
    village: Village, till: Replica
) -> None:
    for number in range(3):
        async with till.work(SERVER) as work:
            await open_order(work, UUID(int=number + 1), OrderKind.TAKEOUT)
    village.clock.pass_time(hours=14)  # 02:01 in Lima: the day began yesterday
    async with till.work(SERVER) as work:
        late = await open_order(work, UUID(int=4), OrderKind.TAKEOUT)
    assert (late.number, late.business_date) == ("A-4", date(2026, 11, 23))
    village.clock.pass_time(hours=2)
    async with till.work(SERVER) as work:
        morning = await open_order(work, UUID(int=5), OrderKind.TAKEOUT)
    assert (morning.number, morning.business_date) == ("A-1", date(2026, 11, 24))


async def test_a_number_is_not_spent_on_an_order_that_was_refused(till: Replica) -> None:
    await refused(till, "NOT_FOUND", open_order, ORDER, OrderKind.DINE_IN, table_id=UUID(int=404))
    async with till.work(SERVER) as work:
        assert (await open_order(work, ORDER, OrderKind.TAKEOUT)).number == "A-1"


async def test_a_dine_in_order_stands_at_its_table(village: Village, till: Replica) -> None:
    async with till.work(SERVER) as work:
        await open_order(work, ORDER, OrderKind.DINE_IN, table_id=village.house.tables["2"], guests=-3)
    view = await seen(till)
    assert (view.table_name, view.guests) == ("2", 0)


async def test_twenty_presses_send_once(till: Replica, order: UUID) -> None:
    fired = []
    for _press in range(20):
        async with till.work(SERVER) as work:
            fired.append(await send_order(work, order))
    assert [len(sent.tickets) for sent in fired] == [2] + [0] * 19
    async with till.connection() as connection:
        tickets = await open_tickets(connection, till.place.organization_id, till.place.branch_id)
    assert [[(line.item_name, line.quantity_milli) for line in ticket.lines] for ticket in tickets] in (
        [[("Lomo saltado", 1_000)], [("Chicha morada", 2_000)]],
        [[("Chicha morada", 2_000)], [("Lomo saltado", 1_000)]],
    )
    view = await seen(till)
    assert view.state is OrderState.CONFIRMED
    assert {line.state for line in view.lines} == {LineState.SENT}


async def test_a_second_sending_carries_only_what_is_new_and_says_that_it_is_the_second(
    till: Replica, order: UUID, chosen: Dishes
) -> None:
    async with till.work(SERVER) as work:
        await send_order(work, order)
    async with till.work(SERVER) as work:
        await add_line(work, order, THIRD, *chosen["cev"])
        await add_line(work, order, UUID(int=1_005), *chosen["pan"])
    async with till.work(SERVER) as work:
        (ticket,) = (await send_order(work, order)).tickets.values()
        assert ticket.part == 2
    async with till.connection() as connection:
        tickets = await open_tickets(connection, till.place.organization_id, till.place.branch_id)
    assert [line.item_name for line in tickets[-1].lines] == ["Ceviche"]
    assert {line.state for line in (await seen(till)).lines} == {LineState.SENT, LineState.READY}, (
        "what no station makes"
    )


async def test_serving_marks_what_was_sent_and_again_changes_nothing(
    till: Replica, order: UUID, chosen: Dishes
) -> None:
    await refused(till, "NOTHING_SENT", serve_order, order)
    async with till.work(SERVER) as work:
        await send_order(work, order)
    async with till.work(SERVER) as work:
        assert (await serve_order(work, order)).dishes == 2
    view = await seen(till)
    assert (view.state, view.served, view.unserved) == (OrderState.SERVED, True, 0)
    log = await till.log()
    for _press in range(20):
        async with till.work(SERVER) as work:
            assert (await serve_order(work, order)).dishes == 0
    assert await till.log() == log


async def test_what_is_sent_after_serving_waits_to_be_served_anew(till: Replica, order: UUID, chosen: Dishes) -> None:
    async with till.work(SERVER) as work:
        await send_order(work, order)
        await work.session.flush()
        await serve_order(work, order)
    async with till.work(SERVER) as work:
        await add_line(work, order, THIRD, *chosen["cev"])
    assert not (await seen(till)).served
    async with till.work(SERVER) as work:
        await send_order(work, order)
    view = await seen(till)
    assert (view.served, view.unserved) == (False, 1)
    assert view.bill.total_minor == 3_890 + 2_400 + 4_250, "what is on the table is charged"
    async with till.work(SERVER) as work:
        assert (await serve_order(work, order)).dishes == 1
    async with till.work(MANAGER) as work:
        await cancel_order(work, order)
    assert {line.state for line in (await seen(till)).lines} == {LineState.VOIDED}


async def test_an_unsent_line_can_be_changed_and_removed_and_a_sent_one_cannot(
    till: Replica, order: UUID, village: Village
) -> None:
    wanted = [village.house.modifiers["cocido"], village.house.modifiers["huevo"]]
    async with till.work(SERVER) as work:
        await change_line(work, LINE, notes="\x1bok", modifier_ids=wanted)
        await set_quantity(work, LINE, 3_000)
    async with till.work(SERVER) as work:
        await remove_line(work, SECOND)
    view = await seen(till)
    (line,) = view.lines
    assert (line.unit_minor, line.total_minor, line.notes) == (4_190, 12_570, "ok")
    assert view.bill.total_minor == 12_570
    async with till.work(SERVER) as work:
        await remove_line(work, SECOND)  # again changes nothing
        await send_order(work, order)
    await refused(till, "LINE_ALREADY_SENT", set_quantity, LINE, 1_000)
    await refused(till, "LINE_ALREADY_SENT", remove_line, LINE)


async def test_what_nobody_can_have_meant_is_refused(till: Replica, order: UUID, chosen: Dishes) -> None:
    for quantity in (0, -1_000, 9_999_001):
        await refused(till, "QUANTITY_NOT_SENSIBLE", add_line, order, THIRD, *chosen["cev"], quantity)
        await refused(till, "QUANTITY_NOT_SENSIBLE", set_quantity, LINE, quantity)
    await refused(till, "PRICE_NOT_SENSIBLE", add_line, order, THIRD, *chosen["cev"], unit_price_minor=-1)
    most = 10**15
    await refused(till, "PRICE_NOT_SENSIBLE", add_line, order, THIRD, *chosen["cev"], 2_000, unit_price_minor=most)
    async with till.work(MANAGER) as work:
        await add_line(work, order, THIRD, *chosen["cev"], unit_price_minor=most)
    await refused(till, "PRICE_NOT_SENSIBLE", set_quantity, THIRD, 9_999_000)
    for what in ({"amount_minor": 3_891}, {"amount_minor": -1}, {"rate_millionths": 1_000_001}, {}):
        await refused(till, "DISCOUNT_NOT_SENSIBLE", give_discount, CHECK, DISCOUNT, line_id=LINE, **what)
    await refused(till, "NOT_FOUND", add_line, UUID(int=404), THIRD, *chosen["cev"])
    await refused(till, "NOT_FOUND", remove_line, UUID(int=404))


async def test_a_discount_lowers_the_line_and_can_be_taken_back(till: Replica, order: UUID) -> None:
    async with till.work(MANAGER) as work:
        await give_discount(work, CHECK, DISCOUNT, amount_minor=890, line_id=LINE, reason="cold")
    assert (await seen(till)).lines[0].total_minor == 3_000
    async with till.work(MANAGER) as work:
        await lift_discount(work, DISCOUNT)
    assert (await seen(till)).bill.discount_minor == 0


async def test_a_cancelled_order_charges_nothing_and_takes_nothing_more(
    till: Replica, order: UUID, chosen: Dishes
) -> None:
    async with till.work(SERVER) as work:
        await send_order(work, order)
    async with till.work(SERVER) as work:
        await add_line(work, order, THIRD, *chosen["cev"])
    await refused(till, "NOT_PERMITTED", cancel_order, order, actor=SERVER)
    async with till.work(MANAGER) as work:
        await cancel_order(work, order)
    view = await seen(till)
    assert (view.state, view.bill.total_minor) == (OrderState.CANCELLED, 0)
    assert [line.state for line in view.lines] == [LineState.VOIDED] * 2, "what was never sent is gone"
    async with till.connection() as connection:
        assert await open_orders(connection, till.place.organization_id, till.place.branch_id, {}) == []
        tickets = await open_tickets(connection, till.place.organization_id, till.place.branch_id)
    withdrawn = {line.item_name: line.withdrawn_milli for ticket in tickets for line in ticket.lines}
    assert withdrawn == {"Lomo saltado": 1_000, "Chicha morada": 2_000}, "the cook must hear of it"
    log = await till.log()
    async with till.work(MANAGER) as work:
        assert not (await send_order(work, order)).portions_milli
        await cancel_order(work, order)
    assert await till.log() == log, "again it changes nothing"
    for code, command, rest in (
        ("ORDER_CLOSED", add_line, (order, UUID(int=9), *chosen["cev"])),
        ("LINE_IS_GONE", set_quantity, (LINE, 1_000)),
        ("LINE_IS_GONE", change_line, (LINE, "x")),
        ("DISCOUNT_NOT_SENSIBLE", give_discount, (CHECK, DISCOUNT)),
    ):
        await refused(till, code, command, *rest)


async def test_an_order_that_took_money_is_neither_cancelled_nor_made_cheaper(
    village: Village, till: Replica, order: UUID
) -> None:
    async with till.work(CASHIER) as work:
        await send_order(work, order)
    async with till.work(CASHIER) as work:
        cash = Tender(village.house.methods["Efectivo"], "Efectivo", TenderKind.CASH, 100)
        await pay(work, CHECK, UUID(int=77), [cash])
    await refused(till, "ORDER_HAS_PAYMENTS", cancel_order, order)
    most = {"amount_minor": 6_290 - 99}
    await refused(till, "ORDER_HAS_PAYMENTS", give_discount, CHECK, DISCOUNT, **most)


async def test_every_command_asks_for_its_permission(till: Replica, order: UUID, chosen: Dishes) -> None:
    nobody = Actor(None, "nobody")
    for command, args, actor in (
        (open_order, (THIRD, OrderKind.TAKEOUT), COOK),
        (add_line, (order, THIRD, *chosen["cev"]), COOK),
        (change_line, (LINE, "x"), COOK),
        (set_quantity, (LINE, 1_000), COOK),
        (remove_line, (LINE,), COOK),
        (send_order, (order,), COOK),
        (serve_order, (order,), nobody),
        (give_discount, (CHECK, DISCOUNT), CASHIER),
        (cancel_order, (order,), SERVER),
        (pay, (CHECK, THIRD, []), SERVER),
        (open_order, (THIRD, OrderKind.TAKEOUT), nobody),
    ):
        await refused(till, "NOT_PERMITTED", command, *args, actor=actor)
    await refused(till, "NOT_PERMITTED", add_line, order, THIRD, *chosen["cev"], actor=SERVER, unit_price_minor=1)
    async with till.work(SERVER) as work:
        await add_line(work, order, THIRD, *chosen["cev"], unit_price_minor=4_250)


async def test_adding_a_line_issues_six_statements(till: Replica, order: UUID, chosen: Dishes) -> None:
    """Read the order and the item, insert the line, read the stream's head, insert the change, move the head.

    The command is a key press; each further statement is a round trip to the database's thread.
    """
    with till.counted() as statements:
        async with till.work(SERVER) as work:
            await add_line(work, order, THIRD, *chosen["cev"])
    assert len(statements) <= 6, statements


async def test_the_floor_reads_open_orders_in_a_fixed_number_of_statements_for_ten_of_them(
    village: Village, till: Replica, order: UUID, chosen: Dishes
) -> None:
    async with till.work(SERVER) as work:
        for number in range(10):
            await open_order(work, UUID(int=number + 1), OrderKind.DELIVERY)
            await add_line(work, UUID(int=number + 1), UUID(int=number + 100), *chosen["pan"])
    with till.counted() as statements:
        async with till.connection() as connection:
            found = await open_orders(connection, till.place.organization_id, till.place.branch_id, {})
    assert len(found) == 11
    assert len(statements) == 2 + 2 * 4, statements
    assert {line.tax_category_id for line in await till.rows(OrderLine)} == set(village.house.taxes.values())
