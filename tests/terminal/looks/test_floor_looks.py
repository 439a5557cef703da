"""Looks of takeout, delivery, what is handed over, several orders at a table, and the counter."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.kernel.language import Language
from shared.orders.contacts import ContactView
from shared.orders.records import OrderKind
from tests.terminal.screens.paper_desk import PaperDesk, busy_desk
from tests.terminal.screens.paper_house import NOON
from tests.terminal.screens.till import PlayedApp

SIZES = ((80, 24), (120, 36), (200, 60))
SCRIPTS = {
    "floor": "1234\n",
    "delivery": "1234\n<f4>987 654 321\nRosa Quispe\n\n+20",
    "which-order": "1234\n7\n",
    "handover": "1234\n<f5>",
    "next-table": "1234\n9\nlom\n<f5>8",
}


def evening(language: Language = Language.SPANISH, *, is_counter: bool = False) -> PaperDesk:
    """Lunch with two parties at table 7, one order that is late, and some that are paid."""
    desk = busy_desk(language=language, is_counter=is_counter)
    desk.order(OrderKind.DINE_IN, 7, "cau", ago=3)
    names = ("Ana Torres", "Beto", "Carla [/red]")
    for at, (name, codes) in enumerate(zip(names, (("lom", "inc"), ("cau",), ("2*pol", "chm")), strict=True)):
        order = desk.order(OrderKind.TAKEOUT, None, *codes, "sent", ago=20 - 6 * at)
        desk.contacts[order.id] = ContactView(name)
        if at != 1:
            desk._settle(order, "pay")
    late = next(order for order in desk.orders.values() if order.kind is OrderKind.DELIVERY)
    desk.contacts[late.id] = ContactView("Luz Huamán", "987654321", "Jr. Ancash 123")
    desk.orders[late.id] = _promised(late, -7)
    desk.done.clear()
    return desk


def _promised(order, minutes: int):
    from dataclasses import replace

    return replace(order, promised_at=NOON + timedelta(minutes=minutes))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", SCRIPTS)
async def test_the_floor_looks_as_it_did(name, size, look) -> None:
    await look(PlayedApp(evening(), script=SCRIPTS[name]), size, f"screen-takeaway-{name}")


@pytest.mark.parametrize("name", ["delivery", "handover"])
async def test_the_english_floor_looks_as_it_did(name, look) -> None:
    await look(PlayedApp(evening(Language.ENGLISH), script=SCRIPTS[name]), (80, 24), f"screen-takeaway-english-{name}")


@pytest.mark.parametrize("size", SIZES)
async def test_the_number_of_a_counter_looks_as_it_did(size, look) -> None:
    app = PlayedApp(evening(is_counter=True), script="1234\nlom\n<f9>50\n")
    await look(app, size, "screen-counter-paid")
