"""Tenders: what is kept, what comes back and what is left always make up what was due."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.kernel.errors import DomainError
from shared.kernel.money import CashRounding, round_cash
from shared.payments.rules import Tender, TenderKind, apply_tenders, quick_notes

STEPS = st.sampled_from([1, 5, 10, 50, 100])
WAYS = st.sampled_from(CashRounding)
DUES = st.integers(1, 500_000)


def tender(kind: TenderKind, amount_minor: int) -> Tender:
    return Tender(UUID(int=1), kind.value, kind, amount_minor)


CASH = TenderKind.CASH
TENDERS = st.lists(st.builds(tender, st.sampled_from(TenderKind), st.integers(1, 300_000)), min_size=1, max_size=6)


@given(DUES, TENDERS, STEPS, WAYS)
def test_what_is_kept_and_what_is_left_make_up_what_was_due(
    due: int, tenders: list[Tender], step: int, way: CashRounding
) -> None:
    assume(sum(each.amount_minor for each in tenders if each.kind is not CASH) <= due)
    done = apply_tenders(due, tenders, step, way)
    kept = sum(each.kept_minor for each in done.applied)
    assert kept + done.left_minor == due + done.rounding_minor
    assert sum(each.change_minor for each in done.applied) == done.change_minor
    assert sorted(map(id, (each.tender for each in done.applied))) == sorted(map(id, tenders)), "each is taken once"
    for each in done.applied:
        assert each.kept_minor + each.change_minor == each.tender.amount_minor
        assert each.kept_minor >= 0
        assert each.change_minor == 0 or each.tender.kind is CASH
    assert done.change_minor >= 0
    assert done.left_minor >= 0
    assert abs(done.rounding_minor) < step
    if done.left_minor:
        assert not done.change_minor
        assert not done.rounding_minor


@given(DUES, TENDERS, STEPS, WAYS, st.randoms(use_true_random=False))
def test_the_order_in_which_tenders_are_handed_over_changes_no_amount(
    due: int, tenders: list[Tender], step: int, way: CashRounding, random: object
) -> None:
    assume(sum(each.amount_minor for each in tenders if each.kind is not CASH) <= due)
    shuffled = list(tenders)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = apply_tenders(due, tenders, step, way), apply_tenders(due, shuffled, step, way)
    assert (one.change_minor, one.rounding_minor, one.left_minor) == (
        other.change_minor,
        other.rounding_minor,
        other.left_minor,
    )


@given(DUES, st.integers(0, 400_000), STEPS, WAYS)
def test_paying_in_parts_closes_with_the_same_total(due: int, part: int, step: int, way: CashRounding) -> None:
    assume(0 < part < due)
    first = apply_tenders(due, [tender(TenderKind.CARD, part)], step, way)
    rest = apply_tenders(first.left_minor, [tender(CASH, due + 1_000)], step, way)
    together = apply_tenders(due, [tender(CASH, due + 1_000), tender(TenderKind.CARD, part)], step, way)
    assert first.left_minor == due - part
    assert (rest.change_minor, rest.rounding_minor, rest.left_minor) == (
        together.change_minor,
        together.rounding_minor,
        0,
    )


@given(st.integers(0, 10**6), STEPS, WAYS)
def test_rounded_cash_is_payable_in_coins_and_goes_the_way_that_was_set(
    amount: int, step: int, way: CashRounding
) -> None:
    rounded = round_cash(amount, step, way)
    assert rounded % step == 0
    if way in (CashRounding.NEAREST, CashRounding.HALF_DOWN):
        assert 2 * abs(rounded - amount) <= step
    else:
        gained = rounded - amount if way is CashRounding.UP else amount - rounded
        assert 0 <= gained < step


@pytest.mark.parametrize(
    ("way", "due", "rounding"),
    [
        (CashRounding.NEAREST, 1_234, -4),
        (CashRounding.NEAREST, 1_235, 5),
        (CashRounding.DOWN, 1_239, -9),
        (CashRounding.UP, 1_231, 9),
    ],
)
def test_cash_that_closes_is_rounded_to_coins(way: CashRounding, due: int, rounding: int) -> None:
    done = apply_tenders(due, [tender(CASH, 2_000)], 10, way)
    assert (done.rounding_minor, done.change_minor, done.left_minor) == (rounding, 2_000 - due - rounding, 0)


@pytest.mark.parametrize(
    ("due", "step", "way", "cash"),
    [(366, 10, CashRounding.NEAREST, 367), (5_003, 5, CashRounding.UP, 5_004), (5_003, 5, CashRounding.UP, 5_003)],
)
def test_cash_between_the_exact_amount_and_the_rounded_one_covers_the_check(
    due: int, step: int, way: CashRounding, cash: int
) -> None:
    done = apply_tenders(due, [tender(CASH, cash)], step, way)
    assert (done.left_minor, done.change_minor, done.rounding_minor) == (0, 0, cash - due)
    assert [each.kept_minor for each in done.applied] == [cash]


@pytest.mark.parametrize(
    ("due", "tenders", "rounding"),
    [
        (0, [], 0),
        (0, [tender(CASH, 0)], 0),
        (-500, [], 0),
        (-500, [tender(CASH, 0)], 0),
        (4, [], -4),
        (4, [tender(CASH, 0)], -4),
        (5_003, [tender(TenderKind.CARD, 5_000), tender(CASH, 0)], -3),
    ],
)
def test_what_coins_cannot_pay_is_closed_by_handing_over_nothing(
    due: int, tenders: list[Tender], rounding: int
) -> None:
    done = apply_tenders(due, tenders, 10)
    assert (done.left_minor, done.change_minor, done.rounding_minor) == (0, 0, rounding)
    assert all(each.kept_minor for each in done.applied), "nothing handed over is no payment"


def test_a_card_alone_never_closes_a_check_that_it_does_not_pay() -> None:
    assert apply_tenders(5_003, [tender(TenderKind.CARD, 5_000)], 10).left_minor == 3
    assert apply_tenders(5_003, [], 10).left_minor == 5_003


def test_cards_and_partial_cash_are_not_rounded() -> None:
    assert apply_tenders(1_234, [tender(TenderKind.CARD, 1_234)], 10).rounding_minor == 0
    assert apply_tenders(1_234, [tender(CASH, 1_000)], 10).left_minor == 234
    assert apply_tenders(1_234, [tender(TenderKind.WALLET, 1_000), tender(CASH, 230)], 10).left_minor == 0


@pytest.mark.parametrize("kind", [kind for kind in TenderKind if kind is not CASH])
def test_only_cash_gives_change(kind: TenderKind) -> None:
    with pytest.raises(DomainError) as caught:
        apply_tenders(1_000, [tender(kind, 1_001)])
    assert (caught.value.code, caught.value.params) == ("CHANGE_NEEDS_CASH", {"due": 1_000, "given": 1_001})
    assert apply_tenders(1_000, [tender(kind, 900), tender(CASH, 500)]).change_minor == 400


@pytest.mark.parametrize(
    ("due", "amount", "code"),
    [
        (1_000, 0, "TENDER_NOT_POSITIVE"),
        (1_000, -5, "TENDER_NOT_POSITIVE"),
        (4, -5, "TENDER_NOT_POSITIVE"),
        (0, 5, "ALREADY_PAID"),
        (-5, 5, "ALREADY_PAID"),
    ],
)
def test_what_is_no_payment_is_refused(due: int, amount: int, code: str) -> None:
    with pytest.raises(DomainError) as caught:
        apply_tenders(due, [tender(CASH, amount)])
    assert caught.value.code == code


@given(DUES)
def test_quick_notes_begin_with_the_exact_amount_and_all_cover_it(due: int) -> None:
    offered = quick_notes(due, [1_000, 2_000, 5_000, 10_000, 20_000])
    assert offered[0] == due
    assert offered == sorted(set(offered))
    assert len(offered) <= 5
