"""Tickets keep the place in which they came, and their age does not depend on the clock of who sent them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

import msgspec
import pytest
import sqlalchemy as sa

from shared.kernel.instants import from_microseconds
from shared.kernel.records import Scope
from sync.door import door_of
from sync.records import log_metadata, streams
from terminal.clock import Moment
from terminal.identity import Identity
from terminal.store.arrivals import KitchenArrivals, arrival_of, kitchen_arrival
from terminal.store.local import metadata

NOON = 1_800_000_000_000
MINUTE = 60_000
TILL, WAITER, OURS = b"T" * 16, b"W" * 16, b"O" * 16
UNNAMED = b""
"""What we write here of tables without stamps names no stream."""
HERE = Identity(UUID(int=1), UUID(int=2), UUID(int=3))


@dataclass
class Display:
    """A display's table of arrivals, and a clock that a test moves."""

    connection: sa.Connection
    now_ms: int = NOON
    running_ms: int = 0
    start: str = "first"
    known: int = field(default=0)

    def now(self) -> datetime:
        return from_microseconds(self.now_ms * 1_000)

    def milliseconds(self) -> int:
        return self.now_ms

    def running_milliseconds(self) -> int:
        return self.now_ms + self.running_ms

    def boot(self) -> str:
        return self.start

    def is_set(self, minutes: int) -> None:
        """Somebody sets the clock of the display."""
        self.now_ms += minutes * MINUTE
        self.running_ms -= minutes * MINUTE

    def receives(self, *sent: tuple[bytes, int]) -> list[int]:
        """One fold brings tickets, each of a sender and with the instant by its clock. Returns their numbers."""
        feed = []
        for stream, sent_ms in sent:
            self.known += 1
            stamps = msgspec.msgpack.encode((sent_ms << 16, stream, {}))
            values = SimpleNamespace(fired_at=sent_ms * 1_000, stamps=stamps)
            feed.append((UUID(int=self.known).bytes, None, values))
        KitchenArrivals(self, HERE).write(door_of(self.connection), {"kitchen_tickets": feed})
        return list(range(self.known - len(sent) + 1, self.known + 1))

    def wall(self) -> list[int]:
        columns = kitchen_arrival.c
        rows = self.connection.execute(sa.select(columns.ticket_id).order_by(columns.burst, columns.since_ms))
        return [UUID(bytes=row.ticket_id).int for row in rows]

    def age_minutes(self, ticket: int) -> float:
        chosen = sa.select(kitchen_arrival).where(kitchen_arrival.c.ticket_id == UUID(int=ticket).bytes)
        since = arrival_of(self.connection.execute(chosen).one(), Moment.of(self)).since
        return (self.now() - since) / timedelta(minutes=1)


@pytest.fixture
def display() -> Iterator[Display]:
    engine = sa.create_engine("sqlite://")
    metadata.create_all(engine, [kitchen_arrival])
    log_metadata.create_all(engine, [streams])
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


@pytest.mark.parametrize("minutes", [-60, -3, 3, 13 * 60])
@pytest.mark.parametrize("sender", [TILL, OURS, UNNAMED], ids=["another", "ours", "ours, and it says no stream"])
def test_a_clock_of_the_display_that_is_set_changes_no_age(display: Display, sender: bytes, minutes: int) -> None:
    begin_stream(display.connection, OURS)
    right_ms = display.now_ms
    for _ in range(3):
        display.receives((sender, display.now_ms))
        display.now_ms += MINUTE
    display.is_set(minutes)
    assert [display.age_minutes(each) for each in (1, 2, 3)] == [3, 2, 1]
    right_ms += 3 * MINUTE
    (after,) = display.receives((sender, right_ms if sender == TILL else display.now_ms))
    display.now_ms += MINUTE
    assert [display.age_minutes(each) for each in (1, 2, 3, after)] == [4, 3, 2, 1]
    assert display.wall() == [1, 2, 3, after]


def test_a_machine_that_was_started_with_last_nights_clock_shows_nothing_in_the_future(display: Display) -> None:
    display.receives((TILL, display.now_ms))
    display.start = "second"
    display.is_set(-13 * 60)
    assert display.age_minutes(1) == 0
    (second,) = display.receives((WAITER, display.now_ms))
    display.now_ms += MINUTE
    display.is_set(13 * 60)
    assert (display.age_minutes(1), display.age_minutes(second)) == (1, 1)


def begin_stream(connection: sa.Connection, stream: bytes) -> None:
    """The display has a stream of its own."""
    marks = dict.fromkeys(("head_seq", "folded_seq", "acked_seq", "judged_seq", "last_transaction", "last_stamp"), 0)
    connection.execute(
        streams.insert().values(
            organization_id=HERE.organization_id,
            id=UUID(bytes=stream),
            device_id=HERE.device_id,
            incarnation=1,
            scope=Scope.BRANCH,
            scope_id=HERE.branch_id,
            head_chain=b"",
            **marks,
        )
    )
