"""What the screen of past receipts prints: copies, gift receipts, copies of refunds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.payments.past import PastReceipt
from terminal.screens.base import Keyed
from terminal.theme.palette import Tone

if TYPE_CHECKING:
    from terminal.desks.desk import Desk


class ReceiptPapers(Keyed):
    """See the module. It is no screen: of several bases Textual takes style sheets from the first that is one."""

    desk: Desk

    @property
    def _receipt(self) -> PastReceipt:
        """The chosen receipt."""
        raise NotImplementedError

    async def _read(self) -> None:
        """Read the chosen receipt again."""
        raise NotImplementedError

    async def do_copy(self) -> None:
        """Print a copy of the chosen receipt."""
        past = self._receipt
        copy = await self.desk.past.print_copy(past.receipt.id)
        await self._read()
        self.say(self.desk.texts("receipts.copied", number=past.receipt.number, copy=copy), Tone.READY)

    async def do_gift(self) -> None:
        """Print the chosen receipt without its prices."""
        past = self._receipt
        await self.desk.past.print_gift(past.receipt.id)
        self.say(self.desk.texts("receipts.gifted", number=past.receipt.number), Tone.READY)

    async def do_refund_copy(self) -> None:
        """Print a copy of the last refund of the chosen receipt."""
        past = self._receipt
        refund = past.refunds[-1].row
        copy = await self.desk.past.print_refund_copy(past.receipt.id, refund.id)
        self.say(self.desk.texts("receipts.copied", number=refund.number, copy=copy), Tone.READY)
