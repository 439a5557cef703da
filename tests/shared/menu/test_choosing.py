"""Choosing an item: each modifier group takes choices within its bounds, by default the usual ones."""

from __future__ import annotations

from dataclasses import replace
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
    asked_groups,
    choose,
    default_modifiers,
    needs_choice,
)


def option(number: int, *, default: bool = False) -> ModifierChoice:
    return ModifierChoice(UUID(int=number), f"option {number}", number * 10, default)


def question(number: int, minimum: int, maximum: int, *options: ModifierChoice) -> MenuModifierGroup:
    return MenuModifierGroup(UUID(int=number), f"question {number}", minimum, maximum, options)


def item(name: str, *questions: MenuModifierGroup, code: str = "") -> MenuItem:
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


def test_what_is_named_twice_is_chosen_twice_and_counts_twice_against_the_maximum() -> None:
    jugoso, extra, other = (UUID(int=number) for number in (11, 21, 22))
    assert [each.id for each in choose(STEAK, [extra, jugoso, extra]).modifiers] == [jugoso, extra, extra]
    for wanted in ([jugoso, extra, extra, extra], [jugoso, extra, extra, other], [jugoso, jugoso]):
        with pytest.raises(DomainError, match="TOO_MANY_MODIFIERS"):
            choose(STEAK, wanted)


def opening(number: int, opens: int, *, default: bool = False) -> ModifierChoice:
    return replace(option(number, default=default), opens_id=UUID(int=opens))


COMBO = replace(
    item("Combo", question(1, 1, 2, opening(11, 2), option(12)), question(4, 0, 1, option(41))),
    opened_groups=(
        question(2, 1, 1, opening(21, 3), option(22, default=True)),
        question(3, 1, 1, opening(31, 2), option(32)),
    ),
)
"""11 opens a group whose 21 opens another, whose 31 opens the first again."""


def test_a_chosen_modifier_opens_its_group_and_the_groups_below_it() -> None:
    def asked(*numbers: int) -> list[int]:
        return [group.id.int for group in asked_groups(COMBO, {UUID(int=number) for number in numbers})]

    assert asked() == asked(12) == asked(21) == [1, 4]
    assert asked(11) == [1, 2, 4]
    assert asked(11, 21) == asked(11, 21, 31) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("numbers", "code"),
    [
        ([12], None),
        ([11], "TOO_FEW_MODIFIERS"),
        ([11, 22], None),
        ([11, 21], "TOO_FEW_MODIFIERS"),
        ([11, 21, 31], None),
        ([12, 22], "MODIFIER_UNKNOWN"),
        ([11, 21, 31, 32], "TOO_MANY_MODIFIERS"),
    ],
)
def test_what_a_modifier_opens_is_asked_only_with_it_and_has_bounds_of_its_own(
    numbers: list[int], code: str | None
) -> None:
    wanted = [UUID(int=number) for number in numbers]
    if code is None:
        assert [each.id.int for each in choose(COMBO, wanted).modifiers] == numbers
    else:
        with pytest.raises(DomainError, match=code):
            choose(COMBO, wanted)


def test_what_a_modifier_opens_stands_right_after_it() -> None:
    wanted = [UUID(int=number) for number in (41, 12, 22, 11)]
    assert [each.id.int for each in choose(COMBO, wanted).modifiers] == [11, 22, 12, 41]


def test_the_usual_answers_reach_into_what_they_open() -> None:
    usual = replace(COMBO, modifier_groups=(question(1, 1, 1, opening(11, 2, default=True)),))
    assert default_modifiers(COMBO) == ()
    assert [each.int for each in default_modifiers(usual)] == [11, 22]
    assert needs_choice(COMBO)
    assert not needs_choice(usual)
