"""What follows from digests that differ: the device folds anew, then the cloud, then a person is told. Each once."""

from __future__ import annotations

import itertools

import pytest

from shared.kernel.ids import derived_id
from sync.comparison import Comparison, ScopedTable, Step, by_table
from sync.messages import Differing, ScopeDigest, TableDigest

BRANCH = derived_id("test", "branch")
ORDERS, PAYMENTS = ScopedTable(BRANCH, "orders"), ScopedTable(BRANCH, "payments")
COLUMNS, OTHER_COLUMNS = b"columns1", b"columns2"
EQUAL = {ORDERS: TableDigest(COLUMNS, b"digest_1"), PAYMENTS: TableDigest(COLUMNS, b"digest_2")}
DIFFERING = {**EQUAL, ORDERS: TableDigest(COLUMNS, b"another_")}
FOLD, ASK, ALARM = "fold", "ask", "alarm"


class Played:
    """A device and what it did, comparison after comparison; a pull follows each of them."""

    def __init__(self) -> None:
        self.comparison = Comparison()
        self.done: list[str] = []

    def compare(self, *, equal: bool, answered: bool = True) -> None:
        if self.comparison.compare(EQUAL, EQUAL if equal else DIFFERING):
            self.done.append(FOLD)
        if self.comparison.differ:
            self.done.append(ASK)
            if answered:
                self.comparison.answered()
        if self.comparison.at(Step.ALARM):
            self.done.append(ALARM)


def test_each_step_is_taken_once_and_then_the_alarm_stays() -> None:
    played = Played()
    for _comparison in range(6):
        played.compare(equal=False)
    assert played.done == [FOLD, ASK, ALARM, ALARM, ALARM, ALARM]


@pytest.mark.parametrize("before", range(5))
def test_whenever_both_agree_all_is_forgotten(before: int) -> None:
    played = Played()
    for _comparison in range(before):
        played.compare(equal=False)
    played.compare(equal=True)
    assert played.comparison.at(*Step) == []
    played.done.clear()
    played.compare(equal=False)
    assert played.done == [FOLD]


@pytest.mark.parametrize("outcomes", list(itertools.product([True, False], repeat=7)))
def test_no_story_skips_a_step(outcomes: tuple[bool, ...]) -> None:
    played = Played()
    for equal in outcomes:
        played.compare(equal=equal)
    expected, differed = [], 0
    for equal in outcomes:
        differed = 0 if equal else differed + 1
        expected += [[], [FOLD], [ASK], [ALARM]][min(differed, 3)]
    assert played.done == expected


def test_a_question_that_was_lost_is_asked_again_and_no_alarm_is_raised_before_its_answer() -> None:
    played = Played()
    played.compare(equal=False)
    for _lost in range(3):
        played.compare(equal=False, answered=False)
    assert played.done == [FOLD, ASK, ASK, ASK]
    assert played.comparison.differ == [Differing(BRANCH.bytes, "orders")]
    played.comparison.answered()
    assert played.comparison.differ == []
    played.compare(equal=False)
    assert played.done[-1] == ALARM


def test_tables_are_folded_by_themselves() -> None:
    comparison = Comparison()
    assert comparison.compare(EQUAL, DIFFERING) == [ORDERS]
    both = {**DIFFERING, PAYMENTS: TableDigest(COLUMNS, b"another_")}
    assert comparison.compare(EQUAL, both) == [PAYMENTS]
    assert (comparison.at(Step.FOLDED_HERE), comparison.at(Step.ASKING)) == ([PAYMENTS], [ORDERS])


def test_what_the_other_side_writes_otherwise_or_has_not_is_no_difference() -> None:
    comparison = Comparison()
    assert comparison.compare(EQUAL, {ORDERS: TableDigest(OTHER_COLUMNS, b"another_")}) == []
    assert comparison.compare(EQUAL, {ScopedTable(derived_id("other"), "orders"): DIFFERING[ORDERS]}) == []
    assert comparison.compare({}, DIFFERING) == []
    assert comparison.at(*Step) == []


def test_an_alarm_does_not_end_because_nothing_can_be_compared() -> None:
    played = Played()
    for _comparison in range(3):
        played.compare(equal=False)
    played.comparison.compare(EQUAL, {ORDERS: TableDigest(OTHER_COLUMNS, b"another_")})
    assert played.comparison.at(Step.ALARM) == [ORDERS]


def test_digests_are_named_by_scope_and_table() -> None:
    travelling = [ScopeDigest(BRANCH.bytes, {table.table: digest for table, digest in EQUAL.items()})]
    assert by_table(travelling) == EQUAL
