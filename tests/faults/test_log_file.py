"""What goes wrong behind the screen is in the device's file with its traceback, and nothing secret is."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
import sqlalchemy as sa

from shared.orders.records import OrderKind
from sync.messages import Hello
from terminal.logs import LOG_FILE_BYTES, logging_to
from tests.faults.test_standing_troubles import Troubled, broken, only, syncing
from tests.faults.till_on_disk import CloudNearby, TillOnDisk
from tests.faults.until import until

SECRET = "la mesa de la ministra"


async def test_a_fault_of_the_agent_leaves_its_traceback(till: TillOnDisk, cloud: CloudNearby, tmp_path: Path) -> None:
    with logging_to(tmp_path / "screen.log"):
        async with till.desk() as desk, syncing(desk, Troubled(cloud, only(Hello, broken))) as agent:
            await until(lambda: agent.link.message == "SYNC_FAILED", "it is said")
    noted = (tmp_path / "screen.log").read_text(encoding="utf-8")
    assert "terminal.syncing.agent" in noted
    assert "ZeroDivisionError: a fault of this program" in noted
    assert "Traceback" in noted


async def test_a_fault_of_the_database_is_noted_without_what_was_to_be_written(
    till: TillOnDisk, tmp_path: Path
) -> None:
    with logging_to(tmp_path / "screen.log"):
        async with till.desk() as desk:
            order_id = await desk.open_order(OrderKind.TAKEOUT)
            statement = sa.text("INSERT INTO nowhere (guest) VALUES (:guest)")

            async def write(connection: sa.ext.asyncio.AsyncConnection) -> None:
                await connection.execute(statement, {"guest": SECRET})

            try:
                await desk.store.write(write)
            except sa.exc.OperationalError:
                logging.getLogger("terminal.store.store").exception("order %s", order_id)
    noted = (tmp_path / "screen.log").read_text(encoding="utf-8")
    assert "no such table: nowhere" in noted
    assert SECRET not in noted


@pytest.mark.parametrize("name", ["terminal.printing.worker", "sync.folder", "shared.kernel.work", "asyncio"])
def test_warnings_of_every_room_reach_the_file_and_it_stays_small(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with logging_to(tmp_path / "screen.log"):
        for number in range(120):
            logging.getLogger(name).warning("%s %s", number, "x" * 100_000)
    files = list(tmp_path.iterdir())
    assert 2 <= len(files) <= 6
    assert all(each.stat().st_size <= LOG_FILE_BYTES + 200_000 for each in files)
    assert capfd.readouterr().err == ""


def test_a_full_disk_does_not_write_into_the_screen(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with logging_to(Path("/dev/full")):
        logging.getLogger("terminal.syncing.agent").warning("no room for this")
    assert capfd.readouterr().err == ""
