"""What must agree within a plan: references resolve, the currency can express the prices, names and PINs are unique."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import product
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cloud.accounts.common_passwords import is_common
from cloud.accounts.passwords import normal_email
from cloud.founding.kitchen_checks import mistakes_in_kitchen
from cloud.founding.mistakes import Mistake, twice
from cloud.founding.plan import AccountPlan, ItemPlan, ModifierGroupPlan, Plan, SpacePlan, StaffPlan, TaxPlan
from cloud.founding.plan_parts import EVERY_BRANCH
from cloud.founding.printers import PAPERS, paper_of, wrong_address, wrong_name
from cloud.founding.service_checks import mistakes_in_service
from cloud.founding.walk import (
    PlanPlace,
    difference_minor,
    limit_minor,
    most_minor,
    per_unit_minor,
    placed_categories,
    price_delta_minor,
    price_minor,
)
from shared.countries.currencies import currency, is_currency
from shared.kernel.money import MAX_MINOR
from shared.kernel.permissions import Role
from shared.kernel.text import search_key
from shared.menu.search import barcode_key

USUAL_DECIMALS = 2
"""Prices are judged with these decimals when the currency itself is wrong."""


def mistakes_in(plan: Plan) -> list[Mistake]:
    """The mistakes of a plan whose single values are right, in the order of the file's parts."""
    exponent, found = _exponent(plan)
    found += _branches(plan)
    found += _drawers(plan, exponent)
    found += _printers(plan)
    found += _lists(plan)
    for at, category in enumerate(plan.taxes):
        found += _tax(("taxes", at), category, exponent)
    groups = {group.key for group in plan.modifier_groups}
    for at, group in enumerate(plan.modifier_groups):
        found += _group(("modifier_groups", at), group, exponent, groups)
    found += _menu(plan, exponent)
    found += mistakes_in_kitchen(plan)
    found += mistakes_in_service(plan, exponent)
    found += _people(plan)
    found += _pins(plan)
    found += _limits(plan, exponent)
    found += _methods(plan, exponent)
    return found


def _methods(plan: Plan, exponent: int) -> Iterator[Mistake]:
    """Find limits that the currency cannot express, and methods of other money whose rate is not said."""
    yield from twice(
        (("exchange_rates", at, "currency"), (rate.currency, rate.day)) for at, rate in enumerate(plan.exchange_rates)
    )
    known = {rate.currency for rate in plan.exchange_rates} | {plan.organization.currency, ""}
    for at, way in enumerate(plan.payment_methods):
        most = most_minor(way, exponent)
        if most is None or not 0 <= most <= MAX_MINOR:
            yield Mistake(("payment_methods", at, "most"), "plan.not_exact", {"decimals": exponent})
        if way.currency not in known:
            where = ("payment_methods", at, "currency")
            yield Mistake(where, "plan.not_known", {"value": way.currency, "list": "exchange_rates"})


def _exponent(plan: Plan) -> tuple[int, list[Mistake]]:
    if is_currency(plan.organization.currency):
        return currency(plan.organization.currency).exponent, []
    return USUAL_DECIMALS, [Mistake(("organization", "currency"), "plan.not_currency")]


def _branches(plan: Plan) -> Iterator[Mistake]:
    yield from twice((("branches", at, "key"), branch.key) for at, branch in enumerate(plan.branches))
    for at, branch in enumerate(plan.branches):
        place: PlanPlace = ("branches", at)
        if not _is_zone(branch.zone):
            yield Mistake((*place, "zone"), "plan.not_zone")
        devices = list(enumerate(branch.devices))
        yield from twice(((*place, "devices", index, "key"), device.key) for index, device in devices)
        yield from twice(((*place, "devices", index, "name"), device.name) for index, device in devices)
        spaces = list(enumerate(branch.spaces))
        yield from twice(((*place, "spaces", index, "name"), space.name) for index, space in spaces)
        yield from twice(
            ((*place, "spaces", index, "tables", table_index, "name"), table.name)
            for index, space in spaces
            for table_index, table in enumerate(space.tables)
        )
        for index, space in spaces:
            yield from _overlaps((*place, "spaces", index), space)


