"""A plan as a list of steps: each writes one record by its command, under an id computed from the plan's keys.

The ids make founding repeatable: founding again from the same plan computes the same ids.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import count
from uuid import UUID

from cloud.accounts.passwords import normal_email
from cloud.founding.kitchen_steps import routes, stations
from cloud.founding.plan import AccountPlan, BranchPlan, ItemPlan, Plan, StaffPlan, TaxPlan
from cloud.founding.plan_safety import thousandths
from cloud.founding.printers import printed_in, printer_settings
from cloud.founding.service_steps import combos, hours
from cloud.founding.step import PlanIds, Step
from cloud.founding.walk import (
    difference_minor,
    limit_minor,
    most_minor,
    per_unit_minor,
    placed_categories,
    price_delta_minor,
    price_minor,
)
from shared.countries.currencies import currency
from shared.drawers.commands import add_drawer
from shared.drawers.records import Drawer
from shared.floor.commands import add_space, add_table
from shared.floor.records import DiningTable, Space
from shared.kernel.language import spoken
from shared.kernel.work import Work
from shared.kitchen.records import Station
from shared.menu.commands import (
    MOST_PLACES,
    add_category,
    add_item,
    add_modifier,
    add_modifier_group,
    item_modifier_group_id,
    link_modifier_group,
)
from shared.menu.records import Category, Item, ItemModifierGroup, Modifier, ModifierGroup
from shared.payments.bill_records import ServiceRule
from shared.payments.exchange import ExchangeRate, rate_id, set_rate
from shared.payments.methods import add_payment_method
from shared.payments.records import PaymentMethod
from shared.payments.service import add_service_rule
from shared.printers.commands import put_printer, put_rule, rule_id
from shared.printers.records import Printer, PrintRule
from shared.printers.settings import printer_id
from shared.safety.commands import add_point
from shared.safety.records import SafetyPoint
from shared.staff.commands import assign, assignment_id, take_on
from shared.staff.pins import NO_PIN, HashedPin
from shared.staff.records import Assignment, RoleRight, StaffMember
from shared.staff.role_commands import limit_role, right_id
from shared.staff.rules import WORK_EVERYWHERE, RoleKey
from shared.taxes.commands import add_tax_category, add_tax_rate
from shared.taxes.records import TaxCategory, TaxRate
from shared.tenancy.commands import add_reason, found_organization, open_branch
from shared.tenancy.records import Branch, Organization, Reason


def steps(plan: Plan, organization_id: UUID, pins: Mapping[str, HashedPin]) -> Iterator[Step]:
    """A step for each record of a plan; each comes after the records that it refers to.

    Args:
        pins: hashed PINs by the person's key, for the people who do not exist yet.
    """
    ids = PlanIds(organization_id)
    organization = plan.organization
    founded = partial(
        found_organization,
        name=organization.name,
        country=organization.country,
        currency=organization.currency,
        language=organization.language.value,
        tax_number=organization.tax_number,
        legal_name=organization.legal_name,
    )
    yield Step(Organization, organization_id, founded)
    exponent = currency(organization.currency).exponent
    for branch in plan.branches:
        yield from _branch(branch, ids)
        yield from _drawers(branch, ids, exponent)
    yield from _lists(plan, ids)
    for branch in plan.branches:
        yield from _printers(branch, ids)
    yield from _safety(plan, ids)
    yield from _staff(plan, ids, pins)
    yield from _limits(plan)
    yield from _modifiers(plan, ids)
    yield from _menu(plan, ids)
    yield from combos(plan, ids, exponent)
    yield from hours(plan, ids, exponent)
    yield from routes(plan, ids)


def modifier_names(group: str, name: str, key: str | None) -> tuple[str, ...]:
    """What tells a modifier apart: its own key, else its name within its group."""
    return ("key", key) if key is not None else ("name", group, name)


def _branch(branch: BranchPlan, ids: PlanIds) -> Iterator[Step]:
    branch_id = ids.of(Branch, branch.key)
    opened = partial(
        open_branch,
        branch_id=branch_id,
        name=branch.name,
        zone=branch.zone,
        address=branch.address,
        cutoff_minutes=branch.cutoff,
        cash_step_minor=branch.cash_step_minor,
        cash_rounding=branch.cash_rounding,
        received_within_seconds=branch.received_within,
    )
    yield Step(Branch, branch_id, opened)
    for at, space in enumerate(branch.spaces):
        space_id = ids.of(Space, branch.key, space.name)
        yield Step(
            Space,
            space_id,
            partial(add_space, branch_id=branch_id, name=space.name, position=at, space_id=space_id),
        )
        for place, table in enumerate(space.tables):
            table_id = ids.of(DiningTable, branch.key, table.name)
            yield Step(
                DiningTable,
                table_id,
                partial(
                    add_table,
                    branch_id=branch_id,
                    space_id=space_id,
                    name=table.name,
                    seats=table.seats,
                    position=place,
                    table_id=table_id,
                    place=table.place,
                    shape=table.shape,
                ),
            )


def _safety(plan: Plan, ids: PlanIds) -> Iterator[Step]:
    for at, check in enumerate(plan.safety_checks):
        for key in plan.branch_keys(check.branches):
            point_id = ids.of(SafetyPoint, key, check.name)
            added = partial(
                add_point,
                name=spoken(check.name, check.names, plan.organization.language),
                kind=check.kind,
                unit=check.unit,
                low_milli=thousandths(check.low),
                high_milli=thousandths(check.high),
                times=check.times,
                every_minutes=check.every_minutes,
                position=at,
                names=check.names,
                branch_id=ids.of(Branch, key),
                point_id=point_id,
            )
            yield Step(SafetyPoint, point_id, added)


def _drawers(branch: BranchPlan, ids: PlanIds, exponent: int) -> Iterator[Step]:
    for at, drawer in enumerate(branch.drawers):
        drawer_id = ids.of(Drawer, branch.key, drawer.name)
        added = partial(
            add_drawer,
            branch_id=ids.of(Branch, branch.key),
            name=drawer.name,
            most_difference_minor=_judged(difference_minor(drawer, exponent)),
            position=at,
            drawer_id=drawer_id,
        )
        yield Step(Drawer, drawer_id, added)


def _printers(branch: BranchPlan, ids: PlanIds) -> Iterator[Step]:
    branch_id = ids.of(Branch, branch.key)
    for printer in branch.printers:
        added = partial(put_printer, settings=printer_settings(printer), branch_id=branch_id)
        yield Step(Printer, printer_id(branch_id, printer.name), added)
    for printed in printed_in(branch):
        station_id = ids.of(Station, printed.station) if printed.station else None
        ruled = partial(
            put_rule,
            document=printed.paper,
            printer=printed.printer,
            station_id=station_id,
            place=printed.place,
            branch_id=branch_id,
        )
        yield Step(PrintRule, rule_id(branch_id, printed.paper, station_id, None, printed.place), ruled)


def _lists(plan: Plan, ids: PlanIds) -> Iterator[Step]:
    exponent = currency(plan.organization.currency).exponent
    for category in plan.taxes:
        yield from _tax(category, ids, exponent)
    yield from stations(plan, ids)
    for at, way in enumerate(plan.payment_methods):
        method_id = ids.of(PaymentMethod, way.name)
        yield Step(
            PaymentMethod,
            method_id,
            partial(
                add_payment_method,
                name=spoken(way.name, way.names, plan.organization.language),
                names=way.names,
                kind=way.kind,
                position=at,
                method_id=method_id,
                asks=way.asks,
                qr_text=way.qr,
                gives_change=way.gives_change,
                needs_right=way.needs_right,
                most_minor=_judged(most_minor(way, exponent)),
                currency="" if way.currency == plan.organization.currency else way.currency,
            ),
        )
    for branch in plan.branches:
        branch_id = ids.of(Branch, branch.key)
        for rate in plan.exchange_rates:
            said = partial(
                set_rate, currency=rate.currency, rate_millionths=rate.rate, branch_id=branch_id, day=rate.day
            )
            yield Step(ExchangeRate, rate_id(branch_id, rate.currency, rate.day), said)
    for at, charge in enumerate(plan.service_charges):
        rule_id = ids.of(ServiceRule, charge.name)
        yield Step(
            ServiceRule,
            rule_id,
            partial(
                add_service_rule,
                name=charge.name,
                rate_millionths=charge.rate,
                kinds=charge.kinds,
                least_guests=charge.least_guests,
                automatic=charge.automatic,
                taxed=charge.taxed,
                position=at,
                rule_id=rule_id,
            ),
        )
    for at, reason in enumerate(plan.reasons):
        reason_id = ids.of(Reason, reason.kind.value, reason.text)
        text = spoken(reason.text, reason.names, plan.organization.language)
        added = partial(add_reason, kind=reason.kind, text=text, position=at, reason_id=reason_id, names=reason.names)
        yield Step(Reason, reason_id, added)


def _tax(category: TaxPlan, ids: PlanIds, exponent: int) -> Iterator[Step]:
    category_id = ids.of(TaxCategory, category.key)
    yield Step(TaxCategory, category_id, partial(add_tax_category, name=category.name, tax_category_id=category_id))
    for tax in category.taxes:
        begins = tax.valid_from.isoformat() if tax.valid_from else ""
        tax_id = ids.of(TaxRate, category.key, tax.name, begins)
        added = partial(
            add_tax_rate,
            tax_category_id=category_id,
            name=tax.name,
            rate_millionths=tax.rate_millionths,
            per_unit_minor=_judged(per_unit_minor(tax, exponent)),
            included=tax.included,
            valid_from=tax.valid_from,
            valid_until=tax.valid_until,
            tax_rate_id=tax_id,
        )
        yield Step(TaxRate, tax_id, added)


def _staff(plan: Plan, ids: PlanIds, pins: Mapping[str, HashedPin]) -> Iterator[Step]:
    for member in plan.staff:
        staff_id = ids.of(StaffMember, member.plan_key)
        yield Step(StaffMember, staff_id, partial(_taken_on, member=member, staff_id=staff_id, pins=pins))
        for key in plan.branch_keys(member.branches):
            branch_id = ids.of(Branch, key)
            assigned = partial(assign, staff_id=staff_id, branch_id=branch_id)
            yield Step(Assignment, assignment_id(staff_id, branch_id), assigned)
    for account in plan.accounts:
        if account.staff is None and account.role is not None:
            staff_id = account_staff_id(account, ids)
            hired = partial(take_on, staff_id=staff_id, name=account.name, role=account.role, pin=NO_PIN)
            yield Step(StaffMember, staff_id, hired)
            for key in plan.branch_keys(account.branches) if account.role not in WORK_EVERYWHERE else ():
                branch_id = ids.of(Branch, key)
                assigned = partial(assign, staff_id=staff_id, branch_id=branch_id)
                yield Step(Assignment, assignment_id(staff_id, branch_id), assigned)


def account_staff_id(account: AccountPlan, ids: PlanIds) -> UUID:
    """The member of staff as whom an account works."""
    names = (account.staff,) if account.staff is not None else ("account", normal_email(account.email))
    return ids.of(StaffMember, *names)


def _limits(plan: Plan) -> Iterator[Step]:
    exponent = currency(plan.organization.currency).exponent
    for limit in plan.limits:
        amount_minor = _judged(limit_minor(limit, exponent))
        limited = partial(limit_role, role=limit.role, permission=limit.right, amount_minor=amount_minor)
        yield Step(RoleRight, right_id(RoleKey(limit.role), limit.right), limited)


async def _taken_on(work: Work, member: StaffPlan, staff_id: UUID, pins: Mapping[str, HashedPin]) -> StaffMember:
    return await take_on(work, staff_id, member.name, member.role, pins[member.plan_key])


def _modifiers(plan: Plan, ids: PlanIds) -> Iterator[Step]:
    exponent = currency(plan.organization.currency).exponent
    for group in plan.modifier_groups:  # all of them first: a modifier may open any
        group_id = ids.of(ModifierGroup, group.key)
        added = partial(
            add_modifier_group,
            name=group.name,
            minimum=group.minimum,
            maximum=group.maximum,
            group_id=group_id,
            pricing=group.pricing,
        )
        yield Step(ModifierGroup, group_id, added)
    for group in plan.modifier_groups:
        group_id = ids.of(ModifierGroup, group.key)
        for at, modifier in enumerate(group.modifiers):
            modifier_id = ids.of(Modifier, *modifier_names(group.key, modifier.name, modifier.key))
            modifier_added = partial(
                add_modifier,
                group_id=group_id,
                name=modifier.name,
                price_delta_minor=_judged(price_delta_minor(modifier, exponent)),
                position=at,
                default=modifier.default,
                modifier_id=modifier_id,
                opens_id=ids.of(ModifierGroup, modifier.opens) if modifier.opens else None,
                kitchen_name=modifier.kitchen_name,
                allergens=modifier.allergens,
            )
            yield Step(Modifier, modifier_id, modifier_added)


def _menu(plan: Plan, ids: PlanIds) -> Iterator[Step]:
    exponent = currency(plan.organization.currency).exponent
    categories = list(placed_categories(plan.categories))
    courses: dict[tuple[str, ...], int] = {}
    for placed in categories:
        courses[placed.path] = courses.get(placed.path) or placed.course
    for at, path in enumerate(courses):
        category_id = ids.of(Category, *path)
        parent_id = ids.of(Category, *path[:-1]) if path[:-1] else None
        added = partial(
            add_category,
            name=path[-1],
            parent_id=parent_id,
            position=at,
            category_id=category_id,
            course=courses[path],
        )
        yield Step(Category, category_id, added)
    positions, taken = count(), defaultdict[tuple[str, ...], set[int]](set)
    for placed in categories:
        taken[placed.path] |= {item.place - 1 for item in placed.category.items if item.place is not None}
    for placed in categories:
        for item in placed.category.items:
            item_id = ids.of(Item, item.plan_key)
            sold = partial(
                add_item,
                name=item.name,
                category_id=ids.of(Category, *placed.path),
                tax_category_id=ids.of(TaxCategory, item.tax or plan.taxes[0].key),
                price_minor=_judged(price_minor(item, exponent)),
                code=item.code,
                station_id=ids.of(Station, item.station) if item.station else None,
                unit=item.unit,
                barcodes=item.barcodes,
                position=next(positions),
                item_id=item_id,
                open_price=item.open_price,
                place=_place(item, taken[placed.path]),
                kitchen_name=item.kitchen_name,
                course=item.course,
                allergens=item.allergens,
            )
            yield Step(Item, item_id, sold)
            for place, key in enumerate(item.modifiers):
                group_id = ids.of(ModifierGroup, key)
                linked = partial(link_modifier_group, item_id=item_id, group_id=group_id, position=place)
                yield Step(ItemModifierGroup, item_modifier_group_id(item_id, group_id), linked)


def _place(item: ItemPlan, taken: set[int]) -> int | None:
    """The tile of an item in its category, from 0: its own, else the first that is free. It is taken then."""
    if item.place is not None:
        return item.place - 1
    place = next((at for at in range(MOST_PLACES) if at not in taken), None)
    if place is not None:
        taken.add(place)
    return place


def _judged(amount_minor: int | None) -> int:
    assert amount_minor is not None, "checks.py lets no such plan through"
    return amount_minor
