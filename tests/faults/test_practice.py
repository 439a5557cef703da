"""Practice on a copy of a real till: the same house, and nothing of what is done there is on the till afterwards."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import text

from shared.orders.records import OrderKind
from shared.payments.rules import Tender, TenderKind
from terminal.commands.practice import practising, remove_leftovers
from terminal.composition import running
from terminal.demo.patience import last_seen
from terminal.device import DeviceFolder
from tests.faults.till_on_disk import PIN, TillOnDisk

SAYS_SO = "PRÁCTICA".encode("cp850")
OPENS_DRAWER = b"\x1bp"


def printed(till: TillOnDisk) -> bytes:
    """All that was sent to the printer."""
    return till.papers.read_bytes() if till.papers.exists() else b""


async def orders_on(till: TillOnDisk) -> int:
    async with till.store() as store, store.reading() as connection:
        return int((await connection.execute(text("SELECT count(*) FROM orders"))).scalar_one())


async def test_what_is_practised_is_on_no_till_and_papers_say_so(till: TillOnDisk) -> None:
    before = await orders_on(till)
    async with till.desk(), practising(till.folder) as copy:  # the till is at work meanwhile
        root = copy.root.parent
        shown = DeviceFolder(copy.root, use_keyring=False)
        async with running(shown, practice=True) as device:
            await device.desk.log_in(PIN)
            order_id = await device.desk.open_order(OrderKind.TAKEOUT)
            item = next(item for item in device.desk.menu.items.values() if item.price_minor is not None)
            await device.desk.add_line(order_id, item, [each.choices[0].id for each in item.modifier_groups])
            await device.desk.send(order_id)
            assert device.desk.orders[order_id].lines
            order = device.desk.orders[order_id]
            method = next(each for each in device.desk.methods if each.kind is TenderKind.CASH)
            await device.desk.pay(
                order_id, order.check.id, [Tender(method.id, method.name, method.kind, order.due_minor)]
            )
            found = await last_seen(lambda: printed(till), lambda papers: papers.count(SAYS_SO) == 4)
            assert found.count(SAYS_SO) == 4, "a ticket and a receipt, at head and foot"
    assert not root.exists()
    assert await orders_on(till) == before
    assert OPENS_DRAWER not in printed(till)


async def test_a_practice_that_fails_leaves_nothing_behind(till: TillOnDisk) -> None:
    async with till.store():
        pass
    root = None
    with suppress(ZeroDivisionError):
        async with practising(till.folder) as copy:
            root = copy.root.parent
            raise ZeroDivisionError
    assert root is not None
    assert not root.exists()


PRACTISE = """
import asyncio, sys
from pathlib import Path
from terminal.commands.practice import practising
from terminal.device import DeviceFolder

async def practise() -> None:
    async with practising(DeviceFolder(Path(sys.argv[1]), use_keyring=False)) as copy:
        print(copy.root.parent, flush=True)
        sys.stdin.read()

asyncio.run(practise())
"""


async def test_the_copy_of_a_practice_that_was_killed_goes_with_the_next_start(
    till: TillOnDisk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with till.store():
        pass
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)  # read it anew
    await asyncio.to_thread(kill_a_practice, till.folder)


def kill_a_practice(folder: DeviceFolder) -> None:
    program = [sys.executable, "-c", PRACTISE, str(folder.root)]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as practice:
        assert practice.stdout is not None
        root = Path(practice.stdout.readline().strip())
        remove_leftovers()
        assert (root / folder.root.name / "store.db").exists(), "somebody practises on it"
        practice.kill()
    remove_leftovers()
    assert not root.exists()
