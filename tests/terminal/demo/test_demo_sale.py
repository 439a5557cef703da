"""The sale of the check, from the plan that ships; and the keys that choose a dish's options."""

from __future__ import annotations

import random
from uuid import UUID

import pytest

from shared.menu.rules import MenuItem, MenuModifierGroup, ModifierChoice
from terminal.demo.hands import choice_keys
from terminal.demo.plan import read_plan
from terminal.demo.sale import planned_sale
from terminal.demo.trouble import DemoTrouble
from terminal.screens.order.options_view import Choosing, Step, option_by_hint


def test_the_shipped_plan_gives_a_sale_with_options_a_note_two_stations_and_change() -> None:
    plan = read_plan()
    sale = planned_sale(plan)
    dish, drink = sale.ordered

    assert dish.typed == "2*lom"
    assert dish.note
    assert any(extra for _name, extra in dish.answers)
    assert dish.item.station != drink.item.station
    assert sale.total_minor == dish.total_minor + drink.total_minor
    assert 0 < sale.change_minor < 50_00
    assert sale.given_minor == sale.total_minor + sale.rounding_minor + sale.change_minor


def test_the_demo_has_two_branches_a_till_in_each_and_a_kitchen_display() -> None:
    plan = read_plan()

    assert len(plan.branches) == 2
    assert len(plan.items) >= 60
    assert [(device.folder, device.kind) for device in plan.devices] == [
        ("caja", "till"),
        ("cocina", "kitchen"),
        ("caja-arequipa", "till"),
    ]


def test_a_plan_that_cannot_be_read_is_one_sentence(tmp_path) -> None:
    broken = tmp_path / "plan.toml"
    broken.write_text("[organization]\nname = 'x'\n")

    with pytest.raises(DemoTrouble) as told:
        read_plan(broken)
    assert told.value.code == "PLAN_WRONG"


@pytest.mark.parametrize("seed", range(60))
def test_the_keys_choose_exactly_the_wanted_answers(seed: int) -> None:
    source = random.Random(seed)
    questions = tuple(_question(source, at) for at in range(source.randint(1, 4)))
    item = MenuItem(_id(1), "x", "x", _id(2), "", 100, None, "", None, questions)
    wanted = frozenset(
        option.name
        for question in questions
        for option in source.sample(question.choices, max(1, question.minimum))
        if question.maximum == 1 or question.minimum
    )

    chosen = _play(item, choice_keys(item, wanted))

    names = {option.id: option.name for question in questions for option in question.choices}
    assert wanted <= {names[each] for each in chosen}


def _play(item: MenuItem, keys: list[str]) -> tuple[UUID, ...]:
    """What the dialog does with keys: the same steps as `OptionsDialog`."""
    state = Choosing.begin(item)
    for key in keys:
        if key == "enter":
            assert state.missing() is None
            return state.ids()
        if key == "tab":
            state = state.turned(1)
            continue
        option = option_by_hint(state, key)
        assert option is not None
        state, step = state.answered(option)
        if step is Step.DONE:
            assert state.missing() is None
            return state.ids()
    raise AssertionError("the dialog is still open")


def _question(source: random.Random, at: int) -> MenuModifierGroup:
    minimum, usual = source.randint(0, 1), source.choice([0, None])
    options = tuple(
        ModifierChoice(_id(100 * (at + 1) + n), f"{at}-{n}", 0, n == usual) for n in range(source.randint(2, 5))
    )
    return MenuModifierGroup(_id(10 + at), str(at), minimum, source.choice([1, 3]), options)


def _id(number: int) -> UUID:
    return UUID(int=number)
