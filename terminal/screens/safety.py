"""The food safety log: choosing a point, writing what was found there, and looking at the day."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission
from shared.kernel.quantity import format_quantity
from shared.tenancy.records import ReasonKind
from terminal.desks.safety import said_done
from terminal.dialogs.questions import Choice, Field, FieldKind, Form, Pick, Picked
from terminal.screens.base import Keyed
from terminal.screens.shown_keys import at_station
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone

if TYPE_CHECKING:
    from uuid import UUID

    from shared.kernel.permissions import Actor
    from shared.safety.queries import PointView, ReadingView
    from terminal.desks.desk import Desk

_DAY = "day"
USUAL_ACTIONS = ("door", "colder", "moved", "again", "thrown", "told")
"""What people do about what is out of limits; each is a sentence of `[safety]`."""
TYPED_LATER_MINUTES = 10
"""An entry that was typed so long after it was found says so in the list."""


class SafetyLog(Keyed):
    """Mixed into the wall and the floor."""

    desk: Desk

    async def do_safety(self) -> None:
        """Ask which point was checked; what is due stands first. The last row is the list of the day."""
        texts, voice = self.desk.texts, Voice.of(self.desk)
        if not self.desk.safety_points:
            raise DomainError("safety.no_points")
        due = {point.id: since for point, since in self.desk.safety_due()}
        points = sorted(self.desk.safety_points, key=lambda point: (point.id not in due,))
        rows = tuple(
            Choice(
                point.id,
                f"{point.title(self.desk.language)}{_limits(point)}",
                texts("safety.due", since=voice.since_day(due[point.id]))
                if point.id in due
                else self._safety_last(point, voice),
            )
            for point in points
        )

        async def chosen(picked: Picked) -> None:
            if picked.id == _DAY:
                await self._safety_day()
            else:
                await self._safety_entry(next(each for each in points if each.id == picked.id))

        day = Choice(_DAY, texts("safety.day"))
        await self.host.ask(Pick(texts("safety.title"), (*rows, day), texts("safety.asked")), chosen)

    def _safety_last(self, point: PointView, voice: Voice) -> str:
        if point.last_at is None:
            return ""
        return voice.texts("safety.last", since=voice.since_day(point.last_at))

    async def _safety_entry(self, point: PointView, corrects: UUID | None = None) -> None:
        texts, actor = self.desk.texts, self.desk.actor
        is_person = actor is not None and actor.staff_id is not None and actor.may(Permission.LOG_SAFETY)
        name = f"{point.title(self.desk.language)}{_limits(point)}"
        measured = Field("value", texts("safety.value"), FieldKind.FIGURE, hint=point.unit, needed=True, most=12)
        kind = FieldKind.NUMBER if at_station(self.desk) else FieldKind.TEXT
        done = Field("done", texts("safety.done"), kind, hint=texts("safety.done_hint"), most=3)
        action = Field("action", texts("safety.action"), hint=texts("safety.action_hint"), most=280)
        fields = (
            measured if point.is_measured else done,
            Field("at", texts("safety.at"), FieldKind.TIME, hint=texts("safety.now"), most=5),
            *(() if at_station(self.desk) else (action,)),  # it is asked when it is needed: a bump bar has no letters
            *(() if is_person else (Field("pin", texts("safety.pin"), FieldKind.PIN, needed=True, most=8),)),
        )

        async def log(person: Actor, said: Mapping[str, str], action: str) -> None:
            try:
                await self.desk.safety.log(
                    person,
                    point,
                    said.get("value", ""),
                    clock=said["at"],
                    action=action,
                    was_done=said_done(said.get("done", "")),
                    corrects=corrects,
                )
            except DomainError as error:
                raise _as_called_here(error, point.title(self.desk.language)) from error
            self.refresh_view()
            self.say(texts("safety.noted", name=point.title(self.desk.language), person=person.name), Tone.READY)

        async def filled(said: Mapping[str, str]) -> None:
            person: Actor | None = actor if is_person else await self.desk.safety.person(said["pin"])
            if person is None:
                raise DomainError("NOBODY_LOGGED_IN")
            try:
                await log(person, said, said.get("action", ""))
            except DomainError as error:
                if error.code != "ACTION_MISSING":
                    raise
                await self._ask_action(name, partial(log, person, said))

        title = texts("safety.correct", name=name) if corrects is not None else name
        await self.host.ask(Form(title, fields, texts("safety.form_asked")), filled)

    async def _ask_action(self, name: str, log: Callable[[str], Awaitable[None]]) -> None:
        """Ask what was done about what is out of limits: a phrase of the house, else a usual one, or a text."""
        texts = self.desk.texts
        rows = tuple(Choice(each.text, each.title) for each in self.desk.reasons(ReasonKind.SAFETY))
        rows = rows or tuple(Choice(said, said) for said in (texts(f"safety.did_{each}") for each in USUAL_ACTIONS))

        async def chosen(picked: Picked) -> None:
            await log(picked.reason)

        title, own = texts("safety.out_title", name=name), texts("safety.out_own")
        await self.host.ask(Pick(title, rows, texts("safety.out_asked"), own_text=own), chosen)

    async def _safety_day(self) -> None:
        """The entries of the last day, the newest first; choosing one corrects it, by another entry."""
        texts, voice = self.desk.texts, Voice.of(self.desk)
        entries = (await self.desk.safety.of_day())[::-1]
        if not entries:
            raise DomainError("safety.nothing_yet")
        known = {point.id: point for point in self.desk.safety_points}
        rows = tuple(Choice(each.id, entry_words(each, voice), _beside(each, voice)) for each in entries)

        async def chosen(picked: Picked) -> None:
            entry = next(each for each in entries if each.id == picked.id)
            point = known.get(entry.point_id)
            if point is None:
                raise DomainError("safety.no_points")
            await self._safety_entry(point, corrects=entry.id)

        await self.host.ask(Pick(texts("safety.day"), rows, texts("safety.day_asked")), chosen)


def entry_words(entry: ReadingView, voice: Voice) -> str:
    """`08:05 ✓ Refrigeradora 1 4.2 °C`, with what was done about what is out of limits."""
    texts = voice.texts
    sign = "✓" if entry.passed else "▲"
    value = f" {format_quantity(entry.value_milli)} {entry.unit}".rstrip() if entry.value_milli is not None else ""
    action = f" · {entry.action}" if entry.action else ""
    corrected = f" · {texts('safety.corrected')}" if entry.corrected else ""
    return f"{voice.clock(entry.claimed_at)} {sign} {entry.point_name}{value}{action}{corrected}"


def _as_called_here(error: DomainError, title: str) -> DomainError:
    """A refusal that names a point by the name that its reader sees; rows keep that of the house."""
    return DomainError(error.code, **error.params | {"point": title}) if "point" in error.params else error


def _beside(entry: ReadingView, voice: Voice) -> str:
    """Who wrote it, and when, if that was not at once."""
    if entry.typed_later.total_seconds() < TYPED_LATER_MINUTES * 60:
        return entry.person_name
    return voice.texts("safety.typed", name=entry.person_name, time=voice.clock(entry.typed_at))


def _limits(point: PointView) -> str:
    """` (0 a 5 °C)`; empty without limits."""
    if not point.is_measured:
        return ""
    low, high = (format_quantity(each) if each is not None else "" for each in (point.low_milli, point.high_milli))
    said = f"{low}–{high}" if low and high else f"≥ {low}" if low else f"≤ {high}"
    return f" ({said} {point.unit})".replace(" )", ")")
