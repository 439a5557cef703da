"""A cloud is put back from a backup and nobody says so: it finds out by what devices hold under its own signature."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

from shared.kernel.permissions import SYSTEM
from shared.payments.methods import add_payment_method
from shared.payments.rules import TenderKind
from tests.simulation.places import ORGANIZATION
from tests.simulation.quiet_branch import QuietBranch, play
from tests.simulation.test_cut_histories import MINUTE, agree, exceptions, numbers, told
from tests.simulation.test_restored_cloud import backup, hire_rosa, put_back


async def add_method(branch: QuietBranch, name: str) -> None:
    async with branch.cloud.units.work(ORGANIZATION, SYSTEM) as work:
        await add_payment_method(work, name, TenderKind.WALLET, 10)
    branch.cloud.fold_worker.tell(ORGANIZATION)


def methods(path: Path) -> set[str]:
    with sqlite3.connect(path) as connection:
        return {row[0] for row in connection.execute("SELECT name FROM payment_methods")}


def all_is_well(branch: QuietBranch, *names: str) -> None:
    """All hold one truth, nobody is called forked, and no device has begun another history."""
    devices = [branch.devices[name] for name in names]
    agree(branch, *(device.path for device in devices))
    assert [device.agent.link.message for device in devices] == [""] * len(names)
    assert "stream_forked" not in {*exceptions(branch), *(kind for device in devices for kind in told(device.path))}
    assert [device.store.history.incarnation for device in devices] == [1] * len(names)


def test_it_takes_back_what_it_wrote_and_writes_on_in_a_new_generation(tmp_path: Path) -> None:
    async def story(branch: QuietBranch) -> None:
        till, second = branch.devices["till"], branch.devices["second till"]
        sold = [await branch.pay(till)]
        await asyncio.sleep(MINUTE)
        copy = backup(branch, tmp_path / "backup")
        await hire_rosa(branch)
        sold += [await branch.pay(till), await branch.pay(second)]
        await asyncio.sleep(MINUTE)
        await put_back(branch, copy, tell=False)
        assert "Plin" not in methods(branch.cloud.path)
        await asyncio.sleep(2 * MINUTE)
        assert branch.cloud.units.generations.number == 2
        await add_method(branch, "Bitcoin")
        sold += [await branch.pay(till), await branch.pay(second)]
        await asyncio.sleep(2 * MINUTE)
        assert numbers(branch.cloud.path) == sorted(sold)
        assert {"Plin", "Bitcoin"} <= methods(branch.cloud.path)
        assert set(exceptions(branch)) == {"cloud_restored", "log_gap"}
        all_is_well(branch, "till", "second till")

    play(tmp_path, ["till", "second till"], story)


def test_what_it_wrote_since_the_backup_moves_to_its_new_stream(tmp_path: Path) -> None:
    """One till holds what was lost, the other what came instead. Both end with both."""

    async def story(branch: QuietBranch) -> None:
        till, second = branch.devices["till"], branch.devices["second till"]
        await asyncio.sleep(MINUTE)
        copy = backup(branch, tmp_path / "backup")
        branch.network.cut.add("second till")
        await hire_rosa(branch)
        await asyncio.sleep(MINUTE)
        assert "Plin" in methods(till.path)
        assert "Plin" not in methods(second.path)
        branch.network.cut.add("till")
        await put_back(branch, copy, tell=False)
        branch.network.cut.remove("second till")
        for name in ("Bitcoin", "Giros", "Vales", "Puntos", "Trueque", "Fiado", "Cheque"):
            await add_method(branch, name)
        await asyncio.sleep(MINUTE)
        assert "Cheque" in methods(second.path)
        branch.network.cut.clear()
        sold = [await branch.pay(till), await branch.pay(second)]
        await asyncio.sleep(3 * MINUTE)
        assert numbers(branch.cloud.path) == sorted(sold)
        assert {"Plin", "Bitcoin", "Cheque"} <= methods(branch.cloud.path)
        assert "cloud_restored" in exceptions(branch)
        all_is_well(branch, "till", "second till")
        await branch.cloud.stop()
        branch.cloud.start()
        await add_method(branch, "Luka")
        await asyncio.sleep(MINUTE)
        assert "Luka" in methods(till.path) & methods(second.path)
        all_is_well(branch, "till", "second till")

    play(tmp_path, ["till", "second till"], story)


def test_a_longer_history_that_was_lost_meets_a_shorter_new_one(tmp_path: Path) -> None:
    async def story(branch: QuietBranch) -> None:
        await asyncio.sleep(MINUTE)
        copy = backup(branch, tmp_path / "backup")
        await hire_rosa(branch)
        await asyncio.sleep(MINUTE)
        branch.network.cut.add("till")
        await put_back(branch, copy, tell=False)
        await add_method(branch, "Bitcoin")
        branch.network.cut.clear()
        await asyncio.sleep(2 * MINUTE)
        assert {"Plin", "Bitcoin"} <= methods(branch.cloud.path)
        all_is_well(branch, "till")

    play(tmp_path, ["till"], story)


def test_two_restores_from_one_backup_under_one_number(tmp_path: Path) -> None:
    """Both were told, and so both began generation 2."""

    async def story(branch: QuietBranch) -> None:
        await asyncio.sleep(MINUTE)
        copy = backup(branch, tmp_path / "backup")
        await put_back(branch, copy)
        await add_method(branch, "Bitcoin")
        await asyncio.sleep(MINUTE)
        branch.network.cut.add("till")
        branch.cloud.generation = 1
        await put_back(branch, copy)
        await add_method(branch, "Luka")
        branch.network.cut.clear()
        await asyncio.sleep(2 * MINUTE)
        assert {"Bitcoin", "Luka"} <= methods(branch.cloud.path)
        assert branch.cloud.units.generations.number == 3
        all_is_well(branch, "till")

    play(tmp_path, ["till"], story)
