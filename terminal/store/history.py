"""Keeps the incarnation of this device: compares the mark outside at the start, and begins the next one after a cut.

A cut is stored before anything else happens: before the next number is taken, and before anything of what was found
elsewhere is stored.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sync.change import Position
from sync.door import Door
from sync.history import own_streams
from sync.log import chain_at
from sync.writing import CommittedUnit
from terminal.identity import Identity
from terminal.store.incarnations import current_incarnation, cut, own_key
from terminal.store.outside_mark import Mark, OutsideMark

logger = logging.getLogger(__name__)


class History:
    """The history of one store's device.

    Attributes:
        incarnation: in which it writes, as far as this program knows.
        has_news: whether there may be something that people must still be told.
    """

    def __init__(self, database: Path, identity: Identity) -> None:
        self.incarnation = 1
        self.has_news = True
        self._identity = identity
        self._organization = identity.organization_id.bytes
        self._mark = OutsideMark(database)

    def read_mark(self) -> Mark | None:
        """Read the mark outside, before the database: so another program's commit cannot make it look ahead."""
        return self._mark.read()

    def begin(self, door: Door, mark: Mark | None, now_ms: int) -> None:
        """Find the incarnation to write in; begin a new one if the mark outside does not fit this database."""
        self.incarnation = current_incarnation(door)
        why = self._misfit(door, mark)
        if why:
            named = mark.incarnation if mark is not None else 0
            self.cut(door, named, {"why": why}, now_ms)

    def cut(self, door: Door, named: int, why: Mapping[str, Any], now_ms: int) -> None:
        """Begin a new incarnation, above all that anybody names."""
        before = self.incarnation
        self.incarnation = cut(door, self._identity, before, named, why, now_ms)
        self.has_news = True
        logger.warning("this device's history was cut (%s): incarnation %d follows %d", why, self.incarnation, before)

    def head(self, door: Door) -> Position:
        """How far the history has come in the present incarnation."""
        key = own_key(self._identity, self.incarnation)
        own = own_streams(door, self._organization, self._identity.device_id).get(key.id)
        return own.head if own is not None else Position(0, key.genesis)

    def mark(self, head: Position, *, sync: bool = False) -> None:
        """Write the mark outside."""
        self._mark.write(self._mark.now(self.incarnation, head), sync=sync)

    def committed(self, unit: CommittedUnit) -> None:
        """Write the mark outside after a unit of work."""
        stream = own_key(self._identity, self.incarnation).id
        for written, seq, chain in unit.ends:
            if written == stream:
                self.mark(Position(seq, chain))

    def _misfit(self, door: Door, mark: Mark | None) -> str:
        """What of the mark does not fit this database; empty if all does."""
        if mark is None:
            has_history = self.incarnation > 1 or own_streams(door, self._organization, self._identity.device_id)
            return "no mark" if has_history else ""
        here = self._mark.now(self.incarnation, mark.head)
        if mark.machine != here.machine:
            return "another machine"
        if mark.inode != here.inode:
            return "another file"
        if mark.incarnation != self.incarnation:
            # A mark that lags is no alarm: it was not written after the last cut.
            return "older than its mark" if mark.incarnation > self.incarnation else ""
        key = own_key(self._identity, self.incarnation)
        chain = key.genesis if mark.head.seq == 0 else chain_at(door, self._organization, key.id.bytes, mark.head.seq)
        return "" if chain == mark.head.chain else "older than its mark"
