"""How guests pay: methods, checks, payments, and receipts that say what was sold for how much."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from shared.kernel.columns import Choice, Day, Flag, Hour, Instant, Key, Listed, Rank, Standing, Whole, Words
from shared.kernel.permissions import DeviceKind, Permission
from shared.kernel.records import BranchRecord, Record, belongs_to, ledger, register, state
from shared.kernel.rights import AddsUpTo, adds_up, not_negative
from shared.payments.rules import TenderKind

TAKES_MONEY = frozenset(DeviceKind) - {DeviceKind.KITCHEN}
"""A kitchen display takes no money."""


class CheckStatus(Rank):
    """A check's way; settled is final."""

    OPEN = 10
    SETTLED = 20


class PaymentMethod(Record):
    """A way to pay that the organization takes, by the name that its guests use (Yape, Plin, Visa ...)."""

    __tablename__ = "payment_methods"
    __writes__ = Permission.EDIT_BRANCH
    name: Mapped[str] = register(Words(40))
    kind: Mapped[TenderKind] = register(Choice(TenderKind, fallback=TenderKind.CARD))
    position: Mapped[int] = register(Whole(), default=0)
    active: Mapped[bool] = register(Flag(), default=True)


class Check(BranchRecord):
    """The bill of an order. The first one follows from the order itself."""

    __tablename__ = "checks"
    __derived__ = True
    __writes__ = Permission.TAKE_ORDER
    __table_args__ = (
        belongs_to("order_id", "orders"),
        Index("ix_checks_order_id", "order_id", "organization_id", "id"),
    )
    __rules__ = not_negative("discount_minor")
    __told__ = ("discount_minor",)
    order_id: Mapped[UUID] = ledger(Key())
    discount_minor: Mapped[int] = register(Whole(), by=Permission.GIVE_DISCOUNT, up_to="discount_minor", default=0)
    standing: Mapped[Standing[CheckStatus]] = state(CheckStatus, moves={CheckStatus.SETTLED: Permission.TAKE_PAYMENT})


class Receipt(BranchRecord):
    """A settled check. `total_minor` is what was sold; `rounding_minor` is what cash rounding added to it.

    `taxes` is a list of {name, rate_millionths, per_unit_minor, included, net_minor, tax_minor}. `business_date` and
    `local_hour` are the branch's at settlement.
    """

    __tablename__ = "receipts"
    __writes__ = Permission.TAKE_PAYMENT
    __table_args__ = (
        belongs_to("check_id", "checks"),
        belongs_to("order_id", "orders"),
        Index("ix_receipts_business_date", "branch_id", "business_date"),
    )
    __devices__ = TAKES_MONEY
    __rules__ = (
        *not_negative(
            "gross_minor",
            "discount_minor",
            "service_minor",
            "net_minor",
            "tax_minor",
            "total_minor",
            "change_minor",
        ),
        adds_up("total_minor", "net_minor", "tax_minor"),
    )
    __told__ = ("number", "total_minor")
    check_id: Mapped[UUID] = ledger(Key())
    order_id: Mapped[UUID] = ledger(Key())
    number: Mapped[str] = ledger(Words(24))
    currency: Mapped[str] = ledger(Words(3))
    gross_minor: Mapped[int] = ledger(Whole())
    discount_minor: Mapped[int] = ledger(Whole())
    service_minor: Mapped[int] = ledger(Whole(), default=0)
    net_minor: Mapped[int] = ledger(Whole())
    tax_minor: Mapped[int] = ledger(Whole())
    total_minor: Mapped[int] = ledger(Whole())
    rounding_minor: Mapped[int] = ledger(Whole(), default=0)
    change_minor: Mapped[int] = ledger(Whole(), default=0)
    taxes: Mapped[list[dict[str, Any]]] = ledger(Listed(), default=list)
    settled_at: Mapped[datetime] = ledger(Instant())
    settled_by: Mapped[UUID | None] = ledger(Key(), nullable=True)
    cashier_name: Mapped[str] = ledger(Words(120), default="")
    business_date: Mapped[date] = ledger(Day())
    local_hour: Mapped[int] = ledger(Hour())


