"""What the status line says: pure, from the desk's state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from terminal.screens.voice import Voice
from terminal.theme.palette import Tone
from terminal.widgets.status_line import Notice, Status

if TYPE_CHECKING:
    from terminal.desk import Desk, DeskState

_CLOUD_TONES = {"online": Tone.READY, "offline": Tone.WARN, "never": Tone.WARN, "refused": Tone.LATE}


def status_of(desk: Desk) -> Status:
    """Branch, person, time and how things stand, at this moment."""
    voice, premises = Voice.of(desk), desk.premises
    branch = premises.branch_name if premises else voice.texts("status.no_branch")
    person = desk.actor.name if desk.actor else ""
    return Status(branch, person, f"{voice.wall:%H:%M}", notices_of(desk.state, voice))


def notices_of(state: DeskState, voice: Voice) -> tuple[Notice, ...]:
    """Cloud and queue always; what stands still, printers and the clock only when there is trouble."""
    notices = [_cloud(state, voice), _queue(state, voice)]
    texts = voice.texts
    if state.parked:
        notices.append(_notice(Tone.WARN, "status.parked", voice, count=state.parked))
    if state.prints_stuck:
        notices.append(_notice(Tone.WARN, "status.prints", voice, count=state.prints_stuck))
    if state.clock_trouble:
        notices.append(Notice(Tone.WARN, texts("status.clock"), texts("status_short.clock")))
    return tuple(notices)


def _cloud(state: DeskState, voice: Voice) -> Notice:
    cloud = state.cloud if state.cloud in _CLOUD_TONES else "offline"
    if cloud == "offline" and state.last_contact is None:
        cloud = "never"
    age = voice.age(state.last_contact) if state.last_contact else ""
    return _notice(_CLOUD_TONES[cloud], f"status.{cloud}", voice, age=age)


def _queue(state: DeskState, voice: Voice) -> Notice:
    if not state.pending:
        return _notice(Tone.PLAIN, "status.nothing_pending", voice)
    age = voice.age(state.oldest_pending) if state.oldest_pending else ""
    return _notice(Tone.NEW, "status.pending", voice, count=state.pending, age=age)


def _notice(tone: Tone, key: str, voice: Voice, **params: object) -> Notice:
    short = key.replace("status.", "status_short.", 1)
    return Notice(tone, voice.texts(key, **params), voice.texts(short, **params))
