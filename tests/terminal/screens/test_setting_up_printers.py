"""Setting printers up by keys, over the real desk and its store: F11 (or F8 Más), F9."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from shared.printers.rules import Beep, Cut, Paper
from shared.staff.records import Approval
from terminal.desks.desk import Desk
from terminal.printing.documents import PaperKind
from terminal.printing.records import print_job
from terminal.snapshots.sources import PRINTERS
from tests.faults.till_on_disk import PIN, TillOnDisk
from tests.terminal.screens.real_desk import played, rows
from tests.terminal.screens.till import PlayedApp

MANAGER = "5671\n"
ADD = "<f11><f9>1cocina\ntcp://127.0.0.1:9\n<f5>"


@pytest.fixture
async def desk(till: TillOnDisk) -> AsyncIterator[Desk]:
    till.configure(printers={}, receipt_printer="", kitchen_printer="")
    async with till.desk() as desk:
        yield desk


async def test_a_printer_is_added_set_and_says_what_it_prints(desk: Desk) -> None:
    app = PlayedApp(desk, script=f"{MANAGER}{ADD}")  # type: ignore[arg-type]
    async with app.run_test(size=(120, 36)) as pilot:
        assert "Impresora cocina" in await played(app, pilot, "")
        assert "48" in await played(app, pilot, "4" + "3")
        await played(app, pilot, "5" + "3")
        page = desk.seen[PRINTERS].printers["cocina"]
        assert (page.columns, page.page, page.page_number) == (48, "PC858", 19)
        await played(app, pilot, "6<backspace><backspace>53\n")
        await played(app, pilot, "corte\n3")
        await played(app, pilot, "aviso\n1")
        changed = desk.seen[PRINTERS].printers["cocina"]
        assert (changed.page_number, changed.cut, changed.beep) == (53, Cut.NONE, Beep.NONE)
        await played(app, pilot, "2" + "1" + "3")
        assert {rule.document for rule in desk.printers.rules_of("cocina")} == {Paper.RECEIPT, Paper.KITCHEN}
        await played(app, pilot, "1<escape>")
        assert (desk.plan.receipt, desk.plan.default_kitchen or desk.plan.printer_of(Paper.KITCHEN)) == (None, "cocina")


async def test_narrow_paper_is_typed_while_adding(desk: Desk) -> None:
    script = f"{MANAGER}<f11><f9>1caja\n/dev/usb/lp0\n32\npc858\n53\n"
    app = PlayedApp(desk, script=script)  # type: ignore[arg-type]
    async with app.run_test(size=(80, 24)) as pilot:
        await played(app, pilot, "")
        made = desk.seen[PRINTERS].printers["caja"]
        assert (made.columns, made.page, made.page_number) == (32, "PC858", 53)
        assert made.device_id == desk.store.identity.device_id


async def test_a_wrong_address_says_what_to_write_and_keeps_what_was_typed(desk: Desk) -> None:
    app = PlayedApp(desk, script=f"{MANAGER}<f11><f9>1Cocina\n192.168.1.50\n<f5>")  # type: ignore[arg-type]
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await played(app, pilot, "")
        assert "192.168.1.50" in screen
        assert "tcp://" in screen
        assert not desk.seen[PRINTERS].printers


async def test_a_test_page_is_one_key_and_says_that_it_is_on_its_way(desk: Desk) -> None:
    app = PlayedApp(desk, script=f"{MANAGER}{ADD}1")  # type: ignore[arg-type]
    async with app.run_test(size=(80, 24)) as pilot:
        assert "página de prueba en camino" in await played(app, pilot, "")
    assert [job.kind for job in await rows(desk, print_job)] == [PaperKind.TEST]


async def test_who_may_not_set_up_printers_needs_an_approval(desk: Desk) -> None:
    app = PlayedApp(desk, script=f"{PIN}\n{ADD}")  # type: ignore[arg-type]
    async with app.run_test(size=(80, 24)) as pilot:
        assert not desk.seen[PRINTERS].printers
        await played(app, pilot, MANAGER)
        assert list(desk.seen[PRINTERS].printers) == ["cocina"]
    assert [each.permission for each in await rows(desk, Approval.__table__)] == ["manage_printers"]


async def test_a_printer_is_switched_off_and_on(desk: Desk) -> None:
    app = PlayedApp(desk, script=f"{MANAGER}{ADD}apagar\n")  # type: ignore[arg-type]
    async with app.run_test(size=(80, 24)) as pilot:
        await played(app, pilot, "")
        assert not desk.seen[PRINTERS].printers["cocina"].is_active
        assert "cocina" not in desk.setup.printers
        await played(app, pilot, "encender\n")
        assert desk.setup.printers["cocina"].is_active
