"""What a bill is asked about: the rows of discounts and service charges, and what they come to. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from shared.books.bill_views import DiscountView, ServiceView
from shared.books.views import CheckView, LineView, OrderView
from shared.kernel.errors import DomainError
from shared.kernel.language import Texts
from shared.kernel.money import FULL_RATE
from shared.payments.adjustment_records import DiscountSource
from shared.payments.naming import discount_name, service_name
from shared.payments.service import RuleView
from shared.staff.queries import StaffView
from terminal.desks.bill import Off
from terminal.dialogs.questions import AmountKind, Choice, Given
from terminal.screens.voice import Voice

PREVIEW = UUID(int=2**128 - 1)
"""Id of a discount that nobody has given yet: later than all others."""
QUICK_RATES = (50_000, 100_000, 150_000, 200_000)
"""Rates to tap."""


@dataclass(frozen=True, slots=True)
class GiveOff:
    """Row: give a discount or a comp on a line or, without one, on the check."""

    line_id: UUID | None
    is_comp: bool


@dataclass(frozen=True, slots=True)
class Lift:
    """Row: take a discount or a service charge off again."""

    id: UUID


@dataclass(frozen=True, slots=True)
class AddService:
    """Row: add a service charge of the house."""

    rule_id: UUID


def check_names(order: OrderView, check_id: UUID, texts: Texts) -> tuple[str, ...]:
    """Which of several checks it is, and of which guest: `cuenta 1 de 2`, `asiento 3`; nothing of the only one."""
    at, count = order.place_of(check_id)
    if count < 2:
        return ()
    which = texts("payment.check", at=at, count=count)
    seats = {line.seat for line in order.lines if line.check_id == check_id and line.seat}
    return (which, texts("course.seat", seat=seats.pop())) if len(seats) == 1 else (which,)


def check_of(order: OrderView | None, check_id: UUID | None = None) -> CheckView | None:
    """The check that bill actions mean: this one, else the first that owes something."""
    checks = order.owing if order is not None else ()
    return next((check for check in checks if check_id is None or check.id == check_id), None)


def off_choices(
    check: CheckView, line: LineView | None, staff: Sequence[StaffView], voice: Voice
) -> tuple[Choice, ...]:
    """What can be taken off a check or its chosen line, and what can be lifted."""
    texts = voice.texts
    rows: list[Choice] = []
    if line is not None and line.owed_milli and line.check_id == check.id:
        amount = voice.money(line.total_minor)
        rows.append(Choice(GiveOff(line.id, is_comp=False), texts("bills.off_line", name=line.item_name), amount))
        rows.append(Choice(GiveOff(line.id, is_comp=True), texts("bills.comp_line", name=line.item_name), amount))
    total = voice.money(check.bill.total_minor)
    rows.append(Choice(GiveOff(None, is_comp=False), texts("bills.off_check"), total))
    rows.append(Choice(GiveOff(None, is_comp=True), texts("bills.comp_check"), total))
    rows += [Choice(Lift(each.id), _lifting(each, voice), _source(each, staff, voice)) for each in check.discounts]
    return tuple(rows)


def service_choices(check: CheckView, rules: Iterable[RuleView], voice: Voice) -> tuple[Choice, ...]:
    """The service charges that can be added to a check, and those that can be lifted."""
    texts, there = voice.texts, {each.rule_id for each in check.services}
    lifted = tuple(
        Choice(Lift(each.id), texts("bills.lift", name=service_name(each.name, each.rate_millionths, texts)))
        for each in check.services
    )
    added = tuple(
        Choice(AddService(rule.id), texts("bills.add", name=service_name(rule.name, rule.rate_millionths, texts)))
        for rule in rules
        if rule.id not in there
    )
    return (*lifted, *added)


def off_of(given: Given, row: GiveOff) -> Off:
    """What was entered, as a discount."""
    if given.kind is AmountKind.PERCENT:
        return Off(row.line_id, rate_millionths=given.value)
    return Off(row.line_id, amount_minor=given.value)


def comp_of(row: GiveOff) -> Off:
    """All of it."""
    return Off(row.line_id, is_comp=True)


def comes_to(check: CheckView, off: Off, voice: Voice) -> str:
    """What a discount takes off, and what is left to pay then.

    Raises:
        DomainError: DISCOUNT_NOT_SENSIBLE.
    """
    rate = FULL_RATE if off.is_comp else off.rate_millionths
    members = _family_of(check, off.line_id)
    lines = check.bill.lines.items()
    base = sum(line.gross_minor - line.discount_minor for key, line in lines if members is None or key in members)
    if not max(rate, off.amount_minor) > 0 or rate > FULL_RATE or off.amount_minor > base:
        raise DomainError("DISCOUNT_NOT_SENSIBLE")
    after = check.price.with_discount(PREVIEW, rate_millionths=rate, amount_minor=off.amount_minor, line_id=off.line_id)
    less = check.bill.total_minor - after.total_minor
    left = max(0, after.total_minor - check.credit_minor)
    return voice.texts("bills.comes_to", off=voice.money(less), left=voice.money(left))


def _family_of(check: CheckView, line_id: UUID | None) -> frozenset[UUID] | None:
    """The parts of a line's family on the check: a discount of the line is one of all of them."""
    if line_id is None:
        return None
    family = next((line.family for line in check.price.lines if line.key == line_id), None)
    return frozenset(line.key for line in check.price.lines if line.key == line_id or line.family == family)


def named_discount(discount: DiscountView, voice: Voice) -> str:
    """A discount as people read it."""
    return discount_name(discount.kind, discount.rate_millionths, discount.reason, voice.texts)


def named_service(service: ServiceView, voice: Voice) -> str:
    """A service charge likewise."""
    return service_name(service.name, service.rate_millionths, voice.texts)


def _lifting(discount: DiscountView, voice: Voice) -> str:
    return voice.texts("bills.lift", name=named_discount(discount, voice))


def _source(discount: DiscountView, staff: Sequence[StaffView], voice: Voice) -> str:
    """Who or what gave it, and what it takes off."""
    name = next((each.name for each in staff if each.id == discount.given_by), "")
    by = voice.texts("bills.promotion") if discount.source is DiscountSource.PROMOTION else name
    return " ".join(part for part in (by, voice.money(-discount.off_minor)) if part)
