"""A USB printer at the till prints for a waiter's device, over the real cloud, which goes away and comes back."""

from __future__ import annotations

import asyncio
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from shared.printers.rules import Paper
from shared.printers.settings import PrinterSettings
from terminal.composition import enrol, running
from terminal.desks.desk import Desk
from terminal.desks.printers import PrintRuleWanted
from terminal.device import DeviceFolder
from terminal.printing.emulator.reader import read_papers
from terminal.printing.faults import PrinterFault
from terminal.printing.records import State
from tests.faults.served_cloud import PLAN, ServedCloud, served_cloud
from tests.faults.until import until
from tests.terminal.test_printer_commands import usb_printer

PIN = "7315"


def house() -> dict[str, Any]:
    """A branch with a till and a waiter's device, and somebody who may set up printers."""
    plan = deepcopy(PLAN)
    plan["branches"][0]["devices"].append({"key": "salon", "name": "Salón", "kind": "waiter"})
    plan["staff"].append({"key": "carmen", "name": "Carmen", "role": "branch_manager", "pin": PIN})
    return plan


async def enrolled(root: Path, cloud: ServedCloud, code: str, kind: str) -> DeviceFolder:
    folder = DeviceFolder(root, use_keyring=False)
    await enrol(folder, cloud.url, code, kind)
    return folder


def founded(cloud: ServedCloud) -> dict[str, str]:
    """The pairing codes of a new house, by device."""
    import json

    path = cloud.folder / "plan.json"
    path.write_text(json.dumps(house()), encoding="utf-8")
    said = json.loads(cloud.command("create-organization", "La Esquina", "--plan", str(path), "--json"))
    return {key: device["pairing_code"] for key, device in said["devices"].items()}


@pytest.mark.slow
async def test_a_waiter_prints_on_the_tills_printer_also_after_the_cloud_was_away(tmp_path: Path) -> None:
    """Slow: a real server with a real PostgreSQL starts twice, and a device waits five seconds for an answer."""
    with served_cloud() as cloud, usb_printer() as (path, got):
        codes = await asyncio.to_thread(founded, cloud)
        till = await enrolled(tmp_path / "caja", cloud, codes["centro/caja"], "till")
        waiter = await enrolled(tmp_path / "salon", cloud, codes["centro/salon"], "waiter")
        async with running(till) as at_till, running(waiter) as at_table:
            desk, other = at_till.desk, at_table.desk
            await until(lambda: bool(desk.staff and other.staff), "both know their people")
            await desk.log_in(PIN)
            settings = PrinterSettings("caja", path, device_id=till.configuration().identity.device_id, columns=32)
            await desk.printers.put(settings, (PrintRuleWanted(Paper.RECEIPT),))
            await until(lambda: other.plan.receipt == "caja", "the waiter's device knows the printer and its rule")

            first = await other.printers.try_page("caja")
            await until(lambda: said(other, first, State.SENT), "the page is printed and said where it was asked for")
            await asyncio.to_thread(cloud.kill)
            second = await other.printers.try_page("caja")
            asked = PrinterFault.NOT_CLAIMED
            await until(lambda: said(other, second, State.UNKNOWN, asked), "the waiter is told that nobody answers")
            await asyncio.to_thread(cloud.start)
            await until(lambda: said(other, second, State.SENT), "it prints when the cloud is back")
            await until(lambda: not other.state.pending and not desk.state.pending, "all is acknowledged")
            assert desk.open_exceptions == other.open_exceptions == ()
    papers = read_papers(bytes(got))
    assert len(papers) == 2
    assert all("32" in paper.text for paper in papers)


async def said(desk: Desk, job: Any, state: State, fault: PrinterFault | None = None) -> bool:
    return await desk.printers.what_became_of(job) == (state, fault)
