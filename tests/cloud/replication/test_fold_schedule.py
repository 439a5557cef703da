"""Whose turn it is to be folded: nobody waits for another's trouble, or for another's backlog."""

from __future__ import annotations

from math import inf
from uuid import UUID

import pytest

from cloud.replication.fold_schedule import FAILING_AFTER, FoldSchedule
from shared.kernel.retries import LONGEST_RETRY_SECONDS

BUSY, SMALL, BROKEN = (UUID(int=number) for number in (1, 2, 3))


@pytest.fixture
def turns() -> FoldSchedule:
    return FoldSchedule()


def test_nobody_asked_nobody_is_due(turns: FoldSchedule) -> None:
    assert (turns.due(1e9), turns.next_due, turns.failing) == ([], inf, 0)


def test_who_has_more_goes_behind_who_has_not_had_a_turn(turns: FoldSchedule) -> None:
    turns.ask(BUSY, 1)
    turns.ask(SMALL, 2)
    assert turns.due(3) == [BUSY, SMALL]
    turns.begin(BUSY)
    turns.again(BUSY, 3)
    assert turns.due(3) == [SMALL, BUSY]


def test_who_asks_during_a_turn_gets_another_one(turns: FoldSchedule) -> None:
    turns.ask(SMALL, 1)
    turns.begin(SMALL)
    turns.ask(SMALL, 2)
    turns.rest(SMALL)
    assert turns.due(2) == [SMALL]
    turns.begin(SMALL)
    turns.rest(SMALL)
    assert turns.due(1e9) == []


def test_an_earlier_wish_beats_a_later_one(turns: FoldSchedule) -> None:
    turns.ask(SMALL, 30)
    turns.ask(SMALL, 5)
    turns.ask(SMALL, 20)
    assert turns.next_due == 5


def test_who_fails_waits_longer_each_time_and_alone(turns: FoldSchedule) -> None:
    now, waits = 0.0, []
    turns.ask(BROKEN, now)
    for _ in range(12):
        turns.begin(BROKEN)
        turns.failed(BROKEN, now)
        waits.append(turns.next_due - now)
        now = turns.next_due
    assert waits[:3] == [0.5, 1, 2]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_RETRY_SECONDS
    turns.ask(SMALL, now - 1)
    turns.begin(BROKEN)
    turns.failed(BROKEN, now)
    assert turns.due(now) == [SMALL]


def test_a_push_does_not_hurry_who_is_failing(turns: FoldSchedule) -> None:
    turns.ask(BROKEN, 0)
    turns.begin(BROKEN)
    turns.ask(BROKEN, 0.1)
    turns.failed(BROKEN, 0.2)
    turns.ask(BROKEN, 0.3)
    assert turns.due(0.3) == []


def test_failing_is_told_after_a_while_and_ends_with_success(turns: FoldSchedule) -> None:
    turns.ask(BROKEN, 0)
    told = []
    for _ in range(FAILING_AFTER):
        turns.begin(BROKEN)
        turns.failed(BROKEN, 0)
        told.append(turns.failing)
    assert told == [0] * (FAILING_AFTER - 1) + [1]
    turns.begin(BROKEN)
    turns.rest(BROKEN)
    assert turns.failing == 0
