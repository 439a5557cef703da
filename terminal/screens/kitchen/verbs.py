"""What a cook does besides bumping whole tickets: single lines, other stations, what was left without a bump."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, cast
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kitchen.ticket_views import TicketView
from shared.menu.weights import measure_text
from terminal.actions import ScreenName, action_by_id
from terminal.dialogs.questions import Choice, Pick, Picked
from terminal.screens.base import Keyed
from terminal.screens.kitchen.view import all_day, card_id, dishes, groups_of, ticket_number
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone
from terminal.wall.settings import SETTINGS

if TYPE_CHECKING:
    from terminal.desks.desk import Desk

MOST_ASIDE = 40
"""So many forgotten tickets stand on one page of their list."""
_ALL, _OLDER, _NEWER = "all", "older", "newer"


class KitchenVerbs(Keyed):
    """Mixed into the kitchen's screen, which knows the marked ticket."""

    desk: Desk
    _marked: UUID | None

    def _tickets(self) -> tuple[TicketView, ...]:
        raise NotImplementedError

    def _on_view(self) -> tuple[TicketView, ...]:
        raise NotImplementedError

    def _mark(self, card: UUID) -> None:
        raise NotImplementedError

    def _usual(self) -> Mapping[str, frozenset[str]]:
        raise NotImplementedError

    def _chosen(self) -> tuple[TicketView, ...]:
        """The tickets of the marked card, else of the oldest on view."""
        groups = groups_of(self._tickets())
        found = next((group for group in groups if card_id(group[0]) == self._marked), ())
        found = found or next(iter(groups_of(self._on_view())), ())
        if not found:
            raise DomainError("kitchen.nothing_open")
        return found

    def _chosen_by_mark(self, action_id: str) -> tuple[TicketView, ...]:
        """The tickets of the marked card. Without a mark the oldest is marked, and the next press is meant."""
        tickets = self._chosen()
        if card_id(tickets[0]) == self._marked:
            return tickets
        self._mark(card_id(tickets[0]))
        key = self.label_of(action_by_id(ScreenName.KITCHEN, action_id))
        raise DomainError("kitchen.marked_first", number=ticket_number(tickets[0]), key=key)

    async def do_lines(self) -> None:
        """Ask which line of the chosen card is made."""
        tickets, texts = self._chosen(), self.desk.texts
        number = ticket_number(tickets[0])
        rows = tuple(
            Choice(line.id, f"{measure_text(line.to_make_milli, line.unit)} {line.item_name}", line.notes)
            for ticket in tickets
            for line in ticket.lines
            if line.to_make_milli and not line.comes
        )
        if not rows:
            raise DomainError("kitchen.nothing_to_make", number=number)

        async def made(picked: Picked) -> None:
            await self.desk.kitchen.bump_line(cast("UUID", picked.id))
            self.say(texts("kitchen.line_made", dish=picked.text, number=number), Tone.READY)
            self.refresh_view()

        await self.host.ask(Pick(texts("kitchen.lines_title", number=number), rows, texts("kitchen.lines_asked")), made)

    async def do_all_day(self) -> None:
        """List all that is still to make on this wall, of which the foot may have room for the first alone."""
        texts = self.desk.texts
        rows = tuple(Choice(said, said) for said in all_day(self._tickets(), self._usual()))
        if not rows:
            raise DomainError("kitchen.nothing_open")

        async def read(_picked: Picked) -> None:
            self.refresh_view()

        await self.host.ask(Pick(texts("kitchen.all_day_title"), rows), read)

    async def do_cover(self) -> None:
        """Ask which station this wall covers, or covers no longer."""
        texts, own = self.desk.texts, self.desk.kitchen.station_id
        rows = tuple(
            Choice(each.id, texts("kitchen.uncover" if each.covered_by == own else "kitchen.cover", station=each.name))
            for each in self.desk.stations
            if each.id != own
        )

        async def chosen(picked: Picked) -> None:
            station = next(each for each in self.desk.stations if each.id == picked.id)
            covered = station.covered_by != own
            await self.desk.kitchen.cover(station.id, covered=covered)
            self.say(texts("kitchen.covered" if covered else "kitchen.uncovered", station=station.name), Tone.READY)
            self.refresh_view()

        await self.host.ask(Pick(texts("kitchen.cover_title"), rows, texts("kitchen.cover_asked")), chosen)

    async def do_aside(self) -> None:
        """List the open tickets without a place on the wall, to bump one; all of them only after another question."""
        await self._list_aside(0)

    async def _list_aside(self, first: int) -> None:
        """Ask about one page of them, the newest first.

        Args:
            first: how many newer ones stand on the pages before.
        """
        texts, voice = self.desk.texts, Voice.of(self.desk)
        ids = self.desk.kitchen.aside_ids()
        tickets = await self.desk.kitchen.aside(MOST_ASIDE, first)
        last = min(len(ids), first + MOST_ASIDE)
        rows = [
            Choice(each.id, f"{ticket_number(each)} {dishes(each)}", voice.since(each.waits_since)) for each in tickets
        ]
        if last < len(ids):
            rows.append(Choice(_OLDER, texts("kitchen.aside_older", count=len(ids) - last), key="0"))
        if first:
            rows.append(Choice(_NEWER, texts("kitchen.aside_newer", count=first), key=""))
        rows.append(Choice(_ALL, texts("kitchen.aside_all", count=len(ids)), key=""))

        async def chosen(picked: Picked) -> None:
            if picked.id in (_OLDER, _NEWER):
                await self._list_aside(last if picked.id == _OLDER else max(0, first - MOST_ASIDE))
            elif picked.id == _ALL:
                await self._ask_about_all_aside(ids)
            else:
                await self._done_aside((cast("UUID", picked.id),))

        title = texts("kitchen.aside_title")
        if len(ids) > MOST_ASIDE:
            title = texts("kitchen.aside_page", title=title, first=first + 1, last=last, count=len(ids))
        asked = texts("kitchen.aside_asked")
        if last < len(ids):
            asked = f"{asked} {texts('kitchen.aside_more', count=len(ids) - last)}"
        await self.host.ask(Pick(title, tuple(rows), asked), chosen)

    async def _ask_about_all_aside(self, ids: tuple[UUID, ...]) -> None:
        texts = self.desk.texts

        async def sure(answer: Picked) -> None:
            if answer.id == _ALL:
                await self._done_aside(ids)

        keep, all_done = texts("kitchen.aside_keep"), texts("kitchen.aside_sure", count=len(ids))
        title = texts("kitchen.aside_all", count=len(ids))
        await self.host.ask(Pick(title, (Choice("", keep), Choice(_ALL, all_done))), sure)

    async def _done_aside(self, ticket_ids: tuple[UUID, ...]) -> None:
        await self.desk.kitchen.bump_all(ticket_ids)
        self.say(self.desk.texts("kitchen.aside_done", count=len(ticket_ids)), Tone.READY)
        self.refresh_view()

    async def do_wall_settings(self) -> None:
        """Ask what this display does: sound, sound until somebody looks, blink."""
        texts, settings = self.desk.texts, self.desk.kitchen.settings
        rows = tuple(
            Choice(
                name,
                texts(f"kitchen.setting.{name}"),
                texts("kitchen.setting.on" if getattr(settings, name) else "kitchen.setting.off"),
            )
            for name in SETTINGS
        )

        async def turned(picked: Picked) -> None:
            name = str(picked.id)
            is_on = not getattr(self.desk.kitchen.settings, name)
            self.desk.kitchen.settle(replace(self.desk.kitchen.settings, **{name: is_on}))
            self.refresh_view()
            said = texts("kitchen.setting.on" if is_on else "kitchen.setting.off")
            self.say(f"{picked.text}: {said}", Tone.READY)

        await self.host.ask(Pick(texts("kitchen.settings_title"), rows, texts("kitchen.settings_asked")), turned)
