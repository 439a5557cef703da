"""Two tills of one branch that did not hear of each other, and met.

Both are real desks on real stores, each played by keys from the log-in on, with a cloud between them.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from restaurant import BRANCH, CLOUD, ORGANIZATION, WAITER, HandClock, Replica, open_replica

from terminal.desks.desk import Desk
from terminal.identity import Identity
from terminal.syncing.agent import Agent
from tests.faults.till_on_disk import PIN, CloudNearby, copy_till
from tests.terminal.looks.picture import text_grid
from tests.terminal.screens.till import PlayedApp

MANAGER, COOK = "5671", "5672"
TABLE = f"{PIN}\n1\n"
"""Log in, and open table 1."""


@dataclass
class House:
    """Two desks, and the cloud through which they meet."""

    till: Desk
    other: Desk
    cloud: Replica

    async def meet(self) -> None:
        """Let both push and pull, until each has all of the other."""
        for _round in range(2):
            for desk in (self.till, self.other):
                agent = Agent(desk.store, CloudNearby(self.cloud), Ed25519PrivateKey.generate(), lambda: 0.5, None, 0)
                await agent.push_once()
                await agent.pull_once()
                await agent.fold_all()
        for desk in (self.till, self.other):
            await desk.open()


@asynccontextmanager
async def two_tills(founded: Path, tmp_path: Path) -> AsyncIterator[House]:
    """Copies of a founded till, and of its cloud."""
    shutil.copy(founded / "cloud.db", tmp_path / "cloud.db")
    cloud = open_replica(tmp_path / "cloud.db", CLOUD, None, "", HandClock(datetime.now(UTC)))
    async with AsyncExitStack() as stack:
        till = copy_till(founded, tmp_path / "till")
        other = copy_till(founded, tmp_path / "other", Identity(ORGANIZATION, BRANCH, WAITER))
        desks = [await stack.enter_async_context(each.desk()) for each in (till, other)]
        yield House(*desks, cloud)
    await cloud.close()


async def seen(desk: Desk, script: str, *later: str, start: str = "pos") -> str:
    """Play these keys at a desk, and later ones once all is done; what stands on its screen then."""
    if start == "kds":
        desk.log_out()
    app = PlayedApp(desk, start, script=script)  # type: ignore[arg-type]
    async with app.run_test(size=(120, 36)) as pilot:
        for keys in later:
            app.play(keys)
            await pilot.pause()
            await app.settled()
        return text_grid(app.export_screenshot())
