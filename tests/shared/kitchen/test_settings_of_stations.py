"""What two devices say of a station for the first time, before they meet, both holds."""

from __future__ import annotations

from uuid import UUID

import pytest
from evening import Hands, meet
from restaurant import BRANCH, COOK, ORGANIZATION, TILL, WAITER, Village

from shared.kitchen.station_views import StationView, stations
from shared.kitchen.stations import cover, set_preparation, set_thresholds
from tests.replicas import Replica


@pytest.mark.parametrize("first", ["thresholds", "cover"])
async def test_who_covers_a_station_and_when_it_is_late_both_hold(village: Village, first: str) -> None:
    kitchen, bar = (village.house.stations[name] for name in ("Cocina", "Barra"))
    hands = [Hands(village, village.replica(each)) for each in (TILL, WAITER)]
    till, other = (each.replica for each in hands)

    async def thresholds() -> None:
        async with till.work() as work:
            await set_thresholds(work, kitchen, [("", 300, 420)])
            await set_preparation(work, kitchen, 45)

    async def covered() -> None:
        async with other.work(COOK) as work:
            await cover(work, kitchen, bar)

    for deed in (thresholds, covered) if first == "thresholds" else (covered, thresholds):
        await deed()
        village.clock.pass_time(seconds=5)
    await meet(*hands)
    for replica in (till, other):
        found = await station(replica, kitchen)
        assert (found.thresholds, found.covered_by, found.prepare_minutes) == ((("", 300, 420),), bar, 45)


async def station(replica: Replica, station_id: UUID) -> StationView:
    async with replica.connection() as reader:
        return next(each for each in await stations(reader, ORGANIZATION, BRANCH) if each.id == station_id)
