"""The hub: whoever stores something gives a hint, and wakes those in the room who lack it, and nobody else.

A room is a scope of an organization (one of its branches, or the organization itself), or a part of it: a table, a
table session, those of a branch with one kind of work; or an account. A hint says which stream has grown, and to
where; a waiter compares it in memory with what it holds. In a part of a scope there are no streams: a hint lets
everybody there look. A lost hint costs delay and nothing else, since those who wait look again now and then.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID


class Audience(StrEnum):
    """Those of a branch who do one kind of work."""

    MANAGERS = "managers"
    KITCHEN = "kitchen"
    WAITERS = "waiters"


class Room(NamedTuple):
    """A scope of an organization, or a part of it.

    Attributes:
        scope_id: the id of a branch, or of the organization.
        part: what of the scope; empty: the scope itself, whose streams all of its devices hold.
    """

    organization_id: UUID
    scope_id: UUID
    part: str = ""

    @classmethod
    def of_organization(cls, organization_id: UUID) -> Room:
        """What concerns all branches: their menu, staff and settings, and which devices may ask."""
        return cls(organization_id, organization_id)

    @classmethod
    def of_table(cls, organization_id: UUID, branch_id: UUID, table_id: UUID) -> Room:
        """A table of a branch, whoever sits there."""
        return cls(organization_id, branch_id, f"table:{table_id.hex}")

    @classmethod
    def of_session(cls, organization_id: UUID, branch_id: UUID, order_id: UUID) -> Room:
        """The guests of one order at a table."""
        return cls(organization_id, branch_id, f"session:{order_id.hex}")

    @classmethod
    def of_role(cls, organization_id: UUID, branch_id: UUID, audience: Audience) -> Room:
        """Those of a branch who do one kind of work."""
        return cls(organization_id, branch_id, f"role:{audience}")

    @classmethod
    def of_account(cls, account_id: UUID) -> Room:
        """What concerns somebody with an account wherever they work: password, sessions, closing."""
        return cls(account_id, account_id, _ACCOUNT)

    @property
    def is_account(self) -> bool:
        """Whether it is an account."""
        return self.part == _ACCOUNT

    @property
    def is_organization(self) -> bool:
        """Whether it is the organization itself."""
        return self.scope_id == self.organization_id and not self.part

    @classmethod
    def parsed(cls, text: str) -> Room:
        """The room of a text that `str` gave.

        Raises:
            ValueError: it is no such text.
        """
        ids, _, part = text.partition("/")
        organization, _, scope = ids.partition(".")
        if not _PART.fullmatch(part):
            raise ValueError(text)
        return cls(UUID(organization), UUID(scope), part)

    def __str__(self) -> str:
        ids = f"{self.organization_id.hex}.{self.scope_id.hex}"
        return f"{ids}/{self.part}" if self.part else ids


_ACCOUNT = "account"
_PART = re.compile(rf"|(table|session):[0-9a-f]{{32}}|role:(managers|kitchen|waiters)|{_ACCOUNT}")


@dataclass(frozen=True, slots=True)
class Hint:
    """A stream has grown.

    Attributes:
        device_id: whose stream it is.
        seq: number of its last change.
    """

    stream: UUID
    device_id: UUID
    seq: int


@dataclass(slots=True, eq=False)
class Waiting:
    """Somebody who waits in some rooms.

    Attributes:
        lacks: whether a hint tells them of something that they do not hold.
        is_device: whether it is a device, which holds streams.
    """

    lacks: Callable[[Hint], bool]
    is_device: bool = False
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, hint: Hint | None) -> None:
        """Wake up if the hint concerns them; without a hint nobody knows what there is, so they look."""
        if hint is None or self.lacks(hint):
            self._woken.set()

    async def news(self, seconds: float) -> bool:
        """Wait for news since the last call, at most so long. Returns whether there were any."""
        with suppress(TimeoutError):
            # Not `wait_for`: when news comes together with a cancellation, Python 3.11's forgets the cancellation.
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        heard = self._woken.is_set()
        self._woken.clear()
        return heard


class Hub:
    """The rooms of this process.

    Attributes:
        is_linked: whether hints of other processes come in; else those who wait look again every few seconds.
        is_closing: nobody waits any more.
    """

    def __init__(self) -> None:
        self.is_linked = False
        self._rooms: dict[Room, dict[Waiting, None]] = {}  # in the order in which they came
        self._listeners: list[Callable[[Room, Hint | None], None]] = []
        self._tellers: list[Callable[[Room, Hint | None], None]] = []
        self._lookers: list[Callable[[], None]] = []
        self._doubted_until = 0.0
        self.is_closing = False

    def also(self, listener: Callable[[Room, Hint | None], None]) -> None:
        """Call a function with every hint, too. It must be quick and not raise."""
        self._listeners.append(listener)

    def beyond(self, teller: Callable[[Room, Hint | None], None]) -> None:
        """Call a function with every hint that this process gives, so that others hear of it. The same holds."""
        self._tellers.append(teller)

    def afresh(self, looker: Callable[[], None]) -> None:
        """Call a function whenever hints may have been lost: what it keeps may be wrong by now. The same holds."""
        self._lookers.append(looker)

    def doubt(self, seconds: float) -> None:
        """Hints may get lost for so long: another process may not have found its way back yet."""
        self._doubted_until = max(self._doubted_until, time.monotonic() + seconds)

    @property
    def is_trusted(self) -> bool:
        """Whether no news of other processes means that there are none. Rights are believed for long only then."""
        return self.is_linked and time.monotonic() >= self._doubted_until

    def tell(self, room: Room, hint: Hint | None = None) -> None:
        """Wake those in a room whom a hint concerns, here and in other processes; all of them without one."""
        for teller in self._tellers:
            teller(room, hint)
        self.hear(room, hint)

    def hear(self, room: Room, hint: Hint | None = None) -> None:
        """Wake those of this process."""
        for listener in self._listeners:
            listener(room, hint)
        for waiting in self._rooms.get(room, ()):
            waiting.hear(hint)

    def hear_anything(self) -> None:
        """Let everybody of this process look: hints of others may have been lost."""
        for looker in self._lookers:
            looker()
        organizations = [Room.of_organization(room.organization_id) for room in self._rooms if not room.is_account]
        for room in dict.fromkeys([*self._rooms, *organizations]):
            self.hear(room)

    def tell_organization(self, organization_id: UUID) -> None:
        """Wake everybody of an organization: whoever waits for a branch waits in its room, too."""
        self.tell(Room.of_organization(organization_id))

    def close(self) -> None:
        """Wake everybody, and let nobody wait any more: the server is stopping."""
        self.is_closing = True
        self.hear_anything()

    @contextmanager
    def waiting(
        self, rooms: Collection[Room], lacks: Callable[[Hint], bool], *, is_device: bool = False
    ) -> Iterator[Waiting]:
        """Be in some rooms for the block. Begin it before you read, so that no news are missed."""
        waiting = Waiting(lacks, is_device)
        for room in rooms:
            self._rooms.setdefault(room, {})[waiting] = None
        try:
            yield waiting
        finally:
            for room in rooms:
                self._rooms[room].pop(waiting, None)
                if not self._rooms[room]:
                    del self._rooms[room]

    def has_devices(self, organization_id: UUID, branch_id: UUID) -> bool:
        """Whether a device of a branch waits for news in this process: who waits for the branch's streams is one."""
        return any(each.is_device for each in self._rooms.get(Room(organization_id, branch_id), ()))

    @property
    def places(self) -> int:
        """How many wait, each counted in each of their rooms."""
        return sum(map(len, self._rooms.values()))
