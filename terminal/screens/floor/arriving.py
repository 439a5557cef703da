"""Who is to come and who waits at the door, from the floor: list, note, seat, and say that nobody came."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission
from shared.kernel.text import MAX_NOTE_CHARACTERS
from shared.orders.records import OrderKind
from shared.reservations.commands import Party
from shared.reservations.queries import ReservationView
from shared.reservations.records import ReservationKind, ReservationStatus
from shared.reservations.rules import LocalMoment, clashing, is_late
from terminal.dialogs.fields import clock_text
from terminal.dialogs.questions import Choice, Field, FieldKind, Form, Pick, Picked
from terminal.screens.sitting import Sitting
from terminal.screens.spots import Spot, is_seated, meant
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone

if TYPE_CHECKING:
    from terminal.desks.desk import Desk

NEW, WAIT = "new", "wait"
MOST_GUESTS_TYPED = 4
"""Digits: one more than any party has, so that what is too much is refused and not cut."""
ASKED_ONCE_MORE = frozenset({"TABLE_IS_RESERVED", "TABLE_OUT_OF_SERVICE"})
"""Why a table is not promised before somebody says that it works out."""
MOST_DAYS_AHEAD = 365
JUST_PASSED = timedelta(days=2)
"""A day that is over no longer than this is not that of next month or year."""


class Arriving(Sitting):
    """Mixed into the floor."""

    desk: Desk

    async def do_reservations(self) -> None:
        """List who is to come and who waits, with what can be done."""
        texts = self.desk.texts
        rows = [Choice(NEW, texts("guests.new")), Choice(WAIT, texts("guests.wait"))]
        open_first = sorted(self.desk.reservations, key=lambda each: (not each.is_open, each.kind, each.at))
        rows += [Choice(each.id, self._title(each, each.phone), self._state(each)) for each in open_first]
        waiting = sum(each.is_open and each.kind is ReservationKind.WAITING for each in open_first)
        booked = sum(each.is_open and each.kind is ReservationKind.BOOKED for each in open_first)
        asked = texts("guests.asked", booked=booked, waiting=waiting)
        await self.host.ask(Pick(texts("guests.title"), tuple(rows), asked, is_wide=True), self._picked)

    def _title(self, each: ReservationView, phone: str = "") -> str:
        """`20:30 Rosa · 4 pers. · Mesa 7`, with the day if it is another one; in the list with whom to call."""
        voice, texts = Voice.of(self.desk), self.desk.texts
        day = "" if each.day == self.desk.local_now().date() else f"{each.day:%d/%m} "
        name = self.name_of_party(each)
        table = next((table.name for table in self.desk.tables if table.id == each.table_id), "")
        place = voice.place(OrderKind.DINE_IN, table) if table else ""
        people = texts("floor.people_short" if phone else "floor.people", count=each.guests)
        return f"{day}{voice.clock(each.at)} " + " · ".join(filter(None, (name, people, place, phone, each.notes)))

    def _state(self, each: ReservationView) -> str:
        texts, voice = self.desk.texts, Voice.of(self.desk)
        if not each.is_open:
            return texts(f"guests.status.{each.status.name.lower()}")
        if each.kind is ReservationKind.WAITING:
            return texts("guests.waits", age=voice.age(each.made_at))
        if each.id in clashing(other for other in self.desk.reservations if other.is_open):
            return texts("state.reserved_twice")
        if is_late(each.at, voice.now):
            return texts("guests.late", minutes=voice.seconds_since(each.at) // 60)
        return texts(f"guests.status.{each.status.name.lower()}")

    async def _picked(self, picked: Picked) -> None:
        if picked.id == NEW:
            await self.host.ask(self._form(None), partial(self._book, None))
        elif picked.id == WAIT:
            await self.host.ask(self._waiting_form(), self._let_wait)
        elif (found := self._of(picked.id)) is not None:
            await self._ask_deed(found)

    def _of(self, reservation_id: object) -> ReservationView | None:
        return next((each for each in self.desk.reservations if each.id == reservation_id), None)

    # One of them

    async def _ask_deed(self, found: ReservationView) -> None:
        texts, booked = self.desk.texts, found.kind is ReservationKind.BOOKED
        names = [
            ("seat", found.is_open),
            ("confirm", booked and found.status is ReservationStatus.ASKED),
            ("change", booked and found.is_open and not found.unreadable and not found.forgotten),
            ("did_not_come", booked and found.is_open),
            ("call_off", found.is_open),
            ("reopen", not found.is_open and found.status is not ReservationStatus.SEATED),
            ("forget", not found.forgotten and self._may_forget()),
        ]
        rows = tuple(Choice(name, texts(f"guests.{name}")) for name, holds in names if holds)
        if not rows:
            raise DomainError("RESERVATION_IS_OVER")
        asked = " · ".join(filter(None, (found.phone, found.notes)))
        await self.host.ask(Pick(self._title(found), rows, asked), partial(self._do, found))

    def _may_forget(self) -> bool:
        return self.desk.actor is not None and self.desk.actor.may(Permission.FORGET_PERSON)

    async def _do(self, found: ReservationView, picked: Picked) -> None:
        if picked.id == "seat":
            await self._seat_them(found)
            return
        if picked.id == "change":
            await self.host.ask(self._form(found), partial(self._book, found))
            return
        if picked.id == "forget":
            await self._ask_forget(found)
            return
        guests = self.desk.guests
        deeds: dict[object, Callable[[UUID], Awaitable[None]]] = {
            "confirm": guests.confirm,
            "did_not_come": guests.did_not_come,
            "call_off": guests.call_off,
            "reopen": guests.reopen,
        }
        await deeds[picked.id](found.id)
        await self._guests_done(str(picked.id), name=found.name)

    async def _ask_forget(self, found: ReservationView) -> None:
        """Forget who that is, once somebody says so again: nothing brings it back."""
        texts = self.desk.texts
        rows = (Choice("no", texts("guests.forget_no")), Choice("yes", texts("guests.forget")))

        async def answered(how: Picked) -> None:
            if how.id == "yes":
                await self.desk.guests.forget(found.id)
                await self._guests_done("forget", name=found.name)

        await self.host.ask(Pick(texts("guests.forget_asked", name=found.name), rows), answered)

    async def _seat_them(self, found: ReservationView) -> None:
        """Seat them at their table; at the next one that is chosen, if they have none or somebody sits there."""
        there = (order for order in self.desk.orders.values() if not order.is_empty or is_seated(order))
        taken = {table for order in there for table in order.table_ids}
        own = next((table for table in self.desk.tables if table.id == found.table_id), None)
        if own is not None and own.id not in taken and not own.out_of_service:
            await self._seat_at(found, Spot(own, ()))
            return
        key = "guests.seat_where" if own is None else "guests.seat_elsewhere"
        await self._ask_seat(key, found, "" if own is None else self._name_of(Spot(own, ())))

    async def _ask_seat(self, key: str, found: ReservationView, table: str = "") -> None:
        await self.choose_spot(key, found.name, partial(self._seat_at, found), table=table)

    async def _seat_at(self, found: ReservationView, spot: Spot) -> None:
        if spot.table is None:
            raise DomainError("floor.choose_table")
        if self._orders_of(spot) or spot.together is not None:
            raise DomainError("guests.somebody_there", table=self._name_of(spot))
        table = spot.table

        async def seat() -> None:
            await self.desk.guests.seat(found, table.id)
            await self._guests_done("seat", name=found.name, table=self._name_of(spot))

        await self.with_care(table, found.guests, seat, partial(self._ask_seat, "guests.seat_where", found), found.id)

    async def _guests_done(self, key: str, **params: object) -> None:
        screen = await self.sitting_changed()
        screen.say_for_a_while(self.desk.texts(f"guests.done.{key}", **params), Tone.READY)

    # Noting them

    def _form(self, found: ReservationView | None) -> Form:
        texts, most = self.desk.texts, MOST_GUESTS_TYPED
        said = _said_of(found, {table.id: table.name for table in self.desk.tables})
        empty = (
            Field("name", texts("customer.name"), needed=True),
            Field("phone", texts("customer.phone"), FieldKind.PHONE, most=40),
            Field("guests", texts("table.people"), FieldKind.NUMBER, "", texts("guests.as", what="2"), True, most),
            Field("day", texts("guests.day"), hint=texts("guests.day_hint")),
            Field("time", texts("guests.time"), FieldKind.TIME, "", texts("guests.as", what="20:30"), True, 8),
            Field("table", texts("guests.table"), hint=texts("guests.table_hint"), most=40),
            Field("notes", texts("guests.notes"), hint=texts("guests.notes_hint"), most=MAX_NOTE_CHARACTERS),
        )
        fields = tuple(replace(each, value=said.get(each.id, "")) for each in empty)
        title = self._title(found) if found is not None else texts("guests.new")
        return Form(title, fields, texts("guests.form_asked"), partial(self._day_understood, found))

    def _day_understood(self, found: ReservationView | None, given: Mapping[str, str]) -> str:
        """The day that was typed, by name: nobody books a Tuesday for a Saturday."""
        try:
            day = self._day(found, given.get("day", ""))
        except DomainError as error:
            return self.desk.texts(error.code, **error.params)
        weekday = self.desk.texts("today.weekdays").split()[day.weekday()]
        return self.desk.texts(
            "guests.understood", weekday=weekday, day=f"{day:%d/%m}", time=clock_text(given.get("time", ""))
        )

    async def _book(self, found: ReservationView | None, given: Mapping[str, str]) -> None:
        party = self._party(found, given)

        async def note(*, although_taken: bool = False) -> None:
            guests = self.desk.guests
            if found is None:
                moment = await guests.book(party, although_taken=although_taken)
            else:
                moment = await guests.change(found.id, party, although_taken=although_taken)
            await self._say_booked(party, moment)

        try:
            await note()
        except DomainError as error:
            if error.code not in ASKED_ONCE_MORE:
                raise
            texts = self.desk.texts
            rows = (Choice("no", texts("guests.other_table")), Choice("yes", texts("guests.although_taken")))

            async def taken(how: Picked) -> None:
                if how.id == "yes":
                    await note(although_taken=True)
                else:
                    await self.host.ask(self._form_again(found, given), partial(self._book, found))

            await self.host.ask(Pick(texts(error.code, **error.params), rows), taken)

    def _form_again(self, found: ReservationView | None, given: Mapping[str, str]) -> Form:
        """The form with what was typed, since only the table or the time is to be another."""
        form = self._form(found)
        return replace(form, fields=tuple(replace(each, value=given.get(each.id, "")) for each in form.fields))

    async def _say_booked(self, party: Party, moment: LocalMoment) -> None:
        voice = Voice.of(self.desk)
        key = "moved_on" if moment.moved_minutes else "booked"
        said = _clock(party.minute)
        await self._guests_done(key, name=party.name, day=f"{party.day:%d/%m}", time=voice.clock(moment.at), said=said)

    def _party(self, found: ReservationView | None, given: Mapping[str, str]) -> Party:
        hours, _, minutes = given["time"].partition(":")
        if not (hours.isdigit() and minutes.isdigit()):
            raise DomainError("TIME_NOT_SENSIBLE")
        return Party(
            name=given["name"],
            phone=given["phone"],
            guests=int(given["guests"]),
            day=self._day(found, given["day"]),
            minute=int(hours) * 60 + int(minutes),
            table_id=self._table(given["table"]),
            notes=given["notes"],
        )

    def _day(self, found: ReservationView | None, typed: str) -> date:
        """`24/12`, `24`, `24/12/2027`, `+1`; nothing: today. What the form had printed is the day that was noted."""
        if found is not None and typed.strip() == f"{found.day:%d/%m}":
            return found.day
        day = day_of(typed, self.desk.local_now().date())
        if day is None:
            raise DomainError("guests.no_day", text=typed.strip())
        return day

    def _table(self, typed: str) -> UUID | None:
        if not typed.strip():
            return None
        found = meant(typed, self.desk.tables, ()).sure
        if found is None or found.table is None:
            raise DomainError("floor.not_found", text=typed.strip())
        return found.table.id

    def _waiting_form(self) -> Form:
        texts = self.desk.texts
        fields = (
            Field("name", texts("customer.name"), needed=True),
            Field("phone", texts("customer.phone"), FieldKind.PHONE, most=40),
            Field("guests", texts("table.people"), FieldKind.NUMBER, "", texts("guests.as", what="2"), True, 4),
            Field("notes", texts("guests.notes"), hint=texts("guests.notes_hint"), most=MAX_NOTE_CHARACTERS),
        )
        return Form(texts("guests.wait"), fields, texts("guests.wait_asked"))

    async def _let_wait(self, given: Mapping[str, str]) -> None:
        await self.desk.guests.let_wait(given["name"], int(given["guests"]), given["phone"], given["notes"])
        await self._guests_done("wait", name=given["name"])


def day_of(typed: str, today: date) -> date | None:
    """The day that somebody means; None: it is none, or more than a year away.

    Without a year it is the next such day; what has just passed is that day all the same, since a list of tonight says
    so after midnight.
    """
    text = typed.strip().replace("-", "/").replace(".", "/")
    if not text:
        return today
    parts = text.removeprefix("+").split("/")
    if len(parts) > 3 or not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in parts):
        return None
    numbers = [int(part) for part in parts]
    days: list[date | None]
    if text.startswith("+"):
        days = [today + timedelta(days=min(numbers[0], MOST_DAYS_AHEAD + 1))]
    elif len(numbers) == 3:
        days = [_date(numbers[2] + 2_000 * (numbers[2] < 100), numbers[1], numbers[0])]
    elif len(numbers) == 2:
        days = [_date(today.year + years, numbers[1], numbers[0]) for years in (-1, 0, 1)]
    else:
        months = (today.month - 1 + ahead for ahead in range(-1, 13))
        days = [_date(today.year + month // 12, month % 12 + 1, numbers[0]) for month in months]
    near = (day for day in days if day is not None and -JUST_PASSED <= day - today <= timedelta(days=MOST_DAYS_AHEAD))
    return next(near, None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _clock(minute: int) -> str:
    """Minutes after midnight as the wall clock says them."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _said_of(found: ReservationView | None, tables: Mapping[UUID, str]) -> Mapping[str, str]:
    """What was noted of a reservation, by the field of its form."""
    if found is None:
        return {}
    return {
        "name": found.name,
        "phone": found.phone,
        "guests": str(found.guests),
        "day": f"{found.day:%d/%m}",
        "time": _clock(found.minute),
        "notes": found.notes,
        "table": tables.get(found.table_id, "") if found.table_id is not None else "",
    }
