"""A printer that this device may not, or cannot, reach at its address. Its jobs fail where people see it."""

from __future__ import annotations

from terminal.printing.faults import PrinterFault, PrinterUnreachable
from terminal.printing.signals import DrawerSignal
from terminal.printing.transports.base import AboutToSend, Delivery, Knows, Readiness, Report, nothing_to_note


class RefusedTransport:
    """See the module. It opens nothing."""

    @property
    def knows(self) -> Knows:
        """Nothing."""
        return Knows.NOTHING

    async def deliver(self, payload: bytes, job: str, about_to_send: AboutToSend = nothing_to_note) -> Delivery:
        """Fail.

        Raises:
            PrinterUnreachable: always.
        """
        raise PrinterUnreachable(PrinterFault.BAD_ADDRESS)

    async def open_drawer(
        self, signal: DrawerSignal, job: str, about_to_send: AboutToSend = nothing_to_note, *, limit_s: float
    ) -> Delivery:
        """Fail, as `deliver`."""
        return await self.deliver(signal.in_order, job)

    async def probe(self) -> Report:
        """That its address is wrong."""
        return Report(Readiness.FAULT, PrinterFault.BAD_ADDRESS)
