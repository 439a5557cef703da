"""Effects of facts: once for a fact however often it is told, in time or not at all, held back after a restore."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from cloud.composition import assemble
from cloud.control.commands import begin_generation
from cloud.database.transaction import Database
from cloud.edge.room import Room
from cloud.jobs.desk import list_jobs, retry_jobs
from cloud.jobs.facts import Effect, EffectKind, Made
from cloud.jobs.outbox_desk import (
    Released,
    count_effects,
    drop_effects,
    hold_effects,
    list_effects,
    release_effects,
)
from cloud.parts import Parts
from cloud.settings import Settings
from cloud.works import jobs_of
from shared.kernel.errors import DomainError
from shared.kernel.permissions import SYSTEM
from shared.menu.records import Category
from shared.records import metadata
from sync.feed import tell
from sync.tables import Values, specs
from tests.cloud.jobs.conftest import Work
from tests.cloud.jobs.test_queue import idle

ORGANIZATION = UUID(int=7)


@dataclass
class PostOffice:
    """A room that mails each new category, and keeps what was sent by the key that it was sent under."""

    happened_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    sent: list[UUID] = field(default_factory=list)
    fails: bool = False
    shelf_life: timedelta = timedelta(hours=1)

    @property
    def room(self) -> Room:
        return Room("cloud.tests", effects=(self.mail,))

    @property
    def mail(self) -> EffectKind:
        return EffectKind(
            "tests.mail", "categories", self.of, self.send, self.shelf_life, most_runs=1, within=timedelta(seconds=20)
        )

    def of(self, row: bytes, before: Values | None, after: Values | None) -> Made | None:
        if before is not None or after is None:
            return None
        return Made(self.happened_at, {"category": row.hex()})

    async def send(self, effect: Effect, _provided: Mapping[str, object]) -> None:
        if self.fails:
            raise ConnectionError
        self.sent.append(effect.id)


@pytest.fixture
def office() -> PostOffice:
    return PostOffice()


@pytest.fixture
def house(settings: Settings, own_database: Database, office: PostOffice) -> Parts:
    return assemble(settings, database=own_database, rooms=[office.room])


async def add_category(house: Parts, name: str = "Sopas") -> UUID:
    async with house.units.work(ORGANIZATION, SYSTEM) as work:
        made = work.add(Category(organization_id=ORGANIZATION, id=house.ids.new(), name=name))
        return made.id


async def effects(house: Parts) -> list[str]:
    async with house.database.control() as control:
        rows = await control.execute(text("select state from control.outbox order by made_at, id"))
        return list(rows.scalars())


async def test_a_fact_is_carried_out_once_however_often_it_is_told(
    house: Parts, office: PostOffice, working: Work
) -> None:
    category = await add_category(house)
    async with working(jobs_of([office.room])):
        await idle(house.database)
        table = specs(metadata)["categories"]

        def again(door: Any) -> None:
            row = table.decode_creation(b"\x81\xa4name\xa5Sopas")
            tell(door, {"categories": [(category.bytes, None, row)]}, house.units.author(ORGANIZATION).listeners[-1:])

        await house.database.through(ORGANIZATION, again)
        await idle(house.database)
    assert len(office.sent) == 1
    assert await effects(house) == ["done"]


async def test_a_fact_that_is_rolled_back_has_no_effect(house: Parts, office: PostOffice) -> None:
    async def write() -> None:
        async with house.units.work(ORGANIZATION, SYSTEM) as work:
            work.add(Category(organization_id=ORGANIZATION, id=house.ids.new(), name="Sopas"))
            await work.session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await write()
    assert await effects(house) == []
    async with house.database.control() as control:
        assert await list_jobs(control, only_dead=False) == []


async def test_what_comes_too_late_is_dropped_and_said(
    house: Parts, office: PostOffice, working: Work, caplog: pytest.LogCaptureFixture
) -> None:
    office.happened_at -= timedelta(hours=2)
    await add_category(house)
    async with working(jobs_of([office.room])):
        await idle(house.database)
    assert (office.sent, await effects(house)) == ([], ["dropped"])
    assert "came too late and is dropped" in caplog.text
    async with house.database.control() as control:
        assert (await count_effects(control)).dropped == 1


async def test_what_waits_too_long_is_dropped_and_said(
    house: Parts, office: PostOffice, working: Work, caplog: pytest.LogCaptureFixture
) -> None:
    await add_category(house)
    async with house.database.control() as control:
        await control.execute(text("update control.outbox set expires_at = now() - interval '1 second'"))
    async with working(jobs_of([office.room])):
        await idle(house.database)
    assert (office.sent, await effects(house)) == ([], ["dropped"])
    assert "was not carried out in time and is dropped" in caplog.text


async def test_a_fact_of_long_ago_leads_to_nothing(house: Parts, office: PostOffice) -> None:
    """Its effect may have been forgotten: a table that is folded anew after two months mails nobody."""
    office.happened_at -= timedelta(days=60)
    await add_category(house)
    assert await effects(house) == []


async def test_a_restore_holds_effects_until_they_are_released(house: Parts, office: PostOffice, working: Work) -> None:
    first, second = [await add_category(house, name) for name in ("Sopas", "Postres")]
    async with house.database.control() as control:
        await begin_generation(control, datetime.now(UTC))
        assert await hold_effects(control) == 2
    given_back = await add_category(house, "Vinos")  # whose fact is older than the restore
    async with working(jobs_of([office.room])):
        await idle(house.database)
        assert (office.sent, await effects(house)) == ([], ["held"] * 3)
        async with house.database.control() as control:
            held = await list_effects(control, all_open=False)
            assert {each.args["category"] for each in held} == {
                each.bytes.hex() for each in (first, second, given_back)
            }
            assert (await count_effects(control)).held == 3
            assert await drop_effects(control, held[0].id) == 1
            assert await release_effects(control, held[1].id) == Released(1, 0)
        await idle(house.database)
        assert office.sent == [held[1].id]
        office.happened_at = datetime.now(UTC)
        await add_category(house, "Postres fríos")
        await idle(house.database)
        assert len(office.sent) == 2, "what happens after the restore is not held"
        async with house.database.control() as control:
            with pytest.raises(DomainError) as refused:
                await release_effects(control, held[1].id)
            assert refused.value.code == "EFFECT_NOT_HELD"
    assert sorted(await effects(house)) == ["done", "done", "dropped", "held"]


async def test_what_was_released_before_another_restore_is_held_again(
    house: Parts, office: PostOffice, working: Work
) -> None:
    """It may have been carried out since the backup, too."""
    await add_category(house)
    async with house.database.control() as control:
        await begin_generation(control, datetime.now(UTC))
        await hold_effects(control)
    async with house.database.control() as control:
        assert await release_effects(control, None) == Released(1, 0)
    async with house.database.control() as control:
        await begin_generation(control, datetime.now(UTC) + timedelta(seconds=1))
    async with working(jobs_of([office.room])):
        await idle(house.database)
    assert (office.sent, await effects(house)) == ([], ["held"])


async def test_dropping_all_drops_what_is_held_and_leaves_what_waits(house: Parts, office: PostOffice) -> None:
    await add_category(house)
    async with house.database.control() as control:
        await begin_generation(control, datetime.now(UTC))
        await hold_effects(control)
    office.happened_at = datetime.now(UTC)
    await add_category(house, "Postres")
    async with house.database.control() as control:
        assert await drop_effects(control, None) == 1
    assert sorted(await effects(house)) == ["dropped", "waiting"]


async def test_what_is_released_is_tried_as_often_as_its_kind_says(
    house: Parts, office: PostOffice, working: Work
) -> None:
    """An effect that may be tried once, such as a payment, is not tried eight times because an operator released it."""
    await add_category(house)
    async with house.database.control() as control:
        await begin_generation(control, datetime.now(UTC))
    async with working(jobs_of([office.room])):
        await idle(house.database)
        office.fails = True
        async with house.database.control() as control:
            assert await release_effects(control, None) == Released(1, 0)
        await idle(house.database)
        async with house.database.control() as control:
            assert [(job.status, job.runs) for job in await list_jobs(control, only_dead=True)] == [("failed", 1)]


async def test_what_is_released_too_late_is_dropped(house: Parts, office: PostOffice) -> None:
    await add_category(house)
    async with house.database.control() as control:
        await begin_generation(control, datetime.now(UTC))
        await hold_effects(control)
        await control.execute(text("update control.outbox set expires_at = now() - interval '1 second'"))
        assert await release_effects(control, None) == Released(0, 1)


async def test_an_effect_that_fails_for_good_is_a_dead_job_and_may_be_retried(
    house: Parts, office: PostOffice, working: Work
) -> None:
    office.fails = True
    await add_category(house)
    async with working(jobs_of([office.room])):
        await idle(house.database)
        assert await effects(house) == ["waiting"]
        office.fails = False
        async with house.database.control() as control:
            assert [job.name for job in await list_jobs(control, only_dead=True)] == ["tests.mail"]
            await retry_jobs(control, None)
        await idle(house.database)
    assert (len(office.sent), await effects(house)) == (1, ["done"])


async def test_tenants_see_their_own_effects_only(house: Parts, office: PostOffice) -> None:
    await add_category(house)
    async with house.database.write(UUID(int=8)) as session:
        assert await list_effects(session, all_open=True) == []
    async with house.database.write(ORGANIZATION) as session:
        assert len(await list_effects(session, all_open=True)) == 1
