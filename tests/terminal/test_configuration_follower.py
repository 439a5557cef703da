"""An edited `device.toml` holds without a restart where it can, and the status line says where it cannot."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from restaurant import CASHIER

from terminal.composition import Device, running
from terminal.supervision import configuration_follower
from tests.faults.till_on_disk import PAPERS, TillOnDisk, copy_till, found_till
from tests.faults.until import until
from tests.terminal.supervision.program import sell


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("founded")
    asyncio.run(found_till(folder))
    return folder


@pytest.fixture
def till(founded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TillOnDisk:
    monkeypatch.setattr(configuration_follower, "LOOK_SECONDS", 0.05)
    return copy_till(founded, tmp_path / "till")


def edit(till: TillOnDisk, old: str, new: str) -> None:
    path = till.folder.root / "device.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def stopped(device: Device) -> list[str]:
    return [each.words for each in device.desk.health.stopped]


async def test_the_program_that_prints_follows_an_edited_printer(till: TillOnDisk) -> None:
    other = till.folder.root / "other.bin"
    async with running(till.folder) as device:
        device.desk.actor = CASHIER
        edit(till, str(till.papers), str(other))
        await until(lambda: device.desk.setup.printers[PAPERS].address == str(other), "the new address")
        await sell(device.desk)
        await until(lambda: other.exists() and b"TOTAL" in other.read_bytes(), "the receipt")
        assert stopped(device) == []
    assert not till.papers.exists()


async def test_what_prints_what_is_followed_too(till: TillOnDisk) -> None:
    async with running(till.folder) as device:
        edit(till, f'receipt_printer = "{PAPERS}"', 'receipt_printer = ""')
        await until(lambda: device.desk.plan.receipt is None, "no receipts")
        edit(till, 'receipt_printer = ""', f'receipt_printer = "{PAPERS}"')
        await until(lambda: device.desk.plan.receipt == PAPERS, "receipts again")


async def test_a_mistake_in_the_file_changes_nothing_and_is_told_until_it_is_mended(till: TillOnDisk) -> None:
    async with running(till.folder) as device:
        edit(till, "[printers]", "[printers")
        await until(lambda: stopped(device) == ["settings"], "the mistake is told")
        assert device.desk.setup.printers[PAPERS].address == str(till.papers)
        edit(till, "[printers", "[printers]")
        await until(lambda: stopped(device) == [], "nothing is told")


async def test_what_holds_only_after_a_restart_is_said(till: TillOnDisk) -> None:
    async with running(till.folder) as device:
        edit(till, "lock_after_seconds = 180", "lock_after_seconds = 60")
        await until(lambda: stopped(device) == ["restart"], "the restart is told")
        edit(till, "lock_after_seconds = 60", "lock_after_seconds = 180")
        await until(lambda: stopped(device) == [], "nothing is told")
