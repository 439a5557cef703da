"""Restored, copied and lost disks of a till: one truth in the end, no number lost or given twice, a person is told."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from collections import Counter
from pathlib import Path

import msgspec

from tests.simulation.device import SimulatedDevice
from tests.simulation.places import BRANCH, ORGANIZATION
from tests.simulation.quiet_branch import QuietBranch, play

MINUTE = 60.0


def copy_disk(device: SimulatedDevice, to: Path) -> Path:
    """Copy what the disk of a device holds."""
    with sqlite3.connect(device.path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    shutil.copy(device.path, to)
    return to


def put_back(device: SimulatedDevice, copy: Path, *, in_place: bool = False) -> None:
    """Put a copy where the device's disk was.

    Args:
        in_place: into the same file, and its mark beside it says what it would have said.
    """
    device.close_eye()
    for beside in device.path.parent.glob(f"{device.path.stem}.db-*"):
        beside.unlink()
    if in_place:
        device.path.write_bytes(copy.read_bytes())
        fit_mark(device.path, copy)
        return
    # Both files exist for a moment: if the new one had the number of the old one, the mark would fit by chance.
    beside_it = device.path.with_name("put back")
    shutil.copy(copy, beside_it)
    beside_it.replace(device.path)


def fit_mark(path: Path, of: Path) -> None:
    """Give a copy the mark that the original would have in its file, as if the file had stayed the same."""
    said = json.loads(of.with_suffix(".mark").read_bytes())
    path.with_suffix(".mark").write_text(json.dumps({**said, "inode": path.stat().st_ino}))


def numbers(path: Path) -> list[str]:
    with sqlite3.connect(path) as connection:
        return [row[0] for row in connection.execute("SELECT number FROM receipts ORDER BY number")]


def agree(branch: QuietBranch, *paths: Path) -> None:
    """All of these hold the rows and stamps that the cloud holds, have folded everything, and parked nothing."""
    assert [digests(path) for path in paths] == [digests(branch.cloud.path)] * len(paths)


def digests(path: Path) -> dict[str, int]:
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM sync_parked").fetchone() == (0,)
        assert connection.execute("SELECT sum(head_seq - folded_seq) FROM sync_streams").fetchone() == (0,)
        mine = "SELECT tables FROM sync_digests WHERE scope_id IN (?, ?)"
        found = connection.execute(mine, (ORGANIZATION.bytes, BRANCH.bytes)).fetchall()
    return {name: value for (tables,) in found for name, value in msgspec.msgpack.decode(tables).items() if value}


def told(path: Path) -> list[str]:
    """What this machine told people itself, and what it knows of what was told."""
    with sqlite3.connect(path) as connection:
        return [row[0] for row in connection.execute("SELECT kind FROM history_events WHERE told = 1 ORDER BY kind")]


def exceptions(branch: QuietBranch) -> list[str]:
    with sqlite3.connect(branch.cloud.path) as connection:
        return [row[0] for row in connection.execute("SELECT kind FROM exceptions ORDER BY kind")]


def both_sales(path: Path) -> list[tuple[str, int]]:
    """By number that was given twice, how many different receipts this replica's exception about it names."""
    with sqlite3.connect(path) as connection:
        said = "SELECT reason, details FROM exceptions WHERE kind = 'number_twice' ORDER BY reason"
        rows = [(number, json.loads(details)) for number, details in connection.execute(said)]
    return [(number, len({each["row"] for each in (*told, *told[0]["changes"])})) for number, told in rows]


async def restart(device: SimulatedDevice) -> None:
    await device.stop()
    await device.start()


def test_a_till_that_was_put_back_from_a_backup_gives_no_number_twice(tmp_path: Path) -> None:
    async def story(branch: QuietBranch) -> None:
        till = branch.devices["till"]
        first = [await branch.pay(till) for _sale in range(2)]
        await asyncio.sleep(MINUTE)
        await till.stop()
        backup = copy_disk(till, tmp_path / "backup.db")
        await till.start()
        since = [await branch.pay(till) for _sale in range(2)]
        await asyncio.sleep(MINUTE)
        await till.stop()
        put_back(till, backup)
        branch.network.cut.add("till")
        await till.start()
        alone = [await branch.pay(till) for _sale in range(2)]
        assert alone == ["A2-00000001", "A2-00000002"], "before it has met anybody"
        branch.network.cut.clear()
        await asyncio.sleep(MINUTE)
        await restart(till)
        after = [await branch.pay(till)]
        await asyncio.sleep(MINUTE)
        assert numbers(branch.cloud.path) == sorted([*first, *since, *alone, *after])
        agree(branch, till.path)
        assert told(till.path) == exceptions(branch) == ["stream_forked"]
        assert till.agent.link.message == ""

    play(tmp_path, ["till"], story)


