"""What is taken off a check, or added to it: discounts and service charges."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from shared.drawers.records import TAKES_MONEY
from shared.kernel.columns import Choice, Flag, Instant, Key, Listed, Whole, Words
from shared.kernel.declared import Boundless, RowRule, is_list_of_ids, not_negative
from shared.kernel.money import FULL_RATE
from shared.kernel.permissions import Permission
from shared.kernel.records import BranchRecord, belongs_to, ledger, once, register

_ONE_OF_TWO = RowRule(
    "it is a rate or an amount",
    ("rate_millionths", "amount_minor"),
    lambda rate, amount: min(rate, amount) == 0 < max(rate, amount) and rate <= FULL_RATE,
)
_COMPS_ALL = RowRule(
    "a comp is all of it",
    ("kind", "rate_millionths"),
    lambda kind, rate: kind != "comp" or rate == FULL_RATE,
)
_IS_WORTH = RowRule("it is worth its amount", ("worth_minor", "amount_minor"), lambda worth, amount: worth >= amount)
_IS_PART_OF_ALL = RowRule(
    "it is part of all that was taken off", ("in_all_minor", "worth_minor"), lambda in_all, worth: in_all >= worth
)
_MAY_TAKE_IT = RowRule(
    "it may take what it is worth",
    ("most_minor", "worth_minor"),
    lambda most, worth: most is None or most >= max(0, worth),
)
CHARGES = RowRule("it is a rate", ("rate_millionths",), lambda rate: 0 < rate <= FULL_RATE)
"""Of a service charge, and of the rule behind it."""
_NAMES_RECEIPTS = (
    RowRule("it names receipts", ("seen",), is_list_of_ids),
    RowRule("it names receipts", ("lifted_after",), is_list_of_ids),
)


class DiscountKind(StrEnum):
    """How a discount was given."""

    RATE = "rate"
    AMOUNT = "amount"
    COMP = "comp"


class DiscountSource(StrEnum):
    """Who or what gave a discount."""

    HAND = "hand"
    PROMOTION = "promotion"


class Discount(BranchRecord):
    """Less to pay on a check, or on one of its lines: a rate or an amount. `lifted` takes it back.

    `kind`: how people gave it; a comp is all of it, on the house. `source`: who or what gave it.
    `worth_minor`: what it took off when it was given. `in_all_minor`: what people had taken off the order with it; a
    limit is held against that. `most_minor`: the most that it may ever take, held against a limit, too; None if who
    gave it has no limit. `limit_minor`: the limit of who gave it, or what was approved; None: there was none. `beside`:
    the discounts of people that its author knew of the order: what nobody knew of may be too much with it
    (`limits.py`).

    What receipts have already given of it is said by their lines. `root_id`: of the discount of a line, its family.
    `seen`: the receipts that its author knew, and `lifted_after`: those that were known when it was lifted; what they
    charged stands.
    """

    __tablename__ = "discounts"
    __writes__ = Permission.GIVE_DISCOUNT
    __up_to__ = "in_all_minor"
    __boundless__ = Boundless("most_minor", only_if="rate_millionths")
    __devices__ = TAKES_MONEY
    __rules__ = (
        _ONE_OF_TWO,
        _IS_WORTH,
        _IS_PART_OF_ALL,
        _MAY_TAKE_IT,
        _COMPS_ALL,
        *_NAMES_RECEIPTS,
        RowRule("it names discounts", ("beside",), is_list_of_ids),
    )
    __told__ = ("kind", "rate_millionths", "amount_minor", "reason")
    __table_args__ = (
        belongs_to("check_id", "checks"),
        Index("ix_discounts_check_id", "check_id", "organization_id"),
        Index("ix_discounts_line_id", "line_id", "organization_id"),
        Index("ix_discounts_order_id", "order_id", "organization_id"),
        Index("ix_discounts_given_at", "branch_id", "organization_id", "given_at"),
    )
    check_id: Mapped[UUID] = ledger(Key())
    line_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    root_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    kind: Mapped[DiscountKind] = ledger(Choice(DiscountKind, fallback=DiscountKind.RATE))
    source: Mapped[DiscountSource] = ledger(
        Choice(DiscountSource, fallback=DiscountSource.PROMOTION), default=DiscountSource.HAND
    )
    rate_millionths: Mapped[int] = ledger(Whole(), default=0)
    amount_minor: Mapped[int] = ledger(Whole(), default=0)
    worth_minor: Mapped[int] = ledger(Whole())
    most_minor: Mapped[int | None] = ledger(
        Whole(), nullable=True, by=Permission.GIVE_DISCOUNT, up_to="most_minor", default=None
    )
    order_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    in_all_minor: Mapped[int] = ledger(Whole())
    limit_minor: Mapped[int | None] = ledger(Whole(), nullable=True)
    beside: Mapped[list[str]] = ledger(Listed(), default=list)
    reason: Mapped[str] = ledger(Words(120), default="")
    given_at: Mapped[datetime] = ledger(Instant())
    given_by: Mapped[UUID | None] = ledger(Key(), nullable=True)
    seen: Mapped[list[str]] = ledger(Listed(), default=list)
    lifted: Mapped[bool] = once()
    lifted_after: Mapped[list[str] | None] = register(Listed(), nullable=True)


class ServiceCharge(BranchRecord):
    """A rate that is added to what a check owes. `lifted` takes it back, as a discount does. Of two the greater counts.

    `taxed`: whether taxes are due on it, too; see `shared/orders/rules.py`.

    Its id follows from check, rule, and how many of them were lifted before: devices that add it at once add one.
    `seen`, `lifted_after`: see `Discount`. `waived_minor`: what taking it off made its checks less, those included that
    inherited it and do so no longer. `in_all_minor`: what people had taken off the order with it; a limit of discounts
    is held against that. `alone_minor`: what taking it off would have made them less if no other charge stood, of which
    another till knew nothing. `limit_minor`, `beside`: of who took it off, see `Discount`.
    """

    __tablename__ = "service_charges"
    __writes__ = (Permission.TAKE_PAYMENT, Permission.TAKE_ORDER)
    __devices__ = TAKES_MONEY
    __derived__ = True
    __rules__ = (
        CHARGES,
        *_NAMES_RECEIPTS,
        *not_negative("waived_minor", "in_all_minor", "alone_minor"),
        RowRule("it names what was taken off", ("beside",), is_list_of_ids),
    )
    __told__ = ("name", "rate_millionths", "waived_minor")
    __table_args__ = (
        belongs_to("check_id", "checks"),
        Index("ix_service_charges_check_id", "check_id", "organization_id"),
        Index("ix_service_charges_order_id", "order_id", "organization_id"),
    )
    check_id: Mapped[UUID] = ledger(Key())
    order_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    rule_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    name: Mapped[str] = ledger(Words(40), default="")
    rate_millionths: Mapped[int] = ledger(Whole())
    taxed: Mapped[bool] = ledger(Flag(), default=True)
    added_at: Mapped[datetime] = ledger(Instant())
    added_by: Mapped[UUID | None] = ledger(Key(), nullable=True)
    seen: Mapped[list[str]] = ledger(Listed(), default=list)
    lifted: Mapped[bool] = once(by=Permission.GIVE_DISCOUNT)
    lifted_after: Mapped[list[str] | None] = register(Listed(), nullable=True)
    waived_minor: Mapped[int] = register(Whole(), default=0, by=Permission.GIVE_DISCOUNT, up_to="waived_minor")
    in_all_minor: Mapped[int] = register(Whole(), default=0, by=Permission.GIVE_DISCOUNT, up_to="in_all_minor")
    alone_minor: Mapped[int] = register(Whole(), default=0, by=Permission.GIVE_DISCOUNT)
    limit_minor: Mapped[int | None] = register(Whole(), nullable=True, by=Permission.GIVE_DISCOUNT)
    beside: Mapped[list[str]] = register(Listed(), default=list, by=Permission.GIVE_DISCOUNT)
