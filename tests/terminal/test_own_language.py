"""A real desk speaks to each person in the language that they chose, on this device at once and after a restart."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from restaurant import CASHIER

from shared.kernel.language import Language
from shared.staff.hours import Presence
from shared.staff.records import EntryKind
from tests.faults.till_on_disk import PIN, TillOnDisk, copy_till, found_till
from tests.terminal.screens.two_tills import MANAGER


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("founded")
    asyncio.run(found_till(folder))
    return folder


@pytest.fixture
def till(founded: Path, tmp_path: Path) -> TillOnDisk:
    return copy_till(founded, tmp_path / "till")


async def test_a_chosen_language_is_the_persons_alone_and_lasts(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        await desk.log_in(PIN)
        await desk.choose_language(Language.ENGLISH)
        assert desk.texts.language is desk.language is Language.ENGLISH
        desk.log_out()
        assert desk.texts.language is Language.SPANISH
        await desk.log_in(MANAGER)
        assert desk.language is Language.SPANISH
    async with till.desk() as desk:
        assert desk.language is Language.SPANISH
        await desk.log_in(PIN)
        assert desk.texts.language is Language.ENGLISH
        await desk.choose_language(Language.SPANISH)
        desk.log_out()
        await desk.log_in(PIN)
        assert desk.language is Language.SPANISH


async def test_hours_are_noted_without_a_log_in(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        desk.log_out()
        cashier = await desk.hours.person(PIN)
        assert desk.actor is None
        assert await desk.hours.note(cashier, EntryKind.IN)
        assert not await desk.hours.note(cashier, EntryKind.IN)
        hours = await desk.hours.of(cashier.staff_id)
        assert hours.presence is Presence.HERE
        assert timedelta(0) <= hours.worked < timedelta(minutes=5)
        assert cashier.staff_id == CASHIER.staff_id
