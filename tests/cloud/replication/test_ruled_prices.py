"""Prices that a price rule made, and shares of a combo: what the cloud asks about, and what it takes as said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from branch_books import noon

from shared.kernel.permissions import SYSTEM, Role
from shared.kernel.stamps import COUNTER_BITS
from shared.menu.combos import add_combo_choice, add_combo_slot
from shared.menu.commands import add_category, add_item, add_modifier, add_modifier_group, link_modifier_group
from shared.menu.halves import GroupPricing
from shared.pricing.commands import Hours, add_price_rule
from shared.pricing.records import PriceRule
from shared.taxes.commands import add_tax_category
from tests.cloud.replication.house import TODAY, House, Said, check, created, edited, order

WAITER = UUID(int=0x3A17E4)
OPEN_ORDER, OPEN_CHECK = UUID(int=0x0DE1), UUID(int=0x0DE2)
BEER, SOUP, COMBO, RULE, FIXED = (UUID(int=0xBEE0 + number) for number in range(5))
QUESTION = "without_right"


@pytest.fixture
async def house(house: House) -> House:
    """Beer at 10.00, 7.50 from noon to three; 6.00 by another rule. A combo of beer and soup at 12.00."""
    await house.hire(Role.WAITER, WAITER)
    async with house.parts.units.work(house.organization_id, SYSTEM) as work:
        category, tax = await add_category(work, "Bebidas"), await add_tax_category(work, "IGV")
        await add_item(work, "Cerveza", category.id, tax.id, 1_000, item_id=BEER)
        await add_item(work, "Sopa", category.id, tax.id, 900, item_id=SOUP)
        await add_item(work, "Combo", category.id, tax.id, 1_200, item_id=COMBO)
        hours = Hours(12 * 60, 15 * 60, categories=(category.id,))
        await add_price_rule(work, "Hora feliz", hours, rate_millionths=250_000, rule_id=RULE)
        await add_price_rule(work, "Fija", Hours(0, 0, items=(BEER,)), price_minor=600, rule_id=FIXED)
        for name, dish in (("Bebida", BEER), ("Entrada", SOUP)):
            slot = await add_combo_slot(work, COMBO, name)
            choice = await add_combo_choice(work, slot.id, dish)
            CHOICES[dish] = choice.id
    branch = house.own.branch_id
    house.own.say(order(OPEN_ORDER, branch), check(OPEN_CHECK, OPEN_ORDER, branch))
    await house.fold()
    return house


CHOICES: dict[UUID, UUID] = {}


def stamp_at(hours_later: float) -> int:
    """The stamp of what is written so many hours after noon."""
    return int((noon(TODAY) + timedelta(hours=hours_later)).timestamp() * 1_000) << COUNTER_BITS


async def questions(house: House) -> list[tuple[object, ...]]:
    """What is asked about prices. The cloud's clock shows noon: what is stamped in the evening is asked about, too."""
    return [event[:3] for event in await house.events() if event[0] == QUESTION]


def line(house: House, item: UUID, price_minor: int, hours_later: float = 0, **more: object) -> Said:
    row = uuid4()
    same = {"order_id": OPEN_ORDER, "root_id": row, "author": house.own.key.id, "check_id": OPEN_CHECK}
    what = {"item_id": item, "item_name": "x", "unit_price_minor": price_minor, "quantity_milli": 1_000}
    at = noon(TODAY) + timedelta(hours=hours_later)
    said = {**same, **what, "modifiers": [], "added_at": at, **more}
    return created("order_lines", row, branch_id=house.own.branch_id, **said)


def combo(house: House, combo_id: UUID, price_minor: int, **more: object) -> Said:
    what = {"order_id": OPEN_ORDER, "item_id": COMBO, "name": "Combo", "price_minor": price_minor}
    said = {**what, "share_minor": price_minor, "added_at": noon(TODAY), **more}
    return created("order_combos", combo_id, branch_id=house.own.branch_id, **said)


LOBSTER, LUXURY, PIZZA, EARLIER = (UUID(int=0x10B0 + number) for number in range(4))
HALVES: dict[str, UUID] = {}


