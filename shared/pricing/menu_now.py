"""The menu as it is sold at an hour: prices by rule, and what is sold in another part of the day. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from shared.menu.rules import Menu, MenuItem
from shared.pricing.rules import HoursOfSale


def menu_at(menu: Menu, hours: HoursOfSale, wall: datetime, kind: str = "") -> Menu:
    """The menu at a wall time. A menu of which nothing has hours is the same one.

    Args:
        kind: the word of a kind of order; empty: rules for some kinds alone do not hold.
    """
    if not hours:
        return menu
    new = {item.id: sold for item in menu.items.values() if (sold := _at(item, hours, wall, kind)) is not item}
    if not new:
        return menu
    categories = tuple(
        replace(category, items=tuple(new.get(item.id, item) for item in category.items))
        if any(item.id in new for item in category.items)
        else category
        for category in menu.categories
    )
    items = {**menu.items, **new}
    by_code = {code: new.get(item.id, item) for code, item in menu.by_code.items()}
    return replace(menu, categories=categories, items=items, by_code=by_code)


def _at(item: MenuItem, hours: HoursOfSale, wall: datetime, kind: str) -> MenuItem:
    later = hours.not_now(item.id, item.category_id, wall)
    if later is not None:
        return replace(item, daypart=later.name, sold_from=later.starts)
    if item.open_price:
        return item
    priced = hours.price(item.id, item.category_id, item.price_minor, kind, wall)
    if priced.rule is None:
        return item
    return replace(item, price_minor=priced.price_minor, price_name=priced.rule.name)
