"""What a device and its people say to guests who order with their phones."""

from __future__ import annotations

from functools import partial

from shared.guests.accepting import accept, accept_by_itself, refuse
from shared.guests.queries import GuestOrderView, waiting_for_staff
from shared.guests.records import Asks
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Actor
from tests.simulation.at_device import AtDevice
from tests.simulation.house import WAITRESS
from tests.simulation.places import ORGANIZATION


class PhoneDeeds(AtDevice):
    """Deeds about guests' orders."""

    async def take_guests(self) -> None:
        """The program accepts what needs no person."""
        for order in await self._waiting():
            if order.asks is not Asks.NOBODY:
                continue
            now = self._device.clock.now()
            accepting = partial(accept_by_itself, guest_order_id=order.id, now=now)
            try:
                await self._device.store.run(Actor.accepting(order.id, "QR"), accepting)
            except DomainError as error:
                self._world.note(self._device.name, "asks", error.code)
                continue
            self._device.acknowledged = max(self._device.acknowledged, self._device.end_of_own_log())
            self._world.note(self._device.name, "takes a guest's order")
            self._device.agent.wake()

    async def answer_guest(self) -> None:
        """Somebody accepts or refuses one."""
        waiting = await self._waiting()
        if not waiting:
            return
        order = self._rnd.choice(waiting[:3])
        if self._rnd.random() < 0.25:
            await self.do(WAITRESS, "refuse guest", lambda work: refuse(work, order.id, "Se acabó"))
        else:
            await self.do(WAITRESS, "accept guest", lambda work: accept(work, order.id))

    async def _waiting(self) -> list[GuestOrderView]:
        async with self._device.store.reading() as connection:
            branch_id = self._device.enrolment.branch_id
            return await waiting_for_staff(connection, ORGANIZATION, branch_id, self._device.clock.now())