def _overlaps(place: PlanPlace, space: SpacePlan) -> Iterator[Mistake]:
    """Find tables that lie over others on the plan of a space: nobody could point at them."""
    cells: dict[tuple[int, int], str] = {}
    for at, table in enumerate(space.tables):
        if not table.place:
            continue
        left, top, width, height = table.place
        of_table = list(product(range(left, left + width), range(top, top + height)))
        other = next((cells[cell] for cell in of_table if cell in cells), None)
        if other is not None:
            yield Mistake((*place, "tables", at, "place"), "plan.tables_overlap", {"other": other})
        cells.update(dict.fromkeys(of_table, table.name))


def _drawers(plan: Plan, exponent: int) -> Iterator[Mistake]:
    for at, branch in enumerate(plan.branches):
        drawers = list(enumerate(branch.drawers))
        yield from twice((("branches", at, "drawers", index, "name"), drawer.name) for index, drawer in drawers)
        for index, drawer in drawers:
            if difference_minor(drawer, exponent) is None:
                yield Mistake(
                    ("branches", at, "drawers", index, "difference"), "plan.not_exact", {"decimals": exponent}
                )


def _printers(plan: Plan) -> Iterator[Mistake]:
    stations = {station.key for station in plan.stations}
    for at, branch in enumerate(plan.branches):
        place, names = ("branches", at, "printers"), {printer.name for printer in branch.printers}
        yield from twice(((*place, index, "name"), each.name) for index, each in enumerate(branch.printers))
        for index, printer in enumerate(branch.printers):
            if wrong_name(printer):
                yield Mistake((*place, index, "name"), "plan.printer_name")
            if code := wrong_address(printer):
                yield Mistake((*place, index, "address"), code)
            if printer.substitute and printer.substitute not in names - {printer.name}:
                params = {"value": printer.substitute, "list": "printers"}
                yield Mistake((*place, index, "substitute"), "plan.not_known", params)
            for number, text in enumerate(printer.prints):
                what = paper_of(text)
                if what is None:
                    known = ", ".join((*map(str, PAPERS), "kitchen:STATION"))
                    yield Mistake((*place, index, "prints", number), "plan.choice", {"known": known})
                elif what[1] and what[1] not in stations:
                    params = {"value": what[1], "list": "stations"}
                    yield Mistake((*place, index, "prints", number), "plan.not_known", params)


