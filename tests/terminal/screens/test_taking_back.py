"""Taking back: free before it is sent; then for a reason, by who may, and made or not made."""

from __future__ import annotations

from restaurant import COOK

from terminal.widgets.key_pad import KeyPad
from tests.terminal.screens.paper_desk import PaperDesk
from tests.terminal.screens.till import DrivenTill, driven

MANAGER = "3333\n"
SENT = MANAGER + "7\n2*lom\n<f5><ctrl+up>"
"""Two Lomos of table 7 were sent; the cursor is on them."""
BY_WAITER = "1234\n7\n2*lom\n<f5><ctrl+up>"
"""The same by somebody without the right to void."""


async def started(till: DrivenTill) -> None:
    """The kitchen begins all that it was sent."""
    person, till.desk.actor = till.desk.actor, COOK
    for ticket in till.desk.tickets:
        await till.desk.start(ticket.id)
    till.desk.actor = person
    await till.settled()


async def test_an_unsent_line_is_removed_without_a_word() -> None:
    async with driven(script="1234\n7\n2*lom\n<f6>") as till:
        assert till.desk.done[-1] == "remove A-1"
        assert till.desk.corrections.voids == []


async def test_a_sent_line_asks_how_many_and_why() -> None:
    async with driven(script=SENT + "<f6>") as till:
        assert till.screen_name == "amount"
        await till.type("1\n")
        assert till.screen_name == "pick"
        assert "Nada se anula hasta elegir el motivo" in await till.grid()
        assert till.desk.corrections.voids == []
        await till.press("3")
        assert till.desk.corrections.voids == [("Lomo saltado", 1_000, "Plato mal hecho", False)]
        assert "Anulado 1 × Lomo saltado: Plato mal hecho" in await till.grid()


async def test_enter_takes_all_of_it_and_a_reason_can_be_written() -> None:
    async with driven(script=SENT + "<f6>\nse cayo al piso\n") as till:
        assert till.desk.corrections.voids == [("Lomo saltado", 2_000, "se cayo al piso", False)]


async def test_more_than_there_are_is_refused_before_it_is_asked_why() -> None:
    async with driven(script=SENT + "<f6>5\n") as till:
        assert till.screen_name == "amount"
        assert "No hay tantos de Lomo saltado" in await till.grid()
        await till.press("backspace", "1", "enter")
        assert till.screen_name == "pick"


async def test_after_cooking_began_it_asks_whether_it_was_made() -> None:
    async with driven(script=SENT) as till:
        await started(till)
        await till.press("f6", "enter")
        assert "¿Ya se preparó?" in await till.grid()
        await till.press("1", "1")
        assert till.desk.corrections.voids == [("Lomo saltado", 2_000, "Se equivocó el mozo", True)]
    async with driven(script=SENT) as till:
        await started(till)
        await till.press("f6", "enter", "2", "2")
        assert till.desk.corrections.voids == [("Lomo saltado", 2_000, "El cliente cambió de idea", False)]


async def test_escape_at_any_question_leaves_all_as_it_was() -> None:
    async with driven(script=SENT) as till:
        await started(till)
        for keys in (["f6"], ["f6", "enter"], ["f6", "enter", "1"]):
            await till.press(*keys, "escape")
            assert till.screen_name == "order"
        assert till.desk.corrections.voids == []


async def test_less_of_a_sent_line_leads_to_the_same_question() -> None:
    for typed in ("-\n", "-1\n", "1*\n"):
        async with driven(script=SENT) as till:
            await till.type(typed)
            assert till.screen_name == "pick", typed
            await till.press("1")
            assert till.desk.corrections.voids == [("Lomo saltado", 1_000, "Se equivocó el mozo", False)]


async def test_a_digit_after_minus_is_how_many_and_picks_no_reason() -> None:
    async with driven(script=MANAGER + "7\n15*lom\n<f5><ctrl+up>-12") as till:
        assert "Enter anula 12 × Lomo saltado: pide el motivo" in await till.grid()
        await till.type("\n1")
        assert till.desk.corrections.voids == [("Lomo saltado", 12_000, "Se equivocó el mozo", False)]


