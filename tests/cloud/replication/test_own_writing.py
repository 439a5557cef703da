"""What the cloud writes itself stands on the same feed as what devices write, and there is no way past its log."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from branch_books import CASH, METHODS, noon

from cloud.parts import Parts
from shared.floor.records import Space
from shared.kernel.errors import DomainError, NotFound
from shared.kernel.permissions import SYSTEM, Role
from shared.payments.records import Payment
from shared.staff.records import StaffMember
from shared.tenancy.records import Branch, Organization
from sync.merge import edits_of
from tests.cloud.replication.house import TODAY, House, check, lunch, order


def payment_of(house: House, check_id: UUID) -> Payment:
    """Ten soles that the cloud takes on a check."""
    name, kind = METHODS[CASH]
    return Payment(
        organization_id=house.organization_id,
        branch_id=house.own.branch_id,
        id=uuid4(),
        check_id=check_id,
        number="A-P00000001",
        method_id=CASH,
        method_name=name,
        kind=kind,
        currency="PEN",
        amount_minor=1_000,
        tendered_minor=1_000,
        taken_at=noon(TODAY),
        business_date=TODAY,
        local_hour=12,
    )


async def test_money_that_the_cloud_takes_is_in_sums_and_digests(house: House) -> None:
    order_id, check_id = uuid4(), uuid4()
    house.own.say(order(order_id, house.own.branch_id), check(check_id, order_id, house.own.branch_id))
    await house.fold()
    before = await house.digests()
    async with house.parts.units.work(house.organization_id, SYSTEM, house.own.branch_id) as work:
        work.add(payment_of(house, check_id))
    assert await house.takings() == 1_000
    after = await house.digests()
    assert after[house.own.branch_id].keys() - before[house.own.branch_id].keys() == {"payments"}
    await house.parts.fold_worker.fold_all(house.organization_id)
    assert await house.takings() == 1_000


async def test_what_the_cloud_and_a_till_write_at_once_is_all_in_the_sums(house: House) -> None:
    order_id, check_id = uuid4(), uuid4()
    house.own.say(order(order_id, house.own.branch_id), check(check_id, order_id, house.own.branch_id))
    await house.fold()

    async def take() -> None:
        async with house.parts.units.work(house.organization_id, SYSTEM, house.own.branch_id) as work:
            work.add(payment_of(house, check_id))

    for _ in range(3):
        house.own.sell(lunch())
        await house.send()
        await asyncio.gather(take(), house.parts.fold_worker.fold_all(house.organization_id), take())
    assert await house.takings() == 6 * 1_000 + 3 * lunch().total_minor
    await house.digests()


async def test_two_edits_at_once_lose_no_stamp(house: House) -> None:
    staff_id = await house.hire(Role.CASHIER)
    loaded, go = asyncio.Event(), asyncio.Event()

    async def rename() -> None:
        async with house.parts.units.work(house.organization_id, SYSTEM) as work:
            member = await work.get(StaffMember, staff_id)
            loaded.set()
            await go.wait()
            member.name = "renamed"

    renaming = asyncio.create_task(rename())
    await loaded.wait()
    await house.promote(staff_id, Role.KITCHEN)
    go.set()
    await renaming
    (row,) = [row for row in await house.rows("staff") if row.id == staff_id]
    assert (row.name, row.role) == ("renamed", Role.KITCHEN)
    assert edits_of(bytes(row.stamps)).keys() == {"name", "role"}
    await house.digests()


async def test_a_unit_in_a_branch_has_its_day_its_money_and_its_language(house: House, parts: Parts) -> None:
    branch_id = uuid4()
    async with parts.units.work(house.organization_id, SYSTEM) as work:
        key = {"organization_id": house.organization_id, "id": house.organization_id}
        work.add(Organization(**key, name="El Faro", country="ES", currency="EUR", language="en"))
        work.add(Branch(**{**key, "id": branch_id}, name="Madrid", zone="Europe/Madrid", cutoff_minutes=300))
    parts.clock.instant = datetime(2026, 11, 24, 3, 30, tzinfo=UTC)  # type: ignore[attr-defined]  # the test's clock
    async with parts.units.work(house.organization_id, SYSTEM, branch_id) as work:
        place = work.place
        assert (place.zone, place.cutoff_minutes, place.currency, place.language) == ("Europe/Madrid", 300, "EUR", "en")
        assert work.business_date == date(2026, 11, 23)
    with pytest.raises(NotFound):
        async with parts.units.work(house.organization_id, SYSTEM, uuid4()):
            pass


# -- no way past the log -----------------------------------------------------------------------------------------------


async def test_a_session_without_a_unit_writes_no_replicated_row(house: House) -> None:
    space = Space(
        organization_id=house.organization_id,
        branch_id=house.own.branch_id,
        id=uuid4(),
        name="unlogged",
        position=0,
        active=True,
    )
    with pytest.raises(DomainError, match="STATEMENT_BYPASSES_THE_LOG"):
        async with house.parts.database.write(house.organization_id) as session:
            session.add(space)
    assert await house.rows("spaces") == []


@pytest.mark.parametrize("kind", [Branch, StaffMember])
async def test_a_statement_beside_the_unit_writes_no_replicated_row(house: House, kind: type[Branch]) -> None:
    before = await house.books()
    for statement in (sa.update(kind).values(name="unlogged"), sa.delete(kind)):
        with pytest.raises(DomainError, match="STATEMENT_BYPASSES_THE_LOG"):
            async with house.parts.units.work(house.organization_id, SYSTEM) as work:
                await work.session.execute(statement)
    assert await house.books() == before
