"""By what money goes back: pure cases, and refunds as they are written."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import DomainError
from shared.payments.rules import TenderKind
from shared.payments.way_back import Coins, PaidBy, PayBack, way_back

CASH = PayBack(UUID(int=1), "Efectivo", TenderKind.CASH)
VISA = PayBack(UUID(int=2), "Visa", TenderKind.CARD)
YAPE = PayBack(UUID(int=3), "Yape", TenderKind.WALLET)
TEN_CENTS = Coins(10)


def paid(*amounts: tuple[PayBack, int]) -> list[PaidBy]:
    return [PaidBy(uuid4(), by, amount) for by, amount in amounts]


def test_as_it_came_a_card_gets_what_it_paid_and_the_rest_is_cash() -> None:
    came = paid((CASH, 2_000), (VISA, 3_000))
    back = way_back(4_250, None, came, CASH, Coins(), in_hand_minor=5_000, is_last=False)
    assert [(part.by.method_name, part.amount_minor) for part in back.parts] == [("Visa", 3_000), ("Efectivo", 1_250)]
    assert back.parts[0].payment_id == came[1].payment_id


def test_a_card_that_was_asked_for_gets_no_more_than_it_paid() -> None:
    came = paid((VISA, 3_000), (YAPE, 2_000))
    assert way_back(3_000, VISA, came, CASH, Coins(), in_hand_minor=5_000, is_last=False).paid_minor == 3_000
    with pytest.raises(DomainError, match="MORE_THAN_IT_PAID"):
        way_back(3_001, VISA, came, CASH, Coins(), in_hand_minor=5_000, is_last=False)


def test_cash_is_asked_for_though_a_card_paid() -> None:
    back = way_back(3_000, CASH, paid((VISA, 3_000)), None, Coins(), in_hand_minor=3_000, is_last=False)
    assert [(part.by, part.payment_id) for part in back.parts] == [(CASH, None)]


def test_a_house_without_cash_says_so() -> None:
    with pytest.raises(DomainError, match="NO_CASH_METHOD"):
        way_back(3_000, None, paid((VISA, 1_000)), None, Coins(), in_hand_minor=3_000, is_last=False)


@given(cents=st.integers(1, 20_000), portions=st.integers(1, 6), way=st.sampled_from([None, CASH]))
def test_refunds_of_a_receipt_in_coins_hand_out_what_was_taken_in_coins(
    cents: int, portions: int, way: PayBack | None
) -> None:
    """However often cash is rounded on the way: the last one hands out the rest."""
    taken = in_hand = round(cents / 10) * 10
    left = cents
    for place in range(portions, 0, -1):
        exact, left = left // place, left - left // place
        back = way_back(
            exact, way, paid((CASH, in_hand)), CASH, TEN_CENTS, in_hand_minor=in_hand, is_last=not left and place == 1
        )
        assert 0 <= back.paid_minor <= in_hand
        assert back.paid_minor - back.rounding_minor == exact
        in_hand -= back.paid_minor
    assert in_hand == 0, f"{taken} was taken"
