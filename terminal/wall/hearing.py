"""Of whom a kitchen's wall has heard nothing for how long. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from shared.kernel.permissions import DeviceKind
from terminal.supervision.duties import Duty

if TYPE_CHECKING:
    from terminal.snapshots.state import DeskState

_SYNC = "sync"


@dataclass(frozen=True, slots=True)
class Silence:
    """Since when nothing comes.

    Attributes:
        from_others: nothing comes from other devices; what is ordered at this one does come.
    """

    since: datetime
    from_others: bool = False


def silence(state: DeskState, kind: DeviceKind | None, began: datetime) -> Silence | None:
    """Since when the wall has heard from nobody, or from this device alone; None while it hears.

    Args:
        kind: of the device. A wall that stands on a till's folder sees what is sold there without any cloud.
        began: when the program started, for a cloud that it has not met at all.
    """
    frozen = next((each for each in state.stopped if each.duty is Duty.SILENT), None)
    if frozen is not None:
        return Silence(frozen.since)
    sync = next((each for each in state.stopped if each.words == _SYNC), None)
    if state.cloud == "online" and sync is None:
        return None
    since = state.last_contact or began
    if sync is not None and state.cloud == "online":
        since = sync.since
    return Silence(since, from_others=kind is not DeviceKind.KITCHEN)
