"""Brings the keys of sealed fields along: given before the frames that need them are pushed, fetched before such frames
are stored.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from typing import Protocol

from shared.records import metadata
from sync.keys import held, missing, names_in, store
from sync.messages import MAX_KEYS, AnyMessage, AskKeys, Frame, Keys, KeysStored, Refused
from sync.tables import specs
from terminal.store.store import Store
from terminal.syncing.link import LinkError

logger = logging.getLogger(__name__)


class Carrier(Protocol):
    """Sends a message to the cloud and returns the answer."""

    async def exchange(self, message: AnyMessage) -> AnyMessage:
        """Exchange a message. Raises LinkError if there is no answer."""
        ...


class KeyExchange:
    """The keys of one store. A cloud that knows no keys refuses the message; frames travel all the same."""

    def __init__(self, store: Store, carrier: Carrier) -> None:
        self._store = store
        self._carrier = carrier
        self._organization = store.identity.organization_id.bytes
        self._tables = specs(metadata)

    async def give(self, frame: Frame) -> None:
        """Have the cloud store the keys that a frame needs. Nothing is asked for a frame without sealed fields.

        Raises:
            LinkError: there is no answer; then the frame must not be sent.
        """
        for names in _parts(names_in(self._tables, [frame])):
            keys = await self._store.look(held, self._organization, names)
            if keys:
                self._check(await self._carrier.exchange(Keys(keys)), KeysStored)

    async def fetch(self, frames: Sequence[Frame]) -> None:
        """Store the keys that frames need and this device lacks, as far as the cloud has them.

        Raises:
            LinkError: there is no answer; then the frames must not be stored.
        """
        names = names_in(self._tables, frames)
        if not names:
            return
        for lacking in _parts(await self._store.look(missing, self._organization, names)):
            answer = self._check(await self._carrier.exchange(AskKeys(lacking)), Keys)
            if isinstance(answer, Keys):
                await self._store.through(store, self._organization, answer.keys)

    def _check(self, answer: AnyMessage, expected: type[AnyMessage]) -> AnyMessage:
        if isinstance(answer, Refused):
            logger.warning("the cloud takes no keys: %s", answer.code)
        elif not isinstance(answer, expected):
            raise LinkError("UNEXPECTED_MESSAGE", final=True)
        return answer


def _parts(names: Collection[bytes]) -> list[list[bytes]]:
    """Names in a fixed order, in parts that fit into a message."""
    ordered = sorted(names)
    return [ordered[begin : begin + MAX_KEYS] for begin in range(0, len(ordered), MAX_KEYS)]