def test_a_backup_with_its_mark_is_found_by_the_cloud_and_what_was_sold_meanwhile_is_kept(tmp_path: Path) -> None:
    """The only way to give a number twice: a copy that took its mark along sells before it meets anybody."""

    async def story(branch: QuietBranch) -> None:
        till = branch.devices["till"]
        await branch.pay(till)
        await asyncio.sleep(MINUTE)
        await till.stop()
        backup = copy_disk(till, tmp_path / "backup.db")
        shutil.copy(till.path.with_suffix(".mark"), backup.with_suffix(".mark"))
        await till.start()
        await branch.pay(till)
        await asyncio.sleep(MINUTE)
        await till.stop()
        put_back(till, backup, in_place=True)
        branch.network.cut.add("till")
        await till.start()
        assert await branch.pay(till) == "A-00000002"
        branch.network.cut.clear()
        await asyncio.sleep(MINUTE)
        assert await branch.pay(till) == "A2-00000001"
        await asyncio.sleep(MINUTE)
        assert numbers(branch.cloud.path) == ["A-00000001", "A-00000002", "A-00000002", "A2-00000001"]
        agree(branch, till.path)
        assert told(till.path) == ["stream_forked"]
        assert exceptions(branch) == ["number_twice", "stream_forked"]
        assert both_sales(till.path) == both_sales(branch.cloud.path) == [("A-00000002", 2)]
        assert till.agent.link.message == ""

    play(tmp_path, ["till"], story)


def test_two_live_tills_of_one_disk_end_in_one_truth(tmp_path: Path) -> None:
    async def story(branch: QuietBranch) -> None:
        till = branch.devices["till"]
        sold = [await branch.pay(till)]
        await asyncio.sleep(MINUTE)
        await till.stop()
        twin = branch.twin_of(till, copy_disk(till, tmp_path / "twin.db"))
        await till.start()
        await twin.start()
        for each in (till, twin, till, twin):
            sold.append(await branch.pay(each))
            await asyncio.sleep(7)
        await asyncio.sleep(MINUTE)
        assert max(Counter(sold).values()) == 1
        assert numbers(branch.cloud.path) == sorted(sold)
        agree(branch, till.path, twin.path)
        assert (told(till.path), told(twin.path)) == ([], ["stream_forked"])
        await twin.stop()
        twin.close_eye()

    play(tmp_path, ["till"], story)


def test_two_copies_that_are_both_cut_before_they_meet_anybody_give_a_number_twice_and_it_is_told(
    tmp_path: Path,
) -> None:
    """Both begin the series `A2`, since neither can know of the other."""

    async def story(branch: QuietBranch) -> None:
        till = branch.devices["till"]
        await branch.pay(till)
        await asyncio.sleep(MINUTE)
        await till.stop()
        backup, other = copy_disk(till, tmp_path / "backup.db"), copy_disk(till, tmp_path / "twin.db")
        branch.network.cut.update({"till", "twin"})
        put_back(till, backup)
        twin = branch.twin_of(till, other)
        await till.start()
        await twin.start()
        assert [await branch.pay(till), await branch.pay(twin)] == ["A2-00000001"] * 2
        branch.network.cut.clear()
        await asyncio.sleep(2 * MINUTE)
        assert numbers(branch.cloud.path) == ["A-00000001", "A2-00000001", "A2-00000001"]
        agree(branch, till.path, twin.path)
        for replica in (branch.cloud, till, twin):
            assert both_sales(replica.path) == [("A2-00000001", 2)]
        await twin.stop()
        twin.close_eye()

    play(tmp_path, ["till"], story)


def test_two_tills_that_both_write_on_in_one_stream_lose_no_sale(tmp_path: Path) -> None:
    """Both took the mark along, and both sold for a while alone."""

    async def story(branch: QuietBranch) -> None:
        till = branch.devices["till"]
        await branch.pay(till)
        await asyncio.sleep(MINUTE)
        branch.network.cut.update({"till", "twin"})
        await branch.pay(till)
        await till.stop()
        twin = branch.twin_of(till, copy_disk(till, tmp_path / "twin.db"))
        fit_mark(twin.path, till.path)
        await till.start()
        await twin.start()
        for each in (till, twin, till, twin):
            await branch.pay(each)
        branch.network.cut.clear()
        await asyncio.sleep(2 * MINUTE)
        found = numbers(branch.cloud.path)
        assert len(found) == 6, "one, one that both had unsent, and two of each"
        agree(branch, till.path, twin.path)
        assert len(told(till.path)) + len(told(twin.path)) == 1
        await twin.stop()
        twin.close_eye()

    play(tmp_path, ["till"], story)


def test_a_reinstalled_till_goes_on_in_a_series_of_its_own(tmp_path: Path) -> None:
    async def story(branch: QuietBranch) -> None:
        till = branch.devices["till"]
        sold = [await branch.pay(till) for _sale in range(2)]
        await asyncio.sleep(MINUTE)
        await till.stop()
        till.path.with_suffix(".mark").unlink()
        put_back(till, branch.fresh_disk(till))
        await till.start()
        await asyncio.sleep(MINUTE)
        sold.append(await branch.pay(till))
        await asyncio.sleep(MINUTE)
        assert sold[-1] == "A2-00000001"
        assert numbers(branch.cloud.path) == sorted(sold)
        agree(branch, till.path)

    play(tmp_path, ["till"], story)