@pytest.fixture
async def dearer(house: House) -> House:
    """Besides: a combo of lobster at 90.00, and a pizza of two halves at 30.00: the dearer one (+6.00) counts."""
    async with house.parts.units.work(house.organization_id, SYSTEM) as work:
        category, tax = await add_category(work, "Platos"), await add_tax_category(work, "IGV")
        await add_item(work, "Langosta", category.id, tax.id, 9_000, item_id=LOBSTER)
        await add_item(work, "De lujo", category.id, tax.id, 9_000, item_id=LUXURY)
        CHOICES[LOBSTER] = (await add_combo_choice(work, (await add_combo_slot(work, LUXURY, "Fondo")).id, LOBSTER)).id
        await add_item(work, "Pizza", category.id, tax.id, 3_000, item_id=PIZZA)
        halves = await add_modifier_group(work, "Mitades", 1, 2, pricing=GroupPricing.DEAREST)
        for name, delta in (("Margarita", 0), ("Trufa", 600)):
            HALVES[name] = (await add_modifier(work, halves.id, name, delta)).id
        await link_modifier_group(work, PIZZA, halves.id)
        other = await add_modifier_group(work, "De la sopa", 0, 1)
        HALVES["Rebaja"] = (await add_modifier(work, other.id, "Rebaja", -800)).id
        await link_modifier_group(work, SOUP, other.id)
    return house


def forged_combos(house: House) -> dict[str, Callable[[UUID], list[Said]]]:
    """Combos at their listed price which hold what they do not offer."""

    def whole(key: UUID, **more: Any) -> Said:
        return combo(house, key, 1_200, **more)

    def of(key: UUID, item: UUID, share_minor: int, **more: Any) -> Said:
        return part(house, key, item, share_minor, **more)

    def split_off(key: UUID) -> list[Said]:
        soup = of(key, SOUP, 568)
        off = line(house, SOUP, 0, combo_id=key, part_of_id=soup[2], combo_choice_id=None)
        return [whole(key), of(key, BEER, 632), soup, off]

    return {
        "a choice of another combo": lambda key: [whole(key), of(key, LOBSTER, 632), of(key, SOUP, 568)],
        "a slot filled twice": lambda key: [whole(key), of(key, BEER, 600), of(key, BEER, 600)],
        "more of a part": lambda key: [whole(key), of(key, BEER, 1_200), of(key, SOUP, 0, quantity_milli=9_000)],
        "an addition that no choice makes": lambda key: [
            whole(key, extra_minor=100, share_minor=1_300),
            of(key, BEER, 732),
            of(key, SOUP, 568),
        ],
        "a part that came later": lambda _key: [of(EARLIER, SOUP, 0)],
        "split off for nothing": split_off,
    }


async def asked_in_all(house: House) -> int:
    return sum(event[3] for event in await house.events())


async def test_a_combo_holds_only_what_it_offers(dearer: House) -> None:
    honest = (combo(dearer, EARLIER, 1_200), part(dearer, EARLIER, BEER, 632), part(dearer, EARLIER, SOUP, 568))
    dearer.own.say(*honest, actor=WAITER)
    await dearer.fold()
    assert await dearer.events() == []
    for named, forged in forged_combos(dearer).items():
        before = await asked_in_all(dearer)
        dearer.own.say(*forged(uuid4()), actor=WAITER)
        await dearer.fold()
        assert not await dearer.verdicts(dearer.own), named
        assert not await dearer.parked(), named
        assert await asked_in_all(dearer) == before + 1, named


