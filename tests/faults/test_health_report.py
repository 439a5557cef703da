"""What a device tells the cloud of itself with its hello: it is right, and nothing in it can keep a hello back."""

from __future__ import annotations

from uuid import UUID

import pytest
from restaurant import SERVER

from shared.kernel.command_line import program_version
from shared.orders.commands import open_order
from shared.orders.records import OrderKind
from sync.messages import AnyMessage, Hello, Pull, Push, Suffixes, Welcome, dump, load
from terminal.printing.faults import PrinterFault
from terminal.printing.views import PrinterHealth, QueueHealth
from terminal.supervision.health_report import health_of
from terminal.syncing.agent import Agent
from terminal.syncing.link import LinkError
from tests.faults.till_on_disk import TillOnDisk

PRINTS = QueueHealth((PrinterHealth("Barra", failed=2, fault=PrinterFault.PAPER_OUT), PrinterHealth("Caja", waiting=1)))


class ListeningCloud:
    """A carrier to a cloud that keeps the hellos and has nothing to say."""

    def __init__(self) -> None:
        self.hellos: list[Hello] = []

    async def exchange(self, message: AnyMessage) -> AnyMessage:
        told = load(dump(message))
        if isinstance(told, Hello):
            self.hellos.append(told)
        if isinstance(message, Push):
            raise LinkError("CLOUD_UNREACHABLE")
        return Suffixes([], False, 0) if isinstance(message, Pull) else Welcome(bytes(16), [], 0)


async def test_a_hello_says_what_waits_and_which_printer_is_stuck(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        cloud = ListeningCloud()
        agent = Agent(desk.store, cloud, None, lambda: 0.02, None, 0)
        agent.health = lambda: health_of(desk.store, PRINTS)
        await desk.store.run(SERVER, lambda work: open_order(work, UUID(int=7), OrderKind.TAKEOUT))
        with pytest.raises(LinkError):
            await agent.push_once()
        health = cloud.hellos[0].health
        assert health is not None
        assert health.program == program_version()
        assert health.waiting >= 1
        assert health.oldest_ms > 0
        assert health.disk_free_mb > 0
        assert [(each.name, each.open, each.fault) for each in health.printers] == [
            ("Barra", 2, "PAPER_OUT"),
            ("Caja", 1, ""),
        ]
