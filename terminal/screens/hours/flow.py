"""The time clock above any screen: what is next, one key, and what it comes to. Corrections ask for the time."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, cast

from shared.staff.records import EntryKind
from terminal.dialogs.questions import Picked
from terminal.screens.hours.view import began, corrections, entry_with, noted, question, staff_question, time_form
from terminal.screens.rights import asking_about
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone

if TYPE_CHECKING:
    from shared.kernel.permissions import Actor
    from shared.staff.hours import Entry, Hours
    from terminal.desks.desk import Desk
    from terminal.screens.base import Keyed


async def ask_hours(on: Keyed, person: Actor) -> None:
    """Show the hours of somebody above a screen, and what they can note now.

    Args:
        person: need not be logged in; only who is can have their hours corrected.
    """
    desk = cast("Desk", on.desk)
    assert person.staff_id is not None, "the system has no hours"
    hours = await desk.hours.of(person.staff_id)
    asked = question(
        person.name,
        hours,
        Voice.of(desk),
        logged_in=desk.actor is not None,
        clock_trouble=desk.state.clock_trouble,
    )
    await on.host.ask(asked, partial(_picked, on, person, hours))


async def ask_staff_hours(on: Keyed) -> None:
    """Show who is in, since when and how long everybody worked; who is chosen can be corrected."""
    desk = cast("Desk", on.desk)
    names = {each.id: each.name for each in desk.staff}
    found = await desk.hours.of_all(names)
    asked = staff_question(found, names, Voice.of(desk))

    async def picked(answer: Picked) -> None:
        person = next(each for each in found if each.person_id == answer.id)
        rows = corrections(names[person.person_id], person.hours, Voice.of(desk))
        await on.host.ask(rows, partial(_to_correct, on, person.hours))

    await on.host.ask(asked, picked)


async def _picked(on: Keyed, person: Actor, hours: Hours, picked: Picked) -> None:
    desk = cast("Desk", on.desk)
    if isinstance(picked.id, EntryKind) and person.staff_id is not None:
        await desk.hours.note(person, picked.id)
        after = await desk.hours.of(person.staff_id)
        on.say(noted(person.name, picked.id, after, Voice.of(desk)), Tone.WARN if after.left_open else Tone.READY)
        return
    await _to_correct(on, hours, picked)


async def _to_correct(on: Keyed, hours: Hours, picked: Picked) -> None:
    desk = cast("Desk", on.desk)
    kind, entry_id = cast("tuple[EntryKind, object]", picked.id)
    entry = entry_with(hours, entry_id)  # type: ignore[arg-type]  # ids come back as they were given
    if entry is not None:
        await on.host.ask(time_form(entry, kind, Voice.of(desk)), partial(_corrected, on, entry, kind))


async def _corrected(on: Keyed, entry: Entry, kind: EntryKind, filled: Mapping[str, str]) -> None:
    desk = cast("Desk", on.desk)
    assert desk.actor is not None, "corrections are offered to who is logged in"
    voice = Voice.of(desk)
    with asking_about(began(entry, voice), filled["time"], filled["reason"]):
        await desk.hours.correct(desk.actor, entry, kind, filled["time"], filled["reason"])
    on.say(desk.texts("hours.corrected"), Tone.READY)
