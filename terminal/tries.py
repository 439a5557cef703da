"""Tries of commands whose answer got lost: a failed commit is no "no" (DESIGN 3), and a second press doubles nothing.

The store itself looks into its log after a commit that failed. Where not even that can be read, the try is kept: when
somebody asks for the same thing again, it is looked up first, and done again, with the same id, only if it is not
there.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any
from uuid import UUID

from sync.writing import CommittedUnit
from terminal.store.errors import StoreError
from terminal.store.store import Store


class Try:
    """One wish of a person.

    Attributes:
        id: of what the command makes, the same at every try.
        result: what the command answered before its commit.
        unclear: what was written by a commit of which nobody knows yet whether it happened.
        reading: number of the last reading that had begun when it failed: none up to it can show what was stored.
    """

    def __init__(self, wish: tuple[Hashable, ...], key: UUID) -> None:
        self.wish = wish
        self.id = key
        self.result: Any = None
        self.unclear: CommittedUnit | None = None
        self.reading = 0


class Tries:
    """The tries that are open: those that failed and after which nothing could be read yet."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._open: dict[tuple[Hashable, ...], Try] = {}

    def of(self, *wish: Hashable) -> Try:
        """The open try of this wish, or a new one. Whoever takes it gives it back with `failed`, or it is forgotten."""
        return self._open.pop(wish, None) or Try(wish, self._store.ids.new())

    def failed(self, tried: Try, error: StoreError, reading: int) -> None:
        """Keep a try for the next time that somebody wishes the same.

        Args:
            reading: see `Try`.
        """
        tried.reading = reading
        tried.unclear = error.unclear or tried.unclear
        self._open[tried.wish] = tried

    async def happened(self, tried: Try) -> bool:
        """Whether an earlier try of this wish was stored after all.

        Raises:
            StoreError: it still cannot be read.
        """
        return tried.unclear is not None and await self._store.holds(tried.unclear)

    def forget(self, reading: int, order_id: UUID | None = None) -> None:
        """People see how things (or this order) stand: what they ask for from now on is a new wish.

        Args:
            reading: the number of the reading that they see.
        """
        self._open = {
            wish: tried
            for wish, tried in self._open.items()
            if tried.reading >= reading or (order_id is not None and order_id != tried.id and order_id not in wish)
        }
