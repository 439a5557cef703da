"""What people do about guests at a simulated device: who sits together, whom an order is for, and who is forgotten."""

from __future__ import annotations

from shared.orders.contacts import OrderContact, forget, set_contact
from shared.orders.records import Order
from shared.payments import commands as payments
from tests.simulation.at_device import AtDevice
from tests.simulation.house import MANAGER, WAITRESS


class GuestDeeds(AtDevice):
    """Deeds about guests."""

    async def join(self) -> None:
        """Two tables sit together."""
        found = await self.orders()
        if len(found) > 1:
            order, into = self._rnd.sample(found, 2)
            await self.do(WAITRESS, "join", lambda work: payments.join_orders(work, order.id, into.id))

    async def note_guest(self) -> None:
        """Note whom an order is for. The name is one that stands nowhere else."""
        order = await self._newest(Order)
        if order is not None:
            name = f"Sra. {self._rnd.randbytes(6).hex()}"
            self._world.guests.append(name)
            await self.do(WAITRESS, "guest", lambda work: set_contact(work, order.id, name, "999 111 222", name))

    async def forget_guest(self) -> None:
        contact = await self._newest(OrderContact)
        if contact is not None:
            await self.do(MANAGER, "forget", lambda work: forget(work, contact.subject_id))
