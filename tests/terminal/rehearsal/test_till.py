"""Real tills of a rehearsal: killed anywhere they go on, they say what was asked, and they wait for a busy cloud."""

from __future__ import annotations

import asyncio
import random
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from restaurant import BRANCH, CLOUD, MANAGER, NOON, HandClock, build, open_replica
from sqlalchemy.engine import Engine

from shared.kernel.permissions import Role
from shared.payments.records import Receipt
from shared.staff.commands import add_staff
from terminal.device import DeviceFolder
from terminal.rehearsal import till as tills
from terminal.rehearsal.past_sales import PastLine, PastTicket
from terminal.rehearsal.plan import PIN
from terminal.rehearsal.till import Rung, Share
from terminal.rehearsal.workers import Workers
from terminal.syncing.agent import Agent
from terminal.syncing.link import LinkError
from tests.faults.till_on_disk import SECRETS, CloudNearby, TillOnDisk
from tests.faults.web import Server, always, cloud_at, response

DAY = date(2025, 4, 3)
PROBLEM = b'{"code":"DEVICE_REVOKED","params":{}}'


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, UUID]]:
    root = tmp_path_factory.mktemp("rehearsed")
    return root, asyncio.run(_found(root))


async def _found(root: Path) -> dict[str, UUID]:
    cloud = open_replica(root / "cloud.db", CLOUD, None, "", HandClock(NOON))
    till = TillOnDisk(DeviceFolder(root / "till", use_keyring=False))
    till.configure()
    try:
        house = await build(cloud)
        async with cloud.work() as work:
            salt = random.Random(1).randbytes(16)
            await add_staff(work, MANAGER.staff_id, "Ensayo", Role.BRANCH_MANAGER, [BRANCH], PIN, SECRETS.pepper, salt)
        async with till.store() as store:
            await Agent(store, CloudNearby(cloud), None, lambda: 0.5, None, 0).pull_once()
    finally:
        await cloud.close()
    return {"Ceviche": house.items["cev"], "Chicha": house.items["chi"]}


@pytest.fixture
def folder(template: tuple[Path, dict[str, UUID]], tmp_path: Path) -> DeviceFolder:
    shutil.copytree(template[0] / "till", tmp_path / "till")
    return DeviceFolder(tmp_path / "till", use_keyring=False)


@pytest.fixture
def share(folder: DeviceFolder, template: tuple[Path, dict[str, UUID]]) -> Share:
    """Three tickets of 90.00, 91.00 and 92.00: each a line with a discount, and one above its list price."""
    return Share(folder, "America/Lima", [ticket(number) for number in range(3)], template[1], {})


@pytest.fixture
async def cloud(template: tuple[Path, dict[str, UUID]], tmp_path: Path) -> AsyncIterator[CloudNearby]:
    shutil.copy(template[0] / "cloud.db", tmp_path / "cloud.db")
    replica = open_replica(tmp_path / "cloud.db", CLOUD, None, "", HandClock())
    yield CloudNearby(replica)
    await replica.close()


def ticket(number: int) -> PastTicket:
    lines = (
        PastLine("s.csv", 2, "Ceviche", "Ceviche", "", 2_000, 4_250, 8_000, ()),
        PastLine("s.csv", 3, "Chicha", "Chicha", "", 1_000, 900, 1_000 + 100 * number, ()),
    )
    opened_at = datetime.combine(DAY, datetime.min.time()) + timedelta(hours=12, minutes=number)
    return PastTicket(f"Centro|{DAY}|{number}", "Centro", DAY, opened_at, str(number), lines)


async def ring_up(share: Share) -> Rung:
    return await tills.ring_up(share, lambda _tickets: None)


class Killed(BaseException):
    """What a kill looks like from within: nothing after it runs."""


@contextmanager
def killed_before_commit(number: int) -> Iterator[None]:
    left = number

    def kill(_connection: object) -> None:
        nonlocal left
        left -= 1
        if not left:
            raise Killed

    sa.event.listen(Engine, "commit", kill)
    try:
        yield
    finally:
        sa.event.remove(Engine, "commit", kill)


