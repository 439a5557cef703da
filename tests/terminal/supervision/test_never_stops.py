"""A locked file, closed connections and a cloud that comes and goes end nothing, and every screen of the folder tells
the same truth about it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from restaurant import CASHIER, CLOUD, HandClock, open_replica

from shared.orders.records import OrderKind
from sync.messages import AnyMessage
from terminal.composition import Device, running
from terminal.desks.desk import Desk
from terminal.screens.status import status_of
from terminal.store import engines
from terminal.supervision import office
from terminal.syncing.link import LinkError
from terminal.syncing.link_state import Cloud
from tests.faults.till_on_disk import SECRETS, CloudNearby, TillOnDisk
from tests.faults.until import until
from tests.terminal.supervision.program import sell
from tests.terminal.supervision.programs import Program


class Way:
    """The way to the cloud that founded the till, which may be cut."""

    def __init__(self, cloud: CloudNearby) -> None:
        self.is_cut = False
        self._cloud = cloud

    async def exchange(self, message: AnyMessage) -> AnyMessage:
        await asyncio.sleep(0.01)
        if self.is_cut:
            raise LinkError("CLOUD_UNREACHABLE", url="https://cloud.example")
        return await self._cloud.exchange(message)

    def reports_to(self, *_agent: object) -> None:
        """It answers at once, or not at all."""

    async def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
async def way(founded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Way]:
    shutil.copy(founded / "cloud.db", tmp_path / "cloud.db")
    replica = open_replica(tmp_path / "cloud.db", CLOUD, None, "", HandClock())
    made = Way(CloudNearby(replica))
    monkeypatch.setattr(office, "LiveCarrier", lambda *_of: made)
    yield made
    await replica.close()


@asynccontextmanager
async def opened(till: TillOnDisk) -> AsyncIterator[Device]:
    async with running(till.folder) as device:
        device.desk.actor = CASHIER
        yield device


def told(desk: Desk) -> list[str]:
    """What the status line says."""
    return [notice.text for notice in status_of(desk).notices]


async def test_the_screen_that_waits_shows_the_cloud_as_the_owner_sees_it_and_pushes_when_it_takes_over(
    till: TillOnDisk, way: Way
) -> None:
    async with opened(till) as first, opened(till) as second:
        assert (first.agent is None, second.agent is None) == (False, True)
        await until(lambda: second.desk.state.cloud == Cloud.ONLINE, "the cloud is told to the second screen")
        await second.desk.open_order(OrderKind.TAKEOUT)
        await until(lambda: second.desk.state.pending == 0, "the owner pushes what the second program sells")
        way.is_cut = True
        await until(lambda: second.desk.state.cloud == Cloud.OFFLINE, "that it is away is told, too")
        contact = second.desk.state.last_contact
        assert contact is not None
        await second.desk.open_order(OrderKind.TAKEOUT)
    async with opened(till) as third:
        assert third.desk.state.cloud is Cloud.OFFLINE, "its first screen goes on from what the last one knew"
        assert third.desk.state.last_contact == contact
        way.is_cut = False
        await until(lambda: third.desk.state.pending == 0, "what waited is pushed")
        assert third.desk.state.cloud == Cloud.ONLINE


async def test_a_file_that_another_program_keeps_locked_is_told_as_stopped_printing_until_it_is_free(
    till: TillOnDisk, way: Way
) -> None:
    """Slow: a commit waits five seconds for the other program before it fails."""
    async with opened(till) as device:
        await until(lambda: device.desk.state.cloud == Cloud.ONLINE, "all works")
        till.papers.unlink(missing_ok=True)
        order_id = await device.desk.open_order(OrderKind.TAKEOUT)
        dish = next(each for each in device.desk.menu.items.values() if each.station_id and not each.modifier_groups)
        await device.desk.add_line(order_id, dish)
        blocker = engines.open_reader(till.folder.database, SECRETS.database_key)
        blocker.execute("PRAGMA query_only = OFF")
        device.store.announce = _nobody  # type: ignore[method-assign]
        await device.desk.send(order_id)
        blocker.execute("PRAGMA busy_timeout = 20000")
        blocker.execute("BEGIN IMMEDIATE")
        await until(lambda: any("Impresión detenida desde" in text for text in told(device.desk)), "it is told")
        blocker.execute("ROLLBACK")
        blocker.close()
        await until(lambda: not any("detenida" in text for text in told(device.desk)), "it is over")
        await until(till.papers.exists, "what waited is printed")


def _nobody(_committed: object) -> None:
    """What was committed is told to nobody: the order waits for the next poll."""


def test_a_program_whose_connections_break_sells_prints_and_hears_on(
    till: TillOnDisk, start: Callable[[], Program]
) -> None:
    """Slow: two real programs."""
    owner = start()
    owner.owns()
    waiting = start()
    for program in (owner, waiting):
        program.ask("break")
        program.hears("broken")
    waiting.ask("sell")
    number = waiting.hears("sold")[1]
    assert number
    owner.hears("told", lambda said: "receipts" in said[1])
    owner.ask("sell")
    assert owner.hears("sold")[1] != number
    waiting.hears("told", lambda said: "receipts" in said[1])


async def test_closing_is_prompt_while_the_cloud_is_waited_for(till: TillOnDisk, way: Way) -> None:
    async def for_ever(_message: AnyMessage) -> AnyMessage:
        await asyncio.Event().wait()
        raise AssertionError

    way.exchange = for_ever  # type: ignore[method-assign]
    async with asyncio.timeout(60):
        async with opened(till) as device:
            await sell(device.desk)
