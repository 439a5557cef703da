"""Whose turn it is: tenants in turn, whatever their backlog; and nobody twice at a time."""

from __future__ import annotations

from uuid import UUID, uuid4

from cloud.replication.dues import DueScope
from cloud.replication.fold_schedule import FoldSchedule

BIG, SMALL = UUID(int=1), UUID(int=2)


def branches(organization_id: UUID, count: int) -> list[DueScope]:
    return [DueScope(organization_id, uuid4()) for _ in range(count)]


def test_a_tenant_with_many_branches_holds_another_one_up_for_one_turn() -> None:
    schedule = FoldSchedule()
    many, (one,) = branches(BIG, 40), branches(SMALL, 1)
    for scope in many:
        schedule.offer(scope)
    first = schedule.begin()
    schedule.offer(one)
    assert first == many[0]
    schedule.end(first, again=True)
    assert [schedule.begin() for _ in range(4)] == [many[1], one, many[2], many[3]]


def test_each_branch_of_a_tenant_gets_its_turn_before_one_of_them_gets_another() -> None:
    schedule = FoldSchedule()
    some = branches(BIG, 3)
    for scope in some:
        schedule.offer(scope)
    turns = []
    for _ in range(6):
        scope = schedule.begin()
        assert scope is not None
        turns.append(scope)
        schedule.end(scope, again=True)
    assert turns == some * 2


def test_what_is_in_hand_is_not_begun_again_and_what_was_asked_meanwhile_is_afterwards() -> None:
    schedule = FoldSchedule()
    (scope,) = branches(BIG, 1)
    schedule.offer(scope)
    schedule.offer(scope)
    assert schedule.begin() == scope
    schedule.offer(scope)
    assert schedule.begin() is None
    schedule.end(scope, again=False)
    assert schedule.begin() == scope
    schedule.end(scope, again=False)
    assert (schedule.begin(), schedule.has_next) == (None, False)