@pytest.mark.parametrize("is_folded", [True, False])
@pytest.mark.parametrize(
    ("edits", "is_asked"),
    [
        ([{"quantity_milli": 20_000}, None], True),
        ([{"more_milli": 1_000}, None], True),
        ([{"quantity_milli": 20_000}, {"quantity_milli": 2_000}], True),
        ([{"quantity_milli": 2_000}, {"quantity_milli": 2_000}], False),
        ([{"more_milli": 1_000}, {"more_milli": 1_000}], False),
        ([{"quantity_milli": 0}, None], False),
    ],
    ids=["one alone", "one more of one", "one more than the other", "both", "one more of both", "less of one"],
)
async def test_parts_of_a_combo_grow_together(
    house: House, edits: list[dict[str, int] | None], is_asked: bool, is_folded: bool
) -> None:
    key = uuid4()
    parts = part(house, key, BEER, 0), part(house, key, SOUP, 1_200)
    house.own.say(combo(house, key, 1_200), *parts, actor=WAITER)
    if is_folded:
        await house.fold()
    said = [edited("order_lines", of[2], **more) for of, more in zip(parts, edits, strict=True) if more]
    house.own.say(*said, actor=WAITER)
    await house.fold()
    assert await house.verdicts(house.own) == await house.parked() == []
    assert [event[:3] for event in await house.events()] == [(QUESTION, WAITER, "not_its_choice")] * is_asked


def modifier(name: str, delta_minor: int) -> dict[str, object]:
    return {"id": str(HALVES[name]), "name": name, "price_delta_minor": delta_minor}


@pytest.mark.parametrize(
    ("told", "is_asked"),
    [
        ([("Trufa", 600)], False),
        ([("Margarita", 0), ("Trufa", 600)], False),
        ([("Margarita", 0), ("Trufa", 0)], True),
        ([("Trufa", 600), ("Trufa", 0)], False),
        ([("Trufa", -2_900)], True),
        ([("Rebaja", -800)], True),
    ],
    ids=["one", "the dearer half", "no half counts", "twice the same", "less than it adds", "of another dish"],
)
async def test_modifiers_cost_what_the_menu_says_of_that_dish(
    dearer: House, told: list[tuple[str, int]], is_asked: bool
) -> None:
    modifiers = [modifier(*each) for each in told]
    dearer.own.say(line(dearer, PIZZA, 3_000, modifiers=modifiers), actor=WAITER)
    plain = line(dearer, PIZZA, 3_000)
    dearer.own.say(plain, edited("order_lines", plain[2], modifiers=modifiers), actor=WAITER)
    await dearer.fold()
    assert not await dearer.verdicts(dearer.own)
    assert not await dearer.parked()
    assert [event[1:] for event in await dearer.events()] == [(WAITER, "not_its_choice", 2)] * is_asked


def part(house: House, combo_id: UUID, item: UUID, share_minor: int, choice: UUID | None = None, **more: Any) -> Said:
    named: dict[str, Any] = {
        "combo_id": combo_id,
        "combo_choice_id": choice or CHOICES[item],
        "share_minor": share_minor,
    }
    return line(house, item, share_minor, **named, **more)


@pytest.mark.parametrize(
    ("item", "price_minor", "hours_later", "rule", "is_asked"),
    [
        (BEER, 750, 1, RULE, False),
        (BEER, 750, 1, None, True),
        (BEER, 700, 1, RULE, True),
        (BEER, 750, 4, RULE, True),
        (BEER, 600, 4, FIXED, False),
        (SOUP, 600, 1, FIXED, True),
        (SOUP, 675, 1, RULE, False),
    ],
    ids=[
        "by its rule",
        "no rule named",
        "less than it says",
        "after its hours",
        "at its price",
        "not for it",
        "category",
    ],
)
async def test_a_price_by_a_rule_takes_no_right(
    house: House, item: UUID, price_minor: int, hours_later: int, rule: UUID | None, is_asked: bool
) -> None:
    said = line(house, item, price_minor, hours_later, price_rule_id=rule)
    house.own.say(said, actor=WAITER, stamp=stamp_at(hours_later))
    await house.fold()
    assert await house.verdicts(house.own) == await house.parked() == []
    assert await questions(house) == [(QUESTION, WAITER, "override_price")] * is_asked


async def test_a_rule_that_was_changed_since_still_explains_what_it_said(house: House) -> None:
    async with house.parts.units.work(house.organization_id, SYSTEM) as work:
        (await work.get(PriceRule, RULE)).rate_millionths = 100_000
    for price_minor in (750, 900):
        house.own.say(line(house, BEER, price_minor, 1, price_rule_id=RULE), actor=WAITER, stamp=stamp_at(1))
    await house.fold()
    assert await house.events() == []


