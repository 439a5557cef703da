"""A table with several orders asks which, and after a sending the next table is one key away."""

from __future__ import annotations

from shared.orders.records import OrderKind
from tests.terminal.screens.paper_desk import PaperDesk
from tests.terminal.screens.till import driven

DINE_IN = OrderKind.DINE_IN


def crowded() -> PaperDesk:
    """Two parties at table 7."""
    desk = PaperDesk()
    desk.order(DINE_IN, 7, "lom", "sent", ago=9)
    desk.order(DINE_IN, 7, "cau", ago=2)
    return desk


async def test_a_table_with_several_orders_asks_which_and_opens_none_unseen() -> None:
    async with driven(crowded(), script="1234\n7\n") as till:
        assert till.screen_name == "pick"
        screen = await till.grid()
        for words in ("Mesa 7: ¿qué pedido?", "A-1", "A-2", "Pedido nuevo en esta mesa"):
            assert words in screen
        await till.press("2")
        assert till.app.screen.order.number == "A-2"


async def test_a_new_order_at_an_occupied_table_is_one_of_the_choices() -> None:
    async with driven(crowded(), script="1234\n3*7\n3lom\n") as till:
        order = till.desk.orders[list(till.desk.orders)[-1]]
        assert (order.number, order.table_name, order.guests) == ("A-3", "Mesa 7", 3)


async def test_escape_opens_nothing() -> None:
    async with driven(crowded(), script="1234\n7\n<escape>") as till:
        assert till.screen_name == "floor"


async def test_another_order_at_a_table_with_one_is_typed_with_a_plus() -> None:
    async with driven(script="1234\n7\nlom\n<f2>7+\ncau\n") as till:
        assert [order.number for order in till.desk.orders.values()] == ["A-1", "A-2"]
        assert {order.table_name for order in till.desk.orders.values()} == {"Mesa 7"}


async def test_the_number_of_an_order_opens_it_whatever_else_is_at_its_table() -> None:
    async with driven(crowded(), script="1234\na2\n") as till:
        assert till.app.screen.order.number == "A-2"


async def test_a_tap_on_such_a_table_asks_too() -> None:
    async with driven(crowded(), script="1234\n7") as till:
        await till.pilot.click(till.app.screen.tiles, offset=(5, 2))
        await till.settled()
        assert till.screen_name == "pick"


async def test_a_waiter_at_a_paid_table_is_asked_whether_new_guests_sit_there() -> None:
    desk = PaperDesk()
    order = desk.order(DINE_IN, 7, "lom", "sent")
    await desk.log_in("1234")
    desk._settle(order, "pay")
    async with driven(desk, script="1234\n") as till:
        assert "pagado" in await till.grid()
        await till.type("7\n")
        assert till.screen_name == "pick"
        await till.type("2cau\n")
        assert [each.number for each in till.desk.orders.values()] == ["A-1", "A-2"]


# After a sending


async def test_right_after_a_sending_a_number_is_the_next_table() -> None:
    async with driven(script="1234\n7\nlom\n<f5>") as till:
        assert "Otra mesa: su número y Enter" in await till.grid()
        await till.type("8")
        assert "Enter: Mesa 8" in await till.grid()
        await till.type("\ncau\n")
        assert [order.table_name for order in till.desk.orders.values()] == ["Mesa 7", "Mesa 8"]


async def test_right_after_a_sending_enter_leads_to_the_floor() -> None:
    async with driven(script="1234\n7\nlom\n<f5>\n") as till:
        assert till.screen_name == "floor"
    async with driven(script="1234\n7\nlom\n<f5><escape>") as till:
        assert till.screen_name == "floor"


async def test_one_can_go_on_ordering_after_a_sending() -> None:
    async with driven(script="1234\n7\nlom\n<f5>cau\n") as till:
        (order,) = till.desk.orders.values()
        assert [line.item_name for line in order.lines] == ["Lomo saltado", "Causa limeña"]
        await till.type("8\n")
        assert len(till.desk.orders) == 1, "it is no table any more"


async def test_right_after_a_sending_an_order_is_opened_by_its_number() -> None:
    async with driven(crowded(), script="1234\n8\nlom\n<f5>a2\n") as till:
        assert till.app.screen.order.number == "A-2"


async def test_the_next_table_of_two_orders_asks_which() -> None:
    async with driven(crowded(), script="1234\n8\nlom\n<f5>7\n") as till:
        assert till.screen_name == "pick"


async def test_another_order_at_a_table_is_in_the_menu_for_who_only_taps() -> None:
    async with driven(script="1234\n7\nlom\n<f8>") as till:
        await till.press(*"otro")
        assert "Otro pedido en la mesa" in await till.grid()
        await till.press("enter", *"cau\n")
        assert [order.table_name for order in till.desk.orders.values()] == ["Mesa 7", "Mesa 7"]


async def test_floor_and_order_wear_the_style_sheet_of_the_till_whatever_is_mixed_into_them() -> None:
    async with driven(size=(80, 24), script="1234\n") as till:
        floor = till.app.screen.shelves.size.width
        await till.type("7\n")
        assert floor == till.app.screen.shelves.size.width == 13
