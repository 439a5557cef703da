from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.countries.countries import cash_habit
from shared.countries.currencies import currency
from shared.kernel.errors import DomainError
from shared.kernel.money import CashRounding
from shared.payments.exchange import RateView
from shared.payments.queries import MethodView, PaymentView
from shared.payments.rules import TenderKind
from terminal.screens.payment.paying import Paying, Till
from terminal.screens.payment.view import (
    due_caption,
    method_by_letter,
    method_tiles,
    note_tiles,
    noted_words,
    quick_amounts,
    standing_words,
)
from tests.terminal.screens.paper_house import NOON
from tests.terminal.screens.paper_menu import METHODS

TILL = Till("PEN", 10, CashRounding.DOWN)


def paying(due_minor: int = 10_904, typed: str = "", letter: str = "e") -> Paying:
    state = Paying.begin(due_minor, TILL, METHODS)
    state = state.with_method(method_by_letter(state, letter))
    for key in typed:
        state = state.with_key(key)
    return state


def taken(state: Paying) -> Paying:
    """After a part was taken."""
    (one,) = state.handed_over()
    done = state.settlement([one])
    kept = sum(each.kept_minor for each in done.applied)
    view = PaymentView(UUID(int=1), one.method_id, one.method_name, one.kind, kept, one.amount_minor, NOON)
    return state.after(done.left_minor, (*state.noted, view))


def test_cash_is_asked_in_coins_and_cards_to_the_cent(voice) -> None:
    assert paying().asked_minor == 10_900
    assert paying(letter="t").asked_minor == 10_904
    assert due_caption(paying(), voice) == "redondeo −S/ 0.04 · POR COBRAR"
    assert due_caption(paying(letter="t"), voice) == "POR COBRAR"


def test_nothing_typed_is_the_exact_amount() -> None:
    assert paying().tender().amount_minor == 10_900
    assert paying().change_minor == 0


def test_more_cash_than_asked_comes_back() -> None:
    assert paying(typed="200").change_minor == 9_100
    assert paying(typed="110.5").change_minor == 150


def test_cards_give_no_change() -> None:
    card = paying(typed="200", letter="t")
    assert card.change_minor == 0
    with pytest.raises(DomainError, match="CHANGE_NEEDS_CASH"):
        card.settlement([card.tender()])


def test_several_tenders_leave_the_rest(voice) -> None:
    half = paying(typed="50", letter="t")
    rest = taken(half)
    assert rest.typed == ""
    assert rest.left_minor == 5_904
    assert noted_words(rest, voice) == "Tarjeta S/ 50.00"
    assert due_caption(rest, voice) == "FALTA"


def test_each_method_has_a_letter_of_its_own() -> None:
    assert [tile.hint for tile in method_tiles(paying())] == ["E", "T", "Y", "P", "R"]
    assert method_by_letter(paying(), "P") == 3
    assert method_by_letter(paying(), "z") is None


def test_methods_that_share_every_letter_are_still_shown() -> None:
    twins = tuple(replace(METHODS[0], name="A") for _ in range(3))
    assert [tile.hint for tile in method_tiles(Paying.begin(100, TILL, twins))] == ["A", "", ""]


def test_quick_notes_are_the_exact_amount_and_what_guests_hand_over() -> None:
    assert quick_amounts(paying()) == [10_900, 11_000, 12_000, 15_000, 20_000]
    assert quick_amounts(paying(letter="y")) == [10_904]


def test_a_currency_without_cents_has_notes_of_its_own() -> None:
    pesos = Paying.begin(12_340, Till("CLP", 10, CashRounding.NEAREST), METHODS)
    assert quick_amounts(pesos) == [12_340, 13_000, 14_000, 15_000, 20_000]
    assert pesos.with_amount(15_000).given_minor == 15_000


def test_without_methods_nothing_can_be_tendered() -> None:
    bare = Paying.begin(1_000, TILL, ())
    assert bare.tender() is None
    assert bare.with_method(3) is bare


def test_cash_that_covers_the_exact_amount_is_not_short() -> None:
    up = Paying.begin(5_003, Till("PEN", 5, CashRounding.UP), METHODS)
    assert up.asked_minor == 5_005
    assert up.with_amount(5_004).short_minor == 0
    assert up.with_amount(5_002).short_minor == 3


def test_a_gift_asks_for_nothing_and_says_what_enter_does(voice) -> None:
    gift = paying(0)
    assert gift.nothing_asked
    assert standing_words(gift, voice) == "No falta nada por cobrar: Enter cierra la cuenta."
    assert [(tile.title, tile.id) for tile in note_tiles(gift, voice)] == [("Cerrar", 0)]
    assert [gift.handed_over(), paying(0, letter="t").handed_over(), replace(gift, methods=()).handed_over()] == [
        ()
    ] * 3


def test_what_coins_cannot_pay_is_left_to_cash_by_itself(voice) -> None:
    card = paying(5_003, typed="50", letter="t")
    rest = taken(card)
    assert (rest.method.name, rest.asked_minor, rest.nothing_asked) == ("Efectivo", 0, True)
    assert rest.settlement(rest.handed_over()).left_minor == 0
    assert standing_words(rest, voice).startswith("Cobrado: Tarjeta S/ 50.00 · No falta nada")


