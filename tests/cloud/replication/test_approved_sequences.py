"""Whatever is done with whatever approvals: people are asked about exactly what nobody approved who may.

The device is tampered with: it believes everybody who approves. So each command is done, and only the judge knows.
"""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from evening import Hands, Lent
from hypothesis import given, settings
from hypothesis import strategies as st
from restaurant import BRANCH, CASHIER, CLOUD, COOK, MANAGER, ORGANIZATION, SERVER, TILL, House, Replica, Village, found

from cloud.replication.judge import CloudJudge
from cloud.replication.judgements import CloudJudgements
from cloud.replication.stream_owners import StreamOwners
from shared.exceptions.records import ExceptionEvent
from shared.kernel.errors import DomainError
from shared.kernel.permissions import PERMISSIONS, SYSTEM, Actor, Role
from shared.staff.commands import assignment_id
from shared.staff.records import Approval, Assignment, StaffMember
from sync.folder import Folder
from sync.records import Verdict

PEOPLE = {SERVER: Role.WAITER, CASHIER: Role.CASHIER, COOK: Role.KITCHEN, MANAGER: Role.BRANCH_MANAGER}
VOIDS = ("take_order", "void_sent_line")
NEEDS = {
    "discount": {("give_discount",)},
    "void": {VOIDS},
    "pay": {("take_payment",)},
    "service": {("take_order", "take_payment")},
    "refund": {("refund",), VOIDS},
    "write off": {("write_off",)},
}
"""The rights that the rows of each deed need; of several any one is enough, and the first is asked about."""


@dataclass(frozen=True)
class Step:
    """A deed, who does it and who approves."""

    deed: str
    asker: Actor
    approver: Actor | None


STEPS = st.lists(
    st.builds(
        Step, st.sampled_from(sorted(NEEDS)), st.sampled_from([*PEOPLE]), st.sampled_from([None, *PEOPLE, MANAGER])
    ),
    min_size=1,
    max_size=5,
)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, House]:
    folder = tmp_path_factory.mktemp("restaurant")
    return folder, asyncio.run(found(folder))


@settings(max_examples=25)
@given(steps=STEPS)
def test_people_are_asked_about_what_nobody_approved_who_may_and_about_nothing_else(
    template: tuple[Path, House], steps: list[Step]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(played(Village(template[0], Path(folder), template[1]), steps))


async def played(village: Village, steps: list[Step]) -> None:
    cloud, till = village.replica(CLOUD), village.replica(TILL)
    try:
        await employ(cloud)
        judges(cloud)
        await till.pull(cloud)
        expected = set()
        hands = Hands(village, till)
        for step in steps:
            order = await hands.open()
            line = await hands.add(order, quantity=2_000)
            await hands.send(order)
            if step.deed == "refund":
                await hands.pay((await hands.check(order)).id, (await hands.check(order)).due_minor)
            if await done(village, till, step, order, line):
                expected |= {(step.asker.staff_id, rights[0]) for rights in NEEDS[step.deed] if not may(step, rights)}
        await cloud.pull(till)
        async with cloud.connection() as connection:
            assert (await connection.execute(sa.select(Verdict.__table__))).all() == []
        asked = {(each.person_id, each.reason) for each in await cloud.rows(ExceptionEvent)}
        assert asked == expected
        assert all(each.approver_id != each.asker_id for each in await cloud.rows(Approval)) or expected
    finally:
        await village.close()


def may(step: Step, rights: tuple[str, ...]) -> bool:
    """Whether the asker has one of these rights, or somebody else who has it approved."""
    lent = step.approver if step.approver is not step.asker else None
    return any(set(rights) & PERMISSIONS[PEOPLE[person]] for person in (step.asker, lent) if person is not None)


async def done(village: Village, till: Replica, step: Step, order: UUID, line: UUID) -> bool:
    """Do it on a device that believes everybody who approves. Returns False if it is refused."""
    believed = replace(step.approver, permissions=PERMISSIONS[Role.BRANCH_MANAGER]) if step.approver else None
    hands = Hands(village, Lent(till, step.asker, believed))
    check = (await hands.order(order)).check
    deeds = {
        "discount": lambda: hands.discount(check.id, amount_minor=100),
        "void": lambda: hands.void(line, 1_000),
        "pay": lambda: hands.pay(check.id, check.due_minor),
        "service": lambda: hands.service(check.id, 100_000),
        "refund": lambda: refund(hands, check.id),
        "write off": lambda: hands.write_off(check.id),
    }
    try:
        await deeds[step.deed]()
    except DomainError:
        return False
    return True


async def refund(hands: Hands, check_id: UUID) -> int:
    row = next(each for each in await hands.receipt_lines() if each.check_id == check_id)
    return await hands.refund(check_id, {row.id: 1_000})


async def employ(cloud: Replica) -> None:
    async with cloud.work(SYSTEM) as work:
        for person, role in PEOPLE.items():
            assert person.staff_id is not None
            key = assignment_id(person.staff_id, BRANCH)
            work.add(StaffMember(organization_id=ORGANIZATION, id=person.staff_id, name=person.name, role=role))
            work.add(Assignment(organization_id=ORGANIZATION, id=key, staff_id=person.staff_id, branch_id=BRANCH))


def judges(cloud: Replica) -> None:
    """Let the cloud judge what it folds."""
    owners = StreamOwners(ORGANIZATION.bytes)
    cloud.folder = Folder(
        ORGANIZATION,
        cloud.specs,
        CloudJudge(ORGANIZATION, owners, cloud.clock),
        listeners=cloud.author.listeners,
        judgements=CloudJudgements(cloud.author, owners),
        seen=cloud.author.seen,
    )
