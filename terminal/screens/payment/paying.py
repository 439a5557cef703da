"""Paying as a pure value: what is due, what was paid of it, what is typed, and what Enter would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from uuid import UUID

from shared.countries.currencies import currency
from shared.countries.exchange import least_that_covers, worth_minor
from shared.kernel.errors import DomainError
from shared.kernel.money import CashRounding, round_cash
from shared.payments.exchange import RateView
from shared.payments.queries import MethodView, PaymentView
from shared.payments.rules import Settlement, Tender, TenderKind, apply_tenders
from terminal.widgets.amount_pad import minor_units, with_key

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
class Details:
    """What the slip of a tender says; see `Tender`."""

    reference: str = ""
    last_four: str = ""
    authorization: str = ""

    @property
    def words(self) -> str:
        """All of it in one line."""
        said = (self.reference, f"****{self.last_four}" if self.last_four else "", self.authorization)
        return " · ".join(filter(None, said))


NO_DETAILS = Details()


@dataclass(frozen=True, slots=True)
class Paying:
    """One payment in the making. Each tender is taken by the desk before the next one is typed.

    Attributes:
        due_minor: what the check still owes, before cash rounding.
        methods: the ways to pay, in their order.
        at: which of them is chosen.
        noted: what was paid of it already, kept by the till.
        typed: the amount as typed, in the money of the method.
        is_too_much: whether a digit was refused because the amount would be more than any till takes.
        rates: of other currencies, by code.
        tip_minor: what the guest gives besides, by the same method.
        details: what the slip says.
    """

    due_minor: int
    till: Till
    methods: tuple[MethodView, ...]
    at: int = 0
    noted: tuple[PaymentView, ...] = ()
    typed: str = ""
    is_too_much: bool = False
    rates: Mapping[str, RateView] = field(default_factory=dict)
    tip_minor: int = 0
    details: Details = NO_DETAILS

    @classmethod
    def begin(
        cls,
        due_minor: int,
        till: Till,
        methods: Sequence[MethodView],
        noted: Sequence[PaymentView] = (),
        rates: Mapping[str, RateView] | None = None,
    ) -> Paying:
        """Start with cash, which most guests pay with and which needs no terminal."""
        return cls(due_minor, till, tuple(methods), cash_at(methods) or 0, tuple(noted), rates=rates or {})

    @property
    def method(self) -> MethodView | None:
        """The chosen method; None where the organization has none."""
        return self.methods[self.at] if self.methods else None

    @property
    def money(self) -> str:
        """The currency that is typed."""
        return (self.method.currency if self.method else "") or self.till.currency

    @property
    def is_foreign(self) -> bool:
        """Whether the method takes other money than the house's."""
        return self.money != self.till.currency

    @property
    def rate(self) -> RateView | None:
        """The rate of the money that is typed; None if it is the house's, or nobody set one."""
        return self.rates.get(self.money)

    @property
    def gives_change(self) -> bool:
        """Whether what is too much comes back in cash."""
        return self.method is not None and (self.method.kind is TenderKind.CASH or self.method.gives_change)

    @property
    def left_minor(self) -> int:
        """What is still to be paid, before cash rounding."""
        return max(0, self.due_minor)

    @property
    def asked_minor(self) -> int:
        """What the guest is asked for without the tip: in cash, what coins can pay."""
        if self.method is None or self.method.kind is not TenderKind.CASH:
            return self.left_minor
        return max(0, round_cash(self.left_minor, self.till.step_minor, self.till.rounding))

    @property
    def charged_minor(self) -> int:
        """What would stay of what is given, without the tip: change of other money is coins, so that it may be a coin
        more or less than what is asked."""
        change = self.change_minor
        return self.worth_minor - self.tip_minor - change if self.is_foreign and change else self.asked_minor

    @property
    def exact_minor(self) -> int:
        """What pays the check and the tip, in the money of the method."""
        wanted = self.asked_minor + self.tip_minor
        if not self.is_foreign:
            return wanted
        rate = self.rate
        return least_that_covers(wanted, rate.rate_millionths, self.money, self.till.currency) if rate else 0

    @property
    def nothing_asked(self) -> bool:
        """Whether Enter closes the check without money: it is a gift, or coins cannot pay what is left."""
        return not self.asked_minor and not self.given_minor

    @property
    def given_minor(self) -> int:
        """The typed amount, in the money of the method; the exact one while nothing is typed."""
        return minor_units(self.typed, currency(self.money).exponent) if self.typed else self.exact_minor

    @property
    def worth_minor(self) -> int:
        """What is given, in the house's money. What is exact is worth what is asked, whatever a rate's cents say."""
        if not self.is_foreign:
            return self.given_minor
        rate = self.rate
        if rate is None:
            return 0
        if self.given_minor == self.exact_minor:
            return self.asked_minor + self.tip_minor
        return worth_minor(self.given_minor, rate.rate_millionths, self.money, self.till.currency)

    @property
    def change_minor(self) -> int:
        """What would come back, in the house's money."""
        tender = self.tender()
        if tender is None or not self.gives_change or tender.amount_minor <= self.asked_minor:
            return 0
        try:
            return self.settlement((tender,)).change_minor
        except DomainError:
            return tender.amount_minor - self.asked_minor

    @property
    def tender_is_something(self) -> bool:
        """Whether Enter takes any money."""
        return bool(self.given_minor)

    @property
    def over_minor(self) -> int:
        """What is too much by a method that gives no change."""
        return 0 if self.gives_change else max(0, self.worth_minor - self.tip_minor - self.left_minor)

    @property
    def short_minor(self) -> int:
        """What would be missing after this; cash that covers the exact amount is enough."""
        worth = self.worth_minor - self.tip_minor
        enough = worth >= min(self.asked_minor, self.left_minor)
        return 0 if enough else self.asked_minor - worth

    @property
    def most_minor(self) -> int:
        """The largest amount that can be typed."""
        return max(MAX_NOTES_OF_A_PAYMENT * currency(self.money).notes_minor[-1], MAX_TIMES_DUE * self.exact_minor)

    @property
    def is_change_unlikely(self) -> bool:
        """Whether the change is above the largest note: nobody hands over a note that they could have kept."""
        return self.change_minor > self.till.notes_minor[-1]

    def with_key(self, key: str) -> Paying:
        """One more key of the amount; one that does not fit changes nothing.

        A digit that makes it more than any till takes is refused, and so is the amount until it is erased: what stands
        there then is a part of what somebody typed.
        """
        decimals = currency(self.money).exponent
        typed = with_key(self.typed, key, decimals)
        if self.is_too_much or minor_units(typed, decimals) > self.most_minor:
            return replace(self, is_too_much=True)
        return replace(self, typed=typed)

    def erased(self) -> Paying:
        """The last key taken back; all of them if the amount was too much."""
        return self.cleared() if self.is_too_much else replace(self, typed=self.typed[:-1])

    def cleared(self) -> Paying:
        """Nothing typed."""
        return replace(self, typed="", is_too_much=False)

    def with_method(self, at: int) -> Paying:
        """Another method; the typed amount stays if it is of the same money, what its slip says does not."""
        if not self.methods:
            return self
        changed = replace(self, at=at % len(self.methods), details=NO_DETAILS)
        return changed if changed.money == self.money else changed.cleared()

    def with_amount(self, minor: int) -> Paying:
        """A quick note instead of typing."""
        of = currency(self.money)
        whole, part = divmod(minor, of.unit_minor)
        typed = f"{whole}.{part:0{of.exponent}d}" if of.exponent else str(whole)
        return replace(self, typed=typed, is_too_much=False)

    def tender(self, account_id: UUID | None = None) -> Tender | None:
        """What Enter would take, without the tip; None without a method."""
        method = self.method
        if method is None:
            return None
        amount = self.worth_minor - self.tip_minor
        if method.kind is TenderKind.VOUCHER and not method.gives_change:
            amount = min(amount, self.left_minor)
        foreign = (self.money, self.given_minor, self.rate.rate_millionths) if self.is_foreign and self.rate else ()
        tender = Tender(
            method.id,
            method.name,
            method.kind,
            amount,
            **asdict(self.details),
            gives_change=method.gives_change,
            account_id=account_id,
        )
        if not foreign:
            return tender
        code, given, rate = foreign
        tip = self.tip_minor if self.gives_change else 0
        if self.tip_minor and not tip:
            # What is given without change is of the bill; its tip is by the same method, at its worth.
            given = least_that_covers(amount, rate, code, self.till.currency)
        return replace(tender, given_currency=code, given_minor=given, rate_millionths=rate, tip_minor=tip)

    def handed_over(self, account_id: UUID | None = None) -> tuple[Tender, ...] | None:
        """What Enter would take; None without a method.

        Where nothing is due at all it is nothing; a rest that coins cannot pay is cash of 0 (see `apply_tenders`).
        """
        if not self.left_minor and not self.given_minor:
            return ()
        tender = self.tender(account_id)
        return None if tender is None else (tender,)

    def after(self, due_minor: int, noted: Sequence[PaymentView]) -> Paying:
        """The next tender, after one was taken or taken back; what coins cannot pay is left to cash."""
        next_one = replace(self.cleared(), due_minor=due_minor, noted=tuple(noted), tip_minor=0, details=NO_DETAILS)
        at = cash_at(self.methods)
        in_cash = next_one if at is None else replace(next_one, at=at)
        return in_cash if in_cash.nothing_asked else next_one

    def settlement(self, tenders: Sequence[Tender]) -> Settlement:
        """What tenders would do to the amount due.

        Raises:
            DomainError: those of `apply_tenders`.
        """
        return apply_tenders(self.due_minor, tenders, self.till.step_minor, self.till.rounding)


def cash_at(methods: Sequence[MethodView]) -> int | None:
    """Where cash stands among the methods; None where none is taken."""
    return next((at for at, method in enumerate(methods) if method.is_house_cash), None)
