"""A house on paper that takes all kinds of money: dollars, vouchers, accounts, and Yape with its QR."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from shared.payments.exchange import RateView
from shared.payments.queries import MethodView
from shared.payments.rules import Asks, TenderKind
from tests.terminal.screens.paper_desk import PaperDesk
from tests.terminal.screens.paper_menu import METHODS, key

QR = "https://yape.example/sabores"


def tender_desk(**changes: object) -> PaperDesk:
    """Its desk."""
    cash, card, yape, *rest = METHODS
    methods = (
        cash,
        card,
        replace(yape, asks=Asks.AT_ONCE, qr_text=QR),
        *rest,
        MethodView(key(4, 20), "Dólares", TenderKind.CASH, currency="USD"),
        MethodView(key(4, 21), "Vale", TenderKind.VOUCHER),
        MethodView(key(4, 22), "Cuenta", TenderKind.ACCOUNT),
    )
    rate = {"USD": RateView("USD", 3_755_000, date(2026, 3, 14))}
    return PaperDesk(methods=methods, exchange=rate, **changes)
