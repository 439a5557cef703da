"""The steps of a plan's service: combos, dayparts and price rules. They come after the menu that they name."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from uuid import UUID

from cloud.founding.plan import Plan
from cloud.founding.plan_parts import EVERY_BRANCH
from cloud.founding.plan_service import HoursPlan
from cloud.founding.service_checks import extra_minor, rule_price_minor
from cloud.founding.step import PlanIds, Step
from cloud.founding.walk import paths_called, placed_categories
from shared.menu.combo_records import ComboChoice, ComboSlot
from shared.menu.combos import add_combo_choice, add_combo_slot, combo_choice_id
from shared.menu.records import Category, Item
from shared.pricing.commands import Hours, add_daypart, add_price_rule
from shared.pricing.records import Daypart, PriceRule
from shared.tenancy.records import Branch


def combos(plan: Plan, ids: PlanIds, exponent: int) -> Iterator[Step]:
    """The slots of each combo, with what may be served for them."""
    for placed in placed_categories(plan.categories):
        for item in placed.category.items:
            for at, slot in enumerate(item.slots):
                slot_id = ids.of(ComboSlot, item.plan_key, slot.name)
                item_id = ids.of(Item, item.plan_key)
                added = partial(add_combo_slot, item_id=item_id, name=slot.name, position=at, slot_id=slot_id)
                yield Step(ComboSlot, slot_id, added)
                for place, choice in enumerate(slot.choices):
                    dish_id = ids.of(Item, choice.item)
                    extra = extra_minor(choice, exponent)
                    assert extra is not None, "checks.py lets no such plan through"
                    offered = partial(
                        add_combo_choice,
                        slot_id=slot_id,
                        item_id=dish_id,
                        price_delta_minor=extra,
                        position=place,
                        default=choice.default,
                    )
                    yield Step(ComboChoice, combo_choice_id(slot_id, dish_id), offered)


def hours(plan: Plan, ids: PlanIds, exponent: int) -> Iterator[Step]:
    """Dayparts and price rules: one for each branch that is named, or one for all of them."""
    for part in plan.dayparts:
        for branch_key, branch_id in _branches(plan, ids, part):
            daypart_id = ids.of(Daypart, part.name, *branch_key)
            made = partial(add_daypart, name=part.name, hours=_hours(plan, ids, part, branch_id), daypart_id=daypart_id)
            yield Step(Daypart, daypart_id, made)
    for rule in plan.price_rules:
        for branch_key, branch_id in _branches(plan, ids, rule):
            rule_id = ids.of(PriceRule, rule.name, *branch_key)
            ruled = partial(
                add_price_rule,
                name=rule.name,
                hours=_hours(plan, ids, rule, branch_id),
                price_minor=rule_price_minor(rule, exponent),
                rate_millionths=rule.off or 0,
                kinds=[str(kind) for kind in rule.kinds],
                rule_id=rule_id,
            )
            yield Step(PriceRule, rule_id, ruled)


def _branches(plan: Plan, ids: PlanIds, said: HoursPlan) -> Iterator[tuple[tuple[str, ...], UUID | None]]:
    if EVERY_BRANCH in said.branches:
        yield (), None
        return
    for key in plan.branch_keys(said.branches):
        yield (key,), ids.of(Branch, key)


def _hours(plan: Plan, ids: PlanIds, said: HoursPlan, branch_id: UUID | None) -> Hours:
    categories = [ids.of(Category, *path) for name in said.categories for path in paths_called(plan.categories, name)]
    items = [ids.of(Item, key) for key in said.items]
    return Hours(said.starts, said.ends, said.weekdays, items, categories, branch_id)
