"""The words and tiles of the payment screen, from what is being paid (`paying.py`). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from shared.books.views import OrderView
from shared.countries.currencies import currency, format_foreign
from shared.kernel.text import search_key
from shared.payments.queries import MethodView
from shared.payments.rules import TenderKind, quick_notes
from terminal.guests.view import GuestLine, GuestView, Moment
from terminal.screens.guest_words import guest_lines
from terminal.screens.house_money import rate_text
from terminal.screens.method_words import method_title
from terminal.screens.order.view import check_lines
from terminal.screens.payment.paying import Paying
from terminal.screens.voice import Voice
from terminal.widgets.tile import Tile

MAX_QUICK_NOTES = 5


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


def method_tiles(paying: Paying) -> tuple[Tile, ...]:
    """The methods, each with the first free letter of its name as its key."""
    letters = method_letters(paying.methods)
    return tuple(
        Tile(id=method.id, title=method.title, hint=letter.upper(), selected=at == paying.at, hue=at)
        for at, (method, letter) in enumerate(zip(paying.methods, letters, strict=True))
    )


def method_letters(methods: Sequence[MethodView]) -> list[str]:
    """A letter for each method: the first of its name that no earlier one took; empty if all are taken."""
    taken: set[str] = set()
    letters = []
    for method in methods:
        free = (char for char in search_key(method.title) if char.isascii() and char.isalpha() and char not in taken)
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
        Tile(id=amount, title=exact if at == 0 else said, detail=said if at == 0 else "")
        for at, amount in enumerate(amounts)
        for said in (given_text(paying, amount, voice),)
    )


def quick_amounts(paying: Paying) -> list[int]:
    """The amounts behind the quick notes, in the money of the method."""
    exact = paying.exact_minor
    if paying.method is None or paying.method.kind is not TenderKind.CASH or exact <= 0:
        return [exact]
    return quick_notes(exact, currency(paying.money).notes_minor, most=MAX_QUICK_NOTES - 1)


def given_text(paying: Paying, minor: int, voice: Voice) -> str:
    """An amount in the money of the method; other money with its code."""
    return format_foreign(minor, paying.money) if paying.is_foreign else voice.money(minor)


def guest_payment(paying: Paying, voice: Voice) -> GuestView:
    """A payment as a guest reads it."""
    given = given_text(paying, paying.given_minor, voice) if paying.given_minor else ""
    change = voice.money(paying.change_minor) if paying.change_minor and not paying.short_minor else ""
    total = voice.money(paying.charged_minor + paying.tip_minor)
    return GuestView(Moment.PAYING, total=total, given=given, change=change)


def lines_to_pay(order: OrderView, check_id: UUID, voice: Voice) -> tuple[GuestLine, ...]:
    """What is owed on one check of an order, as its guest reads it. Of a shared dish their part."""
    owed = tuple(
        replace(line, quantity_milli=line.owed_milli)
        for line in order.lines
        if line.check_id == check_id and line.owed_milli
    )
    return guest_lines(check_lines(replace(order, lines=owed), voice))


def due_caption(paying: Paying, voice: Voice) -> str:
    """What the amount due is, and what cash rounding, a tip or other money did to it."""
    caption = voice.texts("payment.left" if paying.noted else "payment.due")
    rounding = paying.charged_minor - paying.left_minor
    if paying.tip_minor:
        caption = voice.texts("payment.with_tip", caption=caption, tip=voice.money(paying.tip_minor))
    if rounding:
        sign = "+" if rounding > 0 else "−"
        caption = voice.texts("payment.rounded", caption=caption, amount=f"{sign}{voice.money(abs(rounding))}")
    if paying.is_foreign:
        exact = given_text(paying, paying.exact_minor, voice) if paying.rate else paying.money
        house = voice.money(paying.asked_minor + paying.tip_minor)
        caption = voice.texts("payment.in_other", house=house, amount=exact, caption=caption)
    return caption


def standing_words(paying: Paying, voice: Voice) -> str:
    """What was noted so far, and that nothing is missing where Enter closes the check without money."""
    texts = voice.texts
    said = [texts("payment.noted", tenders=noted_words(paying, voice))] if paying.noted else []
    if paying.details.words:
        said.append(texts("payment.details_said", details=paying.details.words))
    if paying.is_foreign and paying.rate is not None:
        said.append(texts("payment.rate_said", rate=rate_text(paying.rate.rate_millionths), currency=paying.money))
    if paying.due_minor < 0:
        said.append(texts("payment.overpaid", amount=voice.money(-paying.due_minor)))
    elif paying.nothing_asked:
        said.append(texts("payment.nothing_left"))
    return " · ".join(said)


def noted_words(paying: Paying, voice: Voice) -> str:
    """What was paid, in one line: `Visa S/ 50.00 + Efectivo S/ 20.00`."""
    named = ((method_title(each.method_name, paying.methods), each.amount_minor) for each in paying.noted)
    return " + ".join(f"{title} {voice.money(amount)}" for title, amount in named)


def tender_target(paying: Paying, method_id: UUID) -> int:
    """The place of a method among the methods."""
    return next(at for at, method in enumerate(paying.methods) if method.id == method_id)
