"""What the records say on paper: receipts and kitchen tickets as documents, and which printer gets them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from shared.kernel.instants import local_time
from shared.kitchen.records import KitchenTicket, TicketLine
from shared.orders.queries import line_price
from shared.orders.records import Order, OrderLine
from shared.orders.rules import gross_of
from shared.payments.rules import Settlement, TenderKind
from shared.tenancy.queries import Premises
from terminal.printing.documents import (
    CASH,
    KitchenDocument,
    KitchenLine,
    Letterhead,
    NamedAmount,
    ReceiptDocument,
    ReceiptLine,
    ReceiptModifier,
    ReceiptPayment,
)

TAX_NUMBER_LABELS = {"PE": "RUC", "MX": "RFC", "CO": "NIT", "CL": "RUT", "AR": "CUIT", "EC": "RUC", "BR": "CNPJ"}
"""What a country calls the number under which a business pays taxes; elsewhere `TAX ID`."""


@dataclass(frozen=True, slots=True)
class PrintPlan:
    """Which printer prints what; an absent printer means that this device prints none of it.

    Attributes:
        receipt: name of the printer of receipts.
        kitchen: names by station id; `default_kitchen` for stations that are not named.
    """

    receipt: str | None = None
    default_kitchen: str | None = None
    kitchen: Mapping[UUID, str] = field(default_factory=dict)

    def kitchen_printer(self, station_id: UUID) -> str | None:
        """The printer of a station."""
        return self.kitchen.get(station_id, self.default_kitchen)


def receipt_document(
    premises: Premises, order: Order, receipt: Any, lines: Iterable[OrderLine], settlement: Settlement
) -> ReceiptDocument:
    """The guest's receipt of a check that was just settled.

    Args:
        receipt: the `Receipt` record.
        lines: the order's charged lines, in their order.
    """
    charged = list(lines)
    return ReceiptDocument(
        language=premises.language,
        currency=receipt.currency,
        letterhead=Letterhead(
            name=premises.organization_name,
            address=f"{premises.branch_name} · {premises.address}" if premises.address else premises.branch_name,
            tax_number=premises.tax_number,
            tax_number_label=TAX_NUMBER_LABELS.get(premises.country, "TAX ID"),
        ),
        number=receipt.number,
        issued_at=local_time(receipt.settled_at, premises.zone).replace(tzinfo=None),
        lines=tuple(_receipt_line(line) for line in charged),
        subtotal_minor=receipt.net_minor,
        total_minor=receipt.total_minor,
        taxes=tuple(NamedAmount(_tax_name(tax), tax["tax_minor"]) for tax in receipt.taxes),
        discounts=(NamedAmount("", -receipt.discount_minor),) if receipt.discount_minor else (),
        rounding_minor=receipt.rounding_minor,
        payments=tuple(
            ReceiptPayment(
                method=CASH if applied.tender.kind is TenderKind.CASH else str(applied.tender.kind),
                title=applied.tender.method_name,
                amount_minor=applied.tender.amount_minor,
                reference=applied.tender.reference,
            )
            for applied in settlement.applied
        ),
        change_minor=settlement.change_minor,
        order_number=order.number,
        table=order.table_name,
        server=order.server_name,
        guests=order.guests,
    )


def kitchen_document(
    premises: Premises, station: str, ticket: KitchenTicket, lines: Iterable[TicketLine]
) -> KitchenDocument:
    """What one station has to make."""
    return KitchenDocument(
        language=premises.language,
        station=station,
        order_number=ticket.number,
        sent_at=local_time(ticket.fired_at, premises.zone).replace(tzinfo=None),
        lines=tuple(
            KitchenLine(line.item_name, line.quantity_milli, tuple(line.modifiers), line.notes) for line in lines
        ),
        service=str(ticket.kind),
        table=ticket.table_name,
        server=ticket.server_name,
        note=ticket.notes,
        revision=ticket.part,
    )


def _receipt_line(line: OrderLine) -> ReceiptLine:
    price = line_price(line)
    return ReceiptLine(
        name=line.item_name,
        quantity_milli=line.quantity_milli,
        amount_minor=gross_of(price.quantity_milli, price.unit_minor),
        modifiers=tuple(ReceiptModifier(each["name"], each["price_delta_minor"]) for each in line.modifiers),
        note="",
    )


def _tax_name(tax: Mapping[str, Any]) -> str:
    whole, part = divmod(tax["rate_basis_points"], 100)
    return f"{tax['name']} {whole}{f'.{part:02d}' if part else ''}%"