async def test_before_cooking_whoever_takes_orders_is_asked_how_many_and_why_alone() -> None:
    async with driven(script=BY_WAITER + "<f6>1\n") as till:
        assert "Nada se anula hasta elegir el motivo" in await till.grid()
        await till.press("2")
        assert till.desk.corrections.voids == [("Lomo saltado", 1_000, "El cliente cambió de idea", False)]
        assert till.screen_name == "order"
        await till.press("f6", "1")
        assert [each[1] for each in till.desk.corrections.voids] == [1_000, 1_000], "a ticket that changed is not begun"


async def test_who_lacks_the_right_is_asked_and_then_a_manager_approves() -> None:
    async with driven(script=BY_WAITER) as till:
        await started(till)
        await till.press("f6", "1", "enter")
        await till.press("2", "2")
        assert till.desk.corrections.voids == []
        assert till.screen_name == "approval"
        await till.type("3333\n")
        assert till.desk.corrections.voids == [("Lomo saltado", 1_000, "El cliente cambió de idea", False)]
        assert till.screen_name == "order"


async def test_without_an_approval_nothing_is_voided() -> None:
    async with driven(script=BY_WAITER) as till:
        await started(till)
        await till.press("f6", "1", "enter")
        await till.press("2")
        await till.type("se cayo\n")
        assert till.screen_name == "approval"
        await till.press("escape")
        assert till.desk.corrections.voids == []


async def test_a_paid_line_is_not_voided() -> None:
    async with driven(PaperDesk(), script=MANAGER + "7\nlom\n<f5>") as till:
        (order,) = till.desk.orders.values()
        paid = till.desk._line(order.id, order.lines[0].id)
        till.desk.orders[order.id] = type(order)(
            **{
                **{name: getattr(order, name) for name in order.__slots__},
                "lines": (type(paid)(**{**{n: getattr(paid, n) for n in paid.__slots__}, "owed_milli": 0}),),
            }
        )
        await till.press("ctrl+up", "f6")
        assert till.screen_name == "order"
        assert till.desk.corrections.voids == []


async def test_a_sent_order_is_cancelled_for_a_reason() -> None:
    async with driven(script=SENT + "<f12>") as till:
        assert "Anular el pedido A-1 entero" in await till.grid()
        await till.press("2")
        assert till.desk.done[-1] == "cancel A-1"
        assert till.desk.corrections.voids == [("A-1", 0, "El cliente cambió de idea", False)]
        assert till.screen_name == "floor"


async def test_a_sent_order_that_is_cooked_asks_whether_it_was_made() -> None:
    async with driven(script=SENT) as till:
        await started(till)
        await till.press("f12", "1", "1")
        assert till.desk.corrections.voids == [("A-1", 0, "Se equivocó el mozo", True)]


async def test_twenty_presses_void_nothing_and_cancel_nothing() -> None:
    for key in ("f6", "f12", "-"):
        async with driven(script=SENT) as till:
            till.press_ahead(*[key] * 20)
            await till.settled()
            assert till.desk.corrections.voids == [], key


async def test_it_can_be_done_by_taps_alone() -> None:
    async with driven(script=SENT) as till:
        bar = till.app.screen.bar
        bar.post_message(bar.Chosen(bar, "remove"))
        await till.settled()
        pad = till.app.screen.pad
        pad.post_message(KeyPad.Pressed(pad, "1"))
        await till.settled()
        dialog = till.app.screen
        dialog.bar.post_message(dialog.bar.Chosen(dialog.bar, "accept"))
        await till.settled()
        rows = till.app.screen.rows
        rows.tapped(rows.tiles[0].id)
        await till.settled()
        assert till.desk.corrections.voids == [("Lomo saltado", 1_000, "Se equivocó el mozo", False)]
