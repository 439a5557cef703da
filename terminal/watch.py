"""Watches for commits of other programs of this device to the same file, and announces the tables that they wrote."""

from __future__ import annotations

import asyncio
import logging

from sqlcipher3 import dbapi2

from terminal.store.journal import JournalReader
from terminal.store.schema import METADATAS
from terminal.store.store import Committed, Store

WATCH_SECONDS = 0.05
"""Pause between two looks. A look at nothing new takes some microseconds, waking up for it more."""
PATIENCE_SECONDS = 1.0
"""A look may fail for a moment, while another program opens or closes the file; for longer it is a trouble."""
EVERYTHING = frozenset(str(name) for each in METADATAS for name in each.tables)

logger = logging.getLogger(__name__)


class Watch:
    """See the module. Made by `begin` before a screen reads anything, so that no commit is missed."""

    def __init__(self, store: Store, journal: JournalReader) -> None:
        self._store = store
        self._journal = journal

    @classmethod
    def begin(cls, store: Store) -> Watch:
        """Note the present end of the journal. Later commits are announced."""
        assert store.journal is not None, "only a store on a file is shared with other programs"
        store.journal.begin()
        return cls(store, store.journal)

    async def run(self) -> None:
        """Look at intervals, until cancelled. What was committed while it did not run is announced at the first look.

        Raises:
            dbapi2.Error: the journal cannot be read.
        """
        loop = asyncio.get_running_loop()
        seen_at = loop.time()
        while True:
            try:
                self.look()
                seen_at = loop.time()
            except dbapi2.Error:
                if loop.time() - seen_at > PATIENCE_SECONDS:
                    raise
            await asyncio.sleep(WATCH_SECONDS)

    def look(self) -> None:
        """Announce what other programs committed since the last look."""
        tables = self._journal.news()
        if tables is None:
            logger.warning("more was committed elsewhere than the journal holds: everything is read again")
            tables = EVERYTHING
        if tables:
            self._store.announce(Committed(tables, local=False))
