"""Sums that another program has kept are counted anew by the fold worker, once, and nobody else's."""

from __future__ import annotations

from uuid import UUID

import pytest
import sqlalchemy as sa

from sync.door import Door
from sync.records import counted_by
from tests.cloud.replication.house import House, lunch


async def sold(house: House) -> int:
    async with house.parts.database.read(house.organization_id) as read:
        return int(await read.scalar(sa.text("SELECT sum(total_minor) FROM sales_by_hour")) or 0)


async def kept_by(house: House) -> bytes:
    async with house.parts.database.read(house.organization_id) as read:
        return bytes(await read.scalar(sa.select(counted_by.c.program)))


async def as_another_program_left_it(house: House) -> None:
    def damage(door: Door) -> None:
        door.run("UPDATE sales_by_hour SET total_minor = total_minor + 7")
        door.run("UPDATE sync_counted_by SET program = ?", bytes(16))

    await house.parts.database.through(house.organization_id, damage)


async def fold_by_a_new_process(house: House) -> None:
    await house.fold_worker().fold_all(house.organization_id)


async def test_they_are_counted_anew_once(house: House, caplog: pytest.LogCaptureFixture) -> None:
    house.own.sell(lunch())
    await house.fold()
    right, program = await sold(house), await kept_by(house)
    assert right > 0
    await as_another_program_left_it(house)
    assert await sold(house) != right
    for _process in range(2):
        await fold_by_a_new_process(house)
    assert (await sold(house), await kept_by(house)) == (right, program)
    assert caplog.text.count("were counted anew: another program kept them") == 1
    house.own.sell(lunch())
    await house.fold()
    assert await sold(house) == 2 * right, "and are kept by the feed as before"


async def test_the_same_program_counts_nothing(house: House) -> None:
    house.own.sell(lunch())
    await house.fold()
    wrong = await sold(house) + 7

    def damage(door: Door) -> None:
        door.run("UPDATE sales_by_hour SET total_minor = total_minor + 7")

    await house.parts.database.through(house.organization_id, damage)
    await fold_by_a_new_process(house)
    assert await sold(house) == wrong, "this is for the digests, which do not look at sums"


async def test_another_tenants_sums_stay(house: House) -> None:
    house.own.sell(lunch())
    await house.fold()
    other = UUID(int=0x7E4A47)

    def of_another(door: Door) -> None:
        door.run(
            "INSERT INTO sync_counted_by (organization_id, program) VALUES (?, ?)", door.key(other.bytes), bytes(16)
        )

    await house.parts.database.through(other, of_another)
    await as_another_program_left_it(house)
    await fold_by_a_new_process(house)
    async with house.parts.database.read(other) as read:
        assert bytes(await read.scalar(sa.select(counted_by.c.program))) == bytes(16)
