"""The menu of a branch as its guests read it, made once for all of them: until a row of it, or the hour, changes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa

from cloud.database.transaction import Database, ReadSession
from cloud.guests.doors import Door
from cloud.kernel.recent import Recent
from cloud.realtime.hub import Hint, Hub, Room
from shared.guests.settings import TakesOrders, takes_orders
from shared.kernel.instants import Clock, business_date, local_time
from shared.menu.availability import availability
from shared.menu.queries import load_menu
from shared.menu.rules import Menu
from shared.orders.records import OrderKind
from shared.pricing.menu_now import menu_at
from shared.pricing.queries import hours_of_sale
from shared.pricing.rules import HoursOfSale
from shared.tenancy.records import Branch, Organization
from sync.digest import read as read_digests
from sync.door import through

MOST_BRANCHES = 2_000
MOST_STALE = 10_000
LOOK_AGAIN_SECONDS = 1.0
"""A branch at its busiest gives many hints a second: whether one was about the menu is looked up so often."""
UNLINKED_SECONDS = 5.0
_OF_MENU = frozenset(
    {"items", "categories", "courses", "modifier_groups", "modifiers", "item_modifier_groups", "combo_slots"}
    | {"combo_choices", "branch_items", "branch_prices", "hidden_items", "price_rules", "dayparts", "availability"}
    | {"guest_settings", "branches", "organizations"}
)
_COUNTED = frozenset({"order_lines", "line_voids"})


@dataclass(frozen=True, slots=True)
class GuestMenu:
    """What guests of a branch read.

    Attributes:
        out: dishes and modifiers that are sold out.
        version: another one says another thing.
    """

    branch: str
    currency: str
    zone: str
    cutoff_minutes: int
    menu: Menu
    out: frozenset[UUID]
    takes: TakesOrders
    version: str


class _Read(NamedTuple):
    """What was read.

    Attributes:
        day: the business day of what is sold out.
        digests: of the tables from which it was read.
        is_counted: whether something counts down with each order.
    """

    menu: Menu
    hours: HoursOfSale
    out: frozenset[UUID]
    takes: TakesOrders
    branch: str
    zone: str
    cutoff_minutes: int
    currency: str
    day: date
    digests: tuple[tuple[str, int], ...]
    is_counted: bool


class GuestMenus:
    """Reads menus, and keeps them."""

    def __init__(self, database: Database, hub: Hub, clock: Clock) -> None:
        self._database = database
        self._hub = hub
        self._clock = clock
        self._kept: Recent[UUID, _Read] = Recent(MOST_BRANCHES)
        self._made: Recent[tuple[UUID, str], GuestMenu] = Recent(MOST_BRANCHES)
        self._looked: Recent[UUID, tuple[float, int]] = Recent(MOST_BRANCHES)
        self._told: Recent[UUID, int] = Recent(MOST_STALE)
        self._hints = 0
        self._locks: Recent[UUID, asyncio.Lock] = Recent(MOST_BRANCHES)
        hub.also(self._heard)
        hub.afresh(self._looked.clear)

    async def of(self, door: Door) -> GuestMenu:
        """The menu of this minute."""
        kept = self._kept.get(door.branch_id)
        if kept is None or self._is_due(door, kept):
            lock = self._locks.get(door.branch_id)
            if lock is None:
                lock = asyncio.Lock()
                self._locks.put(door.branch_id, lock)
            async with lock:
                kept = self._kept.get(door.branch_id)
                if kept is None or self._is_due(door, kept):
                    kept = await self._look(door, kept)
        return self._at(door, kept)

    def doubt(self, door: Door) -> None:
        """Look at once the next time: an order was refused, so that what is kept may be old."""
        self._looked.forget(door.branch_id)

    def _is_due(self, door: Door, kept: _Read) -> bool:
        looked = self._looked.get(door.branch_id)
        if looked is None or kept.day != self._day(kept):
            return True
        passed = asyncio.get_running_loop().time() - looked[0]
        # Counted, since what is told of an organization is news for each of its branches.
        if max(self._told.get(door.branch_id) or 0, self._told.get(door.organization_id) or 0) > looked[1]:
            return passed >= LOOK_AGAIN_SECONDS
        return not self._hub.is_linked and passed >= UNLINKED_SECONDS

    def _day(self, kept: _Read) -> date:
        return business_date(self._clock.now(), kept.zone, kept.cutoff_minutes)

    async def _look(self, door: Door, kept: _Read | None) -> _Read:
        self._looked.put(door.branch_id, (asyncio.get_running_loop().time(), self._hints))
        watched = _OF_MENU | (_COUNTED if kept is None or kept.is_counted else frozenset())
        async with self._database.read(door.organization_id) as read:
            connection, said = await read.connection(), dict[str, int]()
            for scope_id in (door.organization_id, door.branch_id):
                said |= await through(connection, read_digests, door.organization_id.bytes, scope_id.bytes)
            found = tuple(sorted((name, value) for name, value in said.items() if name in watched))
            if kept is None or kept.day != self._day(kept) or _of(kept.digests, watched) != found:
                kept = await self._read(door, read, found)
                self._kept.put(door.branch_id, kept)
        return kept

    async def _read(self, door: Door, read: ReadSession, digests: tuple[tuple[str, int], ...]) -> _Read:
        here = (read, door.organization_id, door.branch_id)
        row = (await read.execute(_BRANCH, {"organization": door.organization_id, "branch": door.branch_id})).one()
        day = business_date(self._clock.now(), row.zone, row.cutoff_minutes)
        left = await availability(*here, day)
        return _Read(
            await load_menu(*here),
            await hours_of_sale(*here),
            frozenset(key for key, each in left.items() if each.is_out),
            await takes_orders(*here),
            *row,
            day,
            digests,
            is_counted=bool(left),
        )

    def _at(self, door: Door, kept: _Read) -> GuestMenu:
        wall = local_time(self._clock.now(), kept.zone).replace(tzinfo=None)
        minute = f"{wall:%Y%m%d%H%M}" if kept.hours else ""
        version = blake2b(f"{kept.digests}{minute}{kept.day}".encode(), digest_size=9).hexdigest()
        made = self._made.get((door.branch_id, version))
        if made is None:
            menu = menu_at(kept.menu, kept.hours, wall, str(OrderKind.DINE_IN))
            made = GuestMenu(
                kept.branch, kept.currency, kept.zone, kept.cutoff_minutes, menu, kept.out, kept.takes, version
            )
            self._made.put((door.branch_id, version), made)
        return made

    def _heard(self, room: Room, _hint: Hint | None) -> None:
        if not room.part:
            self._hints += 1
            if self._told.put(room.scope_id, self._hints) is not None:
                self._looked.clear()  # somebody's news were forgotten: all look again


def _of(digests: tuple[tuple[str, int], ...], watched: frozenset[str]) -> tuple[tuple[str, int], ...]:
    return tuple(each for each in digests if each[0] in watched)


_BRANCH = (
    sa.select(Branch.name, Branch.zone, Branch.cutoff_minutes, Organization.currency)
    .join_from(Branch, Organization, Organization.organization_id == Branch.organization_id)
    .where(Branch.organization_id == sa.bindparam("organization"), Branch.id == sa.bindparam("branch"))
)
