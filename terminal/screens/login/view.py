"""The content of the log-in screen: pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.kernel.permissions import DeviceKind, Permission
from terminal.actions import ScreenName
from terminal.screens.status import trouble_of
from terminal.syncing.link_state import AWAY
from terminal.theme.palette import Tone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.kernel.permissions import Actor
    from terminal.desks.closed import ClosedDesk
    from terminal.desks.desk import Desk


MOST_CALLED = 3
"""So many people are named; who is not, hears it at their log-in."""


@dataclass(frozen=True, slots=True)
class LoginView:
    """The texts beside the PIN pad.

    Attributes:
        clock: the branch's wall clock. Blank keeps its rows empty, None removes them.
        advice: what to do next, with its tone.
    """

    branch: str
    organization: str
    device: str
    clock: str | None
    advice: str
    tone: Tone


def landing(actor: Actor, device: DeviceKind | None, *, kitchen: bool) -> ScreenName:
    """Where somebody who logs in works: at the tables, or at the kitchen's wall.

    Args:
        device: what this device is for, if that is known.
        kitchen: whether it shows the kitchen's wall (`comanda kds`).
    """
    cooks = actor.may(Permission.WORK_KITCHEN) and not actor.may(Permission.TAKE_ORDER)
    return ScreenName.KITCHEN if kitchen or cooks or device is DeviceKind.KITCHEN else ScreenName.FLOOR


def login_view(desk: Desk, kept_for: Sequence[str] = ()) -> LoginView:
    """The present content of the log-in screen.

    Args:
        kept_for: whose work waits for them.
    """
    texts, premises, state = desk.texts, desk.premises, desk.state
    clock = f"{desk.local_now():%H:%M}"
    trouble, tone = trouble_of(desk) or ("", Tone.WARN)
    if premises is None:
        advice = f"{texts('login.no_contact')} {trouble}" if trouble else texts("login.waiting")
        if state.cloud_message in AWAY:
            advice += " " + texts(
                state.cloud_message, **state.cloud_params
            )  # for the person who sets it up: it names the URL
        return LoginView(texts("login.new_device"), "", "", clock, advice, tone)
    device = texts("login.device", name=premises.device_name, letter=premises.letter)
    if not trouble:
        trouble, tone = "" if state.cloud == "online" else texts("login.works_offline"), Tone.PLAIN
        if kept_for:
            trouble = f"{texts('login.kept', names=', '.join(kept_for))} {trouble}"
        if called := called_words(desk):
            trouble, tone = f"{called} {trouble}".rstrip(), Tone.READY
    return LoginView(premises.branch_name, premises.organization_name, device, clock, trouble, tone)


def called_words(desk: Desk) -> str:
    """Whom the kitchen calls while nobody is logged in: `Luis: 2 listos · 1 mensaje.` Names and counts, no contents."""
    from terminal.screens.ready_calls import ready_calls  # reads orders: not with the first log-in screen

    texts, calls = desk.texts, ready_calls(desk.orders.values(), desk.made)
    said = []
    for person in desk.staff:
        ready = [call.table_name or call.number for call in calls if call.opened_by == person.id]
        messages = desk.messages.waiting_for(person.id)
        parts = [texts("login.ready", places=", ".join(dict.fromkeys(ready)))] if ready else []
        parts += [texts("login.message" if messages == 1 else "login.messages", count=messages)] if messages else []
        if parts:
            said.append(f"{person.name}: {' · '.join(parts)}.")
    return " ".join(said[:MOST_CALLED])


def closed_view(desk: ClosedDesk) -> LoginView:
    """The content until the store is open: the device's name, and why the store does not open."""
    texts = desk.texts
    if not desk.failure:
        return LoginView(desk.name, "", "", "", texts("login.opening"), Tone.PLAIN)
    advice = f"{desk.failure} {texts('login.not_opened')}"
    return LoginView(desk.name, "", "", None, advice, Tone.LATE)
