"""Looks of what a full-service restaurant is asked: combos, halves, allergies, courses, and what to do with a table."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from service_menu import AT_FOUR, add_service_menu
from textual.pilot import Pilot

from shared.kernel.language import Language
from sync.door import through
from sync.heads import unsent
from terminal.store.store import Store
from tests.faults.till_on_disk import PIN, TillOnDisk, copy_till, found_till
from tests.terminal.screens.test_service import WallClock
from tests.terminal.screens.till import PlayedApp

PATIENCE_SECONDS = 60
AT_ONE = f"{PIN}\n1\n"
SIZES = {Language.SPANISH: ((80, 24), (200, 60)), Language.ENGLISH: ((120, 36),)}
SCRIPTS = {
    "combo": f"{AT_ONE}menu\n",
    "halves": f"{AT_ONE}piz\n1",
    "allergy": f"{AT_ONE}sop\n!",
    "contains": f"{AT_ONE}!9\nsop\n",
    "fire": f"{AT_ONE}sop\nsec\n<f5><f5>",
    "table": f"{AT_ONE}sop\n#",
}


@pytest.fixture(scope="module")
def with_service(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("service")
    asyncio.run(found_till(root, add_service_menu))
    return root


@pytest.fixture
def till(with_service: Path, tmp_path: Path) -> TillOnDisk:
    return copy_till(with_service, tmp_path / "till")


@pytest.mark.parametrize(("language", "size"), [(each, size) for each, sizes in SIZES.items() for size in sizes])
@pytest.mark.parametrize("name", SCRIPTS)
async def test_what_service_asks_looks_as_it_did(till: TillOnDisk, name, language, size, look) -> None:
    async with till.desk(WallClock(AT_FOUR)) as desk:
        await desk.log_in(PIN)
        await desk.choose_language(language)
        desk.log_out()
        await look(QuietApp(desk, script=SCRIPTS[name]), size, f"service-{name}-{language}")


class QuietApp(PlayedApp):
    """It is looked at once its head counts what the script wrote: that is read behind what people wait for."""

    @asynccontextmanager
    async def run_test(self, **options: object) -> AsyncIterator[Pilot[None]]:
        async with super().run_test(**options) as pilot, asyncio.timeout(PATIENCE_SECONDS):
            while self.desk.state.pending != await _unsent(self.desk.store):  # noqa: ASYNC110 - no bell rings for it
                await asyncio.sleep(0.01)
            await pilot.pause()
            yield pilot


async def _unsent(store: Store) -> int:
    identity = store.identity
    async with store.reading() as connection:
        found = await through(connection, unsent, identity.organization_id.bytes, identity.device_id.bytes)
    return int(found.changes)
