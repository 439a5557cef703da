"""How guests pay: methods, checks, payments, and receipts that say what was sold for how much."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from shared.countries.currencies import is_code
from shared.countries.exchange import MOST_RATE, is_worth
from shared.drawers.records import OF_SESSION, TAKES_MONEY
from shared.kernel.columns import Choice, Day, Flag, Hour, Instant, Key, Listed, Number, Octets, Whole, Words
from shared.kernel.declared import AddsUpTo, Follows, OneFact, RowRule, adds_up, is_list_of_ids, not_negative
from shared.kernel.ids import derived_id
from shared.kernel.language import are_names
from shared.kernel.permissions import Permission
from shared.kernel.records import BranchRecord, Record, belongs_to, ledger, newest, once, register
from shared.payments.rules import (
    CHOSEN_ANEW,
    ID_BYTES,
    KIND_OF_METHOD,
    Asks,
    TenderKind,
    added_taxes,
    are_packed_ids,
    is_discount_share,
    is_no_card_number,
    is_rounded,
    is_tax,
)

MOST_COUNTED = 2_000
"""Payments that a receipt may name; they fit into one change."""
IS_ROUNDED = RowRule("cash is rounded to a coin", ("rounding_minor",), is_rounded)
_LINE_ADDS_UP = RowRule(
    "total = gross - discount + service + added taxes",
    ("total_minor", "gross_minor", "discount_minor", "service_minor", "taxes"),
    lambda total, gross, discount, service, taxes: total == gross - discount + service + added_taxes(taxes),
)
HAS_TAXES = RowRule("taxes are taxes", ("taxes",), lambda taxes: isinstance(taxes, list) and all(map(is_tax, taxes)))
HAS_DISCOUNTS = RowRule(
    "discounts are discounts",
    ("discounts",),
    lambda discounts: isinstance(discounts, list) and all(map(is_discount_share, discounts)),
)
_COVERS = RowRule("it covers something", ("quantity_milli",), lambda quantity: quantity > 0)
_NO_CARD_NUMBER = RowRule(
    "no text holds the number of a card", ("reference", "last_four", "authorization"), is_no_card_number
)
_IS_WORTH_WHAT_IT_SAYS = RowRule(
    "other money is worth what was tendered",
    ("tendered_minor", "given_minor", "rate_millionths", "given_currency", "currency"),
    lambda tendered, given, rate, of, house: (
        given > 0 and 0 < rate <= MOST_RATE and is_worth(tendered, given, rate, of, house)
        if is_code(of)
        else of == "" and given == rate == 0
    ),
)
_PAYS_THE_SAME = RowRule(
    "cash and card pay the same but for the rounding",
    ("amount_minor", "rounding_minor"),
    lambda amount, rounding, other_amount, other_rounding: amount - rounding == other_amount - other_rounding,
)
_PAID_BACK = ("gross_minor", "discount_minor", "service_minor", "tax_minor", "total_minor")


class PaymentMethod(Record):
    """A way to pay that the organization takes, by the name that its guests use (Yape, Plin, Visa ...).

    `asks`: when a till asks for what its slip says. `qr_text`: what the house's QR says, for guests to pay to.
    `needs_right`: a right that its tenders take besides; empty: none. `most_minor`: of one tender; 0: no limit.
    `currency`: of the money that is given by it; empty: the house's. `names`: how screens in other languages call it.
    """

    __tablename__ = "payment_methods"
    __writes__ = Permission.EDIT_BRANCH
    __rules__ = (RowRule("its names are texts by language", ("names",), are_names),)
    name: Mapped[str] = register(Words(40))
    names: Mapped[dict[str, str]] = register(Listed(), default=dict)
    kind: Mapped[TenderKind] = register(Choice(TenderKind, fallback=TenderKind.CARD))
    asks: Mapped[Asks] = register(Choice(Asks, fallback=Asks.LATER), default=Asks.LATER)
    qr_text: Mapped[str] = register(Words(500), default="")
    gives_change: Mapped[bool] = register(Flag(), default=False)
    needs_right: Mapped[str] = register(Words(40), default="")
    most_minor: Mapped[int] = register(Whole(), default=0)
    currency: Mapped[str] = register(Words(3), default="")
    position: Mapped[int] = register(Whole(), default=0)
    active: Mapped[bool] = register(Flag(), default=True)


class Check(BranchRecord):
    """A bill. The first one of an order follows from the order itself.

    `order_id` changes when tables are joined, always to a newer order: whoever joins tables at once, all agree on it.
    `split_of_id`: the check that it was split off, or that that one was split off: all of a split name the first.
    `inherits`: the discounts and service charges of its siblings that hold for it, too: those that were in force on the
    check from which it was split off.
    """

    __tablename__ = "checks"
    __derived__ = True
    __follows__ = Follows(("order_id",), lambda order: {derived_id("check", UUID(bytes=order))})
    __writes__ = Permission.TAKE_ORDER
    __rules__ = (RowRule("it names what it inherits", ("inherits",), is_list_of_ids),)
    __table_args__ = (
        belongs_to("order_id", "orders"),
        Index("ix_checks_order_id", "order_id", "organization_id", "id"),
        Index("ix_checks_split_of_id", "split_of_id", "organization_id"),
    )
    order_id: Mapped[UUID] = newest()
    split_of_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    inherits: Mapped[list[str]] = register(Listed(), default=list)


class Receipt(BranchRecord):
    """What was charged of a check. `total_minor` is what was sold; `rounding_minor` what cash rounding added to it.

    `taxes` is a list of {name, rate_millionths, included, per_unit_minor, net_minor, tax_minor}. `business_date` and
    `local_hour` are the branch's at settlement.
    `counts`: the payments that it counts, by their ids: all that its author knew of the check, that stood, and that no
    receipt before it counted. No clock tells that (`counting.py`). Ids of sixteen bytes, one after the other: as the
    payments that travel with the receipt have them, so that naming them costs few bytes on the way.
    """

    __tablename__ = "receipts"
    __writes__ = Permission.TAKE_PAYMENT
    __devices__ = TAKES_MONEY
    __rules__ = (
        *not_negative("gross_minor", "discount_minor", "service_minor", "net_minor", "tax_minor", "change_minor"),
        adds_up("total_minor", "net_minor", "tax_minor"),
        IS_ROUNDED,
        HAS_TAXES,
        RowRule("it names what it counts", ("counts",), are_packed_ids),
    )
    __one_device__ = OF_SESSION
    __told__ = ("number", "total_minor")
    __table_args__ = (
        belongs_to("check_id", "checks"),
        belongs_to("order_id", "orders"),
        belongs_to("session_id", "drawer_sessions"),
        Index("ix_receipts_session_id", "session_id", "organization_id"),
        Index("ix_receipts_business_date", "branch_id", "organization_id", "business_date", "settled_at"),
        Index("ix_receipts_check_id", "check_id", "organization_id"),
        Index("ix_receipts_total_minor", "branch_id", "organization_id", "total_minor"),
        Index("ix_receipts_number", "branch_id", "organization_id", "number", "business_date"),
    )
    check_id: Mapped[UUID] = ledger(Key())
    order_id: Mapped[UUID] = ledger(Key())
    number: Mapped[str] = ledger(Number())
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
    counts: Mapped[bytes] = ledger(Octets(MOST_COUNTED * ID_BYTES), default=b"")
    settled_at: Mapped[datetime] = ledger(Instant())
    settled_by: Mapped[UUID | None] = ledger(Key(), nullable=True)
    cashier_name: Mapped[str] = ledger(Words(120), default="")
    session_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    business_date: Mapped[date] = ledger(Day())
    local_hour: Mapped[int] = ledger(Hour())


class ReceiptLine(BranchRecord):
    """Portions of one line as they were charged; the lines of a receipt add up to it.

    `unit_price_minor` includes modifiers. `discounts` is a list of {id, amount_minor}, `taxes` one of {name,
    rate_millionths, included, per_unit_minor, tax_minor}. total = gross - discount + service + taxes that are added.
    `combo_id`, `combo_name`: the combo of which it is a part.
    `adjusted_by`: the discounts and service charges that were in force when it was priced, whatever they came to.
    """

    __tablename__ = "receipt_lines"
    __writes__ = Permission.TAKE_PAYMENT
    __devices__ = TAKES_MONEY
    __adds_up_to__ = AddsUpTo(
        "receipt_id", ("total_minor", "tax_minor"), same=("check_id", "currency", "business_date", "local_hour")
    )
    __rules__ = (
        *not_negative("unit_price_minor", *_PAID_BACK),
        _COVERS,
        HAS_TAXES,
        HAS_DISCOUNTS,
        _LINE_ADDS_UP,
        RowRule("it names what adjusted it", ("adjusted_by",), is_list_of_ids),
    )
    __told__ = ("item_name", "quantity_milli", "total_minor")
    __table_args__ = (
        belongs_to("receipt_id", "receipts"),
        belongs_to("root_id", "order_lines"),
        Index("ix_receipt_lines_receipt_id", "receipt_id", "organization_id"),
        Index("ix_receipt_lines_root_id", "root_id", "organization_id"),
        Index("ix_receipt_lines_check_id", "check_id", "organization_id"),
    )
    receipt_id: Mapped[UUID] = ledger(Key())
    check_id: Mapped[UUID] = ledger(Key())
    root_id: Mapped[UUID] = ledger(Key())
    order_line_id: Mapped[UUID] = ledger(Key())
    item_id: Mapped[UUID] = ledger(Key())
    item_name: Mapped[str] = ledger(Words(120))
    combo_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    combo_name: Mapped[str] = ledger(Words(120), default="")
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
    adjusted_by: Mapped[list[str]] = ledger(Listed(), default=list)
    taxes: Mapped[list[dict[str, Any]]] = ledger(Listed(), default=list)
    currency: Mapped[str] = ledger(Words(3))
    business_date: Mapped[date] = ledger(Day())
    local_hour: Mapped[int] = ledger(Hour())


_OF_ITS_TENDER = ("reference", "last_four", "authorization", "given_currency", "given_minor", "rate_millionths")


class Payment(BranchRecord):
    """Money that came in. `amount_minor` stays with us; `tendered_minor` = amount + change.

    Its number tells whether the close of its day knew it. Of other money that was given, `given_minor` of
    `given_currency` went into the drawer at `rate_millionths`; change is the house's money, and so is a tip that was
    kept from it.
    `replaces_id`: the payment by a wrong method for which it stands, in whose session it is. The method comes first: of
    two payments that replace one, the greater stands, and so it is of their tips.
    `rounding_minor`: what cash rounding added to what was missing of a check whose receipts stand already; else the
    receipt says it.
    `reference`: of the card terminal, the operation or the voucher. No text holds the number of a card.
    """

    __tablename__ = "payments"
    __writes__ = Permission.TAKE_PAYMENT
    __devices__ = TAKES_MONEY
    __rules__ = (
        *not_negative("amount_minor", "tendered_minor", "change_minor"),
        adds_up("tendered_minor", "amount_minor", "change_minor"),
        _NO_CARD_NUMBER,
        _IS_WORTH_WHAT_IT_SAYS,
        IS_ROUNDED,
    )
    __one_device__ = OF_SESSION._replace(unless="replaces_id")
    __one_fact__ = OneFact(
        ("replaces_id",),
        CHOSEN_ANEW
        | {"reference", "last_four", "authorization", "given_currency", "given_minor", "rate_millionths", "number"}
        | {"amount_minor", "tendered_minor", "rounding_minor"},
        _PAYS_THE_SAME,
    )
    __whole__ = True
    __copied__ = KIND_OF_METHOD
    __told__ = ("method_name", "amount_minor")
    __table_args__ = (
        belongs_to("check_id", "checks"),
        belongs_to("method_id", "payment_methods"),
        Index("ix_payments_check_id", "check_id", "organization_id"),
        belongs_to("session_id", "drawer_sessions"),
        Index("ix_payments_session_id", "session_id", "organization_id"),
        Index("ix_payments_business_date", "branch_id", "organization_id", "business_date"),
        Index("ix_payments_number", "branch_id", "organization_id", "number", "business_date"),
        Index(
            "ix_payments_reference",
            "branch_id",
            "organization_id",
            "reference",
            sqlite_where=sa.text("reference <> ''"),
        ),
    )
    check_id: Mapped[UUID] = ledger(Key())
    method_id: Mapped[UUID] = ledger(Key())
    method_name: Mapped[str] = ledger(Words(40))
    kind: Mapped[TenderKind] = ledger(Choice(TenderKind, fallback=TenderKind.CARD))
    currency: Mapped[str] = ledger(Words(3))
    amount_minor: Mapped[int] = ledger(Whole())
    tendered_minor: Mapped[int] = ledger(Whole())
    change_minor: Mapped[int] = ledger(Whole(), default=0)
    rounding_minor: Mapped[int] = ledger(Whole(), default=0)
    reference: Mapped[str] = ledger(Words(60), default="")
    last_four: Mapped[str] = ledger(Words(4), default="")
    authorization: Mapped[str] = ledger(Words(20), default="")
    given_currency: Mapped[str] = ledger(Words(3), default="")
    given_minor: Mapped[int] = ledger(Whole(), default=0)
    rate_millionths: Mapped[int] = ledger(Whole(), default=0)
    replaces_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    number: Mapped[str] = ledger(Number())
    taken_at: Mapped[datetime] = ledger(Instant())
    taken_by: Mapped[UUID | None] = ledger(Key(), nullable=True)
    session_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    business_date: Mapped[date] = ledger(Day())
    local_hour: Mapped[int] = ledger(Hour())


class WriteOff(BranchRecord):
    """What nobody will bring of a check: of a party that left without paying, or money that is missing.

    With a `receipt_id`: that receipt charges what the party had, and `amount_minor` of it was not paid; `is_whole`:
    nothing of it was. It counts as a loss and not as sold, unless it is `lifted`: they paid after all, or it was said
    twice. Without: receipts counted what nobody brought. Its id follows from check and number then, and it says nothing
    else: said on two devices at once, it is said once.
    """

    __tablename__ = "write_offs"
    __writes__ = Permission.WRITE_OFF
    __up_to__ = "amount_minor"
    __devices__ = TAKES_MONEY
    __rules__ = (
        RowRule("it writes something off", ("amount_minor",), lambda amount: amount > 0),
        RowRule(
            "a loss has its day",
            ("receipt_id", "business_date", "local_hour"),
            lambda receipt, *when: all((receipt is None) == (each is None) for each in when),
        ),
    )
    __told__ = ("amount_minor", "reason")
    __table_args__ = (
        belongs_to("check_id", "checks"),
        belongs_to("receipt_id", "receipts"),
        Index("ix_write_offs_check_id", "check_id", "organization_id"),
        Index("ix_write_offs_receipt_id", "receipt_id", "organization_id"),
        Index("ix_write_offs_business_date", "branch_id", "organization_id", "business_date"),
    )
    check_id: Mapped[UUID] = ledger(Key())
    receipt_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    currency: Mapped[str] = ledger(Words(3))
    amount_minor: Mapped[int] = ledger(Whole())
    is_whole: Mapped[bool] = ledger(Flag(), default=False)
    reason: Mapped[str] = ledger(Words(120), default="")
    written_at: Mapped[datetime | None] = ledger(Instant(), nullable=True)
    written_by: Mapped[UUID | None] = ledger(Key(), nullable=True)
    business_date: Mapped[date | None] = ledger(Day(), nullable=True)
    local_hour: Mapped[int | None] = ledger(Hour(), nullable=True)
    lifted: Mapped[bool] = once(by=(Permission.WRITE_OFF, Permission.REFUND))


class ReceiptCopy(BranchRecord):
    """One more print of a receipt or refund that was printed before: whatever device prints it, the next is one more.

    `of_id`: the receipt or refund. `copy`: the number on the paper.
    """

    __tablename__ = "receipt_copies"
    __writes__ = Permission.TAKE_PAYMENT
    __devices__ = TAKES_MONEY
    __rules__ = (RowRule("it counts from one", ("copy",), lambda copy: copy > 0),)
    __told__ = ("copy",)
    __table_args__ = (
        belongs_to("check_id", "checks"),
        Index("ix_receipt_copies_of_id", "of_id", "organization_id"),
    )
    check_id: Mapped[UUID] = ledger(Key())
    of_id: Mapped[UUID] = ledger(Key())
    copy: Mapped[int] = ledger(Whole())
    printed_at: Mapped[datetime] = ledger(Instant())
    printed_by: Mapped[UUID | None] = ledger(Key(), nullable=True)
