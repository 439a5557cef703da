"""The content of the log-in screen: pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from terminal.link_state import AWAY
from terminal.screens.status import trouble_of
from terminal.theme.palette import Tone

if TYPE_CHECKING:
    from terminal.closed_desk import ClosedDesk
    from terminal.desk import Desk


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


def login_view(desk: Desk) -> LoginView:
    """The present content of the log-in screen."""
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
    return LoginView(premises.branch_name, premises.organization_name, device, clock, trouble, tone)


def closed_view(desk: ClosedDesk) -> LoginView:
    """The content until the store is open: the device's name, and why the store does not open."""
    texts = desk.texts
    if not desk.failure:
        return LoginView(desk.name, "", "", "", texts("login.opening"), Tone.PLAIN)
    advice = f"{desk.failure} {texts('login.not_opened')}"
    return LoginView(desk.name, "", "", None, advice, Tone.LATE)
