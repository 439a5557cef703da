"""Of whom a wall has heard nothing: the cloud, or the program that prints and syncs for its folder."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shared.kernel.permissions import DeviceKind
from terminal.snapshots.state import DeskState
from terminal.supervision.duties import Duty, Stopped
from terminal.syncing.link_state import Cloud
from terminal.wall.hearing import Silence, silence

START = datetime(2026, 3, 14, 17, tzinfo=UTC)
HEARD, STOPPED = START + timedelta(minutes=5), START + timedelta(minutes=9)


def state(cloud: Cloud = Cloud.ONLINE, contact: datetime | None = HEARD, *stopped: Duty) -> DeskState:
    return DeskState(cloud=cloud, last_contact=contact, stopped=tuple(Stopped(each, STOPPED) for each in stopped))


@pytest.mark.parametrize(
    ("seen", "since"),
    [
        (state(), None),
        (state(Cloud.ONLINE, HEARD, Duty.PRINTING), None),
        (state(Cloud.OFFLINE), HEARD),
        (state(Cloud.REFUSED), HEARD),
        (state(Cloud.NEVER, None), START),
        (state(Cloud.OFFLINE, None), START),
        (state(Cloud.ONLINE, HEARD, Duty.PULLING), STOPPED),
        (state(Cloud.ONLINE, HEARD, Duty.SILENT), STOPPED),
    ],
    ids=["hears", "prints nothing", "away", "refused", "never met", "restarted", "pulls nothing", "frozen"],
)
def test_a_display_says_since_when_it_hears_from_nobody(seen: DeskState, since: datetime | None) -> None:
    found = silence(seen, DeviceKind.KITCHEN, START)
    assert (found and found.since) == since
    assert found is None or not found.from_others


def test_a_wall_on_the_folder_of_a_till_hears_that_till_unless_its_program_stands_still() -> None:
    assert silence(state(Cloud.OFFLINE), DeviceKind.TILL, START) == Silence(HEARD, from_others=True)
    assert silence(state(Cloud.OFFLINE, HEARD, Duty.SILENT), DeviceKind.TILL, START) == Silence(STOPPED)
