"""What the staff's room brings: the answer to a PIN that was set in a branch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from cloud.edge.room import Room
from cloud.jobs.facts import Reaction
from cloud.jobs.kinds import JobCall
from cloud.parts import Parts
from cloud.staff.taking_over import PinTakeOver


def _provide(parts: Parts) -> Mapping[str, object]:
    return {"pin_take_over": PinTakeOver(parts.database, parts.units, parts.fold_worker)}


async def _take_over(call: JobCall, provided: Mapping[str, object]) -> None:
    assert call.organization_id is not None
    row = bytes.fromhex(call.args["row"])
    await cast("PinTakeOver", provided["pin_take_over"]).take_over(call.organization_id, row)


ROOM = Room(
    "cloud.staff",
    provide=_provide,
    reactions=(Reaction("staff.take_over_pin", "pin_changes", _take_over, if_changed=("pin",)),),
)
