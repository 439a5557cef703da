"""The content of the status line: pure, from the desk's state."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from shared.kernel.language import Texts
from shared.kernel.permissions import Permission
from terminal.actions import EXCEPTIONS, HELP, MESSAGES, PRINTERS
from terminal.desks.closed import ClosedDesk
from terminal.screens.shown_keys import hint_of
from terminal.screens.voice import Voice
from terminal.syncing.link_state import AWAY
from terminal.theme.palette import Tone
from terminal.widgets.status_line import Notice, Status

if TYPE_CHECKING:
    from terminal.desks.desk import Desk
    from terminal.printing.views import QueueHealth
    from terminal.snapshots.state import DeskState
    from terminal.supervision.duties import Stopped

_SYNC = "sync"
_OWN_FAULTS = frozenset({"SYNC_FAILED", "SYNC_NOT_STORED"})
"""Sentences of the link that say that this program cannot sync, whatever the cloud does."""
_CLOUD_TONES = {"online": Tone.READY, "offline": Tone.WARN, "never": Tone.WARN, "refused": Tone.LATE}


def status_of(desk: Desk) -> Status:
    """The present status: branch, person, time and notices."""
    voice, premises = Voice.of(desk), desk.premises
    branch = premises.branch_name if premises else voice.texts("status.no_branch")
    person = desk.actor.name if desk.actor else ""
    if desk.is_practice:
        return _practice(voice.texts, branch, person, f"{voice.wall:%H:%M}")
    notices = (
        *_not_received(desk, voice),
        *_guests(desk, voice),
        *_messages(desk, voice),
        *_ready(desk, voice),
        *_safety(desk, voice),
        *_exceptions(desk, voice),
        *notices_of_device(desk, voice),
    )
    return Status(branch, person, f"{voice.wall:%H:%M}", notices)


def closed_status(desk: ClosedDesk) -> Status:
    """The status until the store is open."""
    if desk.is_practice and not desk.failure:
        return _practice(desk.texts, desk.name)
    tone, key = (Tone.LATE, "status.not_opened") if desk.failure else (Tone.PLAIN, "status.opening")
    return Status(desk.name, notices=(Notice(tone, desk.texts(key)),))


def _practice(texts: Texts, branch: str, person: str = "", clock: str = "") -> Status:
    """The whole line says that nothing counts: neither cloud nor printers have to do with it."""
    notice = Notice(Tone.WARN, texts("practice.notice"), texts("practice.short"))
    return Status(branch, person, clock, (notice,), tone=Tone.WARN)


def trouble_of(desk: Desk | ClosedDesk) -> tuple[str, Tone] | None:
    """The sentence on what is wrong and what to do. None if nothing is, or if the cloud is only away."""
    if isinstance(desk, ClosedDesk):
        return (desk.failure, Tone.LATE) if desk.failure else None
    state = desk.state
    if state.stopped and not _is_told_by_the_cloud(state.stopped[0], state):
        worst, voice = state.stopped[0], Voice.of(desk)
        return voice.texts(f"stopped_help.{worst.words}", since=voice.since(worst.since)), Tone.LATE
    if not _is_trouble(state, desk.texts):
        return None
    return desk.texts(state.cloud_message, **state.cloud_params), _trouble_tone(state)


class _Hints(NamedTuple):
    """The keys behind notices, as people at this device know them.

    Attributes:
        help: for the whole sentence about what is wrong.
        printers: opens the printers dialog; empty if nobody is logged in.
    """

    help: str
    printers: str

    @classmethod
    def at(cls, desk: Desk) -> _Hints:
        """Those of a device."""
        return cls(hint_of(desk, HELP), hint_of(desk, PRINTERS) if desk.actor else "")


def notices_of_device(desk: Desk, voice: Voice) -> tuple[Notice, ...]:
    """The notices of the device itself: cloud, unsent changes, and what is wrong with it."""
    return notices_of(desk.state, voice, _Hints.at(desk))


def notices_of(state: DeskState, voice: Voice, hints: _Hints) -> tuple[Notice, ...]:
    """Notices: cloud and unsent changes always; what has stopped, parked transactions, printers and clock only if
    something is wrong.
    """
    notices = [*_stopped(state, voice, hints.help), _cloud(state, voice, hints.help), _queue(state, voice)]
    texts = voice.texts
    if state.parked:
        notices.append(_notice(Tone.WARN, "status.parked", voice, count=state.parked))
    if state.prints.health.troubled:
        notices.append(_prints(state.prints.health, voice, hints.printers))
    if state.clock_trouble:
        notices.append(Notice(Tone.WARN, texts("status.clock"), texts("status_short.clock")))
    return tuple(notices)


def _not_received(desk: Desk, voice: Voice) -> tuple[Notice, ...]:
    """The oldest ticket that stands on no display though it should, for who takes orders."""
    if desk.actor is None or not desk.actor.may(Permission.TAKE_ORDER):
        return ()
    from terminal.screens.not_received import not_received  # reads tickets: not with the log-in

    seconds = desk.premises.received_within_seconds if desk.premises else 0
    missing = not_received(desk.tickets, desk.with_display, desk.plan, desk.now(), timedelta(seconds=seconds))
    if not missing:
        return ()
    names = {station.id: station.name for station in desk.stations}
    said = {"station": names.get(missing[0].station_id, ""), "number": missing[0].number, "count": len(missing)}
    return (_notice(Tone.LATE, "status.not_received", voice, **said),)


def _ready(desk: Desk, voice: Voice) -> tuple[Notice, ...]:
    """The tables of this person for which the kitchen has made something: it waits to be served."""
    if desk.actor is None or desk.actor.staff_id is None or not desk.orders:
        return ()
    from terminal.screens.ready_calls import ready_calls  # reads orders: not with the log-in

    person = desk.actor.staff_id
    calls = ready_calls(desk.orders.values(), desk.made, person)
    if not calls:
        return ()
    places = [voice.place(call.kind, call.table_name) if call.table_name else call.number for call in calls]
    more = f" +{len(calls) - 1}" if len(calls) > 1 else ""
    first = voice.texts("status.ready", place=places[0], dishes=", ".join(calls[0].dishes))
    return (Notice(Tone.READY, f"{first}{more}", voice.texts("status_short.ready", place=places[0]) + more),)


def _guests(desk: Desk, voice: Voice) -> tuple[Notice, ...]:
    """The guest who has waited longest for an answer of this person, how many more there are, and the key."""
    orders, requests = desk.guest_orders.waiting(), desk.guest_orders.requests()
    if not orders and not requests:
        return ()
    from shared.orders.records import OrderKind  # not with the log-in

    table = voice.place(OrderKind.DINE_IN, (orders or requests)[0].table_name)
    name = "guest_order" if orders else f"guest_{requests[0].kind}"
    count, hint = len(orders) + len(requests), hint_of(desk, MESSAGES)
    more = f" +{count - 1}" if count > 1 else ""
    text, short = voice.texts(f"status.{name}", table=table), voice.texts("status_short.guests", table=table)
    return (Notice(Tone.LATE, f"{text}{more}{hint}", f"{short}{more}{hint}", MESSAGES.id),)


def _messages(desk: Desk, voice: Voice) -> tuple[Notice, ...]:
    """The oldest message of the kitchen that this person is to read, how many more there are, and the key."""
    unread = desk.messages.unread() if desk.actor is not None else ()
    if not unread:
        return ()
    from terminal.screens.cook_phrases import message_words  # not with the log-in

    oldest, hint = unread[0], hint_of(desk, MESSAGES)
    more = f" +{len(unread) - 1}" if len(unread) > 1 else ""
    place = oldest.table_name or oldest.order_number
    words = message_words(desk, oldest.text)
    said = f"{place}: {words}" if place else words
    text = voice.texts("status.message", sender=oldest.sender_name, text=said)
    short = voice.texts("status_short.message", count=len(unread))
    return (Notice(Tone.WARN, f"{text}{more}{hint}", f"{short}{hint}", MESSAGES.id),)


def _safety(desk: Desk, voice: Voice) -> tuple[Notice, ...]:
    """What is to be checked for food safety by now, for a station and for who works in the kitchen."""
    actor = desk.actor
    if actor is None or not (actor.station_id is not None or actor.may(Permission.WORK_KITCHEN)):
        return ()
    due = desk.safety_due()
    if not due:
        return ()
    more = f" +{len(due) - 1}" if len(due) > 1 else ""
    name = due[0][0].title(desk.language)
    text, short = (voice.texts(f"{form}.safety", name=name) for form in ("status", "status_short"))
    return (Notice(Tone.WARN, text + more, short + more, "safety"),)


def _exceptions(desk: Desk, voice: Voice) -> tuple[Notice, ...]:
    """How much waits for a person, and the key that shows it. Nothing if nothing waits."""
    count = len(desk.open_exceptions)
    if not count:
        return ()
    hint = hint_of(desk, EXCEPTIONS) if desk.actor else ""
    texts = [voice.texts(f"{form}.exceptions", count=count) + hint for form in ("status", "status_short")]
    return (Notice(Tone.WARN, texts[0], texts[1], EXCEPTIONS.id),)


def _stopped(state: DeskState, voice: Voice, hint: str) -> list[Notice]:
    """The duties that do not work, since when, and the key for what to do. What the cloud's notice says is left out."""
    told = (each for each in state.stopped if not _is_told_by_the_cloud(each, state))
    return [_stopped_notice(each, Tone.LATE, voice, hint) for each in told]


