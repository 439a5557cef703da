"""Who took an order sees how far the kitchen is with each line, and is called when something waits to be served."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from shared.kernel.language import Language
from shared.kernel.quantity import ONE
from shared.kitchen.messages import MessageView
from shared.kitchen.ticket_views import TicketState
from terminal.screens import ready_calls as calls
from terminal.screens.order.in_kitchen import reach_of
from terminal.screens.ready_calls import ready_calls
from terminal.wall import sounds
from terminal.widgets.check_lines import LineState
from tests.terminal.screens.paper_desk import PaperDesk
from tests.terminal.screens.till import DrivenTill, driven

WAITER, OTHER = "2222\n", "1234\n"


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The bell of the terminal, for a machine without a player."""
    rings: list[int] = []
    sounds.player.cache_clear()
    monkeypatch.setattr("shutil.which", lambda _program: None)
    monkeypatch.setattr("textual.app.App.bell", lambda _app: rings.append(1))
    yield rings
    sounds.player.cache_clear()


async def made(till: DrivenTill, *numbers: int) -> None:
    """A station has made what it was told of: these tickets."""
    desk = till.desk
    for at in numbers:
        ticket = desk.tickets[at]
        roots = {line.root_id for line in ticket.lines}
        done = tuple(replace(line, to_make_milli=0) for line in ticket.lines)
        desk.tickets = tuple(each for each in desk.tickets if each.id != ticket.id)
        desk.bumped = (replace(ticket, lines=done, state=TicketState.BUMPED, bumped_at=desk.time), *desk.bumped)
        order = desk.orders[ticket.order_id]
        lines = tuple(
            replace(line, made_milli=line.quantity_milli) if line.root_id in roots else line for line in order.lines
        )
        desk.orders[order.id] = replace(order, lines=lines)
    desk.publish("orders", "tickets")
    await till.settled()


async def test_each_line_says_sent_received_started_and_ready() -> None:
    async with driven(script=f"{WAITER}7\nlom\npis\n<f5>7\n", size=(80, 24)) as till:
        assert "Enviado" in await till.grid()
        food, drink = till.desk.tickets
        till.desk.tickets = (replace(food, received_at=food.fired_at), drink)
        till.desk.publish("tickets")
        screen = await till.grid()
        assert "○ Recibido en cocina" in screen
        assert "› Enviado" in screen
        till.desk.tickets = (replace(food, received_at=food.fired_at, begun=True), drink)
        till.desk.publish("tickets")
        assert "◐ En preparación" in await till.grid()
        await made(till, 0)
        assert "✓ Listo" in await till.grid()


async def test_the_person_of_the_table_is_called_until_it_is_served(rung: list[int]) -> None:
    async with driven(script=f"{WAITER}7\nlom\npis\n<f5>", size=(120, 36)) as till:
        assert "lista" not in await till.grid()
        await made(till, 1)
        assert len(rung) == 1
        screen = await till.grid()
        assert "Mesa 7 lista: 1 Pisco sour" in screen
        await till.press("f2")
        assert "listo en parte" in await till.grid()
        await made(till, 0)
        assert len(rung) == 2, "what is made later calls again"
        till.desk.publish("orders")
        await till.settled()
        assert len(rung) == 2, "one call rings once"
        await till.type("7\n")
        await till.press("f7")
        assert "lista" not in await till.grid()


async def test_others_see_it_on_the_table_and_are_not_called(rung: list[int]) -> None:
    async with driven(script=f"{WAITER}7\nlom\n<f5><f10>{OTHER}", size=(120, 36)) as till:
        await made(till, 0)
        screen = await till.grid()
        assert "✓ listo" in screen
        assert "Mesa 7 lista" not in screen
        assert rung == []


async def test_a_key_writes_out_no_dish_that_others_are_called_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A backlog may leave hundreds of them, and each key would wait for all of their quantities."""
    async with driven(script=f"{WAITER}7\nlom\n<f5><f10>{OTHER}", size=(120, 36)) as till:
        await made(till, 0)
        written: list[str] = []
        monkeypatch.setattr(calls, "_dish", lambda line: written.append(line.item_name) or line.item_name)
        await till.type("5\npis\n")
        await till.press("+", "-", "f2")
        assert "✓ listo" in await till.grid()
        assert written == []
        await till.press("f10", *WAITER)
        assert written


async def test_what_waits_when_somebody_comes_back_is_said_and_does_not_ring(rung: list[int]) -> None:
    async with driven(script=f"{WAITER}7\nlom\n<f5><f10>", size=(120, 36)) as till:
        await made(till, 0)
        await till.type(WAITER)
        assert "Mesa 7 lista" in await till.grid()
        assert rung == []


async def test_a_cook_from_paper_and_a_dish_of_no_station_call_nobody() -> None:
    async with driven(script=f"{WAITER}7\nagu\nlom\n<f5>") as till:
        order = next(iter(till.desk.orders.values()))
        assert ready_calls([order], till.desk.made) == (), "water waits for nobody's call"


async def test_a_single_line_that_is_made_calls_before_its_ticket_is_done() -> None:
    async with driven(script=f"{WAITER}7\nlom\ncau\n<f5>") as till:
        order = next(iter(till.desk.orders.values()))
        (ticket,) = till.desk.tickets
        first, second = ticket.lines
        open_ticket = replace(ticket, lines=(replace(first, to_make_milli=0), second))
        half = replace(order, lines=(replace(order.lines[0], made_milli=ONE), order.lines[1]))
        till.desk.tickets = (open_ticket,)
        (call,) = ready_calls([half], till.desk.made)
        assert call.dishes == (f"1 {order.lines[0].item_name}",)
        assert reach_of([open_ticket], order.ids) == {second.root_id: LineState.SENT}


@pytest.mark.parametrize("language", Language)
async def test_at_80_columns_the_call_has_room(language: Language) -> None:
    async with driven(PaperDesk(language=language), script=f"{WAITER}7\nlom\n<f5>", size=(80, 24)) as till:
        await made(till, 0)
        wanted = "Mesa 7 lista" if language is Language.SPANISH else "Mesa 7 ready"
        assert wanted in await till.grid()


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_locked_device_names_whom_the_kitchen_calls_and_no_contents(rung: list[int], size) -> None:
    async with driven(script=f"{WAITER}7\nlom\n<f5>", size=size) as till:
        name = till.desk.actor.name
        await made(till, 0)
        order = next(iter(till.desk.orders.values()))
        told = MessageView(order.id, order.id, order.opened_by, order.number, "7", "Cocina", "Ven", till.desk.time)
        till.desk.messages.known.append(told)
        await till.press("ctrl+l")
        screen = " ".join((await till.grid()).split())
        assert f"{name}: listo" in screen
        assert "1 mensaje" in screen
        assert "Lomo" not in screen
