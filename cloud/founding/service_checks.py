"""What must agree within the service of a plan: combos, dayparts, price rules; and their amounts."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from cloud.founding.mistakes import Mistake, twice
from cloud.founding.plan import ItemPlan, Plan
from cloud.founding.plan_parts import EVERY_BRANCH
from cloud.founding.plan_service import ComboChoicePlan, HoursPlan, PriceRulePlan
from cloud.founding.walk import PlanPlace, minor_units, paths_called, placed_categories
from shared.kernel.money import MAX_MINOR


def extra_minor(choice: ComboChoicePlan, exponent: int) -> int | None:
    """What a choice adds to the price of its combo; None if the currency cannot express it."""
    return choice.extra_minor or 0 if choice.extra is None else minor_units(choice.extra, exponent)


def rule_price_minor(rule: PriceRulePlan, exponent: int) -> int | None:
    """The price of a rule; None if it takes something off, or the currency cannot express it."""
    return rule.price_minor if rule.price is None else minor_units(rule.price, exponent)


def mistakes_in_service(plan: Plan, exponent: int) -> Iterator[Mistake]:
    """The mistakes of combos, dayparts and price rules."""
    items = {item.plan_key: item for placed in placed_categories(plan.categories) for item in placed.category.items}
    for placed in placed_categories(plan.categories):
        for at, item in enumerate(placed.category.items):
            yield from _combo((*placed.place, "items", at), item, items, exponent)
    for name, said in (("dayparts", plan.dayparts), ("price_rules", plan.price_rules)):
        yield from twice(((name, at, "name"), each.name) for at, each in enumerate(said))
        for at, each in enumerate(said):
            yield from _hours(plan, (name, at), each, items)
    for at, rule in enumerate(plan.price_rules):
        given = [each for each in (rule.price, rule.price_minor, rule.off) if each is not None]
        if len(given) != 1 or rule.off == 0:
            yield Mistake(("price_rules", at), "plan.rule_price")
        price = rule_price_minor(rule, exponent)
        if rule.price is not None and (price is None or not 0 <= price <= MAX_MINOR):
            yield Mistake(("price_rules", at, "price"), "plan.not_exact", {"decimals": exponent})


def _combo(place: PlanPlace, item: ItemPlan, items: dict[str, ItemPlan], exponent: int) -> Iterator[Mistake]:
    yield from twice(((*place, "slots", at, "name"), slot.name) for at, slot in enumerate(item.slots))
    if item.slots and (item.modifiers or item.open_price or item.unit):
        yield Mistake(place, "plan.combo_plain")
    for at, slot in enumerate(item.slots):
        where = (*place, "slots", at)
        choices = list(enumerate(slot.choices))
        yield from twice(((*where, "choices", number, "item"), choice.item) for number, choice in choices)
        if sum(choice.default for choice in slot.choices) > 1:
            yield Mistake(where, "plan.many_defaults", {"most": 1})
        for number, choice in choices:
            dish = items.get(choice.item)
            if dish is None:
                params = {"value": choice.item, "list": "items"}
                yield Mistake((*where, "choices", number, "item"), "plan.not_known", params)
            elif dish.slots or dish.open_price:
                yield Mistake((*where, "choices", number, "item"), "plan.combo_of_combos")
            extra = extra_minor(choice, exponent)
            if extra is None or not 0 <= extra <= MAX_MINOR:
                yield Mistake((*where, "choices", number, "extra"), "plan.not_exact", {"decimals": exponent})


def _hours(plan: Plan, place: PlanPlace, said: HoursPlan, items: Collection[str]) -> Iterator[Mistake]:
    if not (said.items or said.categories):
        yield Mistake((*place, "items"), "plan.empty")
    for at, key in enumerate(said.items):
        if key not in items:
            yield Mistake((*place, "items", at), "plan.not_known", {"value": key, "list": "items"})
    for at, name in enumerate(said.categories):
        if not paths_called(plan.categories, name):
            yield Mistake((*place, "categories", at), "plan.not_known", {"value": name, "list": "categories"})
    known = {EVERY_BRANCH, *(branch.key for branch in plan.branches)}
    for at, key in enumerate(said.branches):
        if key not in known:
            yield Mistake((*place, "branches", at), "plan.not_known", {"value": key, "list": "branches"})
