"""Makes the documents of a sale from its records: receipts, slips and kitchen tickets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from shared.countries.countries import country
from shared.countries.currencies import format_foreign
from shared.kernel.instants import local_time
from shared.kernel.quantity import ONE
from shared.menu.weights import weight_unit
from shared.orders.records import Order
from shared.payments.accounts import AccountPayment
from shared.payments.commands import Paid
from shared.payments.naming import Adjusted, GivenOff, service_name
from shared.payments.past import PastReceipt
from shared.payments.queries import PaymentView
from shared.payments.records import Payment, Receipt
from shared.payments.records import ReceiptLine as SoldLine
from shared.payments.refund_records import Refund, RefundLine, RefundPayment
from shared.payments.rules import TenderKind
from shared.payments.tips import Tip
from shared.taxes.rules import tax_label
from shared.tenancy.queries import Premises
from terminal.printing.documents import (
    CASH,
    Letterhead,
    NamedAmount,
    ReceiptDocument,
    ReceiptLine,
    ReceiptModifier,
    ReceiptPayment,
)
from terminal.printing.wording import words


def receipt_document(
    premises: Premises, order: Order, receipt: Receipt, paid: Paid, adjusted: Adjusted, tips: Sequence[Tip] = ()
) -> ReceiptDocument:
    """A receipt that was made now, with the payments that it counts, and what guests gave besides."""
    made = _receipt(premises, order, receipt, paid.receipt_lines, paid.modifiers, _payments(paid), adjusted)
    return replace(made, tips=named_tips(premises, tips))


def named_tips(premises: Premises, tips: Sequence[Tip]) -> tuple[NamedAmount, ...]:
    """Tips as a receipt says them, each with its method."""
    given = words(premises.language)("printing.tip")
    return tuple(NamedAmount(f"{given} · {tip.method_name}", tip.amount_minor) for tip in tips)


def account_document(premises: Premises, paid: AccountPayment, left_minor: int, cashier: str) -> ReceiptDocument:
    """What a person paid of what they owe, and what is left. No name: a stored paper may hold nobody's."""
    return ReceiptDocument(
        language=premises.language,
        currency=paid.currency,
        letterhead=letterhead(premises),
        title=words(premises.language)("printing.account"),
        number=paid.number,
        issued_at=local_time(paid.taken_at, premises.zone).replace(tzinfo=None),
        lines=(),
        subtotal_minor=paid.amount_minor - paid.rounding_minor,
        total_minor=paid.amount_minor - paid.rounding_minor,
        rounding_minor=paid.rounding_minor,
        payments=(receipt_payment(paid, earlier=False),),
        left_minor=left_minor,
        server=cashier,
    )


def copy_document(premises: Premises, past: PastReceipt, copy: int) -> ReceiptDocument:
    """A copy of a receipt as it was printed, with its number; it opens no drawer."""
    lines, modifiers = (
        [line.row for line in past.lines],
        {line.row.order_line_id: line.modifiers for line in past.lines},
    )
    payments = tuple(receipt_payment(payment, earlier=True) for payment in past.payments)
    made = _receipt(premises, past.order, past.receipt, lines, modifiers, payments, past.adjusted)
    return replace(made, copy=copy, left_minor=past.lost_minor)