class ReceiptLine(BranchRecord):
    """One line as it was charged; the lines of a receipt add up to it.

    `unit_price_minor` includes modifiers. `discounts` is a list of {id, amount_minor} (what each discount took off),
    `taxes` one of {name, rate_millionths, per_unit_minor, included, tax_minor}. total = gross - discount + service +
    taxes that are added.
    """

    __tablename__ = "receipt_lines"
    __writes__ = Permission.TAKE_PAYMENT
    __table_args__ = (
        belongs_to("receipt_id", "receipts"),
        Index("ix_receipt_lines_receipt_id", "receipt_id", "organization_id"),
    )
    __devices__ = TAKES_MONEY
    __adds_up_to__ = AddsUpTo("receipt_id", ("total_minor", "tax_minor"))
    __rules__ = not_negative(
        "quantity_milli",
        "unit_price_minor",
        "gross_minor",
        "discount_minor",
        "service_minor",
        "tax_minor",
        "total_minor",
    )
    __told__ = ("item_name", "quantity_milli", "total_minor")
    receipt_id: Mapped[UUID] = ledger(Key())
    order_line_id: Mapped[UUID] = ledger(Key())
    item_id: Mapped[UUID] = ledger(Key())
    item_name: Mapped[str] = ledger(Words(120))
    category_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    category_name: Mapped[str] = ledger(Words(120), default="")
    quantity_milli: Mapped[int] = ledger(Whole())
    unit: Mapped[str] = ledger(Words(12), default="")
    unit_price_minor: Mapped[int] = ledger(Whole())
    gross_minor: Mapped[int] = ledger(Whole())
    discount_minor: Mapped[int] = ledger(Whole())
    service_minor: Mapped[int] = ledger(Whole(), default=0)
    tax_minor: Mapped[int] = ledger(Whole())
    total_minor: Mapped[int] = ledger(Whole())
    discounts: Mapped[list[dict[str, Any]]] = ledger(Listed(), default=list)
    taxes: Mapped[list[dict[str, Any]]] = ledger(Listed(), default=list)
    currency: Mapped[str] = ledger(Words(3))
    business_date: Mapped[date] = ledger(Day())
    local_hour: Mapped[int] = ledger(Hour())


class Payment(BranchRecord):
    """Money that came in. `amount_minor` stays with us; `tendered_minor` = amount + change."""

    __tablename__ = "payments"
    __writes__ = Permission.TAKE_PAYMENT
    __table_args__ = (
        belongs_to("check_id", "checks"),
        belongs_to("method_id", "payment_methods"),
        Index("ix_payments_check_id", "check_id", "organization_id"),
    )
    __devices__ = TAKES_MONEY
    __rules__ = (
        *not_negative("amount_minor", "tendered_minor", "change_minor"),
        adds_up("tendered_minor", "amount_minor", "change_minor"),
    )
    __told__ = ("method_name", "amount_minor")
    check_id: Mapped[UUID] = ledger(Key())
    method_id: Mapped[UUID] = ledger(Key())
    method_name: Mapped[str] = ledger(Words(40))
    kind: Mapped[TenderKind] = ledger(Choice(TenderKind, fallback=TenderKind.CARD))
    currency: Mapped[str] = ledger(Words(3))
    amount_minor: Mapped[int] = ledger(Whole())
    tendered_minor: Mapped[int] = ledger(Whole())
    change_minor: Mapped[int] = ledger(Whole(), default=0)
    reference: Mapped[str] = ledger(Words(60), default="")
    taken_at: Mapped[datetime] = ledger(Instant())
    taken_by: Mapped[UUID | None] = ledger(Key(), nullable=True)
    business_date: Mapped[date] = ledger(Day())
    local_hour: Mapped[int] = ledger(Hour())
