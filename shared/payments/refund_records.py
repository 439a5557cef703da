"""Money that was given back: refunds, by which methods, and the portions that they take back."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from shared.drawers.records import OF_SESSION, TAKES_MONEY
from shared.kernel.columns import Choice, Day, Flag, Hour, Instant, Key, Listed, Number, Whole, Words
from shared.kernel.declared import AddsUpTo, LesserRight, OneFact, RowRule, not_negative
from shared.kernel.permissions import Permission
from shared.kernel.records import BranchRecord, belongs_to, ledger, once
from shared.kernel.rights import any_of
from shared.payments.records import HAS_DISCOUNTS, HAS_TAXES, IS_ROUNDED
from shared.payments.rules import KIND_OF_METHOD, TenderKind

_TAKES_BACK = RowRule(
    "it takes portions back, or lowers the price of some",
    ("quantity_milli", "allowed_milli", "gross_minor", "discount_minor", "service_minor", "tax_minor"),
    lambda quantity, allowed, gross, *others: (
        min(quantity, allowed) == 0 < max(quantity, allowed) and (min(gross, *others) >= 0 if quantity else gross == 0)
    ),
)
_VOIDS_ITS_OWN = RowRule(
    "it voids no more than it takes back",
    ("voided_milli", "quantity_milli"),
    lambda voided, quantity: 0 <= voided <= quantity,
)
_OF_ITS_OWN_SESSION = OF_SESSION._replace(unless="correction")
"""What takes a payment back belongs to the session of the payment, whoever finds that it was wrong."""
_CORRECTIONS = LesserRight("correction", any_of(Permission.TAKE_PAYMENT))


class Refund(BranchRecord):
    """Money that was given back, with the portions that its lines take back. `paid_minor` left the house, by its
    `refund_payments`.

    `total_minor` is what its lines come to; `rounding_minor` what cash rounding added to what was paid.

    A `correction` says that money was noted by a wrong method, or of a wrong amount: its one payment takes back that
    payment, all of it, and the money is noted anew. It belongs to the session, day and hour of that payment, late if
    the session is closed. It has no lines, and no report counts it as a refund. Its id follows from the payment's, so
    that a payment is taken back once. `after_receipt`: a receipt had counted it.

    `limit_minor`: the limit of who gave it back, or what was approved; None: there was none. It holds for all that goes
    back for the order (`limits.py`).
    """

    __tablename__ = "refunds"
    __writes__ = Permission.REFUND
    __lesser__ = _CORRECTIONS
    __up_to__ = "paid_minor"
    __devices__ = TAKES_MONEY
    __rules__ = (
        *not_negative("paid_minor", "total_minor"),
        IS_ROUNDED,
        RowRule(
            "a correction takes no portion back",
            ("correction", "total_minor"),
            lambda is_one, total: not is_one or not total,
        ),
    )
    __one_device__ = _OF_ITS_OWN_SESSION
    __one_fact__ = OneFact(
        ("correction",), frozenset({"number", "reason", "refunded_at", "refunded_by", "cashier_name"})
    )
    __whole__ = True
    __told__ = ("number", "paid_minor", "reason")
    __table_args__ = (
        belongs_to("check_id", "checks"),
        Index("ix_refunds_check_id", "check_id", "organization_id"),
        Index("ix_refunds_order_id", "order_id", "organization_id"),
        belongs_to("session_id", "drawer_sessions"),
        Index("ix_refunds_business_date", "branch_id", "organization_id", "business_date"),
        Index("ix_refunds_number", "branch_id", "organization_id", "number", "business_date"),
    )
    check_id: Mapped[UUID] = ledger(Key())
    number: Mapped[str] = ledger(Number())
    currency: Mapped[str] = ledger(Words(3))
    paid_minor: Mapped[int] = ledger(Whole())
    rounding_minor: Mapped[int] = ledger(Whole(), default=0)
    total_minor: Mapped[int] = ledger(Whole())
    order_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    limit_minor: Mapped[int | None] = ledger(Whole(), nullable=True)
    correction: Mapped[bool] = ledger(Flag(), default=False)
    after_receipt: Mapped[bool] = once(by=Permission.CORRECT_PAYMENT)
    reason: Mapped[str] = ledger(Words(120), default="")
    refunded_at: Mapped[datetime] = ledger(Instant())
    refunded_by: Mapped[UUID | None] = ledger(Key(), nullable=True)
    cashier_name: Mapped[str] = ledger(Words(120), default="")
    session_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    business_date: Mapped[date] = ledger(Day())
    local_hour: Mapped[int] = ledger(Hour())


class RefundPayment(BranchRecord):
    """The part of a refund that went back by one method; the parts add up to what the refund paid.

    `payment_id`: the payment that came by it, so that no card or wallet gets more than it paid; None: cash from the
    drawer, whatever was paid by. `correction`: see `Refund`.
    """

    __tablename__ = "refund_payments"
    __writes__ = Permission.REFUND
    __lesser__ = _CORRECTIONS
    __up_to__ = "paid_minor"
    __devices__ = TAKES_MONEY
    __adds_up_to__ = AddsUpTo(
        "refund_id", ("paid_minor",), same=("check_id", "currency", "correction", "business_date", "local_hour")
    )
    __rules__ = (RowRule("it gives something back", ("paid_minor",), lambda paid: paid > 0),)
    __one_device__ = _OF_ITS_OWN_SESSION
    __copied__ = KIND_OF_METHOD
    __told__ = ("method_name", "paid_minor")
    __table_args__ = (
        belongs_to("refund_id", "refunds"),
        belongs_to("method_id", "payment_methods"),
        Index("ix_refund_payments_refund_id", "refund_id", "organization_id"),
        belongs_to("session_id", "drawer_sessions"),
        Index("ix_refund_payments_session_id", "session_id", "organization_id"),
        Index("ix_refund_payments_check_id", "check_id", "organization_id"),
    )
    refund_id: Mapped[UUID] = ledger(Key())
    check_id: Mapped[UUID] = ledger(Key())
    payment_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    method_id: Mapped[UUID] = ledger(Key())
    method_name: Mapped[str] = ledger(Words(40))
    kind: Mapped[TenderKind] = ledger(Choice(TenderKind, fallback=TenderKind.CARD))
    currency: Mapped[str] = ledger(Words(3))
    paid_minor: Mapped[int] = ledger(Whole())
    correction: Mapped[bool] = ledger(Flag(), default=False)
    session_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    business_date: Mapped[date] = ledger(Day())
    local_hour: Mapped[int] = ledger(Hour())


class RefundLine(BranchRecord):
    """Portions of a receipt line that are not charged after all, and its share of the amounts.

    `voided_milli` of them were a sale, and the refund voided them, or another receipt of the same moment charges them
    anew (`charging.py`); the rest was covered too much anyway. A line that
    takes no portion back lowers the price of `allowed_milli`: a discount or charge changed while they were paid. Its
    `discount_minor` is below nothing, and `discounts` says what it gives of each ({id, amount_minor}).
    """

    __tablename__ = "refund_lines"
    __writes__ = Permission.REFUND
    __devices__ = TAKES_MONEY
    __rules__ = (*not_negative("total_minor", "allowed_milli"), _TAKES_BACK, _VOIDS_ITS_OWN, HAS_TAXES, HAS_DISCOUNTS)
    __told__ = ("quantity_milli", "total_minor")
    __table_args__ = (
        belongs_to("refund_id", "refunds"),
        belongs_to("receipt_line_id", "receipt_lines"),
        belongs_to("root_id", "order_lines"),
        Index("ix_refund_lines_root_id", "root_id", "organization_id"),
        Index("ix_refund_lines_check_id", "check_id", "organization_id"),
        Index("ix_refund_lines_refund_id", "refund_id", "organization_id"),
    )
    refund_id: Mapped[UUID] = ledger(Key())
    receipt_line_id: Mapped[UUID] = ledger(Key())
    check_id: Mapped[UUID] = ledger(Key())
    root_id: Mapped[UUID] = ledger(Key())
    order_line_id: Mapped[UUID] = ledger(Key())
    quantity_milli: Mapped[int] = ledger(Whole())
    voided_milli: Mapped[int] = ledger(Whole(), default=0)
    allowed_milli: Mapped[int] = ledger(Whole(), default=0)
    gross_minor: Mapped[int] = ledger(Whole())
    discount_minor: Mapped[int] = ledger(Whole())
    service_minor: Mapped[int] = ledger(Whole(), default=0)
    tax_minor: Mapped[int] = ledger(Whole())
    total_minor: Mapped[int] = ledger(Whole())
    discounts: Mapped[list[dict[str, Any]]] = ledger(Listed(), default=list)
    taxes: Mapped[list[dict[str, Any]]] = ledger(Listed(), default=list)
    business_date: Mapped[date] = ledger(Day())
    local_hour: Mapped[int] = ledger(Hour())