def refund_document(
    premises: Premises,
    number: str,
    refund: Refund,
    lines: Sequence[tuple[str, RefundLine]],
    payments: Sequence[RefundPayment],
    given_off: Sequence[GivenOff],
    copy: int = 0,
    sold: Mapping[UUID, Any] = MappingProxyType({}),
) -> ReceiptDocument:
    """What was given back: the portions with their names, by which methods, and why.

    Args:
        number: of the receipt that it was.
        sold: the lines of the receipt by id, which say the unit and the price of what is sold by weight.
        given_off: what the lines give back less, since it was a discount or on the house.
    """
    texts = words(premises.language)
    taxes: dict[str, int] = {}
    for _name, line in lines:
        for tax in line.taxes:
            taxes[_tax_name(tax)] = taxes.get(_tax_name(tax), 0) + tax["tax_minor"]
    tax_minor = sum(line.tax_minor for _name, line in lines)
    discount_minor = sum(line.discount_minor for _name, line in lines)
    return ReceiptDocument(
        language=premises.language,
        currency=refund.currency,
        letterhead=letterhead(premises),
        title=texts("printing.refund"),
        number=refund.number,
        issued_at=local_time(refund.refunded_at, premises.zone).replace(tzinfo=None),
        lines=tuple(_given_back(name, line, sold.get(line.receipt_line_id)) for name, line in lines),
        gross_minor=sum(line.gross_minor for _name, line in lines),
        subtotal_minor=refund.total_minor - tax_minor,
        total_minor=refund.total_minor,
        taxes=tuple(NamedAmount(name, amount) for name, amount in taxes.items()),
        discounts=(
            *_named(premises, given_off),
            *_discounts(premises, discount_minor - sum(each.amount_minor for each in given_off)),
            *_service(premises, sum(line.service_minor for _name, line in lines)),
        ),
        rounding_minor=refund.rounding_minor,
        payments=tuple(
            ReceiptPayment(
                method=CASH if payment.kind is TenderKind.CASH else str(payment.kind),
                title=payment.method_name,
                amount_minor=payment.paid_minor,
                earlier=bool(copy),
            )
            for payment in payments
        ),
        server=refund.cashier_name,
        of_number=number,
        reason=refund.reason,
        farewell=texts("printing.signature"),
        copy=copy,
    )


def _given_back(name: str, line: RefundLine, sold: Any | None) -> ReceiptLine:
    by_weight = sold is not None and weight_unit(sold.unit)
    unit, price = (sold.unit, sold.unit_price_minor) if sold is not None and by_weight else ("", 0)
    quantity_milli = line.quantity_milli or line.allowed_milli
    return ReceiptLine(name, quantity_milli, line.gross_minor, unit=unit, unit_price_minor=price)


def _receipt(
    premises: Premises,
    order: Order,
    receipt: Receipt,
    lines: Sequence[SoldLine],
    modifiers: Mapping[UUID, Sequence[Mapping[str, Any]]],
    payments: tuple[ReceiptPayment, ...],
    adjusted: Adjusted,
) -> ReceiptDocument:
    return ReceiptDocument(
        language=premises.language,
        currency=receipt.currency,
        letterhead=letterhead(premises),
        number=receipt.number,
        issued_at=local_time(receipt.settled_at, premises.zone).replace(tzinfo=None),
        lines=tuple(
            _receipt_line(line, modifiers.get(line.order_line_id, ()))
            for line in sorted(lines, key=lambda line: line.order_line_id)
        ),
        gross_minor=receipt.gross_minor,
        subtotal_minor=receipt.net_minor,
        total_minor=receipt.total_minor,
        taxes=named_taxes(receipt.taxes),
        discounts=named_discounts(premises, adjusted),
        services=named_services(premises, adjusted),
        rounding_minor=receipt.rounding_minor,
        payments=payments,
        change_minor=receipt.change_minor if any(payment.method == CASH for payment in payments) else 0,
        order_number=order.number,
        table=order.table_name,
        server=order.server_name,
        guests=order.guests,
        contact_of=order.id,
        promised_at=_wall(order.promised_at, premises),
    )


def part_document(premises: Premises, order: Order, paid: Paid, at: datetime) -> ReceiptDocument:
    """The slip of a part payment: amounts paid so far and left to pay."""
    earlier = sum(payment.amount_minor for payment in paid.earlier)
    total = paid.settlement.left_minor + earlier + sum(payment.amount_minor for payment in paid.payments)
    return ReceiptDocument(
        language=premises.language,
        currency=order.currency,
        letterhead=letterhead(premises),
        title=words(premises.language)("printing.part"),
        number=order.number,
        issued_at=local_time(at, premises.zone).replace(tzinfo=None),
        lines=(),
        subtotal_minor=total,
        total_minor=total,
        payments=_payments(paid),
        left_minor=paid.settlement.left_minor,
        table=order.table_name,
        server=order.server_name,
        guests=order.guests,
    )


def _wall(instant: datetime | None, premises: Premises) -> datetime | None:
    """An instant as the branch's clocks show it."""
    return None if instant is None else local_time(instant, premises.zone).replace(tzinfo=None)


