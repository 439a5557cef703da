"""What is sold out and counted down, on paper."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from shared.kernel.permissions import Permission
from shared.menu.availability import Left
from tests.terminal.screens.paper_house import NOON
from tests.terminal.screens.paper_menu import SOLD_OUT


class PaperAvailability:
    """As `terminal.desks.availability`, kept in memory: counts stand until somebody says otherwise."""

    def __init__(self, desk) -> None:
        self._desk = desk
        self.known: dict[UUID, Left] = {}
        if SOLD_OUT in desk.menu.by_code:
            self.say(desk.menu.by_code[SOLD_OUT].id)

    def say(self, subject_id: UUID, left_milli: int = 0, *, counted: bool = False) -> None:
        """Somebody says it elsewhere."""
        self.known[subject_id] = Left(
            subject_id, subject_id, self._name(subject_id), left_milli, counted, NOON, "Cocina"
        )

    async def out(self, subject_id: UUID) -> None:
        await self._said(subject_id, "out")
        self.say(subject_id)

    async def left(self, subject_id: UUID, pieces_milli: int) -> None:
        await self._said(subject_id, f"left {pieces_milli}")
        self.say(subject_id, pieces_milli, counted=True)

    async def back(self, subject_id: UUID) -> None:
        await self._said(subject_id, "back")
        self.known.pop(subject_id, None)

    async def _said(self, subject_id: UUID, what: str) -> None:
        await self._desk._turn("availability", Permission.SET_AVAILABILITY)
        self._desk._did(f"{what} {self._name(subject_id)}", "left")

    def _name(self, subject_id: UUID) -> str:
        names: Mapping[UUID, str] = {each.id: each.name for each in self._desk.menu.items.values()} | {
            choice.id: choice.name
            for each in self._desk.menu.items.values()
            for group in each.modifier_groups + each.opened_groups
            for choice in group.choices
        }
        return names[subject_id]