def _stopped_notice(stopped: Stopped, tone: Tone, voice: Voice, hint: str) -> Notice:
    since = voice.since(stopped.since)
    long, short = f"stopped.{stopped.words}", f"stopped_short.{stopped.words}"
    return Notice(tone, voice.texts(long, since=since) + hint, voice.texts(short, since=since) + hint)


def _is_told_by_the_cloud(stopped: Stopped, state: DeskState) -> bool:
    """Whether the cloud's notice already says that syncing has stopped, and why."""
    return stopped.words == _SYNC and state.cloud_message in _OWN_FAULTS


def _cloud(state: DeskState, voice: Voice, hint: str) -> Notice:
    sync = next((each for each in state.stopped if _is_told_by_the_cloud(each, state)), None)
    if sync is not None:
        return _stopped_notice(sync, _trouble_tone(state), voice, hint)
    if _is_trouble(state, voice.texts):
        return _cloud_trouble(state, voice.texts, hint)
    cloud = state.cloud if state.cloud in _CLOUD_TONES else "offline"
    if cloud == "offline" and state.last_contact is None:
        cloud = "never"
    age = voice.age(state.last_contact) if state.last_contact else ""
    key = f"status.{cloud}_now" if cloud == "offline" and age == voice.texts("age.now") else f"status.{cloud}"
    return _notice(_CLOUD_TONES[cloud], key, voice, age=age)


