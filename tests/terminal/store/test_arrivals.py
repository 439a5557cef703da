"""Tickets keep the place in which they came, and their age does not depend on the clock of who sent them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from uuid import UUID

import msgspec
import pytest
import sqlalchemy as sa

from sync.door import door_of
from terminal.store.arrivals import KitchenArrivals, kitchen_arrival
from terminal.store.local import metadata

NOON = 1_800_000_000_000
MINUTE = 60_000
TILL, WAITER = b"T" * 16, b"W" * 16


@dataclass
class Display:
    """A display's table of arrivals, and a clock that a test moves."""

    connection: sa.Connection
    now_ms: int = NOON
    known: int = field(default=0)

    def milliseconds(self) -> int:
        return self.now_ms

    def receives(self, *sent: tuple[bytes, int]) -> list[int]:
        """One fold brings tickets, each of a sender and with the instant by its clock. Returns their numbers."""
        feed = []
        for stream, sent_ms in sent:
            self.known += 1
            stamps = msgspec.msgpack.encode((sent_ms << 16, stream, {}))
            values = SimpleNamespace(fired_at=sent_ms * 1_000, stamps=stamps)
            feed.append((UUID(int=self.known).bytes, None, values))
        KitchenArrivals(self).write(door_of(self.connection), {"kitchen_tickets": feed})
        return list(range(self.known - len(sent) + 1, self.known + 1))

    def wall(self) -> list[int]:
        columns = kitchen_arrival.c
        rows = self.connection.execute(sa.select(columns.ticket_id).order_by(columns.burst, columns.since_ms))
        return [UUID(bytes=row.ticket_id).int for row in rows]

    def age_minutes(self, ticket: int) -> float:
        columns = kitchen_arrival.c
        since = self.connection.scalar(sa.select(columns.since_ms).where(columns.ticket_id == UUID(int=ticket).bytes))
        return (self.now_ms - since) / MINUTE


@pytest.fixture
def display() -> Iterator[Display]:
    engine = sa.create_engine("sqlite://")
    metadata.create_all(engine, [kitchen_arrival])
    with engine.begin() as connection:
        yield Display(connection)
    engine.dispose()


@pytest.mark.parametrize("off", [-20 * MINUTE, 0, 20 * MINUTE, 300 * MINUTE])
def test_a_sender_whose_clock_is_off_is_neither_first_nor_late(display: Display, off: int) -> None:
    for _ in range(3):
        (own,) = display.receives((TILL, display.now_ms))
        display.now_ms += MINUTE
        (other,) = display.receives((WAITER, display.now_ms + off))
        display.now_ms += MINUTE
    assert display.wall() == [1, 2, 3, 4, 5, 6]
    assert (display.age_minutes(own), display.age_minutes(other)) == (2, 1)


def test_what_waited_for_a_connection_is_as_old_as_it_is_and_stands_in_the_order_of_sending(display: Display) -> None:
    for stream in (TILL, WAITER):
        display.receives((stream, display.now_ms))
        display.now_ms += MINUTE
    left = display.now_ms
    display.now_ms += 15 * MINUTE
    old = display.receives((TILL, left + MINUTE), (TILL, left + 9 * MINUTE))
    display.now_ms += 300
    other = display.receives((WAITER, left + 4 * MINUTE), (WAITER, left + 12 * MINUTE))
    assert display.wall()[2:] == [old[0], other[0], old[1], other[1]]
    assert display.age_minutes(old[0]) == pytest.approx(14, abs=0.1)


def test_a_display_that_is_new_learns_the_ages_from_the_newest_tickets_of_its_catch_up(display: Display) -> None:
    (first,) = display.receives((WAITER, NOON - 90 * MINUTE))
    display.now_ms += 200
    display.receives(*[(WAITER, NOON - ago * MINUTE) for ago in (60, 30, 1)])
    assert display.age_minutes(first) == pytest.approx(89, abs=0.1)


def test_a_ticket_that_stands_keeps_its_place_when_older_ones_arrive(display: Display) -> None:
    display.receives((TILL, display.now_ms))
    display.now_ms += 10 * MINUTE
    display.receives((TILL, display.now_ms))
    display.now_ms += 10 * MINUTE
    display.receives((WAITER, NOON + MINUTE), (WAITER, NOON + 19 * MINUTE))
    assert display.wall() == [1, 2, 3, 4]


def test_a_clock_that_was_set_right_counts_soon(display: Display) -> None:
    for _ in range(20):
        display.receives((WAITER, display.now_ms + 20 * MINUTE))
        display.now_ms += MINUTE
    for _ in range(9):
        (last,) = display.receives((WAITER, display.now_ms))
        display.now_ms += MINUTE
    assert display.age_minutes(last) == 1


def test_a_ticket_that_comes_back_after_it_was_void_keeps_its_arrival(display: Display) -> None:
    display.receives((TILL, display.now_ms))
    display.now_ms += MINUTE
    display.known = 0
    display.receives((TILL, display.now_ms))
    assert display.age_minutes(1) == 1
