"""What the floor draws its tiles from, at one state of the desk in one minute, and the tiles that it drew so far.

A key changes none of it, so a key draws no tile anew and reads the kitchen's tickets for none. What comes from the
desk, or the next minute, makes another picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

from terminal.screens.floor.states import Around, around
from terminal.screens.floor.view import is_round, spot_tile
from terminal.screens.order.in_kitchen import being_made, ends_of
from terminal.screens.reach import not_gone_out
from terminal.screens.ready_calls import called_orders
from terminal.screens.spots import Meant, Spot, meant
from terminal.screens.voice import Voice

if TYPE_CHECKING:
    from terminal.desks.desk import Desk
    from terminal.widgets.check_lines import LineState
    from terminal.widgets.tile import Tile

SECONDS_OF_A_MINUTE = 60
"""Ages are written in minutes."""


class FloorPicture:
    """See the module. `FloorPicture.of` makes another one only if it is needed."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._ground = _ground(desk)
        self._voice = Voice.of(desk)
        self._tiles: dict[object, Tile] = {}
        self._meant: tuple[str, Meant] = ("", Meant())

    @classmethod
    def of(cls, desk: Desk, before: FloorPicture | None) -> FloorPicture:
        """The picture of the desk as it is now: the one of before, if nothing changed since."""
        return before if before is not None and before._ground == _ground(desk) else cls(desk)

    @cached_property
    def cooking(self) -> Mapping[UUID, LineState]:
        """The orders of which a station still makes something, and how far that is."""
        return being_made(self._desk.tickets, self._desk.orders)

    @cached_property
    def called(self) -> frozenset[UUID]:
        """The orders of which something waits to be served."""
        return called_orders(self._desk.orders.values(), self._desk.made)

    @cached_property
    def held(self) -> frozenset[UUID]:
        """The orders of which something has not gone out."""
        end, found = ends_of(self._desk.orders), not_gone_out(self._desk.tickets, self._desk.state, self._desk.plan)
        return frozenset(end.get(each, each) for each in found)

    @cached_property
    def _around(self) -> Around:
        return around(self._desk.reservations, self._desk.tickets, self._voice.now)

    def tiles(self, spots: Iterable[Spot], *, on_plan: bool) -> dict[object, Tile]:
        """The tiles of spots by their ids: one for each id, that of its first spot. A plan shows round tables round."""
        tiles: dict[object, Tile] = {}
        for spot in spots:
            if spot.id not in tiles:
                tiles[spot.id] = self._tile(spot, rounded=on_plan and is_round(spot))
        return tiles

    def _tile(self, spot: Spot, *, rounded: bool) -> Tile:
        # An order that is typed by its number shows at its table, perhaps without the table's other orders.
        key = (spot.id, rounded, spot.together is None, *(order.id for order in spot.orders))
        tile = self._tiles.get(key)
        if tile is None:
            of_orders = self.cooking, self.held, self._desk.contacts, self.called
            tile = replace(spot_tile(spot, self._voice, *of_orders, self._around), round=rounded)
            self._tiles[key] = tile
        return tile

    def meant(self, text: str) -> Meant:
        """The spots that a typed text may mean. Asked for the same text again, it answers from memory."""
        if self._meant[0] != text:
            desk = self._desk
            self._meant = text, meant(text, desk.tables, desk.orders.values(), desk.contacts)
        return self._meant[1]


def _ground(desk: Desk) -> tuple[object, ...]:
    """All that a picture is made of. What nobody read anew is the same object, so that comparing it costs nothing."""
    return (
        tuple(desk.orders.values()),
        tuple(desk.tables),
        tuple(desk.tickets),
        tuple(desk.reservations),
        dict(desk.contacts),
        dict(desk.made),
        desk.state,
        desk.plan,
        desk.texts,
        int(desk.now().timestamp()) // SECONDS_OF_A_MINUTE,
    )
