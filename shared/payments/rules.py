"""Paying: what each tender covers, what comes back. Pure; amounts in minor units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.money import CashRounding, round_cash


class TenderKind(StrEnum):
    """How a method behaves: only cash gives change and is rounded to coins."""

    CASH = "cash"
    CARD = "card"
    WALLET = "wallet"
    TRANSFER = "transfer"


LARGEST_COIN_MINOR = 1_000
"""What cash rounding may add or take at most: more than any coin."""


def is_tax(said: Any) -> bool:
    """Whether something is a tax as receipts say it: {name, tax_minor, included, ...}."""
    return (
        isinstance(said, dict)
        and isinstance(said.get("name"), str)
        and type(said.get("tax_minor")) is int
        and type(said.get("included")) is bool
    )


def is_discount_share(said: Any) -> bool:
    """Whether something is {id: text, amount_minor: whole number}: what a discount took off a line."""
    return isinstance(said, dict) and isinstance(said.get("id"), str) and type(said.get("amount_minor")) is int


def is_list_of_ids(said: Any) -> bool:
    """Whether something is a list of ids as text, or nothing."""
    return said is None or (isinstance(said, list) and all(isinstance(each, str) for each in said))


def added_taxes(taxes: Any) -> int:
    """What taxes add to a bill, in minor units. What is no tax adds nothing."""
    return (
        sum(tax["tax_minor"] for tax in taxes if is_tax(tax) and not tax["included"]) if isinstance(taxes, list) else 0
    )


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


def apply_tenders(
    due_minor: int, tenders: Sequence[Tender], step_minor: int = 1, way: CashRounding = CashRounding.NEAREST
) -> Settlement:
    """Apply tenders to an amount due: cards and wallets first and exactly, cash last, with change from cash alone.

    Cash rounding happens only where cash closes the check. Cash that covers the exact amount closes it, too, if
    rounding asked for a coin more: what it is above the amount due is rounding, and nothing comes back. Where coins
    cannot pay what is left, cash of 0 (or no tender at all) closes the check; such a tender is not among `applied`.

    Raises:
        DomainError: TENDER_NOT_POSITIVE, CHANGE_NEEDS_CASH (params: due, given), ALREADY_PAID.
    """
    exact = [tender for tender in tenders if tender.kind is not TenderKind.CASH]
    cash = [tender for tender in tenders if tender.kind is TenderKind.CASH]
    given = sum(tender.amount_minor for tender in exact)
    left = max(0, due_minor - given)
    coins = round_cash(left, step_minor, way) if cash or not tenders else left
    _refuse_what_is_no_tender(due_minor, tenders, coins)
    if exact and given > due_minor:
        raise DomainError("CHANGE_NEEDS_CASH", due=due_minor, given=given)
    applied = [Applied(tender, tender.amount_minor, 0) for tender in exact]
    handed = [tender for tender in cash if tender.amount_minor]
    in_hand = sum(tender.amount_minor for tender in handed)
    if in_hand < min(left, coins):
        applied += [Applied(tender, tender.amount_minor, 0) for tender in handed]
        return Settlement(tuple(applied), 0, 0, left - in_hand)
    kept = to_keep = min(in_hand, coins)
    for tender in handed:
        part = min(tender.amount_minor, to_keep)
        to_keep -= part
        applied.append(Applied(tender, part, tender.amount_minor - part))
    return Settlement(tuple(applied), in_hand - kept, kept - left, 0)


def _refuse_what_is_no_tender(due_minor: int, tenders: Sequence[Tender], coins_minor: int) -> None:
    for tender in tenders:
        nothing_asked = tender.kind is TenderKind.CASH and not coins_minor
        if tender.amount_minor < 0 or (tender.amount_minor == 0 and not nothing_asked):
            raise DomainError("TENDER_NOT_POSITIVE")
    if due_minor <= 0 and any(tender.amount_minor for tender in tenders):
        raise DomainError("ALREADY_PAID")


def quick_notes(due_minor: int, notes_minor: Sequence[int], most: int = 4) -> list[int]:
    """What a guest is likely to hand over: the exact amount, then amounts rounded up to usual notes."""
    likely = {-(-due_minor // note) * note for note in notes_minor}
    return [due_minor, *sorted(amount for amount in likely if amount > due_minor)][: most + 1]