@pytest.mark.parametrize("commit", range(1, 7))
async def test_a_till_that_is_killed_at_any_commit_goes_on_and_comes_to_the_same(share: Share, commit: int) -> None:
    with killed_before_commit(commit), pytest.raises(Killed):
        await ring_up(share)
    assert (await ring_up(share)).total_minor == 9_000 + 9_100 + 9_200


async def test_a_till_says_what_it_was_asked_for_and_what_it_sold_just_now(share: Share) -> None:
    first = await ring_up(share)
    assert (first.tickets, first.total_minor, first.sold) == (3, 27_300, 3)
    assert first.seconds > 0
    again = await ring_up(Share(share.folder, share.zone, share.tickets[:2], share.items, {}))
    assert again == Rung(tickets=2, total_minor=18_100, sold=0, seconds=0.0)


async def test_slices_of_a_till_come_to_what_the_whole_does(share: Share) -> None:
    """Starts two processes: that is how tills are worked."""
    with Workers(2) as workers:
        nobody = Share(share.folder, share.zone, [], share.items, {})
        rung = await workers.ring_up([nobody, share], slice_tickets=1)
        assert workers.tickets == 3
    assert rung[0] == Rung()
    assert (rung[1].tickets, rung[1].total_minor, rung[1].sold) == (3, 27_300, 3)


async def test_leaving_the_workers_breaks_off_a_till_that_waits_for_its_cloud(share: Share) -> None:
    asked = asyncio.Event()

    async def answer(_path: str, _body: bytes) -> bytes:
        asked.set()
        return response("503 Service Unavailable")

    async with asyncio.timeout(60), Server(answer) as server:
        share.folder.move_to(server.url)
        workers = Workers(1)
        waiting = asyncio.ensure_future(workers.sync([share.folder]))
        await asked.wait()
        await asyncio.to_thread(workers.__exit__)
        (broken_off,) = await asyncio.gather(waiting, return_exceptions=True)
    assert isinstance(broken_off, BaseException)


async def test_a_worker_without_its_till_says_so_across_the_process(tmp_path: Path) -> None:
    missing = Share(DeviceFolder(tmp_path / "none", use_keyring=False), "America/Lima", [ticket(1)], {}, {})
    with Workers(1) as workers, pytest.raises(Exception, match="DEVICE_NOT_ENROLLED"):
        await workers.ring_up([missing])


async def test_a_cloud_that_is_busy_or_takes_less_at_once_gets_all_in_the_end(share: Share, cloud: CloudNearby) -> None:
    await ring_up(share)
    troubles = [
        response("503 Service Unavailable", Retry_After="0"),
        response("413 Payload Too Large"),
        response("429 Too Many Requests", Retry_After="1"),
    ]
    well = cloud_at(cloud)

    async def answer(path: str, body: bytes) -> bytes:
        return troubles.pop() if path == "/api/v1/sync" and troubles else await well(path, body)

    async with Server(answer) as server:
        share.folder.move_to(server.url)
        await tills.sync(share.folder)
    assert not troubles
    await cloud.replica.fold()
    assert sorted(row.total_minor for row in await cloud.replica.rows(Receipt)) == [9_000, 9_100, 9_200]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (response("503 Service Unavailable", Retry_After="60"), "CLOUD_BUSY"),
        (response("503 Service Unavailable"), "CLOUD_BUSY"),
        (response("403 Forbidden", PROBLEM), "DEVICE_REVOKED"),
    ],
)
async def test_a_cloud_that_stays_away_or_refuses_is_told(share: Share, answer: bytes, code: str) -> None:
    async with Server(always(answer)) as server:
        share.folder.move_to(server.url)
        with pytest.raises(LinkError) as caught:
            await tills.sync(share.folder, patience_seconds=0.5)
    assert caught.value.code == code
