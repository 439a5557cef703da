"""Keys: new ones sort by the time they were made on any clock; derived ones follow from their fact alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from restaurant import HandClock

from shared.kernel.ids import Uuid7Source, derived_id

JUMPS = st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=40)


class JumpingClock(HandClock):
    """A clock that any amount may be added to, 1969 included."""

    def __init__(self) -> None:
        super().__init__()
        self.now_ms = 1_790_000_000_000

    def milliseconds(self) -> int:
        return self.now_ms


@given(JUMPS, st.randoms(use_true_random=False))
def test_new_keys_only_grow_whatever_the_clock_does(jumps: list[int], random: object) -> None:
    clock = JumpingClock()
    ids = Uuid7Source(clock, random.randbytes)  # type: ignore[attr-defined]
    made = []
    for jump in jumps:
        clock.now_ms += jump
        made += [ids.new(), ids.new()]
    assert made == sorted(set(made))
    assert all(key.version == 7 and key.variant == "specified in RFC 4122" for key in made)


def test_five_thousand_keys_in_one_millisecond_are_in_order_and_say_when() -> None:
    clock = JumpingClock()
    ids = Uuid7Source(clock, lambda size: b"\xff" * size)
    made = [ids.new() for _each in range(5_000)]
    assert made == sorted(set(made))
    assert made[0].int >> 80 == clock.now_ms
    assert made[-1].int >> 80 == clock.now_ms + 1, "4,096 keys fill a millisecond, the next one borrows from the future"


def test_one_fact_has_one_id_and_its_parts_do_not_run_together() -> None:
    assert derived_id("stream", 1, b"x") == derived_id("stream", 1, b"x")
    told_apart = [("ab", "c"), ("a", "bc"), ("abc",), ("abc", ""), ("", "abc"), ("a", "b", "c")]
    assert len({derived_id(*parts) for parts in told_apart}) == len(told_apart)
    assert derived_id("x").version == 8