TAKEOUT_RULE, DINE_IN_RULE = UUID(int=0xBEE8), UUID(int=0xBEE9)


@pytest.mark.parametrize(
    ("hours_said", "hours_true", "rule", "is_asked"),
    [
        (2.98, 3.05, RULE, False),
        (1, 4, RULE, True),
        (1, 1 + 24 * 5, RULE, True),
        (1 + 24 * 365 * 9, 4, RULE, True),
        (-23, -23, RULE, True),
        (1, 1, TAKEOUT_RULE, False),
        (1, 1, DINE_IN_RULE, True),
    ],
    ids=[
        "typed before its end and stamped a moment later",
        "dated back today",
        "dated back five days",
        "dated in years to come",
        "before its order began",
        "for its kind of order",
        "for another kind of order",
    ],
)
async def test_the_hour_of_a_ruled_price_is_the_one_at_which_its_row_was_written(
    house: House, hours_said: float, hours_true: float, rule: UUID, is_asked: bool
) -> None:
    async with house.parts.units.work(house.organization_id, SYSTEM) as work:
        for key, kind in ((TAKEOUT_RULE, "takeout"), (DINE_IN_RULE, "dine_in")):
            hours = Hours(0, 0, items=(BEER,))
            await add_price_rule(work, kind, hours, rate_millionths=250_000, rule_id=key, kinds=(kind,))
    said = line(house, BEER, 750, hours_said, price_rule_id=rule)
    house.own.say(said, actor=WAITER, stamp=stamp_at(hours_true))
    await house.fold()
    assert await house.verdicts(house.own) == await house.parked() == []
    assert await questions(house) == [(QUESTION, WAITER, "override_price")] * is_asked


async def test_a_listed_price_that_is_lowered_to_a_rule_later_is_held_against_the_time_of_its_line(
    house: House,
) -> None:
    said = line(house, BEER, 1_000, 1, price_rule_id=RULE)
    house.own.say(said, actor=WAITER, stamp=stamp_at(4))
    await house.fold()
    house.own.say(edited("order_lines", said[2], unit_price_minor=750), actor=WAITER, stamp=stamp_at(5))
    await house.fold()
    assert await questions(house) == [(QUESTION, WAITER, "override_price")]


async def test_parts_that_share_the_price_of_their_combo_take_no_right(house: House) -> None:
    key = uuid4()
    house.own.say(combo(house, key, 1_200), part(house, key, BEER, 632), part(house, key, SOUP, 568), actor=WAITER)
    happy = uuid4()
    house.own.say(
        combo(house, happy, 900, price_rule_id=RULE),
        part(house, happy, BEER, 474),
        part(house, happy, SOUP, 426),
        actor=WAITER,
        stamp=stamp_at(0),
    )
    await house.fold()
    assert await house.verdicts(house.own) == await house.parked() == []
    assert await house.events() == []


async def test_a_cheaper_combo_shares_that_differ_and_what_is_no_choice_are_asked_about(house: House) -> None:
    cheap, less, other = uuid4(), uuid4(), uuid4()
    house.own.say(combo(house, cheap, 900), part(house, cheap, BEER, 474), part(house, cheap, SOUP, 426), actor=WAITER)
    await house.fold()
    assert [event[0] for event in await house.events()] == [QUESTION]
    house.own.say(combo(house, less, 1_200), part(house, less, BEER, 632), part(house, less, SOUP, 500), actor=WAITER)
    await house.fold()
    assert {event[0] for event in await house.events()} == {QUESTION, "sums_differ"}
    house.own.say(combo(house, other, 1_200), part(house, other, SOUP, 1_200, choice=CHOICES[BEER]), actor=WAITER)
    await house.fold()
    assert len(await house.events()) == 3


async def test_to_reprice_a_part_takes_the_right(house: House) -> None:
    key = uuid4()
    said = part(house, key, BEER, 632)
    house.own.say(combo(house, key, 1_200), said, part(house, key, SOUP, 568), actor=WAITER)
    house.own.say(edited("order_lines", said[2], unit_price_minor=1), actor=WAITER)
    await house.fold()
    assert [event[:3] for event in await house.events()] == [(QUESTION, WAITER, "override_price")]
