"""Paying as a pure value: what is due, which tenders are noted, what is typed, and what Enter would do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from shared.countries.currencies import currency
from shared.kernel.money import CashRounding, round_cash
from shared.kernel.text import search_key
from shared.payments.queries import MethodView, PaymentView
from shared.payments.rules import Settlement, Tender, TenderKind, apply_tenders, quick_notes
from terminal.screens.voice import Voice
from terminal.widgets.amount_pad import minor_units, with_key
from terminal.widgets.tile import Tile

MAX_QUICK_NOTES = 5
MAX_NOTES_OF_A_PAYMENT = 1_000
"""Nobody hands over more than so many of the largest note; what is typed above that is a slip."""
MAX_TIMES_DUE = 10
"""Where that is less than what is due (a company's feast), so many times what is due is the limit."""


@dataclass(frozen=True, slots=True)
class Till:
    """How this branch takes cash: its currency and its smallest coin."""

    currency: str
    step_minor: int
    rounding: CashRounding

    @property
    def decimals(self) -> int:
        """The currency's decimals."""
        return currency(self.currency).exponent

    @property
    def notes_minor(self) -> tuple[int, ...]:
        """The notes that guests carry, in minor units, from the smallest."""
        return currency(self.currency).notes_minor


@dataclass(frozen=True, slots=True)
class Paying:
    """One payment in the making. Each tender is taken by the desk before the next one is typed.

    Attributes:
        due_minor: what the check still owes, before cash rounding.
        methods: the ways to pay, in their order.
        at: which of them is chosen.
        noted: what was paid of it already, kept by the till.
        typed: the amount as typed.
        is_too_much: whether a digit was refused because the amount would be more than any till takes.
    """

    due_minor: int
    till: Till
    methods: tuple[MethodView, ...]
    at: int = 0
    noted: tuple[PaymentView, ...] = ()
    typed: str = ""
    is_too_much: bool = False

    @classmethod
    def begin(
        cls, due_minor: int, till: Till, methods: Sequence[MethodView], noted: Sequence[PaymentView] = ()
    ) -> Paying:
        """Start with cash, which most guests pay with and which needs no terminal."""
        return cls(due_minor, till, tuple(methods), cash_at(methods) or 0, tuple(noted))

    @property
    def method(self) -> MethodView | None:
        """The chosen method; None where the organization has none."""
        return self.methods[self.at] if self.methods else None

    @property
    def left_minor(self) -> int:
        """What is still to be paid, before cash rounding."""
        return max(0, self.due_minor)

    @property
    def asked_minor(self) -> int:
        """What the guest is asked for: in cash, what coins can pay."""
        if self.method is None or self.method.kind is not TenderKind.CASH:
            return self.left_minor
        return max(0, round_cash(self.left_minor, self.till.step_minor, self.till.rounding))

    @property
    def nothing_asked(self) -> bool:
        """Whether Enter closes the check without money: it is a gift, or coins cannot pay what is left."""
        return not self.asked_minor and not self.given_minor

    @property
    def given_minor(self) -> int:
        """The typed amount; the exact one while nothing is typed."""
        return minor_units(self.typed, self.till.decimals) if self.typed else self.asked_minor

    @property
    def change_minor(self) -> int:
        """What would come back; only cash gives change."""
        if self.method is None or self.method.kind is not TenderKind.CASH:
            return 0
        return max(0, self.given_minor - self.asked_minor)

    @property
    def short_minor(self) -> int:
        """What would be missing after this; cash that covers the exact amount is enough."""
        enough = self.given_minor >= min(self.asked_minor, self.left_minor)
        return 0 if enough else self.asked_minor - self.given_minor

    @property
    def most_minor(self) -> int:
        """The largest amount that can be typed."""
        return max(MAX_NOTES_OF_A_PAYMENT * self.till.notes_minor[-1], MAX_TIMES_DUE * self.due_minor)

    @property
    def is_change_unlikely(self) -> bool:
        """Whether the change is above the largest note: nobody hands over a note that they could have kept."""
        return self.change_minor > self.till.notes_minor[-1]

    def with_key(self, key: str) -> Paying:
        """One more key of the amount; one that does not fit changes nothing.

        A digit that makes it more than any till takes is refused, and so is the amount until it is erased: what stands
        there then is a part of what somebody typed.
        """
        typed = with_key(self.typed, key, self.till.decimals)
        if self.is_too_much or minor_units(typed, self.till.decimals) > self.most_minor:
            return replace(self, is_too_much=True)
        return replace(self, typed=typed)

    def erased(self) -> Paying:
        """The last key taken back; all of them if the amount was too much."""
        return self.cleared() if self.is_too_much else replace(self, typed=self.typed[:-1])

    def cleared(self) -> Paying:
        """Nothing typed."""
        return replace(self, typed="", is_too_much=False)

    def with_method(self, at: int) -> Paying:
        """Another method; the typed amount stays."""
        return replace(self, at=at % len(self.methods)) if self.methods else self

    def with_amount(self, minor: int) -> Paying:
        """A quick note instead of typing."""
        whole, part = divmod(minor, 10**self.till.decimals)
        typed = f"{whole}.{part:0{self.till.decimals}d}" if self.till.decimals else str(whole)
        return replace(self, typed=typed, is_too_much=False)

    def tender(self) -> Tender | None:
        """What Enter would take; None without a method."""
        method = self.method
        return None if method is None else Tender(method.id, method.name, method.kind, self.given_minor)

    def handed_over(self) -> tuple[Tender, ...] | None:
        """What Enter would take; None without a method.

        Where nothing is due at all it is nothing; a rest that coins cannot pay is cash of 0 (see `apply_tenders`).
        """
        if not self.left_minor and not self.given_minor:
            return ()
        tender = self.tender()
        return None if tender is None else (tender,)

    def after(self, due_minor: int, noted: Sequence[PaymentView]) -> Paying:
        """The next tender, after one was taken or taken back; what coins cannot pay is left to cash."""
        next_one = replace(self.cleared(), due_minor=due_minor, noted=tuple(noted))
        at = cash_at(self.methods)
        in_cash = next_one if at is None else replace(next_one, at=at)
        return in_cash if in_cash.nothing_asked else next_one

    def settlement(self, tenders: Sequence[Tender]) -> Settlement:
        """What tenders would do to the amount due.

        Raises:
            DomainError: those of `apply_tenders`.
        """
        return apply_tenders(self.due_minor, tenders, self.till.step_minor, self.till.rounding)


@dataclass(frozen=True, slots=True)
class Taken:
    """A payment that closed its check, as the screen shows it until the next sale.

    Attributes:
        called: the number that the guest is called by; empty at a table.
    """

    receipt_number: str
    total_minor: int
    change_minor: int
    called: str = ""


def cash_at(methods: Sequence[MethodView]) -> int | None:
    """Where cash stands among the methods; None where none is taken."""
    return next((at for at, method in enumerate(methods) if method.kind is TenderKind.CASH), None)


def method_tiles(paying: Paying) -> tuple[Tile, ...]:
    """The methods, each with the first free letter of its name as its key."""
    letters = method_letters(paying.methods)
    return tuple(
        Tile(id=method.id, title=method.name, hint=letter.upper(), selected=at == paying.at, hue=at)
        for at, (method, letter) in enumerate(zip(paying.methods, letters, strict=True))
    )


def method_letters(methods: Sequence[MethodView]) -> list[str]:
    """A letter for each method: the first of its name that no earlier one took; empty if all are taken."""
    taken: set[str] = set()
    letters = []
    for method in methods:
        free = (char for char in search_key(method.name) if char.isascii() and char.isalpha() and char not in taken)
        letter = next(free, "")
        taken.add(letter)
        letters.append(letter)
    return letters


def method_by_letter(paying: Paying, letter: str) -> int | None:
    """The method behind a letter."""
    letters = method_letters(paying.methods)
    wanted = letter.casefold()
    return letters.index(wanted) if wanted and wanted in letters else None


def note_tiles(paying: Paying, voice: Voice) -> tuple[Tile, ...]:
    """The exact amount, and what a guest is likely to hand over; only the exact one where no change can be given."""
    amounts = quick_amounts(paying)
    exact = voice.texts("payment.exact" if paying.asked_minor else "payment.close_tile")
    return tuple(
        Tile(id=amount, title=exact if at == 0 else voice.money(amount), detail=voice.money(amount) if at == 0 else "")
        for at, amount in enumerate(amounts)
    )


def quick_amounts(paying: Paying) -> list[int]:
    """The amounts behind the quick notes."""
    asked = paying.asked_minor
    if paying.method is None or paying.method.kind is not TenderKind.CASH or asked <= 0:
        return [asked]
    return quick_notes(asked, paying.till.notes_minor, most=MAX_QUICK_NOTES - 1)


def due_caption(paying: Paying, voice: Voice) -> str:
    """What the amount due is, and what cash rounding did to it."""
    caption = voice.texts("payment.left" if paying.noted else "payment.due")
    rounding = paying.asked_minor - paying.left_minor
    if not rounding:
        return caption
    sign = "+" if rounding > 0 else "−"
    return voice.texts("payment.rounded", caption=caption, amount=f"{sign}{voice.money(abs(rounding))}")


def standing_words(paying: Paying, voice: Voice) -> str:
    """What was noted so far, and that nothing is missing where Enter closes the check without money."""
    texts = voice.texts
    said = [texts("payment.noted", tenders=noted_words(paying.noted, voice))] if paying.noted else []
    if paying.due_minor < 0:
        said.append(texts("payment.overpaid", amount=voice.money(-paying.due_minor)))
    elif paying.nothing_asked:
        said.append(texts("payment.nothing_left"))
    return " · ".join(said)


def noted_words(noted: Sequence[PaymentView], voice: Voice) -> str:
    """What was paid, in one line: `Visa S/ 50.00 + Efectivo S/ 20.00`."""
    return " + ".join(f"{payment.method_name} {voice.money(payment.amount_minor)}" for payment in noted)


def tender_target(paying: Paying, method_id: UUID) -> int:
    """The place of a method among the methods."""
    return next(at for at, method in enumerate(paying.methods) if method.id == method_id)
