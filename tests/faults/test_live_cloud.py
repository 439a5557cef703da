"""A real server that freezes, dies and stops under a till that waits on its socket: the till says so, comes back."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from uuid import UUID

import pytest

from shared.kernel.ids import Uuid7Source
from shared.kernel.permissions import Actor, Role
from terminal.clock import SystemClock
from terminal.desks.desk import Desk
from terminal.gate import Gate
from terminal.store.store import Store
from terminal.supervision.duties import Duty
from terminal.syncing.agent import Agent
from terminal.syncing.link import CloudLink
from terminal.syncing.link_state import Cloud
from terminal.syncing.live import LiveCarrier
from tests.faults.served_cloud import PLAN, ServedCloud, enrolled, served_cloud
from tests.faults.until import until


@contextmanager
def database_stopped(cloud: ServedCloud) -> Iterator[None]:
    """The server's PostgreSQL is gone for the block, and its guardian does not start it again before the end."""
    server = int((cloud.folder / "database" / "data" / "postmaster.pid").read_text().splitlines()[0])
    guardian = int(Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(guardian, signal.SIGSTOP)
    try:
        os.kill(server, signal.SIGQUIT)
        yield
    finally:
        os.kill(guardian, signal.SIGCONT)


@pytest.mark.slow
async def test_a_till_that_waits_says_when_its_cloud_freezes_dies_and_stops(tmp_path: Path) -> None:
    """Slow: a real server with a real PostgreSQL starts three times."""
    with served_cloud() as cloud:
        founded = await asyncio.to_thread(cloud.found, PLAN)
        folder, configuration = await enrolled(tmp_path / "caja", founded, cloud.url)
        identity, clock = configuration.identity, SystemClock()
        secrets = folder.secrets(identity.device_id)
        store = await Store.open(folder.database, secrets.database_key, identity, clock, Uuid7Source(clock, os.urandom))
        desk = Desk(store, Gate(store, secrets.pepper))
        desk.actor = Actor.in_role(UUID(founded.staff_id), "Rosa", Role.CASHIER)
        carrier = LiveCarrier(CloudLink(cloud.url, identity.device_id, secrets.signer), lambda: 0.05)
        agent = Agent(store, carrier, secrets.signer, lambda: 0.05)
        carrier.reports_to(agent)
        agent.on_link, desk.wake_agent = desk.link_changed, agent.wake
        refused: list[str] = []
        steps: list[Duty] = []
        agent.turn_of = lambda duty: nullcontext(lambda: steps.append(duty))
        agent.on_link = lambda link: refused.append(link.message) if link.cloud is Cloud.REFUSED else None

        def is_well() -> bool:
            return agent.link.cloud is Cloud.ONLINE and agent.link.message == "" and carrier.socket.is_open

        syncing = asyncio.create_task(agent.run())
        try:
            await until(is_well, "it waits on its socket")
            steps.clear()
            await until(lambda: len(steps) > 1, "who waits for long does not count as hanging")
            assert set(steps) == {Duty.PULLING}
            os.kill(cloud.pid, signal.SIGSTOP)
            try:
                await until(lambda: agent.link.message == "CLOUD_SLOW", "a frozen cloud is said, though nobody sells")
                assert agent.link.cloud is Cloud.OFFLINE
            finally:
                os.kill(cloud.pid, signal.SIGCONT)
            await until(is_well, "it goes on when the cloud does")

            with database_stopped(cloud):
                await until(lambda: agent.link.cloud is Cloud.OFFLINE, "a cloud without its database is said")
                assert agent.link.message == "DATABASE_UNAVAILABLE"
            await until(is_well, "it goes on when the database is back")

            await asyncio.to_thread(cloud.kill)
            await until(lambda: agent.link.message == "CLOUD_UNREACHABLE", "a dead cloud is said")
            await asyncio.to_thread(cloud.start)
            await until(is_well, "it finds the cloud that was started again")

            await asyncio.to_thread(cloud.stop)
            await until(lambda: agent.link.message == "CLOUD_UNREACHABLE", "a cloud that stops is said")
            await asyncio.to_thread(cloud.start)
            await until(is_well, "it comes back")
            assert refused == []
        finally:
            syncing.cancel()
            with suppress(asyncio.CancelledError):
                await syncing
            await desk.close()
            await store.close()
            await carrier.close()
