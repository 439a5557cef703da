"""The words of the time clock: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from shared.staff.hours import Entry, Hours, Presence, StaffHours
from shared.staff.records import EntryKind
from terminal.actions import HOURS
from terminal.dialogs.questions import Choice, Field, FieldKind, Form, Pick
from terminal.screens.voice import Voice

_MINUTE = timedelta(minutes=1)


def duration(time: timedelta, voice: Voice) -> str:
    """Hours and minutes: `4 h 05`."""
    minutes = time // _MINUTE
    return voice.texts("hours.duration", hours=minutes // 60, minutes=f"{minutes % 60:02d}")


def standing(hours: Hours, voice: Voice) -> str:
    """Where somebody is since when, and their time of the day."""
    since = voice.clock(hours.since.at) if hours.since is not None else ""
    where = voice.texts(f"hours.presence.{hours.presence}", since=since)
    return voice.texts("hours.standing", where=where, worked=duration(hours.worked, voice))


def noted(name: str, kind: EntryKind, hours: Hours, voice: Voice) -> str:
    """What is said once it is noted: `Rosa Quispe: salida 16:02. Hoy: 8 h 00.`"""
    said = voice.texts(f"hours.entry.{kind}", time=f"{voice.wall:%H:%M}")
    code = "hours.came" if kind is EntryKind.IN else "hours.noted"
    done = voice.texts(code, name=name, entry=said, worked=duration(hours.worked, voice))
    return f"{done} {forgotten(hours.left_open, voice)}" if hours.left_open is not None else done


def forgotten(entry: Entry, voice: Voice) -> str:
    """Says of which day the end was not noted."""
    day = f"{entry.at.astimezone(voice.wall.tzinfo):%d/%m}"
    return voice.texts("hours.forgotten", day=day, key=HOURS.key_label(voice.texts))


def began(entry: Entry, voice: Voice) -> str:
    """An entry with its day: `entrada 29/11 08:02`."""
    return voice.texts(f"hours.entry.{entry.kind}", time=_day_and_time(entry.at, voice))


def question(name: str, hours: Hours, voice: Voice, *, logged_in: bool, clock_trouble: bool) -> Pick:
    """What can be noted now, and what can be corrected.

    Args:
        logged_in: whether that person, so that somebody can approve a correction.
        clock_trouble: whether the clock of this device is known to be wrong.
    """
    texts = voice.texts
    why = "" if logged_in else texts("hours.log_in_first")
    now = f"{voice.wall:%H:%M}"
    rows = [Choice(kind, texts(f"hours.do.{kind}"), now) for kind in hours.next]
    rows += _correctable(hours, voice, why)
    asked = standing(hours, voice)
    if clock_trouble:
        asked = f"{texts('hours.clock_wrong')} {asked}"
    at = 0 if hours.presence is Presence.AWAY and hours.left_open is None else None
    return Pick(texts("hours.title", name=name), tuple(rows), asked, at=at)


def _correctable(hours: Hours, voice: Voice, why_not: str = "") -> list[Choice]:
    """A row for each entry whose time can be corrected, first the end that is missing."""
    texts, rows = voice.texts, []
    if hours.left_open is not None:
        open_ = hours.left_open
        title = texts("hours.close", began=began(open_, voice))
        rows.append(Choice((EntryKind.OUT, open_.id), title, why_not=why_not))
    return rows + [
        Choice((each.kind, each.id), texts("hours.correct", entry=began(each, voice)), why_not=why_not)
        for each in (*hours.ahead, *hours.of_day)
    ]


def staff_question(found: Sequence[StaffHours], names: Mapping[UUID, str], voice: Voice) -> Pick:
    """Everybody with where they are and how long they worked: first whose end is missing, then who is in."""
    texts = voice.texts
    ranked = sorted(found, key=lambda each: (each.hours.left_open is None, each.hours.since is None))
    rows = tuple(Choice(each.person_id, names[each.person_id], _standing_of(each, voice)) for each in ranked)
    here = sum(each.hours.presence is not Presence.AWAY for each in found)
    return Pick(texts("hours.staff_title"), rows, texts("hours.staff_asked", count=here))


def _standing_of(each: StaffHours, voice: Voice) -> str:
    """`08:02 · hoy 4 h 05 · semana 22 h 10`; where an end is missing, this."""
    hours, texts = each.hours, voice.texts
    if hours.left_open is not None:
        where = texts("hours.end_missing", day=f"{hours.left_open.at.astimezone(voice.wall.tzinfo):%d/%m}")
    else:
        since = voice.clock(hours.since.at) if hours.since is not None else ""
        where = texts(f"hours.presence.{hours.presence}", since=since)
    today, week = duration(hours.worked, voice), duration(each.week, voice)
    return texts("hours.of_staff", where=where, today=today, week=week)


def corrections(name: str, hours: Hours, voice: Voice) -> Pick:
    """What a manager can correct of somebody's hours."""
    rows = tuple(_correctable(hours, voice))
    asked = standing(hours, voice)
    return Pick(voice.texts("hours.title", name=name), rows, asked if rows else voice.texts("hours.none_noted"))


def time_form(entry: Entry, kind: EntryKind, voice: Voice) -> Form:
    """Asks for the right time of an entry, or for the end of what it began."""
    texts = voice.texts
    code = "hours.ask_end" if kind is not entry.kind else "hours.ask_time"
    field = Field("time", texts("hours.time"), FieldKind.TIME, hint="17:30", needed=True, most=5)
    reason = Field("reason", texts("hours.reason"), needed=True)
    return Form(texts("hours.correct_title"), (field, reason), texts(code, entry=began(entry, voice)))


def entry_with(hours: Hours, entry_id: UUID) -> Entry | None:
    """The entry with this id, of those that can be corrected."""
    known = (*hours.of_day, *hours.ahead, *((hours.left_open,) if hours.left_open is not None else ()))
    return next((each for each in known if each.id == entry_id), None)


def _day_and_time(at: datetime, voice: Voice) -> str:
    """`08:02` today, else with the day."""
    local = at.astimezone(voice.wall.tzinfo)
    return f"{local:%H:%M}" if local.date() == voice.wall.date() else f"{local:%d/%m %H:%M}"
