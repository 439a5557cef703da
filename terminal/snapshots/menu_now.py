"""Keeps the menu of this hour: made anew when the menu, its hours or the hour changes, and not at each look."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from shared.menu.rules import Menu
from shared.pricing.menu_now import menu_at
from shared.pricing.rules import HoursOfSale


@dataclass(frozen=True, slots=True)
class _Kept:
    """A menu as it was made. `since`, `until`: the wall times between which nothing of it changes; None: never."""

    menu: Menu
    hours: HoursOfSale
    since: datetime
    until: datetime | None
    made: Menu

    def holds(self, menu: Menu, hours: HoursOfSale, wall: datetime) -> bool:
        same = self.menu is menu and self.hours is hours
        return same and self.since <= wall and (self.until is None or wall < self.until)


@dataclass
class MenuNow:
    """See the module."""

    _kept: dict[str, _Kept] = field(default_factory=dict)

    def of(self, menu: Menu, hours: HoursOfSale, wall: datetime, kind: str = "") -> Menu:
        """The menu at a wall time, for a kind of order (see `menu_at`). The same value while nothing changes."""
        if not hours:
            return menu
        if not any(rule.kinds for rule in hours.rules):
            kind = ""
        kept = self._kept.get(kind)
        if kept is None or not kept.holds(menu, hours, wall):
            made = menu_at(menu, hours, wall, kind)
            kept = self._kept[kind] = _Kept(menu, hours, wall, hours.changes_at(wall), made)
        return kept.made
