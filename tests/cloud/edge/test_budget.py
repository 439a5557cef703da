"""How much a device may have decoded."""

from __future__ import annotations

from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from cloud.edge import budget
from cloud.edge.budget import BYTES_A_SECOND, LEAST_BYTES, MOST_BYTES, Budget
from sync.messages import MAX_MESSAGE_BYTES


class Seconds:
    """A clock that stands until it is told."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_device_that_sends_without_end_waits_and_then_goes_on() -> None:
    clock, device, other = Seconds(), uuid4(), uuid4()
    held = Budget(clock)
    taken = 0
    while (wait := held.spend(device, MAX_MESSAGE_BYTES)) == 0:
        taken += MAX_MESSAGE_BYTES
    assert taken == MOST_BYTES
    assert held.spend(other, MAX_MESSAGE_BYTES) == 0
    clock.now += wait - 1.001
    assert held.spend(device, MAX_MESSAGE_BYTES) > 0
    clock.now += 1.001
    assert held.spend(device, MAX_MESSAGE_BYTES) == 0


def test_the_largest_message_of_a_device_that_was_quiet_always_goes_through() -> None:
    assert Budget(Seconds()).spend(uuid4(), 2 * MOST_BYTES) == 0


def test_messages_without_content_cost_something() -> None:
    held, device = Budget(Seconds()), uuid4()
    sent = 0
    while held.spend(device, 0) == 0:
        sent += 1
    assert sent == MOST_BYTES // LEAST_BYTES


@given(st.lists(st.tuples(st.integers(0, 2 * MAX_MESSAGE_BYTES), st.floats(0, 20)), max_size=60))
def test_no_device_has_more_decoded_than_its_rate_and_a_burst(sent: list[tuple[int, float]]) -> None:
    clock, device = Seconds(), uuid4()
    held, decoded = Budget(clock), 0
    for size, passed in sent:
        clock.now += passed
        if held.spend(device, size) == 0:
            decoded += size
    assert decoded <= MOST_BYTES + 2 * MAX_MESSAGE_BYTES + clock.now * BYTES_A_SECOND


def test_devices_that_were_quiet_long_are_forgotten() -> None:
    held = Budget(Seconds())
    for _ in range(budget.MOST_DEVICES + 5):
        held.spend(uuid4(), 1)
    assert len(held._spent) == budget.MOST_DEVICES