def _cloud_trouble(state: DeskState, texts: Texts, hint: str) -> Notice:
    """The trouble in a few words, and the key for the whole sentence."""
    refused, own = state.cloud == "refused", f"cloud_trouble.{state.cloud_message}"
    key = "status.refused" if refused else "cloud_trouble.other"
    short = texts("status_short.refused" if refused else "cloud_trouble.other_short")
    return Notice(_trouble_tone(state), texts(own if texts.has(own) else key) + hint, short + hint)


def _is_trouble(state: DeskState, texts: Texts) -> bool:
    return state.cloud_message not in AWAY and texts.has(state.cloud_message)


def _trouble_tone(state: DeskState) -> Tone:
    return Tone.LATE if state.cloud == "refused" else Tone.WARN


def _queue(state: DeskState, voice: Voice) -> Notice:
    if not state.pending:
        return _notice(Tone.PLAIN, "status.nothing_pending", voice)
    age = voice.age(state.oldest_pending) if state.oldest_pending else ""
    return _notice(Tone.NEW, "status.pending", voice, count=state.pending, age=age)


def _prints(health: QueueHealth, voice: Voice, hint: str) -> Notice:
    """Name of the printer, number of stuck jobs, and the key of the printers dialog."""
    texts, troubled, count = voice.texts, health.troubled, health.stuck
    text = texts("status.printer", printer=voice.printer(troubled[0].printer), count=count)
    if len(troubled) > 1:
        text = texts("status.printers", printers=len(troubled), count=count)
    return Notice(Tone.WARN, text + hint, texts("status_short.prints", count=count) + hint, PRINTERS.id)


def _notice(tone: Tone, key: str, voice: Voice, **params: object) -> Notice:
    short = key.replace("status.", "status_short.", 1)
    return Notice(tone, voice.texts(key, **params), voice.texts(short, **params))
