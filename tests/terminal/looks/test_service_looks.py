"""Looks of what a full-service restaurant is asked: combos, halves, allergies, courses, and what to do with a table."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from service_menu import AT_FOUR, add_service_menu

from shared.kernel.language import Language
from tests.faults.till_on_disk import PIN, TillOnDisk, copy_till, found_till
from tests.terminal.screens.test_service import WallClock
from tests.terminal.screens.till import PlayedApp

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
        await look(PlayedApp(desk, script=SCRIPTS[name]), size, f"service-{name}-{language}")
