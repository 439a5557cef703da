"""Rights that change while somebody works: the next command goes by them as they are now, and nothing noted is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from replicas import Replica, open_replica
from restaurant import BRANCH, CASHIER, CLOUD, NOON, HandClock

from shared.kernel.errors import DomainError
from shared.kernel.permissions import PERMISSIONS, Permission, Rights, Role
from shared.kernel.records import say_whole
from shared.kernel.work import Work
from shared.orders.records import OrderKind
from shared.staff.commands import assignment_id
from shared.staff.queries import StaffView
from shared.staff.records import Assignment, StaffMember
from shared.staff.role_commands import found_role, limit_role, say_rights
from shared.staff.rules import RoleKey
from terminal.desks.desk import Desk
from terminal.syncing.agent import Agent
from tests.faults.till_on_disk import CloudNearby, copy_till, found_till
from tests.faults.until import until


@dataclass
class Shift:
    """A desk at which the cashier is logged in, and the cloud that it meets when it pulls."""

    desk: Desk
    cloud: Replica

    async def pull(self) -> None:
        await Agent(self.desk.store, CloudNearby(self.cloud), None, lambda: 0.5, None, 0).pull_once()


@pytest.fixture
async def shift(tmp_path: Path) -> AsyncIterator[Shift]:
    await found_till(tmp_path)
    cloud = open_replica(tmp_path / "cloud.db", CLOUD, None, "", HandClock(NOON))
    async with copy_till(tmp_path, tmp_path / "copy").desk() as desk:
        yield Shift(desk, cloud)
    await cloud.close()


async def noted(shift: Shift) -> UUID:
    return await shift.desk.open_order(OrderKind.TAKEOUT)


async def test_who_was_dismissed_is_out_at_the_next_command_and_what_they_noted_stays(shift: Shift) -> None:
    order_id = await noted(shift)
    async with shift.cloud.work() as work:
        (await work.get(StaffMember, _cashier())).active = False
    await shift.pull()
    with pytest.raises(DomainError, match=r"NO_LONGER_WORKS_HERE.*Rosa"):
        await noted(shift)
    assert shift.desk.actor is None
    assert list(shift.desk.orders) == [order_id]
    with pytest.raises(DomainError, match="NOBODY_LOGGED_IN"):
        await noted(shift)


async def test_who_was_moved_to_another_branch_is_out(shift: Shift) -> None:
    async with shift.cloud.work() as work:
        (await work.get(Assignment, assignment_id(_cashier(), BRANCH))).active = False
    await shift.pull()
    with pytest.raises(DomainError, match="NO_LONGER_WORKS_HERE"):
        await noted(shift)


async def test_who_was_moved_to_another_role_has_its_rights_from_the_next_command_on(shift: Shift) -> None:
    order_id = await noted(shift)
    async with shift.cloud.work() as work:
        (await work.get(StaffMember, _cashier())).role = Role.KITCHEN
    await shift.pull()
    with pytest.raises(DomainError, match="NOT_PERMITTED"):
        await noted(shift)
    assert list(shift.desk.orders) == [order_id]
    assert shift.desk.actor is not None
    assert shift.desk.actor.may(Permission.WORK_KITCHEN)
    assert not shift.desk.actor.may(Permission.TAKE_PAYMENT)


async def test_a_limit_holds_from_the_next_command_on(shift: Shift) -> None:
    async with shift.cloud.work() as work:
        await limit_role(work, Role.CASHIER, Permission.TAKE_PAYMENT, 500)
    await shift.pull()
    await noted(shift)
    actor = shift.desk.actor
    assert actor is not None

    async def take(work: Work) -> None:
        work.require(Permission.TAKE_PAYMENT, 501)

    assert actor.may(Permission.TAKE_PAYMENT, 500)
    with pytest.raises(DomainError, match=r"ABOVE_LIMIT.*500"):
        await shift.desk.store.run(actor, take)


async def test_what_the_house_says_of_a_role_holds_from_the_next_command_on(shift: Shift) -> None:
    """Of the cashier's role, then of a role of the house's own that the cashier is given."""
    async with shift.cloud.work() as work:
        without = Rights(PERMISSIONS[Role.CASHIER] - {Permission.TAKE_ORDER})
        await say_rights(work, RoleKey(Role.CASHIER), without)
        own = await found_role(work, work.ids.new(), "Caja mayor", Role.CASHIER)
        more = Rights(PERMISSIONS[Role.CASHIER] | {Permission.REFUND}, {Permission.REFUND: 5_000})
        await say_rights(work, RoleKey(Role.CASHIER, own.id), more)
        role_id = own.id
    await shift.pull()
    with pytest.raises(DomainError, match="NOT_PERMITTED"):
        await noted(shift)
    async with shift.cloud.work() as work:
        say_whole(await work.get(StaffMember, _cashier()), role=Role.CASHIER, own_role_id=role_id)
    await shift.pull()
    await noted(shift)
    actor = shift.desk.actor
    assert actor is not None
    assert (actor.may(Permission.REFUND, 5_000), actor.may(Permission.REFUND, 5_001)) == (True, False)
    await until(lambda: _listed(shift).role_name == "Caja mayor", "the lists of people say so")
    assert (_listed(shift).may(Permission.REFUND, 5_000), _listed(shift).may(Permission.REFUND, 5_001)) == (True, False)


def _listed(shift: Shift) -> StaffView:
    return next(each for each in shift.desk.staff if each.id == _cashier())


def _cashier() -> UUID:
    assert CASHIER.staff_id is not None
    return CASHIER.staff_id
