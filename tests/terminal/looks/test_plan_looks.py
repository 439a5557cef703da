"""Looks of the floor as a plan and as a list: every state of a table, tables that sit together, reservations."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from shared.floor.records import TableShape
from shared.kernel.language import Language
from shared.orders.records import OrderKind
from shared.reservations.queries import ReservationView
from shared.reservations.records import ReservationKind, ReservationStatus
from tests.terminal.screens.paper_desk import PaperDesk, busy_desk
from tests.terminal.screens.paper_house import NOON
from tests.terminal.screens.till import PlayedApp

SIZES = ((80, 24), (120, 36), (200, 60))
PLACES = (
    *((0, 0), (9, 0), (18, 0), (27, 0)),
    *((0, 5), (9, 5), (18, 5), (27, 5)),
    *((0, 10), (9, 10), (18, 10), (27, 10)),
    *((0, 0), (12, 0), (0, 5), (12, 5)),
)
"""Of twelve tables in one room and four on a terrace."""


def evening(language: Language = Language.SPANISH) -> PaperDesk:
    """A room in which each table is in another state."""
    desk = busy_desk(language=language)
    shapes = {4: TableShape.ROUND, 8: TableShape.ROUND}
    desk.tables = tuple(
        replace(
            table,
            place=(*PLACES[at], 7, 3),
            shape=shapes.get(at + 1, TableShape.SQUARE),
            out_of_service=at == 5,
            server_id=desk.staff[0].id if at in (0, 1, 2) else None,
        )
        for at, table in enumerate(desk.tables)
    )
    desk.orders |= {
        order.id: replace(order, guests=4)
        for order in (desk.order(OrderKind.DINE_IN, 9, ago=3), desk.order(OrderKind.DINE_IN, 10, ago=14))
    }
    paid = desk.order(OrderKind.DINE_IN, 11, "lom", "sent", ago=40)
    desk._settle(paid, "pay")
    desk.reservations = (
        _booked(desk, 12, "Rosa Quispe", 20),
        _booked(desk, 4, "Luis", 200),
        _booked(desk, None, "Ana", -6, ReservationKind.WAITING),
    )
    desk.done.clear()
    return desk


def _booked(
    desk: PaperDesk, table: int | None, name: str, minutes: int, kind: ReservationKind = ReservationKind.BOOKED
) -> ReservationView:
    at = NOON + timedelta(minutes=minutes)
    wall = at.astimezone(desk.local_now().tzinfo)
    return ReservationView(
        id=UUID(int=0xEE00 + minutes + 1_000),
        kind=kind,
        day=wall.date(),
        minute=wall.hour * 60 + wall.minute,
        at=at,
        moved_minutes=0,
        guests=4,
        table_id=desk.tables[table - 1].id if table else None,
        status=ReservationStatus.ASKED,
        order_id=None,
        made_at=at,
        subject_id=UUID(int=0xEE00 + minutes + 1_000),
        name=name,
        phone="987654321",
    )


SCRIPTS = {
    "list": "1234\n",
    "plan": "1234\n<tab><tab>",
    "table-menu": "1234\n2<f2>",
    "moving": "1234\n2<f2>pasar\n",
    "guests": "1234\n<ctrl+w>",
}
ENGLISH = {**SCRIPTS, "moving": "1234\n2<f2>move\n"}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", SCRIPTS)
async def test_the_floor_with_every_state_looks_as_it_did(name, size, look) -> None:
    await look(PlayedApp(evening(), script=SCRIPTS[name]), size, f"screen-floor-{name}")


@pytest.mark.parametrize("name", ENGLISH)
async def test_the_english_floor_with_every_state_looks_as_it_did(name, look) -> None:
    await look(PlayedApp(evening(Language.ENGLISH), script=ENGLISH[name]), (120, 36), f"screen-floor-english-{name}")
