"""Watches for commits of another program of this device to the same file, and finds the tables they touched."""

from __future__ import annotations

import asyncio
import logging
from typing import Self

from sqlalchemy.exc import DBAPIError

from shared.records import metadata
from sync.door import through
from sync.heads import Reached, reached, tables_since
from terminal.store.errors import StoreError
from terminal.store.store import Committed, Store

WATCH_SECONDS = 0.3
"""Pause between two looks at the log."""

logger = logging.getLogger(__name__)


class Watch:
    """Announces the commits of other programs, with the tables that the log names since the last look.

    Made by `begin` before a screen reads anything, so that no commit is missed.
    """

    def __init__(self, store: Store, seen: Reached) -> None:
        self._store = store
        self._seen = seen
        self._version: int | None = None

    @classmethod
    async def begin(cls, store: Store) -> Self:
        """Note the present end of the log. Later commits are announced."""
        async with store.reading() as connection:
            return cls(store, await through(connection, reached, store.identity.organization_id.bytes))

    async def run(self) -> None:
        """Look at the log at intervals, until cancelled."""
        failing = False
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            try:
                await self.look()
                failing = False
            except (DBAPIError, StoreError) as error:
                if not failing:
                    logger.warning("other programs' commits cannot be seen: %s", error)
                failing = True

    async def look(self) -> None:
        """Announce what other programs committed since the last look."""
        version = await self._store.data_version()
        if version == self._version:
            return
        organization = self._store.identity.organization_id.bytes
        async with self._store.reading() as connection:
            now = await through(connection, reached, organization)
            named = await through(connection, tables_since, organization, self._seen, now)
        self._version, self._seen = version, now
        tables = frozenset(metadata.tables) if named is None else named
        self._store.announce(Committed(tables, local=False))