def test_what_was_paid_too_much_elsewhere_is_said(voice) -> None:
    assert "Sobran S/ 20.00" in standing_words(paying(-2_000), voice)


CASHES = st.lists(st.integers(1, 3_000), max_size=3)


@given(
    st.integers(1, 10**4), CASHES, st.integers(1, 10**5), st.sampled_from([1, 5, 10, 50]), st.sampled_from(CashRounding)
)
def test_the_change_is_the_one_shown_also_after_cash_in_several_parts(due, noted, given_minor, step, way) -> None:
    state = Paying.begin(due, Till("PEN", step, way), METHODS)
    for amount in noted:
        part = state.with_amount(amount * step)
        if not part.short_minor:
            return
        state = taken(part)
    last = state.with_amount(given_minor)
    done = last.settlement(last.handed_over())
    assert (done.left_minor == 0) == (last.short_minor == 0)
    assert done.change_minor == (last.change_minor if done.left_minor == 0 else 0)


@given(
    st.integers(1, 10**8), st.integers(0, 10**9), st.sampled_from([1, 5, 10, 50]), st.sampled_from(list(CashRounding))
)
def test_what_is_shown_as_change_is_what_the_rules_give_back(due, given_minor, step, way) -> None:
    state = Paying.begin(due, Till("PEN", step, way), METHODS).with_amount(given_minor)
    if state.given_minor < max(1, state.asked_minor):
        return
    assert state.settlement([state.tender()]).change_minor == state.change_minor


@given(st.integers(1, 10**8), st.sampled_from([0, 2, 3]))
def test_a_quick_note_is_taken_to_the_last_unit(amount, decimals) -> None:
    code = {0: "CLP", 2: "PEN", 3: "KWD"}[decimals]
    state = Paying.begin(1, Till(code, 1, CashRounding.NEAREST), METHODS)
    assert state.with_amount(amount).given_minor == amount


@pytest.mark.parametrize("code", ["PEN", "CLP", "COP", "MXN", "USD", "EUR", "ARS", "JPY", "BHD", "PYG", "XAF"])
def test_change_above_the_largest_note_is_unlikely_in_every_currency_and_the_note_itself_is_not(code) -> None:
    of = currency(code)
    largest = of.notes_minor[-1]
    state = Paying.begin(of.unit_minor, Till(code, 1, CashRounding.NEAREST), METHODS)
    assert not state.with_amount(largest).is_change_unlikely
    assert state.with_amount(largest + of.unit_minor + 1).is_change_unlikely
    assert quick_amounts(state)[0] == of.unit_minor


@given(
    way=st.sampled_from(CashRounding),
    step=st.sampled_from([1, 5, 10, 50]),
    due_minor=st.integers(1, 20_000),
    above=st.integers(0, 9_000),
    tip=st.integers(0, 500),
    rate=st.integers(100_000, 9_000_000),
)
def test_notes_of_other_money_give_the_change_that_is_announced(way, step, due_minor, above, tip, rate) -> None:
    """And what is given, charged, tipped and handed out adds up on the screen, as on the receipt."""
    dollars = MethodView(METHODS[0].id, "Dólares", TenderKind.CASH, currency="USD")
    rates = {"USD": RateView("USD", rate, NOON.date())}
    state = Paying.begin(due_minor, Till("PEN", step, way), (dollars,), rates=rates)
    state = replace(state, tip_minor=tip)
    state = state.with_amount(state.exact_minor + above)
    if not state.asked_minor:
        return
    taken = state.settlement(state.handed_over() or ())
    assert (taken.change_minor, taken.left_minor) == (state.change_minor, 0)
    assert state.change_minor % step == 0
    assert due_minor + taken.rounding_minor == state.charged_minor or not state.change_minor
    assert state.charged_minor + state.tip_minor + state.change_minor == state.worth_minor or not state.change_minor
    assert way is not CashRounding.DOWN or state.charged_minor <= due_minor
    assert abs(state.charged_minor - state.asked_minor) <= step


def test_chile_rounds_a_bill_as_its_law_says() -> None:
    habit = cash_habit("CL", "CLP")
    state = Paying.begin(1_995, Till("CLP", *habit), METHODS)
    assert (state.asked_minor, state.with_amount(5_000).change_minor) == (1_990, 3_010)
    assert state.with_method(1).asked_minor == 1_995


@pytest.mark.parametrize("way", list(CashRounding))
@pytest.mark.parametrize("due_minor", range(1_760, 1_772))
def test_what_is_announced_in_other_money_is_what_is_charged(way, due_minor, voice) -> None:
    dollars = MethodView(METHODS[0].id, "Dólares", TenderKind.CASH, currency="USD")
    rates = {"USD": RateView("USD", 3_755_000, NOON.date())}
    state = Paying.begin(due_minor, Till("PEN", 10, way), (dollars,), rates=rates)
    exact = state.settlement(state.handed_over())
    assert (due_minor + exact.rounding_minor, exact.change_minor, exact.left_minor) == (state.asked_minor, 0, 0)
    caption = due_caption(state, voice)
    assert caption.startswith(f"{voice.money(state.asked_minor)} = USD 4.")
