"""Founding again, after a kill, and at once: everything is there once, and nothing of another restaurant."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from cloud.accounts.commands import LogIn
from cloud.accounts.opening import create_account
from cloud.control.commands import create_organization
from cloud.database.control_records import Account, ControlOrganization
from cloud.founding.found import Founding
from cloud.founding.plan import Plan
from cloud.kernel.operator_error import OperatorError
from cloud.parts import Parts
from cloud.replication.units import CloudUnits
from shared.kernel.errors import DomainError
from shared.kernel.permissions import SYSTEM, Actor
from shared.kernel.work import Work
from shared.menu.records import Item
from shared.staff.queries import staff_of_branch
from shared.tenancy.records import DeviceKind
from tests.cloud.founding.plans import LOG, SLUG, counted, enrol, founding_with, large, menu_of, small

LARGE_MENU_STATEMENTS = 150
"""For 2,000 items that ask a question each: 14 units of work, each of at most ten statements."""


async def test_founding_again_changes_nothing_but_the_codes_that_still_wait(
    parts: Parts, founding: Founding, demo: Plan
) -> None:
    first = await founding.found(SLUG, demo)
    waiting = first.devices["lima/cocina"].pairing_code
    assert waiting is not None
    await enrol(parts, str(first.devices["lima/caja"].pairing_code), DeviceKind.TILL)
    before = await counted(parts, first.organization_id)
    again = await founding.found(SLUG, demo)
    assert await counted(parts, first.organization_id) == before
    assert (again.existed, again.added) == (True, 0)
    for field in ("organization_id", "branches", "items", "modifiers", "staff", "payment_methods"):
        assert getattr(again, field) == getattr(first, field)
    assert again.devices["lima/caja"].pairing_code is None
    newer = again.devices["lima/cocina"].pairing_code
    assert newer not in {None, waiting}
    with pytest.raises(DomainError, match="PAIRING_CODE_EXPIRED"):
        await enrol(parts, waiting, DeviceKind.KITCHEN)
    await enrol(parts, str(newer), DeviceKind.KITCHEN)


class Dying(CloudUnits):
    """Units of work of a process that is killed in its n-th, after having written and before the commit."""

    def __init__(self, parts: Parts, lives: int) -> None:
        super().__init__(parts.database, parts.clock, parts.ids)
        self._lives = lives

    @asynccontextmanager
    async def on(
        self, session: AsyncSession, organization_id: UUID, actor: Actor, branch_id: UUID | None = None
    ) -> AsyncIterator[Work]:
        async with super().on(session, organization_id, actor, branch_id) as work:
            yield work
        self._lives -= 1
        if self._lives < 0:
            raise Killed


class Killed(Exception):
    pass


@pytest.mark.parametrize("lives", [0, 1])
async def test_a_founding_that_was_killed_is_finished_by_the_next(
    parts: Parts, founding: Founding, demo: Plan, lives: int
) -> None:
    with pytest.raises(Killed):
        await founding_with(parts, Dying(parts, lives)).found(SLUG, demo)
    finished = await founding.found(SLUG, demo)
    assert finished.existed
    rows = await counted(parts, finished.organization_id)
    assert rows[LOG] == sum(rows.values()) - rows[LOG]
    assert (rows[LOG] == finished.added) == (lives == 0)
    assert rows["items"] == len(finished.items)
    assert None not in {device.pairing_code for device in finished.devices.values()}


async def test_a_longer_plan_adds_and_leaves_alone_what_somebody_changed(parts: Parts, founding: Founding) -> None:
    dishes = [{"name": "Lomo", "price": "44"}, {"name": "Seco", "price": "39"}]
    tax = {"taxes": [{"key": "igv", "name": "IGV", "rate_basis_points": 1800}]}
    ana = {"name": "Ana", "role": "waiter", "pin": "1234"}
    shorter = small(categories=[{"name": "Fondos", "items": dishes[:1]}], staff=[ana], **tax)
    founded = await founding.found("el-faro", shorter)
    async with parts.units.work(founded.organization_id, SYSTEM) as work:
        (await work.get(Item, founded.items["Lomo"])).price_minor = 4700
    branches = [{"key": key, "name": key, "zone": "America/Lima"} for key in ("lima", "cusco")]
    longer = small(categories=[{"name": "Fondos", "items": dishes}], staff=[ana], branches=branches, **tax)
    added = await founding.found("el-faro", longer)
    prices = {item.name: item.price_minor for item in (await menu_of(parts, founded.organization_id)).items.values()}
    assert prices == {"Lomo": 4700, "Seco": 3900}
    async with parts.database.read(founded.organization_id) as session:
        here = await staff_of_branch(session, founded.organization_id, added.branches["cusco"].id)
    assert [each.name for each in here] == ["Ana"]
    assert added.added == 3  # dish, branch, assignment


@pytest.mark.parametrize(
    "other",
    [
        {"organization": {"name": "El Faro de Ica", "country": "PE", "currency": "PEN"}},
        {"organization": {"name": "El Faro", "country": "US", "currency": "USD"}},
        {"branches": [{"key": "ica", "name": "Ica", "zone": "America/Lima"}]},
    ],
    ids=["name", "currency", "branches"],
)
async def test_the_plan_of_another_restaurant_never_gets_into_a_tenant(
    parts: Parts, founding: Founding, other: dict[str, Any]
) -> None:
    founded = await founding.found("el-faro", small())
    before = await counted(parts, founded.organization_id)
    account = {"email": "a@b.example", "name": "A", "role": "branch_manager", "password": "long enough"}
    with pytest.raises(DomainError, match="SLUG_TAKEN"):
        await founding.found("el-faro", small(accounts=[account], **other))
    assert await counted(parts, founded.organization_id) == before
    async with parts.database.control() as session:
        assert await session.scalar(sa.select(sa.func.count()).select_from(Account)) == 0


async def test_somebody_may_work_in_two_organizations_and_keeps_their_password(
    parts: Parts, founding: Founding
) -> None:
    account = {"email": "a@b.example", "name": "A", "role": "branch_manager", "password": "long enough"}
    first = await founding.found("el-faro", small(accounts=[account]))
    again = dict(account, email="A@B.example", password="another one")
    second = await founding.found("la-boya", small(accounts=[again]))
    entered = await LogIn(parts.database, parts.passwords, parts.throttle, parts.refusals).enter(
        "a@b.example", "long enough", "10.0.0.1"
    )
    for founded in (first, second):
        standing = await parts.standings.of(entered.id, founded.organization_id)
        assert standing is not None
        assert standing.branches == {branch.id for branch in founded.branches.values()}


async def test_a_super_admins_account_in_a_plan_stops_everything(parts: Parts, founding: Founding) -> None:
    account = {"email": "a@b.example", "name": "A", "role": "branch_manager", "password": "long enough"}
    async with parts.database.control() as session:
        await create_account(
            session, parts.passwords, parts.ids, parts.clock,
            email="a@b.example", name="A", password="long enough", is_operator=True,
        )  # fmt: skip
    with pytest.raises(OperatorError, match=r"a@b\.example"):
        await founding.found("el-faro", small(accounts=[account]))
    async with parts.database.control() as session:
        assert list(await session.scalars(sa.select(ControlOrganization.slug))) == []


async def test_an_organization_that_is_only_a_name_so_far_is_filled(parts: Parts, founding: Founding) -> None:
    made = parts.ids.new()
    async with parts.database.control() as session:
        now = parts.clock.now()
        await create_organization(session, organization_id=made, slug="el-faro", name="El Faro", now=now)
    founded = await founding.found("el-faro", small())
    assert (founded.organization_id, founded.existed, founded.added) == (made, True, 2)


async def test_a_menu_of_two_thousand_items_takes_few_statements(
    parts: Parts,
    founding: Founding,
    counting: Callable[[AsyncEngine], AbstractContextManager[Any]],
) -> None:
    with counting(parts.database.writer) as statements:
        founded = await founding.found("el-faro", large(2_000))
    assert statements.count <= LARGE_MENU_STATEMENTS
    assert len((await menu_of(parts, founded.organization_id)).items) == 2_000
    with counting(parts.database.writer) as statements:
        again = await founding.found("el-faro", large(2_000))
    assert again.added == 0
    assert statements.count <= LARGE_MENU_STATEMENTS
    assert not any(seen.lstrip().upper().startswith(("INSERT", "UPDATE")) for seen in statements.seen)


async def test_two_foundings_at_once_found_once(parts: Parts, founding: Founding) -> None:
    plan = large(700)
    one, other = await asyncio.gather(founding.found("el-faro", plan), founding.found("el-faro", plan))
    assert one.organization_id == other.organization_id
    rows = await counted(parts, one.organization_id)
    assert one.added + other.added == rows[LOG] == sum(rows.values()) - rows[LOG]
    assert {one.existed, other.existed} == {True, False}
