"""A proxy between till and cloud that takes no large push: a backlog passes at once, in smaller frames."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from cloud.accounts.identity import EnrolledDevice
from sync.messages import AnyMessage, Push
from terminal.syncing.link import LinkError
from tests.simulation.quiet_branch import QuietBranch, play

ORDERS, LINES = 20, 30
"""620 changes in units of work of 31."""
AT_ONCE_SECONDS = 1.0
GIVE_UP_SECONDS = 600.0


class Proxy:
    """Refuses a push of more than `limit` changes."""

    def __init__(self, branch: QuietBranch, limit: int) -> None:
        self.limit = limit
        self.taken = 0
        self.refused = 0
        self._beyond = branch.network.exchange
        branch.network.exchange = self.exchange  # type: ignore[method-assign]

    async def exchange(self, name: str, device: EnrolledDevice, message: AnyMessage) -> AnyMessage:
        if isinstance(message, Push):
            if len(message.frame.bodies) > self.limit:
                self.refused += 1
                raise LinkError("CLOUD_MESSAGE_TOO_LARGE")
            self.taken += 1
        return await self._beyond(name, device, message)


@pytest.mark.parametrize(("limit", "frames", "refusals"), [(100_000, 1, 0), (100, 10, 3)])
def test_a_backlog_passes_a_proxy_without_waiting(limit: int, frames: int, refusals: int, tmp_path: Path) -> None:
    async def story(branch: QuietBranch) -> None:
        till, loop = branch.devices["till"], asyncio.get_running_loop()
        await asyncio.sleep(5.0)
        branch.network.cut.add("till")
        await branch.sell(till, ORDERS, LINES)
        proxy = Proxy(branch, limit)
        branch.network.cut.clear()
        till.agent.wake()
        begun = loop.time()
        while await branch.unsent(till):
            assert loop.time() < begun + GIVE_UP_SECONDS, "the backlog does not pass"
            await asyncio.sleep(0.1)
        assert (proxy.taken, proxy.refused) == (frames, refusals)
        assert loop.time() - begun < AT_ONCE_SECONDS

    play(tmp_path, ["till"], story)
