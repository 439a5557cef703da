"""On account: a person whom the house knows owes what they had, up to a limit, and pays it later by any method.

Their name and phone are sealed with a key of their own, so that they can be forgotten; what they owe stays. A charge is
written with the payment of its check. Who owes what is read off sums, never off history.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Index
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import Mapped

from shared.drawers.commands import moment
from shared.drawers.records import OF_SESSION, TAKES_MONEY
from shared.kernel.columns import Choice, Day, Flag, Hour, Instant, Key, Number, Whole, Words
from shared.kernel.declared import LesserRight, RowRule, not_negative
from shared.kernel.errors import DomainError
from shared.kernel.ids import derived_id
from shared.kernel.money import price_is_sensible, round_cash
from shared.kernel.numbers import number_in
from shared.kernel.permissions import Permission
from shared.kernel.records import BranchRecord, belongs_to, ledger, register
from shared.kernel.rights import any_of
from shared.kernel.sealed import (
    NAME_BYTES,
    UNWRAPPED,
    FieldPlace,
    KeyWrapping,
    PersonKey,
    SealBroken,
    key_of,
    keys_named,
    sealed,
    sealed_subjects,
)
from shared.kernel.sums import sums_table
from shared.kernel.text import MAX_NAME_CHARACTERS, clean
from shared.kernel.work import Work
from shared.payments.rules import KIND_OF_METHOD, Tender, TenderKind, apply_tenders, is_no_card_number, is_rounded
from shared.tenancy.records import Branch

if TYPE_CHECKING:
    from shared.payments.records import Payment
    from shared.payments.refund_records import RefundPayment

MAX_PHONE_CHARACTERS = 40
FIELDS = {"name": MAX_NAME_CHARACTERS, "phone": MAX_PHONE_CHARACTERS}
_cleaned = clean.__wrapped__
"""Without its cache, which would keep the names of guests."""
_IS_SOMETHING = RowRule("it is something", ("amount_minor",), lambda amount: amount > 0)
_PAYS_SOMETHING = RowRule(
    "it pays something, and only cash is rounded",
    ("amount_minor", "rounding_minor", "kind"),
    lambda amount, rounding, kind: (
        amount >= 0 and amount > rounding and is_rounded(rounding) and (kind == TenderKind.CASH or not rounding)
    ),
)


class Account(BranchRecord):
    """A person who may pay later. `most_minor`: what they may owe at most; 0: no limit."""

    __tablename__ = "accounts_receivable"
    __writes__ = Permission.CHARGE_ACCOUNT
    __rules__ = not_negative("most_minor")
    subject_id: Mapped[UUID] = ledger(Key())
    name: Mapped[bytes | None] = sealed(MAX_NAME_CHARACTERS)
    phone: Mapped[bytes | None] = sealed(MAX_PHONE_CHARACTERS)
    most_minor: Mapped[int] = register(Whole(), default=0)
    active: Mapped[bool] = register(Flag(), default=True)


class AccountCharge(BranchRecord):
    """What a payment on account added to what a person owes; with `is_credit`, what a refund of it took off again.

    Ids follow from the payment, or from the row of its refund.
    """

    __tablename__ = "account_charges"
    __writes__ = Permission.CHARGE_ACCOUNT
    __lesser__ = LesserRight("is_credit", any_of((Permission.TAKE_PAYMENT, Permission.REFUND)))
    __up_to__ = "amount_minor"
    __devices__ = TAKES_MONEY
    __rules__ = (_IS_SOMETHING,)
    __told__ = ("amount_minor",)
    __table_args__ = (
        belongs_to("account_id", "accounts_receivable"),
        belongs_to("payment_id", "payments"),
        Index("ix_account_charges_account_id", "account_id", "organization_id"),
    )
    account_id: Mapped[UUID] = ledger(Key())
    payment_id: Mapped[UUID] = ledger(Key())
    currency: Mapped[str] = ledger(Words(3))
    amount_minor: Mapped[int] = ledger(Whole())
    is_credit: Mapped[bool] = ledger(Flag(), default=False)


class AccountPayment(BranchRecord):
    """What a person paid of what they owe: money that came in, and no sale.

    `rounding_minor`: what cash rounding added to what was owed, where cash pays the rest of it. The debt is less by
    what came in without it.
    """

    __tablename__ = "account_payments"
    __writes__ = Permission.TAKE_PAYMENT
    __devices__ = TAKES_MONEY
    __rules__ = (
        _PAYS_SOMETHING,
        RowRule("no text holds the number of a card", ("reference", "last_four", "authorization"), is_no_card_number),
    )
    __one_device__ = OF_SESSION
    __copied__ = KIND_OF_METHOD
    __told__ = ("method_name", "amount_minor")
    __table_args__ = (
        belongs_to("account_id", "accounts_receivable"),
        belongs_to("method_id", "payment_methods"),
        Index("ix_account_payments_account_id", "account_id", "organization_id"),
        Index("ix_account_payments_session_id", "session_id", "organization_id"),
        Index("ix_account_payments_business_date", "branch_id", "organization_id", "business_date"),
    )
    account_id: Mapped[UUID] = ledger(Key())
    number: Mapped[str] = ledger(Number())
    method_id: Mapped[UUID] = ledger(Key())
    method_name: Mapped[str] = ledger(Words(40))
    kind: Mapped[TenderKind] = ledger(Choice(TenderKind, fallback=TenderKind.CARD))
    currency: Mapped[str] = ledger(Words(3))
    amount_minor: Mapped[int] = ledger(Whole())
    rounding_minor: Mapped[int] = ledger(Whole(), default=0)
    reference: Mapped[str] = ledger(Words(60), default="")
    last_four: Mapped[str] = ledger(Words(4), default="")
    authorization: Mapped[str] = ledger(Words(20), default="")
    taken_at: Mapped[datetime] = ledger(Instant())
    taken_by: Mapped[UUID | None] = ledger(Key(), nullable=True)
    session_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    business_date: Mapped[date] = ledger(Day())
    local_hour: Mapped[int] = ledger(Hour())


account_balances = sums_table(
    "account_balances",
    {"branch_id": Key(), "account_id": Key(), "currency": Words(3)},
    ("facts", "charged_minor", "paid_minor"),
)
"""What each person had on account, and what they paid of it. `facts` counts the rows behind it."""


@dataclass(frozen=True, slots=True)
class AccountView:
    """A person who may pay later, and what they owe now.

    Attributes:
        name: empty if they were forgotten or their key is not here (yet).
        owed_minor: below nothing: they paid too much.
    """

    id: UUID
    name: str
    phone: str
    most_minor: int
    owed_minor: int

    def __repr__(self) -> str:
        return f"AccountView({self.id})"  # no log line may hold a guest's name


async def open_account(
    work: Work, account_id: UUID, name: str, phone: str = "", most_minor: int = 0, *, charged_minor: int = 0
) -> Account:
    """Let a person pay later.

    Args:
        charged_minor: what is charged to it at once: who approves the one approves the other.

    Raises:
        DomainError: NOT_PERMITTED, NAME_MISSING, LIMIT_NOT_SENSIBLE.
    """
    work.require(Permission.CHARGE_ACCOUNT, charged_minor)
    texts = {"name": _cleaned(name, MAX_NAME_CHARACTERS), "phone": _cleaned(phone, MAX_PHONE_CHARACTERS)}
    if not texts["name"]:
        raise DomainError("NAME_MISSING")
    if not price_is_sensible(most_minor):
        raise DomainError("LIMIT_NOT_SENSIBLE")
    key = await key_of(work, work.branch_id, account_id)
    account = work.add(
        Account(
            organization_id=work.organization_id,
            branch_id=work.branch_id,
            id=account_id,
            subject_id=key.subject_id,
            most_minor=most_minor,
        )
    )
    for field, text in texts.items():
        setattr(account, field, key.seal(_place_of(work.organization_id, account_id, field), text) if text else None)
    return account


async def charge_account(work: Work, account_id: UUID, payment: Payment) -> AccountCharge:
    """Add a payment on account to what its person owes.

    Raises:
        DomainError: NOT_PERMITTED, ABOVE_LIMIT, NOT_FOUND, ACCOUNT_LIMIT (params: left_minor).
    """
    work.require(Permission.CHARGE_ACCOUNT, payment.amount_minor)
    account = await work.get(Account, account_id)
    if account.most_minor:
        left = account.most_minor - await owed_on(work.session, work.organization_id, account_id)
        if payment.amount_minor > left:
            raise DomainError("ACCOUNT_LIMIT", left_minor=max(0, left))
    key = _charge_id(payment.id)
    return work.add(_entry(work, key, account_id, payment.id, payment, payment.amount_minor, is_credit=False))


async def credit_account(work: Work, back: RefundPayment) -> AccountCharge | None:
    """Take off what a payment on account added, as far as a refund gives it back. None: it is of no account."""
    if back.kind is not TenderKind.ACCOUNT or back.payment_id is None:
        return None
    charge = await work.session.get(AccountCharge, (work.organization_id, _charge_id(back.payment_id)))
    if charge is None:
        return None
    key = derived_id("account_credit", back.id)
    return work.add(_entry(work, key, charge.account_id, charge.payment_id, back, back.paid_minor, is_credit=True))


async def pay_account(work: Work, account_id: UUID, row_id: UUID, tender: Tender) -> AccountPayment:
    """Take money for what a person owes. Cash that pays the rest of it is rounded to coins, as on a bill.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, TENDER_NOT_POSITIVE, MORE_THAN_OWED (params: owed_minor), CARD_NUMBER.
    """
    work.require(Permission.TAKE_PAYMENT)
    await work.get(Account, account_id)
    owed = await owed_on(work.session, work.organization_id, account_id)
    if tender.kind is TenderKind.ACCOUNT:
        raise DomainError("TENDER_NOT_POSITIVE")
    branch = await work.get(Branch, work.branch_id)
    cash = tender.kind is TenderKind.CASH
    coins = round_cash(owed, branch.cash_step_minor, branch.cash_rounding) if cash else owed
    if owed <= 0 or tender.amount_minor > max(owed, coins):
        raise DomainError("MORE_THAN_OWED", owed_minor=max(0, owed))
    tender = replace(tender, gives_change=False)
    taken = apply_tenders(owed, [tender], branch.cash_step_minor, branch.cash_rounding)
    kept = taken.applied[0].kept_minor if taken.applied else 0
    if not is_no_card_number(tender.reference, tender.last_four, tender.authorization):
        raise DomainError("CARD_NUMBER")
    at = await moment(work, takes_cash=tender.kind is TenderKind.CASH)
    place = await work.next_number("account payment")
    return work.add(
        AccountPayment(
            organization_id=work.organization_id,
            branch_id=work.branch_id,
            id=row_id,
            account_id=account_id,
            number=number_in(work.place.letter, "C", place),
            method_id=tender.method_id,
            method_name=clean(tender.method_name, 40),
            kind=tender.kind,
            currency=work.place.currency,
            amount_minor=kept,
            rounding_minor=taken.rounding_minor,
            reference=clean(tender.reference, 60),
            last_four=clean(tender.last_four, 4),
            authorization=clean(tender.authorization, 20),
            taken_at=work.now,
            taken_by=work.actor.staff_id,
            **at._asdict(),
        )
    )


def _entry(
    work: Work,
    key: UUID,
    account_id: UUID,
    payment_id: UUID,
    of: Payment | RefundPayment,
    amount_minor: int,
    *,
    is_credit: bool,
) -> AccountCharge:
    return AccountCharge(
        organization_id=work.organization_id,
        branch_id=of.branch_id,
        id=key,
        account_id=account_id,
        payment_id=payment_id,
        currency=of.currency,
        amount_minor=amount_minor,
        is_credit=is_credit,
    )


def _charge_id(payment_id: UUID) -> UUID:
    return derived_id("account_charge", payment_id)


async def owed_on(reader: AsyncConnection | AsyncSession, organization_id: UUID, account_id: UUID) -> int:
    """What a person owes, with the rows of this unit of work."""
    if isinstance(reader, AsyncSession):
        await reader.flush()
    charged, paid = AccountCharge.__table__.c, AccountPayment.__table__.c
    signed = sa.case((charged.is_credit, -charged.amount_minor), else_=charged.amount_minor)
    sums = [
        sa.select(sa.func.coalesce(sa.func.sum(amount), 0))
        .where(of.organization_id == organization_id, of.account_id == account_id)
        .scalar_subquery()
        for of, amount in ((charged, signed), (paid, paid.amount_minor - paid.rounding_minor))
    ]
    had, brought = (await reader.execute(sa.select(*sums))).one()
    return int(had) - int(brought)


async def accounts_of_branch(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, branch_id: UUID, wrapping: KeyWrapping = UNWRAPPED
) -> tuple[AccountView, ...]:
    """Everybody who may pay later, by name, with what they owe; two statements."""
    found = (await reader.execute(_accounts(), {"organization": organization_id, "branch": branch_id})).all()
    values = [getattr(row, field) for row in found for field in FIELDS if not row.forgotten]
    keys = await keys_named(reader, organization_id, [value for value in values if value is not None], wrapping)
    views = (_view(row, organization_id, keys) for row in found)
    return tuple(sorted(views, key=lambda view: (view.name.casefold(), view.id)))


@cache
def _accounts() -> sa.Select[Any]:
    of, sums, subject = Account.__table__.c, account_balances.c, sealed_subjects.c
    organization = sa.bindparam("organization", type_=Key())
    owed = (
        sa.select(sa.func.coalesce(sa.func.sum(sums.charged_minor - sums.paid_minor), 0))
        .where(sums.organization_id == organization, sums.branch_id == of.branch_id, sums.account_id == of.id)
        .scalar_subquery()
    )
    is_subject = sa.and_(
        subject.organization_id == of.organization_id,
        subject.scope_id == of.branch_id,
        subject.id == of.subject_id,
    )
    return (
        sa.select(of.id, of.name, of.phone, of.most_minor, owed.label("owed_minor"), subject.forgotten)
        .select_from(Account.__table__.outerjoin(sealed_subjects, is_subject))
        .where(of.organization_id == organization, of.branch_id == sa.bindparam("branch", type_=Key()), of.active)
    )


def _view(row: Any, organization_id: UUID, keys: Mapping[bytes, PersonKey]) -> AccountView:
    texts = {} if row.forgotten else dict(_opened(row, organization_id, keys))
    name, phone = texts.get("name", ""), texts.get("phone", "")
    return AccountView(row.id, name, phone, row.most_minor, int(row.owed_minor))


def _opened(row: Any, organization_id: UUID, keys: Mapping[bytes, PersonKey]) -> Iterator[tuple[str, str]]:
    for field in FIELDS:
        value = getattr(row, field)
        key = keys.get(value[:NAME_BYTES]) if value is not None else None
        if key is None:
            continue
        try:
            yield field, key.open(_place_of(organization_id, row.id, field), value)
        except SealBroken:
            continue


def _place_of(organization_id: UUID, row_id: UUID, field: str) -> FieldPlace:
    return FieldPlace(organization_id, Account.__tablename__, row_id, field)
