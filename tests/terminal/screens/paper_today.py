"""The people and devices of a day on paper: a branch's lunch with three people who did something to look at."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from shared.books.people_day import Deed, DeedKind, PeopleDay, PersonDay
from shared.kernel.permissions import DeviceKind
from terminal.desks.today import DeviceNews
from tests.terminal.screens.paper_house import NOON
from tests.terminal.screens.paper_menu import key
from tests.terminal.screens.paper_sales import DAY

if TYPE_CHECKING:
    from tests.terminal.screens.paper_desk import PaperDesk

ROSA, JULIO, CARMEN = (key(10, pin) for pin in (1234, 2222, 3333))
NAMES = {ROSA: "Rosa Quispe", JULIO: "Julio Mamani", CARMEN: "Carmen Flores"}
_DEEDS = (
    (DeedKind.VOID, 4, JULIO, "Lomo saltado", 7_600, "El cliente cambió de idea", 2_000, "Carmen Flores"),
    (DeedKind.DISCOUNT, 11, CARMEN, "A-12", 1_250, "Cliente frecuente", 0, ""),
    (DeedKind.OPENING, 26, ROSA, "", 0, "Cambio para el mozo", 0, ""),
    (DeedKind.VOID, 48, JULIO, "Causa limeña", 2_400, "Se equivocó el mozo", 1_000, ""),
    (DeedKind.REFUND, 55, CARMEN, "A-R3", 4_250, "Salió frío", 0, ""),
    (DeedKind.OPENING, 80, ROSA, "", 0, "Se atascó un billete", 0, ""),
)
DEEDS = tuple(
    Deed(kind, NOON - timedelta(minutes=ago), person, NAMES[person], about, amount, reason, quantity, approver)
    for kind, ago, person, about, amount, reason, quantity, approver in _DEEDS
)
SOLD = {JULIO: (58, 312_450), ROSA: (39, 222_330), CARMEN: (0, 0)}


def a_day_of_people() -> PeopleDay:
    people = tuple(
        PersonDay(
            person,
            NAMES[person],
            *SOLD[person],
            {
                kind: sum(deed.amount_minor for deed in DEEDS if (deed.person_id, deed.kind) == (person, kind))
                for kind in DeedKind
            },
            {kind: sum((deed.person_id, deed.kind) == (person, kind) for deed in DEEDS) for kind in DeedKind},
        )
        for person in SOLD
    )
    return PeopleDay(DAY, people, DEEDS)


class PaperToday:
    """As `terminal.desks.today`."""

    def __init__(self, desk: PaperDesk) -> None:
        self._desk = desk
        self.day = PeopleDay(DAY)
        self.known: tuple[DeviceNews, ...] = (
            DeviceNews(key(50, 1), "Caja 1", DeviceKind.TILL, True, NOON, is_of_today=True),
        )

    async def people(self) -> PeopleDay:
        await self._desk._turn("people_today")
        return self.day

    async def devices(self) -> tuple[DeviceNews, ...]:
        await self._desk._turn("devices")
        return self.known

    def be_busy(self) -> None:
        """People did something, and one till was not heard of since yesterday."""
        self.day = a_day_of_people()
        self.known = (
            *self.known,
            DeviceNews(key(50, 2), "Caja 2", DeviceKind.TILL, False, NOON - timedelta(hours=14), is_of_today=False),
            DeviceNews(key(50, 3), "Cocina", DeviceKind.KITCHEN, False, NOON - timedelta(minutes=2), is_of_today=True),
            DeviceNews(key(50, 4), "Tablet terraza", DeviceKind.WAITER, False, None, is_of_today=False),
        )
