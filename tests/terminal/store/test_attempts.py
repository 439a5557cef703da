"""What wrong PINs cost: pauses and the budget, as plain values."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from terminal.store.attempts import BUDGET, LONGEST_PAUSE_SECONDS, REGROWTH_MS, Attempts, pause_seconds

DAY_MS = 24 * 3_600_000
LONGEST_MS = LONGEST_PAUSE_SECONDS * 1_000


def test_three_wrong_pins_are_free_and_then_the_pause_doubles_up_to_a_quarter_of_an_hour() -> None:
    assert [pause_seconds(failures) for failures in range(1, 14)] == [
        0, 0, 0, 5, 10, 20, 40, 80, 160, 320, 640, 900, 900,
    ]  # fmt: skip


def test_what_is_said_to_be_left_is_left() -> None:
    attempts, said = Attempts(), []
    while not attempts.pause_ms:
        said.append(attempts.left)
        attempts = attempts.counted()
    assert said == [4, 3, 2, 1]


def test_guesses_between_right_pins_are_free_only_while_the_budget_lasts() -> None:
    attempts = Attempts()
    for _ in range(BUDGET):
        assert attempts.left > 1
        attempts = right_pin(attempts.counted())
        assert attempts.pause_ms == 0
    assert attempts.left == 1
    assert attempts.counted().pause_ms == LONGEST_MS


def test_a_right_pin_beyond_the_budget_gives_back_no_more_than_it_took() -> None:
    spent = Attempts(spent_ms=BUDGET * REGROWTH_MS).later(LONGEST_MS)
    assert right_pin(spent).spent_ms == spent.spent_ms


def test_the_budget_grows_back_in_a_day_of_running() -> None:
    attempts = Attempts(spent_ms=BUDGET * REGROWTH_MS)
    assert attempts.later(REGROWTH_MS - 1).left == 1
    assert attempts.later(REGROWTH_MS).left == 2
    assert attempts.later(DAY_MS).is_clear


def test_a_machine_that_started_again_has_waited_no_longer_than_it_ran() -> None:
    attempts = Attempts(failures=5, pause_ms=10_000, read_at_ms=DAY_MS)
    assert attempts.later(4_000).pause_ms == 6_000
    assert attempts.later(4_000).later(9_000).pause_ms == 1_000


@given(steps=st.lists(st.one_of(st.just("wrong"), st.just("right"), st.integers(0, DAY_MS)), max_size=80))
def test_nobody_is_locked_for_longer_than_the_longest_pause(steps: list[str | int]) -> None:
    attempts, now_ms = Attempts(), 0
    for step in steps:
        if isinstance(step, int):
            now_ms += step
            attempts = attempts.later(now_ms)
        elif step == "wrong" and not attempts.pause_ms:
            attempts = attempts.counted()
        elif not attempts.pause_ms:
            attempts = right_pin(attempts)
        assert 0 <= attempts.pause_ms <= LONGEST_MS
        assert 0 <= attempts.spent_ms <= BUDGET * REGROWTH_MS
        assert attempts.left >= 1


def right_pin(attempts: Attempts) -> Attempts:
    """An attempt that is counted, and then found to be right."""
    counted = attempts.counted()
    return counted.forgiven(counted.spent_ms - attempts.spent_ms)
