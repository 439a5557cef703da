"""The gate: how many connections this process has, in all and from one address, and how long one may owe us something.

A connection owes a head from when it is accepted (by TLS before the handshake), a body after its head, and a head
again after each answer; one that waits for us, and a socket of the live room, owes nothing. When there are too many,
the one that has owed longest is cut, and whoever comes is let in: silence keeps nobody out.
"""

from __future__ import annotations

import errno
import logging
import socket
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from cloud.edge.caller import Network, is_within, site_of

HEAD_SECONDS = 10.0
"""For the handshake of TLS and the head of a request; an idle connection is ended by then, too."""
BODY_SECONDS = 30.0
LEAST_BYTES_A_SECOND = 4_096
"""A body, and an answer, may take longer the larger they are: a bad mobile line carries as much."""
MOST_CONNECTIONS = 20_000
KEPT_DESCRIPTORS = 200
"""For files, listening sockets, Redis, and what is accepted before the cut ones are closed."""
MOST_ACCEPTED_AT_ONCE = 64
"""In one turn of the loop; whoever is connected goes on meanwhile."""
SHARE_OF_AN_ADDRESS = 2
"""One address has at most this part of all: half. A house with many devices has one address."""
SAY_AGAIN_SECONDS = 60.0
_OUT_OF_DESCRIPTORS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})

logger = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class _Held:
    """A connection.

    Attributes:
        owes_until: when it is cut; None: it owes nothing.
    """

    connection: socket.socket
    site: str
    owes_until: float | None = None


@dataclass(slots=True)
class _Site:
    """The connections of one address; those that owe something, the oldest first."""

    held: int = 0
    owing: dict[int, _Held] = field(default_factory=dict)


class Gate:
    """Counts connections and cuts those that owe something for too long.

    Args:
        most: connections at a time; an address that is no proxy's may have a part of them.
        trusted: proxies; one may have all connections.
        seconds: a clock that only goes forward.

    Attributes:
        most: connections at a time.
        most_of_a_site: of one address.
        seconds: the clock.
    """

    def __init__(
        self, most: int, trusted: Collection[Network] = (), seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self.most = most
        self.most_of_a_site = max(1, most // SHARE_OF_AN_ADDRESS)
        self._trusted = tuple(trusted)
        self.seconds = seconds
        self._held: dict[int, _Held] = {}
        self._owing: dict[int, _Held] = {}
        self._sites: dict[str, _Site] = {}
        self._said_at: dict[str, float] = {}

    @classmethod
    def of_process(cls, descriptors: int, kept: int, trusted: Collection[Network]) -> Gate:
        """The gate of a process that may have so many descriptors; so many are kept for its database."""
        return cls(max(descriptors // 4, min(descriptors - KEPT_DESCRIPTORS - kept, MOST_CONNECTIONS)), trusted)

    def __len__(self) -> int:
        return len(self._held)

    def let_in(self, connection: socket.socket, host: str) -> bool:
        """Count a connection; it owes a head. False if there is no place, not even one that somebody only keeps."""
        site = "" if is_within(host, self._trusted) else site_of(host)
        of_site = self._sites.get(site)
        if site and of_site is not None and of_site.held >= self.most_of_a_site and not self._cut_oldest(of_site.owing):
            self.say("connections of one address refused: it has %d", of_site.held)
            return False
        if len(self._held) >= self.most and not self._cut_oldest(self._owing):
            self.say("connections refused: there are %d", len(self._held))
            return False
        number = connection.fileno()
        held = self._held[number] = _Held(connection, site)
        self._sites.setdefault(site, _Site()).held += 1
        self._owe(number, held, HEAD_SECONDS)
        return True

    def owes(self, number: int, seconds: float) -> None:
        """Cut a connection unless `settled` is said of it within so many seconds.

        Args:
            number: of its descriptor.
        """
        held = self._held.get(number)
        if held is not None:
            self._owe(number, held, seconds)

    def settled(self, number: int) -> None:
        """Nothing is owed any more."""
        held = self._held.get(number)
        if held is not None and held.owes_until is not None:
            held.owes_until = None
            del self._owing[number], self._sites[held.site].owing[number]

    def left(self, number: int) -> None:
        """Forget a connection that is closed."""
        self.settled(number)
        held = self._held.pop(number, None)
        if held is not None:
            of_site = self._sites[held.site]
            of_site.held -= 1
            if not of_site.held:
                del self._sites[held.site]

    def sweep(self) -> None:
        """Cut whoever has owed for too long. To be called about once a second."""
        now = self.seconds()
        for held in [held for held in self._owing.values() if held.owes_until is not None and held.owes_until <= now]:
            _cut(held)

    def say(self, message: str, *values: object) -> None:
        """Log something that may happen a thousand times a second, once a minute."""
        now = self.seconds()
        if now >= self._said_at.get(message, float("-inf")) + SAY_AGAIN_SECONDS:
            self._said_at[message] = now
            logger.warning(message, *values)

    def _owe(self, number: int, held: _Held, seconds: float) -> None:
        self.settled(number)
        held.owes_until = self.seconds() + seconds
        self._owing[number] = self._sites[held.site].owing[number] = held

    def _cut_oldest(self, owing: dict[int, _Held]) -> bool:
        """Cut the one that has owed longest, and count it no more: the loop closes it in its next turn."""
        number = next(iter(owing), None)
        if number is None:
            return False
        held = self._held[number]
        self.left(number)
        _cut(held)
        return True


def _cut(held: _Held) -> None:
    """End a connection whoever holds it: its transport reads the end, and closes it."""
    try:
        held.connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it has ended by itself


class Listener(socket.socket):
    """A listening socket whose connections go through a gate."""

    gate: Gate
    _accepted = 0
    _is_out = False

    def accept(self) -> tuple[socket.socket, Any]:
        """Accept the next connection that is let in.

        Raises:
            BlockingIOError: there is none, or others have to have a turn.
            OSError: no more descriptors; the loop comes back in a second.
        """
        while not self._is_out and self._accepted < MOST_ACCEPTED_AT_ONCE:
            self._accepted += 1
            try:
                accepted, address = super().accept()
            except OSError as error:
                self._accepted, self._is_out = 0, error.errno in _OUT_OF_DESCRIPTORS
                raise
            connection = _Connection(accepted.family, accepted.type, accepted.proto, accepted.detach())
            connection.gate = self.gate
            if self.gate.let_in(connection, address[0]):
                return connection, address
            connection.close()
        self._is_out, self._accepted = False, 0
        raise BlockingIOError


class _Connection(socket.socket):
    """A connection that tells the gate when it is closed."""

    gate: Gate

    def close(self) -> None:
        number = self.fileno()
        if number >= 0:
            self.gate.left(number)
        super().close()
