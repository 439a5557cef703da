"""Three receipts of a lunch on paper: one in coins, one of which two dishes went back, one that nobody paid."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from shared.orders.records import OrderKind
from shared.payments.finding import Found
from shared.payments.naming import Adjusted
from shared.payments.past import PastLine, PastReceipt, PastRefund, PastRow
from shared.payments.rules import TenderKind
from tests.terminal.screens.paper_desk import PaperDesk, busy_desk
from tests.terminal.screens.paper_house import NOON
from tests.terminal.screens.paper_menu import key

DISHES = (("Lomo saltado", 2_000, 7_600), ("Ceviche clásico", 3_000, 12_600), ("Chicha morada [/red] 🍋", 1_000, 800))


def _line(at: int, name: str, portions: int, gross: int, back: int) -> PastLine:
    tax = gross * 18 // 118
    row = SimpleNamespace(
        id=key(31, at), order_line_id=key(32, at), item_name=name, combo_name="", quantity_milli=portions, unit="",
        gross_minor=gross,
        discount_minor=0, service_minor=0, tax_minor=tax, total_minor=gross, taxes=[], discounts=[], adjusted_by=[],
        unit_price_minor=gross * 1_000 // portions,
    )  # fmt: skip
    return PastLine(row, (), back, portions - back, ())


def _receipt(at: int, *, back: int = 0, lost: int = 0) -> PastReceipt:
    lines = tuple(_line(10 * at + place, *dish, back if place == 1 else 0) for place, dish in enumerate(DISHES))
    total = sum(line.row.total_minor for line in lines)
    tax = total * 18 // 118
    receipt = SimpleNamespace(
        id=key(30, at), check_id=key(33, at), order_id=key(34, at), number=f"A-{at:08}", currency="PEN",
        gross_minor=total, discount_minor=0, service_minor=0, net_minor=total - tax, tax_minor=tax, total_minor=total,
        rounding_minor=0, change_minor=0,
        taxes=[{"name": "IGV", "rate_millionths": 180_000, "included": True, "per_unit_minor": 0, "tax_minor": tax}],
        settled_at=NOON - timedelta(minutes=20 * (4 - at)), cashier_name="Rosa Quispe",
    )  # fmt: skip
    order = SimpleNamespace(
        id=key(34, at), number=f"A-{at + 10}", kind=OrderKind.DINE_IN, table_name=str(at), server_name="Julio Mamani",
        guests=2, promised_at=None,
    )  # fmt: skip
    paid = SimpleNamespace(
        kind=TenderKind.CARD, method_name="Visa", tendered_minor=total, amount_minor=total, reference="",
        last_four="4417", authorization="", currency="PEN",
    )  # fmt: skip
    return PastReceipt(
        receipt, order, lines, () if lost else (paid,), _refunds(at, lines, back), 1 if back else 0, lost,
        "Se fueron sin avisar" if lost else "", Adjusted(), check_lost_minor=lost,
    )  # fmt: skip


def _refunds(at: int, lines: tuple[PastLine, ...], back: int) -> tuple[PastRefund, ...]:
    if not back:
        return ()
    row = SimpleNamespace(
        id=key(35, at), number="A-R00000001", refunded_at=NOON - timedelta(minutes=5), cashier_name="Carmen Flores",
        reason="Salió frío", paid_minor=8_400, correction=False,
    )  # fmt: skip
    return (PastRefund(row, (), (SimpleNamespace(method_name="Visa", paid_minor=8_400),)),)


RECEIPTS = (_receipt(3, lost=21_000), _receipt(2, back=2_000), _receipt(1))


class PaperPast:
    """Receipts that are found whatever is typed, but for `nada`."""

    async def find(self, text: str, after: UUID | None = None) -> Found:
        return Found() if text == "nada" or after else Found(tuple(each.receipt.id for each in RECEIPTS))

    async def rows(self, ids: Any) -> list[PastRow]:
        return [_row(each) for wanted in ids for each in RECEIPTS if each.receipt.id == wanted]

    async def receipt(self, receipt_id: UUID) -> PastReceipt:
        return next(each for each in RECEIPTS if each.receipt.id == receipt_id)


def _row(past: PastReceipt) -> PastRow:
    receipt, order = past.receipt, past.order
    refunded = sum(refund.row.paid_minor for refund in past.refunds)
    return PastRow(
        receipt.id, receipt.number, order.number, order.kind, order.table_name, receipt.settled_at, "PEN",
        receipt.total_minor, receipt.total_minor, refunded, past.lost_minor,
    )  # fmt: skip


def receipts_desk(**more: Any) -> PaperDesk:
    """A branch at lunch with these receipts."""
    return busy_desk(past=PaperPast(), **more)
