"""What the kitchen tells who serves, and the food safety log, on paper."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Actor, Permission
from shared.kitchen.messages import MessageView
from shared.safety.queries import PointView, ReadingView
from shared.safety.records import PointKind
from terminal.desks.safety import value_of
from tests.terminal.screens.paper_menu import key

FRIDGE = PointView(
    key(40, 1), "Refrigeradora 1", (("en", "Fridge 1"),), PointKind.FRIDGE, "°C", 0, 5_000, (8 * 60,), 0, None
)
FLOOR = PointView(key(40, 2), "Piso de cocina", (), PointKind.CLEANING, "", None, None, (), 240, None)


class PaperMessages:
    """As `terminal.desks.message`."""

    def __init__(self, desk) -> None:
        self._desk = desk
        self.known: list[MessageView] = []

    async def tell(self, text: str, order_id: UUID | None) -> None:
        await self._desk._turn("tell", Permission.WORK_KITCHEN)
        order = self._desk.orders.get(order_id)
        about = (order.opened_by, order.number, order.table_name) if order is not None else (None, "", "")
        sender = self._desk.actor.name
        self.known.append(MessageView(self._desk._id(), order_id, *about, sender, text, self._desk.time))
        self._desk._did(f"tell {text}", "messages")

    async def confirm(self, message_id: UUID) -> None:
        await self._desk._turn("confirm", Permission.TAKE_ORDER)
        self.known = [each for each in self.known if each.id != message_id]
        self._desk._did("confirm message", "messages")

    def waiting_for(self, person_id) -> int:
        return sum(each.person_id == person_id for each in self.known)

    def unread(self) -> tuple[MessageView, ...]:
        actor = self._desk.actor
        if actor is None or not actor.may(Permission.TAKE_ORDER):
            return ()
        return tuple(each for each in self.known if each.is_for(actor.staff_id))


class PaperSafety:
    """As `terminal.desks.safety`."""

    def __init__(self, desk) -> None:
        self._desk = desk
        self.points: tuple[PointView, ...] = ()
        self.entries: list[ReadingView] = []

    def due(self) -> tuple[tuple[PointView, datetime], ...]:
        now = self._desk.now()
        return tuple((each, since) for each in self.points if (since := each.due_since(now, "America/Lima")))

    async def person(self, pin: str) -> Actor:
        return await self._desk.hours.person(pin)

    async def log(
        self, person: Actor, point: PointView, value: str, *, clock="", action="", was_done=True, corrects=None
    ) -> None:
        await self._desk._turn("log")
        milli = value_of(value, point.name) if point.is_measured else None
        passed = was_done if milli is None else point.passes(milli)
        if not passed and not action:
            raise DomainError("ACTION_MISSING", point=point.name)
        now = self._desk.now()
        claimed = now if not clock else now - timedelta(hours=2)
        about = (point.id, point.name, point.unit, point.low_milli, point.high_milli)
        entry = ReadingView(
            self._desk._id(), *about, milli, passed, action, claimed, now, person.name, corrects, corrected=False
        )
        self.entries = [replace(each, corrected=each.corrected or each.id == corrects) for each in self.entries]
        self.entries.append(entry)
        self.points = tuple(replace(each, last_at=claimed) if each.id == point.id else each for each in self.points)
        self._desk._did(f"log {point.name} {person.name}", "safety")

    async def of_day(self) -> tuple[ReadingView, ...]:
        return tuple(self.entries)