def letterhead(premises: Premises) -> Letterhead:
    """The restaurant at the head of its papers."""
    return Letterhead(
        name=premises.organization_name,
        address=f"{premises.branch_name} · {premises.address}" if premises.address else premises.branch_name,
        tax_number=premises.tax_number,
        legal_name=premises.legal_name,
        branch=premises.branch_name,
        tax_number_label=country(premises.country).tax_number,
    )


def _discounts(premises: Premises, discount_minor: int) -> tuple[NamedAmount, ...]:
    """What was taken off and nobody knows by name."""
    name = words(premises.language)("printing.discount")
    return (NamedAmount(name, -discount_minor),) if discount_minor else ()


def _service(premises: Premises, service_minor: int) -> tuple[NamedAmount, ...]:
    name = words(premises.language)("printing.service_charge")
    return (NamedAmount(name, service_minor),) if service_minor else ()


def _payments(paid: Paid) -> tuple[ReceiptPayment, ...]:
    """All payments, change included, in the order in which they were taken."""
    return tuple(
        receipt_payment(payment, earlier=earlier)
        for payments, earlier in ((paid.earlier, True), (paid.payments, False))
        for payment in payments
    )


def receipt_payment(payment: Payment | PaymentView | AccountPayment, *, earlier: bool) -> ReceiptPayment:
    """A payment as papers say it. Other money shows what was given."""
    other, title = getattr(payment, "given_currency", ""), payment.method_name
    if other:
        title = f"{title} {format_foreign(getattr(payment, 'given_minor', 0), other)}"
    said = (payment.reference, f"****{payment.last_four}" if payment.last_four else "")
    return ReceiptPayment(
        method=CASH if payment.kind is TenderKind.CASH else str(payment.kind),
        title=title,
        amount_minor=payment.amount_minor if isinstance(payment, AccountPayment) else payment.tendered_minor,
        reference=" ".join(filter(None, said)),
        earlier=earlier,
    )


def _receipt_line(line: SoldLine, modifiers: Sequence[Mapping[str, Any]]) -> ReceiptLine:
    what = (line.item_name, line.quantity_milli, line.gross_minor, line.unit, line.unit_price_minor)
    return receipt_line(*what, modifiers, line.combo_name)


def receipt_line(
    name: str,
    quantity_milli: int,
    gross_minor: int,
    unit: str,
    unit_price_minor: int,
    modifiers: Sequence[Mapping[str, Any]],
    combo_name: str = "",
) -> ReceiptLine:
    """A line as papers say it; below it the combo of which it is a part."""
    return ReceiptLine(
        name=name,
        quantity_milli=quantity_milli,
        amount_minor=gross_minor,
        modifiers=tuple(
            ReceiptModifier(name, delta_minor * count, count * ONE)
            for (name, delta_minor), count in Counter(
                (modifier["name"], modifier["price_delta_minor"]) for modifier in modifiers
            ).items()
        ),
        note=combo_name,
        unit=unit if weight_unit(unit) else "",
        unit_price_minor=unit_price_minor,
    )


def named_discounts(premises: Premises, adjusted: Adjusted) -> tuple[NamedAmount, ...]:
    """What was taken off, by name; below nothing."""
    return _named(premises, adjusted.discounts)


def _named(premises: Premises, given_off: Iterable[GivenOff]) -> tuple[NamedAmount, ...]:
    texts = words(premises.language)
    return tuple(NamedAmount(each.name(texts), -each.amount_minor) for each in given_off if each.amount_minor)


def named_services(premises: Premises, adjusted: Adjusted) -> tuple[NamedAmount, ...]:
    """What was added for service, by name."""
    if adjusted.service is None:
        return ()
    name, rate_millionths, amount_minor = adjusted.service
    return (NamedAmount(service_name(name, rate_millionths, words(premises.language)), amount_minor),)


def named_taxes(taxes: Iterable[Mapping[str, Any]]) -> tuple[NamedAmount, ...]:
    """Taxes as receipts say them, by name."""
    return tuple(NamedAmount(_tax_name(tax), tax["tax_minor"]) for tax in taxes)


def _tax_name(tax: Mapping[str, Any]) -> str:
    return tax_label(tax["name"], tax["rate_millionths"], tax["per_unit_minor"])
