"""The lines of a refund: portions that a receipt line does not charge after all, or a price that is lowered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from shared.kernel.work import Work
from shared.payments.refund_records import RefundLine
from shared.payments.repricing import LineChange
from shared.payments.rules import added_taxes, is_tax

_SHARED = ("gross_minor", "discount_minor", "service_minor")


def share_of_portions(row: Any, earlier: Iterable[Any], quantity_milli: int) -> dict[str, Any]:
    """What so many portions of a receipt line come to: amounts of a refund line, with its taxes.

    It is a share of what earlier refunds left of each amount, so that all refunds of a line add up to it.

    Args:
        row: of the receipt line.
        earlier: the rows of its refund lines.
    """
    earlier = list(earlier)
    left: int = row.quantity_milli - sum(each.quantity_milli for each in earlier)

    def share(amount: int, gone: int) -> int:
        return (amount - gone) * quantity_milli // left

    taxes = []
    for at, tax in enumerate(filter(is_tax, row.taxes)):
        said = [[one for one in each.taxes if is_tax(one)] for each in earlier]
        gone = sum(of[at]["tax_minor"] for of in said if at < len(of))
        taxes.append({**tax, "tax_minor": share(tax["tax_minor"], gone)})
    amounts = {name: share(getattr(row, name), sum(getattr(each, name) for each in earlier)) for name in _SHARED}
    untaxed = share(row.tax_minor, sum(each.tax_minor for each in earlier))
    total = amounts["gross_minor"] - amounts["discount_minor"] + amounts["service_minor"] + added_taxes(taxes)
    return {
        **amounts,
        "tax_minor": sum(tax["tax_minor"] for tax in taxes) if taxes else untaxed,
        "taxes": taxes,
        "total_minor": total,
    }


def line_of_portions(
    work: Work, refund_id: UUID, row: Any, earlier: Iterable[Any], quantity_milli: int, voided_milli: int, when: When
) -> RefundLine:
    """Portions of a receipt line that are not charged after all; so many of them were a sale."""
    amounts = share_of_portions(row, earlier, quantity_milli)
    return _line(work, refund_id, row, when, quantity_milli=quantity_milli, voided_milli=voided_milli, **amounts)


def line_of_price(work: Work, refund_id: UUID, row: Any, change: LineChange, part_minor: int, when: When) -> RefundLine:
    """So much of what a receipt line charges too much, with its share of service and taxes; the rest is discount."""
    whole, charged, should = change.too_much_minor, change.charged, change.should
    service = (charged.service_minor - should.service_minor) * part_minor // whole
    now, then = ({each.tax: each.tax_minor for each in of.taxes} for of in (charged, should))
    taxes = []
    for said in filter(is_tax, row.taxes):
        less = sum(
            amount - then.get(tax, 0)
            for tax, amount in now.items()
            if (tax.name, tax.rate_millionths, tax.included, tax.per_unit_minor)
            == (said["name"], said.get("rate_millionths"), said["included"], said.get("per_unit_minor"))
        )
        taxes.append({**said, "tax_minor": less * part_minor // whole})
    before = {each.id: each.amount_minor for each in charged.discounts}
    given = {each.id: each.amount_minor - before.get(each.id, 0) for each in should.discounts}
    return _line(
        work,
        refund_id,
        row,
        when,
        quantity_milli=0,
        allowed_milli=change.portions,
        gross_minor=0,
        discount_minor=service + added_taxes(taxes) - part_minor,
        service_minor=service,
        tax_minor=sum(tax["tax_minor"] for tax in taxes),
        total_minor=part_minor,
        discounts=[{"id": str(key), "amount_minor": amount} for key, amount in given.items() if amount > 0],
        taxes=taxes,
    )


When = Mapping[str, Any]
"""Business date and local hour of a refund."""


def _line(work: Work, refund_id: UUID, row: Any, when: When, **amounts: Any) -> RefundLine:
    """Write a line about a receipt line."""
    return work.add(
        RefundLine(
            organization_id=work.organization_id,
            branch_id=row.branch_id,
            id=work.ids.new(),
            refund_id=refund_id,
            receipt_line_id=row.id,
            check_id=row.check_id,
            root_id=row.root_id,
            order_line_id=row.order_line_id,
            **amounts,
            **when,
        )
    )
