"""Looks of the printers' dialog on a bad evening: one printer off, papers that ask, one answered before."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.kernel.language import Language
from terminal.printing.faults import PrinterFault
from terminal.printing.records import State
from tests.terminal.printing.conftest import open_store
from tests.terminal.screens.print_house import House, a_receipt, a_ticket, at
from tests.terminal.screens.till import PlayedApp

SIZES = ((80, 24), (120, 36))
UNKNOWN, FAILED = State.UNKNOWN, State.FAILED


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", list(Language))
async def test_the_printers_look_as_they_did(size, language, look, tmp_path: Path) -> None:
    async with open_store(tmp_path / "device.sqlite") as store:
        house = House(store, {name: at(9) for name in ("caja", "bar", "cocina")})
        await house.ask_for(a_ticket(), "cocina", state=UNKNOWN, error=PrinterFault.HUNG_UP)
        await house.ask_for(a_ticket("A-19", "Parrilla"), "cocina", state=FAILED, error=PrinterFault.UNREACHABLE)
        await house.ask_for(a_ticket("A-21"), "cocina")
        for number in range(11, 17):
            error = PrinterFault.EXPIRED if number == 12 else PrinterFault.INTERRUPTED
            await house.ask_for(a_receipt(number), "caja", state=UNKNOWN, error=error, copies=number == 13)
        desk = await house.desk(language=language)
        await look(PlayedApp(desk, script="1234\n<f11>2"), size, f"screen-printers-{language}")


@pytest.mark.parametrize("size", SIZES)
async def test_calm_printers_look_as_they_did(size, look, tmp_path: Path) -> None:
    async with open_store(tmp_path / "device.sqlite") as store:
        desk = await House(store, {"caja": at(9), "cocina": at(9)}).desk()
        await look(PlayedApp(desk, script="1234\n<f11>"), size, "screen-printers-calm")
