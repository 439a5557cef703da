"""The places of the terminal: what is made when a place is shown for the first time.

A place is imported only then, so that the log-in screen paints before all others are loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from terminal.actions import ScreenName

if TYPE_CHECKING:
    from terminal.desks.desk import Desk
    from terminal.dialogs.asking import AskingDialog
    from terminal.dialogs.questions import Question
    from terminal.screens.base import KeptDialog, KeptScreen


@dataclass(frozen=True, slots=True)
class Route:
    """A screen or dialog that is made once for each language and kept."""

    module: str
    name: str

    def make(self, desk: Desk) -> KeptScreen | KeptDialog:
        """Make it."""
        made = getattr(import_module(f"terminal.screens.{self.module}.screen"), self.name)
        return cast("KeptScreen | KeptDialog", made(desk))


ROUTES = {
    ScreenName.FLOOR: Route("floor", "FloorScreen"),
    ScreenName.ORDER: Route("order", "OrderScreen"),
    ScreenName.PAYMENT: Route("payment", "PaymentScreen"),
    ScreenName.KITCHEN: Route("kitchen", "KitchenScreen"),
    ScreenName.PICKUP: Route("pickup", "PickupScreen"),
    ScreenName.EXPEDITER: Route("expediter", "ExpediterScreen"),
    ScreenName.TODAY: Route("today", "TodayScreen"),
    ScreenName.PEOPLE: Route("people", "PeopleScreen"),
    ScreenName.DEVICES: Route("devices", "DevicesScreen"),
    ScreenName.HOUSE_MENU: Route("house_menu", "HouseMenuScreen"),
    ScreenName.KITCHEN_TIMES: Route("kitchen_times", "TimesScreen"),
    ScreenName.SHIFT: Route("shift", "ShiftScreen"),
    ScreenName.EXCEPTIONS: Route("exceptions", "ExceptionsScreen"),
    ScreenName.RECEIPTS: Route("receipts", "ReceiptsScreen"),
    ScreenName.PRINTERS: Route("printers", "PrintersDialog"),
    ScreenName.BEFORE_OPENING: Route("before_opening", "BeforeOpeningDialog"),
    ScreenName.HANDOVER: Route("handover", "HandoverDialog"),
    ScreenName.HELP: Route("help", "HelpDialog"),
    ScreenName.APPROVAL: Route("approval", "ApprovalDialog"),
}
"""All places besides the log-in, which is there from the beginning."""

QUESTIONS = {
    "Pick": ("pick", "PickDialog"),
    "Amount": ("amount", "AmountDialog"),
    "Form": ("form", "FormDialog"),
    "Qr": ("qr", "QrDialog"),
    "Preview": ("preview", "PreviewDialog"),
}
"""By the name of a question's class: the module in `terminal.dialogs`, and the dialog that asks it."""


def dialog_class(question: Question[Any]) -> type[AskingDialog[Any, Any]]:
    """The class of the dialog that asks a question."""
    module, name = QUESTIONS[type(question).__name__]
    return cast("type[AskingDialog[Any, Any]]", getattr(import_module(f"terminal.dialogs.{module}"), name))
