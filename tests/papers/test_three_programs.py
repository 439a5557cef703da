"""A till, a kitchen display and a printer, each a process: the network between them is cut and healed, the printer is
switched off and on, and everything arrives, each paper once.

Slow: a server with its PostgreSQL starts twice, and three more processes.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from terminal.composition import enrol
from terminal.device import DeviceFolder
from tests.faults.served_cloud import PLAN, ServedCloud, served_cloud
from tests.papers.printer_process import PrinterProcess, eventually, unmarked
from tests.terminal.supervision.programs import Program, programs_of

KITCHEN = {"key": "cocina", "name": "Pantalla", "kind": "kitchen"}


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[PrinterProcess]:
    printer = PrinterProcess(tmp_path / "paper")
    printer.on()
    yield printer
    printer.off()


def founded(cloud: ServedCloud) -> tuple[str, str, str]:
    """The codes of a till and of a kitchen display, and the id of somebody who sells."""
    branch = PLAN["branches"][0]
    plan = PLAN | {"branches": [branch | {"devices": [*branch["devices"], KITCHEN]}]}
    path = cloud.folder / "plan.json"
    path.write_text(json.dumps(plan), encoding="utf-8")
    said = json.loads(cloud.command("create-organization", "La Esquina", "--plan", str(path), "--json"))
    till, kitchen = (said["devices"][f"centro/{key}"]["pairing_code"] for key in ("caja", "cocina"))
    return till, kitchen, next(iter(said["staff"].values()))


def sees(program: Program, dishes: int, tickets: int) -> bool:
    program.ask("look")
    found = program.hears("sees")
    return found[1] >= dishes and found[2] == tickets


def send(till: Program) -> None:
    till.ask("send")
    till.hears("sent")


@pytest.mark.slow
def test_a_cut_network_and_a_printer_that_goes_off_lose_no_ticket_and_double_none(
    tmp_path: Path, printer: PrinterProcess
) -> None:
    till_folder, kitchen_folder = (DeviceFolder(tmp_path / name, use_keyring=False) for name in ("till", "kitchen"))
    address = f"tcp://127.0.0.1:{printer.port}"
    with served_cloud() as cloud:
        till_code, kitchen_code, staff_id = founded(cloud)
        papers = {"printers": {"cocina": address}, "kitchen_printer": "cocina"}
        asyncio.run(enrol(till_folder, cloud.url, till_code, "till", **papers))
        asyncio.run(enrol(kitchen_folder, cloud.url, kitchen_code, "kitchen"))
        with programs_of(till_folder.root, staff_id) as a_till, programs_of(kitchen_folder.root) as a_display:
            till, display = a_till(), a_display()
            eventually(lambda: sees(till, 1, 0), "the till knows what is sold")
            send(till)
            eventually(lambda: sees(display, 1, 1), "the kitchen sees the ticket")
            eventually(lambda: len(printer.papers()) == 1, "and has it on paper")
            cloud.kill()
            send(till)
            eventually(lambda: len(printer.papers()) == 2, "without the network the kitchen has paper")
            assert sees(display, 1, 1), "the display hears nothing meanwhile"
            printer.off()
            send(till)
            cloud.start()
            eventually(lambda: sees(display, 1, 3), "the healed network brings both tickets")
            assert len(printer.papers()) == 2
            printer.on()
            eventually(lambda: len(printer.papers()) == 3, "what waited is printed")
            send(till)
            eventually(lambda: sees(display, 1, 4), "the display goes on")
            eventually(lambda: len(printer.papers()) == 4, "and so does the printer")
    jobs = unmarked(printer.papers())
    assert (len(jobs), set(jobs.values())) == (4, {1})
