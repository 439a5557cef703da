"""Paying: cash rounding, what each tender covers, what comes back. Pure; amounts in minor units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.money import divide_half_up


class TenderKind(StrEnum):
    """How a method behaves: only cash gives change and is rounded to coins."""

    CASH = "cash"
    CARD = "card"
    WALLET = "wallet"
    TRANSFER = "transfer"


class CashRounding(StrEnum):
    """Which way an amount paid in cash is rounded to the smallest coin."""

    NEAREST = "nearest"
    DOWN = "down"
    UP = "up"


@dataclass(frozen=True, slots=True)
class Tender:
    """What a guest hands over, by one method."""

    method_id: UUID
    method_name: str
    kind: TenderKind
    amount_minor: int
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Applied:
    """A tender as it was taken: `kept_minor` stays with us, the rest of the tender is change."""

    tender: Tender
    kept_minor: int
    change_minor: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """What some tenders do to an amount due. `left_minor` is still to be paid; 0 closes the check.

    `rounding_minor` is what cash rounding adds to (or takes from) the amount due.
    """

    applied: tuple[Applied, ...]
    change_minor: int
    rounding_minor: int
    left_minor: int


def round_cash(amount_minor: int, step_minor: int, way: CashRounding) -> int:
    """An amount as coins can pay it: a multiple of the smallest coin."""
    if step_minor <= 1:
        return amount_minor
    if way is CashRounding.DOWN:
        return amount_minor // step_minor * step_minor
    if way is CashRounding.UP:
        return -(-amount_minor // step_minor) * step_minor
    return divide_half_up(amount_minor, step_minor) * step_minor


def apply_tenders(
    due_minor: int, tenders: Sequence[Tender], step_minor: int = 1, way: CashRounding = CashRounding.NEAREST
) -> Settlement:
    """Apply tenders to an amount due: cards and wallets first and exactly, cash last, with change from cash alone.

    Cash rounding happens only where cash closes the check.

    Raises:
        DomainError: TENDER_NOT_POSITIVE, CHANGE_NEEDS_CASH (params: due, given), ALREADY_PAID.
    """
    if any(tender.amount_minor <= 0 for tender in tenders):
        raise DomainError("TENDER_NOT_POSITIVE")
    if due_minor <= 0 and tenders:
        raise DomainError("ALREADY_PAID")
    exact = [tender for tender in tenders if tender.kind is not TenderKind.CASH]
    cash = [tender for tender in tenders if tender.kind is TenderKind.CASH]
    given = sum(tender.amount_minor for tender in exact)
    if given > due_minor:
        raise DomainError("CHANGE_NEEDS_CASH", due=due_minor, given=given)
    applied = [Applied(tender, tender.amount_minor, 0) for tender in exact]
    left = due_minor - given
    in_hand = sum(tender.amount_minor for tender in cash)
    rounded = round_cash(left, step_minor, way) if cash else left
    if in_hand < rounded:
        applied += [Applied(tender, tender.amount_minor, 0) for tender in cash]
        return Settlement(tuple(applied), 0, 0, left - in_hand)
    to_keep = rounded
    for tender in cash:
        kept = min(tender.amount_minor, to_keep)
        to_keep -= kept
        applied.append(Applied(tender, kept, tender.amount_minor - kept))
    return Settlement(tuple(applied), in_hand - rounded, rounded - left, 0)


def quick_notes(due_minor: int, notes_minor: Sequence[int], most: int = 4) -> list[int]:
    """What a guest is likely to hand over: the exact amount, then amounts rounded up to usual notes."""
    likely = {-(-due_minor // note) * note for note in notes_minor}
    return [due_minor, *sorted(amount for amount in likely if amount > due_minor)][: most + 1]
