"""Choosing an item: each modifier group takes choices within its bounds, by default the usual ones."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import DomainError
from shared.kernel.ids import derived_id
from shared.menu.rules import (
    MenuItem,
    MenuModifierGroup,
    ModifierChoice,
    choose,
    default_modifiers,
    needs_choice,
)


def option(number: int, *, default: bool = False) -> ModifierChoice:
    return ModifierChoice(UUID(int=number), f"option {number}", number * 10, default)


def question(number: int, minimum: int, maximum: int, *options: ModifierChoice) -> MenuModifierGroup:
    return MenuModifierGroup(UUID(int=number), f"question {number}", minimum, maximum, options)


def item(name: str, *questions: MenuModifierGroup, code: str = "", sold_out: bool = False) -> MenuItem:
    return MenuItem(
        id=derived_id(name),
        name=name,
        code=code,
        category_id=UUID(int=1),
        category_name="Platos",
        price_minor=1_000,
        tax_category_id=UUID(int=2),
        unit="",
        station_id=None,
        sold_out=sold_out,
        modifier_groups=questions,
    )


STEAK = item(
    "Bistec",
    question(1, 1, 1, option(11, default=True), option(12)),
    question(2, 0, 2, option(21), option(22), option(23)),
)


@given(st.sets(st.sampled_from([11, 12, 21, 22, 23, 99])))
def test_a_choice_is_taken_exactly_if_every_question_is_within_its_bounds(numbers: set[int]) -> None:
    doneness, extras = len(numbers & {11, 12}), len(numbers & {21, 22, 23})
    fits = doneness == 1 and extras <= 2 and 99 not in numbers
    wanted = [UUID(int=number) for number in numbers]
    if fits:
        assert [each.id.int for each in choose(STEAK, wanted).modifiers] == sorted(numbers), "in menu order"
    else:
        with pytest.raises(DomainError, match=r"TOO_FEW_MODIFIERS|TOO_MANY_MODIFIERS|MODIFIER_UNKNOWN"):
            choose(STEAK, wanted)


def test_the_usual_answers_are_enough_where_they_reach_the_minimum() -> None:
    assert default_modifiers(STEAK) == (UUID(int=11),)
    assert not needs_choice(STEAK)
    assert choose(STEAK, default_modifiers(STEAK)).modifiers[0].id == UUID(int=11)
    asks = item("Menú", question(1, 2, 2, option(1, default=True), option(2)))
    assert needs_choice(asks)


def test_an_answer_given_twice_counts_once() -> None:
    assert len(choose(STEAK, [UUID(int=11), UUID(int=11)]).modifiers) == 1


def test_what_is_sold_out_cannot_be_chosen() -> None:
    with pytest.raises(DomainError, match="ITEM_SOLD_OUT"):
        choose(item("Ceviche", sold_out=True), [])