def _is_zone(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return bool(zone)


def _lists(plan: Plan) -> Iterator[Mistake]:
    yield from twice((("taxes", at, "key"), tax.key) for at, tax in enumerate(plan.taxes))
    yield from twice((("payment_methods", at, "name"), way.name) for at, way in enumerate(plan.payment_methods))
    yield from twice((("service_charges", at, "name"), each.name) for at, each in enumerate(plan.service_charges))
    for at, each in enumerate(plan.service_charges):
        if not each.rate:
            yield Mistake(("service_charges", at, "rate"), "plan.not_rate")
    yield from twice((("reasons", at, "text"), (each.kind, each.text)) for at, each in enumerate(plan.reasons))
    yield from _safety(plan)
    groups = list(enumerate(plan.modifier_groups))
    yield from twice((("modifier_groups", at, "key"), group.key) for at, group in groups)
    yield from twice(
        (("modifier_groups", at, "modifiers", index, "key"), modifier.key)
        for at, group in groups
        for index, modifier in enumerate(group.modifiers)
        if modifier.key is not None
    )


def _safety(plan: Plan) -> Iterator[Mistake]:
    yield from twice((("safety_checks", at, "name"), each.name) for at, each in enumerate(plan.safety_checks))
    branches = {EVERY_BRANCH, *(branch.key for branch in plan.branches)}
    for at, each in enumerate(plan.safety_checks):
        if each.low is not None and each.high is not None and each.high < each.low:
            yield Mistake(("safety_checks", at, "high"), "plan.too_small", {"least": each.low})
        for place, key in enumerate(each.branches):
            if key not in branches:
                params = {"value": key, "list": "branches"}
                yield Mistake(("safety_checks", at, "branches", place), "plan.not_known", params)


def _tax(place: PlanPlace, category: TaxPlan, exponent: int) -> Iterator[Mistake]:
    if category.rates is not None and category.says:
        yield Mistake(place, "plan.rates_twice")
    rates = list(enumerate(category.taxes))
    places: list[PlanPlace] = [place if category.rates is None else (*place, "rates", at) for at, _tax in rates]
    for at, tax in rates:
        if len(tax.says) != 1:
            yield Mistake(places[at], "plan.rate_twice" if tax.says else "plan.rate_missing")
        amount = per_unit_minor(tax, exponent)
        if amount is None or not 0 <= amount <= MAX_MINOR:
            yield Mistake((*places[at], "per_unit"), "plan.not_exact", {"decimals": exponent})
        if tax.valid_from is not None and tax.valid_until is not None and tax.valid_until < tax.valid_from:
            yield Mistake((*places[at], "valid_until"), "plan.ends_before")
    yield from twice(((*places[at], "name"), (tax.name, tax.valid_from)) for at, tax in rates)


def _group(place: PlanPlace, group: ModifierGroupPlan, exponent: int, groups: Collection[str]) -> Iterator[Mistake]:
    if group.minimum > group.maximum:
        yield Mistake((*place, "minimum"), "plan.above_maximum", {"most": group.maximum})
    if sum(modifier.default for modifier in group.modifiers) > group.maximum:
        yield Mistake(place, "plan.many_defaults", {"most": group.maximum})
    modifiers = list(enumerate(group.modifiers))
    yield from twice(
        ((*place, "modifiers", at, "name"), modifier.name) for at, modifier in modifiers if modifier.key is None
    )
    for at, modifier in modifiers:
        where = (*place, "modifiers", at)
        if modifier.opens is not None and modifier.opens not in groups:
            yield Mistake((*where, "opens"), "plan.not_known", {"value": modifier.opens, "list": "modifier_groups"})
        if modifier.price_delta is not None and modifier.price_delta_minor is not None:
            yield Mistake(where, "plan.delta_twice")
        amount = price_delta_minor(modifier, exponent)
        if amount is None or abs(amount) > MAX_MINOR:
            yield Mistake((*where, "price_delta"), "plan.not_exact", {"decimals": exponent})


def _menu(plan: Plan, exponent: int) -> Iterator[Mistake]:
    taxes = {tax.key for tax in plan.taxes}
    stations = {station.key for station in plan.stations}
    groups = {group.key for group in plan.modifier_groups}
    categories = list(placed_categories(plan.categories))
    items = [
        ((*placed.place, "items", at), item) for placed in categories for at, item in enumerate(placed.category.items)
    ]
    yield from _same_items(items)
    yield from twice(
        ((*placed.place, "items", at, "place"), (placed.path, item.place))
        for placed in categories
        for at, item in enumerate(placed.category.items)
        if item.place is not None
    )
    for place, item in items:
        if item.price is None and item.price_minor is None:
            if not item.open_price:
                yield Mistake(place, "plan.price_missing")
        elif item.price is not None and item.price_minor is not None:
            yield Mistake(place, "plan.price_twice")
        else:
            amount = price_minor(item, exponent)
            if amount is None or not 0 <= amount <= MAX_MINOR:
                yield Mistake((*place, "price"), "plan.not_exact", {"decimals": exponent})
        if item.tax is None and len(taxes) != 1:
            yield Mistake((*place, "tax"), "plan.tax_missing")
        if item.tax is not None and item.tax not in taxes:
            yield Mistake((*place, "tax"), "plan.not_known", {"value": item.tax, "list": "taxes"})
        if item.station is not None and item.station not in stations:
            yield Mistake((*place, "station"), "plan.not_known", {"value": item.station, "list": "stations"})
        yield from twice(((*place, "modifiers", at), key) for at, key in enumerate(item.modifiers))
        for at, key in enumerate(item.modifiers):
            if key not in groups:
                where = (*place, "modifiers", at)
                yield Mistake(where, "plan.not_known", {"value": key, "list": "modifier_groups"})


def _same_items(items: Sequence[tuple[PlanPlace, ItemPlan]]) -> Iterator[Mistake]:
    """Find items with the same code (whatever the case) or barcode, then items with the same key."""
    same_codes = list(twice(((*place, "code"), search_key(item.code)) for place, item in items if item.code))
    reported = {mistake.place[:-1] for mistake in same_codes}
    yield from same_codes
    yield from twice(
        ((*place, "barcodes", at), barcode_key(barcode))
        for place, item in items
        for at, barcode in enumerate(item.barcodes)
    )
    yield from twice(
        ((*place, "key" if item.key else "code" if item.code else "name"), item.plan_key)
        for place, item in items
        if place not in reported
    )


def _people(plan: Plan) -> Iterator[Mistake]:
    branches = {EVERY_BRANCH, *(branch.key for branch in plan.branches)}
    yield from twice(
        (("staff", at, "key" if member.key else "name"), member.plan_key) for at, member in enumerate(plan.staff)
    )
    yield from twice(
        (("accounts", at, "email"), normal_email(account.email)) for at, account in enumerate(plan.accounts)
    )
    known = {member.plan_key for member in plan.staff}
    for at, account in enumerate(plan.accounts):
        if account.staff is not None and account.staff not in known:
            yield Mistake(("accounts", at, "staff"), "plan.not_known", {"value": account.staff, "list": "staff"})
        if account.staff is None and account.role is None:
            yield Mistake(("accounts", at), "plan.account_as_whom")
        if is_common(account.password, (account.email, account.name)):
            yield Mistake(("accounts", at, "password"), "plan.password_common")
    yield from twice(
        (("accounts", at, "staff"), account.staff) for at, account in enumerate(plan.accounts) if account.staff
    )
    parts: dict[str, Sequence[StaffPlan | AccountPlan]] = {"staff": plan.staff, "accounts": plan.accounts}
    for part, people in parts.items():
        for at, person in enumerate(people):
            for index, key in enumerate(person.branches):
                if key not in branches:
                    yield Mistake((part, at, "branches", index), "plan.not_known", {"value": key, "list": "branches"})


def _pins(plan: Plan) -> Iterator[Mistake]:
    """Find equal PINs: a PIN tells who logs in, so two people of one branch may not have the same."""
    seen: dict[tuple[str, str], int] = {}
    for at, member in enumerate(plan.staff):
        everywhere = member.role is Role.ORGANIZATION_ADMIN
        working = plan.branch_keys((EVERY_BRANCH,) if everywhere else member.branches)
        others = [seen[branch, member.pin] for branch in working if (branch, member.pin) in seen]
        if others:
            yield Mistake(("staff", at, "pin"), "plan.pin_twice", {"other": ("staff", others[0])})
        for branch in working:
            seen.setdefault((branch, member.pin), at)


def _limits(plan: Plan, exponent: int) -> Iterator[Mistake]:
    yield from twice((("limits", at), f"{limit.role} {limit.right}") for at, limit in enumerate(plan.limits))
    for at, limit in enumerate(plan.limits):
        place = ("limits", at, "amount")
        if (limit.amount is None) is (limit.amount_minor is None):
            yield Mistake(place[:-1], "plan.limit_missing")
        else:
            amount = limit_minor(limit, exponent)
            if amount is None or not 0 <= amount <= MAX_MINOR:
                yield Mistake(place, "plan.not_exact", {"decimals": exponent})
