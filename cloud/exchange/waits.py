"""Waits over HTTP: one for each device in a process, and none for a client that is gone."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

from litestar import Request
from litestar.exceptions import ClientException

from cloud.accounts.identity import EnrolledDevice
from cloud.replication.responder import Responder
from shared.kernel.errors import DomainError
from sync.messages import AnyMessage, Pull

REPLACED_SECONDS = 5
"""After so long the one whose wait was ended may ask again. It is a copy of the device, or one that runs wild."""


class Waits:
    """Lets devices wait. On the socket `live/devices.py` does."""

    def __init__(self, responder: Responder) -> None:
        self._responder = responder
        self._held: dict[UUID, asyncio.Task[AnyMessage]] = {}

    async def answer(self, device: EnrolledDevice, pull: Pull, request: Request[Any, Any, Any]) -> AnyMessage:
        """Answer a pull that may wait, and end the older wait of the same device.

        Raises:
            DomainError: DEVICE_SENDS_TOO_MUCH, if a newer one has ended this one.
            ClientException: the client is gone.
        """
        answering = asyncio.create_task(self._responder.reply(device, pull))
        leaving = asyncio.create_task(_gone(request))
        older = self._held.get(device.device_id)
        if older is not None:
            older.cancel()
        self._held[device.device_id] = answering
        try:
            await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if leaving.done():
                raise ClientException("the sender is gone")
            if answering.cancelled():
                raise DomainError("DEVICE_SENDS_TOO_MUCH", seconds=REPLACED_SECONDS)
            return answering.result()
        finally:
            if self._held.get(device.device_id) is answering:
                del self._held[device.device_id]
            for task in (answering, leaving):
                task.cancel()
            await asyncio.wait({answering, leaving})


async def _gone(request: Request[Any, Any, Any]) -> None:
    """Wait until the client has closed its connection."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
