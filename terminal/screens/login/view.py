"""What the log-in screen says: pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from terminal.theme.palette import Tone

if TYPE_CHECKING:
    from terminal.desk import Desk


@dataclass(frozen=True, slots=True)
class LoginView:
    """The words beside the PIN pad. `advice` is what to do next, in the tone of how things stand."""

    branch: str
    organization: str
    device: str
    clock: str
    advice: str
    tone: Tone


def login_view(desk: Desk) -> LoginView:
    """What stands on the log-in screen at this moment."""
    texts, premises, state = desk.texts, desk.premises, desk.state
    known = state.cloud_message and texts.has(state.cloud_message)
    trouble = texts(state.cloud_message, **state.cloud_params) if known else ""
    clock = f"{desk.local_now():%H:%M}"
    if premises is None:
        waiting = texts("login.waiting")
        tone = Tone.LATE if state.cloud == "refused" else Tone.WARN
        return LoginView(texts("login.new_device"), "", "", clock, f"{waiting} {trouble}".strip(), tone)
    device = texts("login.device", name=premises.device_name, letter=premises.letter)
    if state.cloud == "refused":
        return LoginView(premises.branch_name, premises.organization_name, device, clock, trouble, Tone.LATE)
    advice = "" if state.cloud == "online" else texts("login.works_offline")
    return LoginView(premises.branch_name, premises.organization_name, device, clock, advice, Tone.PLAIN)
