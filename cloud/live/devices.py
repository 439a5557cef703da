"""A device waits on the live socket: it says what it holds, and is answered as soon as it misses something.

The answers are those of a pull over HTTP (`replication/pulling.py`), with what it misses in them: no request follows
the news, and what several miss is read once for all. A socket adds that the device need not ask again and again.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from cloud.accounts.identity import EnrolledDevice
from cloud.accounts.tokens import LIFETIME
from cloud.edge.budget import SharedBudget
from cloud.live.client import Client, End, cancelled, running
from cloud.realtime.hub import Hint, Hub, Room, Waiting
from cloud.replication.responder import Responder
from shared.kernel.errors import DomainError
from shared.kernel.ids import IdSource
from sync.author import cloud_device
from sync.live import READY, WAIT_MS, Close, come_back
from sync.messages import BadMessage, Pull, Refused, dump, load_asked, raw_size

BETWEEN_SECONDS = 120.0
"""A device stores and folds what it got, and asks again; one that asks nothing waits for nothing."""


@dataclass(slots=True, eq=False)
class _Place:
    """The one wait of a device. A newer one of the same device, in whatever process, takes its place.

    It says so by a hint in the room of the device, as from the cloud itself: nobody has anything to fold or to send.
    """

    id: UUID
    is_taken: bool = field(default=False)

    def hears_of_another(self, hint: Hint) -> bool:
        self.is_taken = self.is_taken or hint.stream != self.id
        return self.is_taken


class DeviceSockets:
    """Serves the sockets of devices.

    Args:
        budget: what devices may send, over HTTP too.
    """

    def __init__(self, hub: Hub, responder: Responder, ids: IdSource, budget: SharedBudget) -> None:
        self._hub = hub
        self._responder = responder
        self._ids = ids
        self._budget = budget

    async def serve(self, client: Client, device: EnrolledDevice, right_seconds: float) -> None:
        """Answer a device until somebody ends it.

        Args:
            right_seconds: how long its token holds. After that its right is looked up again and again.

        Raises:
            End: the socket is to be closed.
            Gone: the device is gone.
        """
        place, room = _Place(self._ids.new()), Room(device.organization_id, device.device_id)
        with self._hub.waiting([room], place.hears_of_another) as others:
            self._hub.tell(room, Hint(place.id, cloud_device(device.organization_id), 1))
            await client.say(READY)
            async with running(self._until_it_must_end(device, place, others, right_seconds)) as must_end:
                await self._answer(client, device, must_end)

    async def _answer(self, client: Client, device: EnrolledDevice, must_end: asyncio.Task[End]) -> None:
        """Answer one question after the other; the end, and whatever else comes in, come first."""
        hearing = asyncio.create_task(client.hear())
        try:
            while True:
                await _first_of(hearing, must_end, seconds=BETWEEN_SECONDS)
                pull = await self._question(device, hearing.result())
                hearing = asyncio.create_task(client.hear())
                async with running(self._answer_to(device, pull)) as answering:
                    await _first_of(answering, hearing, must_end)
                    if hearing.done():
                        hearing.result()
                        raise End(Close.MESSAGE_WRONG, "one question at a time")
                    answer = answering.result()
                await client.say(answer)
        finally:
            await cancelled(hearing)

    async def _question(self, device: EnrolledDevice, message: str | bytes) -> Pull:
        if isinstance(message, str):
            raise End(Close.MESSAGE_WRONG, "a question is binary")
        try:
            if wait := await self._budget.spend(device.device_id, raw_size(message)):
                raise End(Close.LATER, come_back(wait))
            pull = load_asked(message)
        except BadMessage:
            raise End(Close.MESSAGE_WRONG, "not readable") from None
        if not isinstance(pull, Pull):
            raise End(Close.MESSAGE_WRONG, "only pulls come here")
        return pull

    async def _answer_to(self, device: EnrolledDevice, pull: Pull) -> bytes:
        try:
            answer = await self._responder.wait(device, pull, WAIT_MS)
        except DomainError as error:
            raise End(Close.FAILED, error.code) from error
        if isinstance(answer, Refused):
            raise End(Close.REVOKED, answer.code)
        return dump(answer)

    async def _until_it_must_end(
        self, device: EnrolledDevice, place: _Place, others: Waiting, right_seconds: float
    ) -> End:
        loop = asyncio.get_running_loop()
        look_at = loop.time() + right_seconds
        while True:
            await others.news(max(0.0, look_at - loop.time()))
            if place.is_taken:
                return End(Close.REPLACED)
            if self._hub.is_closing:
                return End(Close.RESTART)
            if loop.time() < look_at:
                continue  # somebody let everybody look
            if not await self._responder.may_ask(device):
                return End(Close.REVOKED)
            look_at = loop.time() + LIFETIME.total_seconds()


async def _first_of(*tasks: asyncio.Task[Any], seconds: float | None = None) -> None:
    """Wait until one of them is done; the last of them says how the socket ends."""
    done, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    *_others, must_end = tasks
    if must_end in done:
        raise must_end.result()
    if not done:
        raise End(Close.SILENT)
