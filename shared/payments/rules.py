"""Paying: what each tender covers, what comes back. Pure; amounts in minor units."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from shared.kernel.declared import Copied
from shared.kernel.errors import DomainError
from shared.kernel.money import CashRounding, round_cash


class TenderKind(StrEnum):
    """How a method behaves: only cash is rounded to coins, and gives change unless a method says so of itself.

    On account nobody pays: a person owes it (`accounts.py`).
    """

    CASH = "cash"
    CARD = "card"
    WALLET = "wallet"
    TRANSFER = "transfer"
    VOUCHER = "voucher"
    ACCOUNT = "account"


KIND_OF_METHOD = Copied("kind", "method_id", "payment_methods", "kind")
CHOSEN_ANEW = frozenset(
    {"method_id", "method_name", "kind", "taken_at", "taken_by", "session_id", "business_date", "local_hour"}
)
"""What two tills that replace one payment or tip at once may each say of the one that stands for it."""
"""Money says the kind of its method: it decides whether it lies in the drawer."""


class Asks(StrEnum):
    """When a till asks for what is written on the slip of a method: never, on F5, or by itself before it is taken."""

    NEVER = "never"
    LATER = "later"
    AT_ONCE = "at_once"


_OTHER_WAY = {
    CashRounding.NEAREST: CashRounding.NEAREST,
    CashRounding.HALF_DOWN: CashRounding.NEAREST,
    CashRounding.DOWN: CashRounding.UP,
    CashRounding.UP: CashRounding.DOWN,
}
"""How change is rounded where the amount due is rounded so."""
ID_BYTES = 16
LARGEST_COIN_MINOR = 1_000
"""What cash rounding may add or take at most: more than any coin."""


def is_rounded(rounding_minor: int) -> bool:
    """Whether an amount is one that cash rounding may add or take."""
    return abs(rounding_minor) <= LARGEST_COIN_MINOR


_CARD_DIGITS = range(13, 20)
_GROUPS = re.compile(r"[0-9]+(?:[ .\-_/][0-9]+)*")


def holds_card_number(text: str) -> bool:
    """Whether a text may hold the number of a card: 13 to 19 digits, in groups or not, whose check digit is right.

    No number of a card is kept anywhere, whoever types, scans or pastes it.
    """
    plain = unicodedata.normalize("NFKC", text)
    for found in _GROUPS.finditer(plain):
        groups = re.split(r"[^0-9]", found.group())
        for first in range(len(groups)):
            for last in range(first + 1, len(groups) + 1):
                digits = "".join(groups[first:last])
                if len(digits) in _CARD_DIGITS and _check_digit_is_right(digits):
                    return True
    return False


def _check_digit_is_right(digits: str) -> bool:
    """The rule of Luhn."""
    total = 0
    for at, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + at % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_no_card_number(*texts: str) -> bool:
    """Whether none of some texts holds the number of a card, one by one or read together."""
    return not any(map(holds_card_number, texts))


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


def are_packed_ids(said: Any) -> bool:
    """Whether something is ids of sixteen bytes, one after the other, or nothing."""
    return said is None or (isinstance(said, bytes) and len(said) % ID_BYTES == 0)


def added_taxes(taxes: Any) -> int:
    """What taxes add to a bill, in minor units. What is no tax adds nothing."""
    return (
        sum(tax["tax_minor"] for tax in taxes if is_tax(tax) and not tax["included"]) if isinstance(taxes, list) else 0
    )


@dataclass(frozen=True, slots=True)
class Tender:
    """What a guest hands over, by one method.

    Attributes:
        amount_minor: what it is worth in the currency of the check.
        given_currency, given_minor, rate_millionths: the money of another currency that was given, and its rate.
        tip_minor: what of the other money that was given is a tip, besides the amount. It is kept from the change, in
            the house's money.
        gives_change: whether what is too much comes back in cash, though it is no cash.
        account_id: of the person who will pay it; of a tender on account.
    """

    method_id: UUID
    method_name: str
    kind: TenderKind
    amount_minor: int
    reference: str = ""
    last_four: str = ""
    authorization: str = ""
    given_currency: str = ""
    given_minor: int = 0
    rate_millionths: int = 0
    tip_minor: int = 0
    gives_change: bool = False
    account_id: UUID | None = None

    @property
    def can_change(self) -> bool:
        """Whether what is above the amount due comes back in cash."""
        return self.kind is TenderKind.CASH or self.gives_change


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
    exact = [tender for tender in tenders if not tender.can_change]
    cash = [tender for tender in tenders if tender.can_change]
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
    kept = min(in_hand, coins)
    if in_hand > kept and any(tender.given_currency or tender.kind is not TenderKind.CASH for tender in handed):
        # What a voucher or other money is worth is no multiple of our coins, and the change is.
        change = round_cash(in_hand - left, step_minor, _OTHER_WAY[way])
        kept = in_hand - change if change <= in_hand else in_hand % step_minor
    to_keep = kept
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
