"""Who is let in at the gate, and who makes room: connections of one address, of others, and of a proxy."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from ipaddress import ip_network

import pytest

from cloud.edge.gate import BODY_SECONDS, HEAD_SECONDS, Gate

HERE, THERE, PROXY = "192.0.2.1", "192.0.2.2", "10.0.0.1"
Connect = Callable[[], socket.socket]


class Seconds:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Makes connections; the other end of each is kept open."""
    both: list[socket.socket] = []

    def one() -> socket.socket:
        ours, theirs = socket.socketpair()
        both.extend((ours, theirs))
        return ours

    yield one
    for each in both:
        each.close()


def is_cut(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False


def test_an_address_with_its_share_makes_room_by_its_own_oldest_and_by_nobody_elses(connect: Connect) -> None:
    gate = Gate(6)
    other, *own = (connect() for _each in range(4))
    assert gate.let_in(other, THERE), "it has owed longest"
    for each in own:
        assert gate.let_in(each, HERE)
    assert gate.let_in(connect(), HERE)
    assert [is_cut(each) for each in (other, *own)] == [False, True, False, False]
    assert len(gate) == 4


def test_an_address_whose_connections_owe_nothing_gets_no_more_than_its_share(connect: Connect) -> None:
    gate = Gate(6)
    own = [connect() for _each in range(3)]
    for each in own:
        gate.let_in(each, HERE)
        gate.settled(each.fileno())
    assert not gate.let_in(connect(), HERE)
    assert gate.let_in(connect(), THERE), "others have room"
    assert not any(map(is_cut, own))


def test_a_connection_that_has_left_makes_room_for_its_address(connect: Connect) -> None:
    gate = Gate(6)
    own = [connect() for _each in range(3)]
    for each in own:
        gate.let_in(each, HERE)
        gate.settled(each.fileno())
    gate.left(own[0].fileno())
    gate.left(own[0].fileno())
    assert gate.let_in(connect(), HERE)
    assert len(gate) == 3
    assert not any(map(is_cut, own))


def test_a_full_house_makes_room_by_whoever_has_owed_longest(connect: Connect) -> None:
    gate = Gate(4)
    first, second, third, fourth = (connect() for _each in range(4))
    for connection, host in ((first, HERE), (second, THERE), (third, HERE), (fourth, THERE)):
        gate.let_in(connection, host)
    gate.settled(first.fileno())
    assert gate.let_in(connect(), "192.0.2.3")
    assert [is_cut(each) for each in (first, second, third, fourth)] == [False, True, False, False]


def test_a_proxy_may_have_all_of_them(connect: Connect) -> None:
    gate = Gate(4, (ip_network("10.0.0.0/8"),))
    held = [connect() for _each in range(4)]
    for each in held:
        assert gate.let_in(each, PROXY)
        gate.settled(each.fileno())
    assert not any(map(is_cut, held))
    assert not gate.let_in(connect(), PROXY)


def test_who_owes_is_cut_when_its_time_is_over_and_who_owes_nothing_never(connect: Connect, seconds: Seconds) -> None:
    gate = Gate(6, seconds=seconds)
    head, body, nothing = (connect() for _each in range(3))
    for each in (head, body, nothing):
        gate.let_in(each, HERE)
    gate.owes(body.fileno(), BODY_SECONDS)
    gate.settled(nothing.fileno())
    seconds.now = HEAD_SECONDS - 0.1
    gate.sweep()
    assert not any(map(is_cut, (head, body, nothing)))
    seconds.now = HEAD_SECONDS
    gate.sweep()
    assert [is_cut(each) for each in (head, body, nothing)] == [True, False, False]
    seconds.now = BODY_SECONDS
    gate.sweep()
    assert [is_cut(each) for each in (body, nothing)] == [True, False]
