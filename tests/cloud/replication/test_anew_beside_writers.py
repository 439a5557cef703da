"""A table is folded anew in the cloud while people go on writing: nothing of theirs is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from cloud.parts import Parts
from shared.kernel.permissions import SYSTEM
from shared.kernel.records import Scope
from shared.menu.records import Category
from sync import anew
from sync.anew import TableAnew
from sync.digest import read, recount
from sync.door import Door
from sync.feed import tell
from sync.merged import MergedTables

LONGEST_SECONDS = 20


class Beside:
    """Runs something in the server's loop once, in the middle of a step of the fold's thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop, work: Callable[[], Any]) -> None:
        self._loop = loop
        self._work = work
        self.is_done = False

    def run(self) -> None:
        if not self.is_done:
            self.is_done = True
            asyncio.run_coroutine_threadsafe(self._work(), self._loop).result(LONGEST_SECONDS)


async def fold_anew(parts: Parts, organization_id: UUID) -> None:
    author = parts.units.author(organization_id)
    table = TableAnew("categories", organization_id.bytes)

    def step(door: Door) -> None:
        feed = table.step(MergedTables(door, organization_id.bytes, author.tables))
        tell(door, feed, author.listeners)

    while not table.is_done:
        await parts.database.through(organization_id, step)


async def agrees(parts: Parts, organization_id: UUID) -> bool:
    tables = parts.units.author(organization_id).tables

    def compare(door: Door) -> bool:
        merged = MergedTables(door, organization_id.bytes, tables)
        kept = read(door, organization_id.bytes, organization_id.bytes)
        return kept == recount(merged, Scope.ORGANIZATION, organization_id.bytes)

    return await parts.database.through(organization_id, compare)


async def test_what_is_renamed_between_reading_and_locking_keeps_its_new_name(
    parts: Parts, tenant: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    organization_id, key = tenant.organization_id, parts.ids.new()
    async with parts.units.work(organization_id, SYSTEM) as work:
        work.add(Category(organization_id=organization_id, id=key, name="old"))

    async def rename() -> None:
        async with parts.units.work(organization_id, SYSTEM) as work:
            (await work.get(Category, key)).name = "new"

    beside, load = Beside(asyncio.get_running_loop(), rename), MergedTables.load

    def interrupted(self: MergedTables, table: Any, keys: Any, **options: Any) -> Any:
        if table.name == "categories" and not beside.is_done:
            beside.run()
        return load(self, table, keys, **options)

    monkeypatch.setattr(MergedTables, "load", interrupted)
    await fold_anew(parts, organization_id)
    async with parts.database.read(organization_id) as session:
        assert await session.scalar(sa.select(Category.name).where(Category.id == key)) == "new"
    assert await agrees(parts, organization_id)


async def test_what_is_created_at_the_end_of_a_count_is_in_the_digest(
    parts: Parts, tenant: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    organization_id = tenant.organization_id
    async with parts.units.work(organization_id, SYSTEM) as work:
        work.add(Category(organization_id=organization_id, id=parts.ids.new(), name="first"))

    async def create() -> None:
        async with parts.units.work(organization_id, SYSTEM) as work:
            work.add(Category(organization_id=organization_id, id=parts.ids.new(), name="late"))

    created: list[Future[None]] = []
    loop, keep = asyncio.get_running_loop(), anew.keep_counted

    def late(door: Door, *arguments: Any) -> None:
        if not created:
            created.append(asyncio.run_coroutine_threadsafe(create(), loop))
            while not created[0].done() and not door.value("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                pass
        keep(door, *arguments)

    monkeypatch.setattr(anew, "keep_counted", late)
    await fold_anew(parts, organization_id)
    await asyncio.wrap_future(created[0])
    assert await agrees(parts, organization_id)
