"""Which sales open the drawer at a printer: of the device that its row names, and never through another device."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest
from restaurant import MANAGER, TILL, WAITER

from shared.printers.commands import put_printer, put_rule
from shared.printers.rules import DrawerPin, Paper
from shared.printers.settings import PrinterSettings
from terminal.printing.records import drawer_pulse
from tests.faults.selling import sell
from tests.faults.till_on_disk import copy_till, found_till
from tests.terminal.screens.real_desk import rows


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("founded")
    asyncio.run(found_till(folder))
    return folder


@pytest.mark.parametrize(
    ("said", "opens"),
    [
        ({}, True),
        ({"drawer_device_id": TILL}, True),
        ({"drawer_device_id": WAITER}, False),
        ({"drawer_pin": DrawerPin.NONE}, False),
        ({"address": "usb://04b8:0e15", "device_id": TILL}, True),
        ({"address": "usb://04b8:0e15", "device_id": WAITER}, False),
    ],
)
async def test_a_cash_sale_opens_the_drawer_of_its_printer(
    founded: Path, tmp_path: Path, said: dict[str, object], opens: bool
) -> None:
    till = copy_till(founded, tmp_path / "till")
    till.configure(printers={}, receipt_printer="", kitchen_printer="")
    settings = PrinterSettings("caja", **{"address": "tcp://127.0.0.1:9", **said})  # type: ignore[arg-type]
    async with till.desk() as desk:
        await desk.store.run(MANAGER, lambda work: put_printer(work, settings))
        await desk.store.run(MANAGER, lambda work: put_rule(work, Paper.RECEIPT, "caja"))
        await desk.open()
        await sell(desk, random.Random(1), lambda *_step: None)
        assert bool(await rows(desk, drawer_pulse)) is opens
