"""Keeps the menus in use prepared for searching: once for all screens and dialogs that look for a dish."""

from __future__ import annotations

from shared.menu.rules import Menu
from shared.menu.search import MenuSearch

MOST_KEPT = 2
"""The menu of this hour, and the listed one: one of 20,000 items takes some 15 MB."""


class Searches:
    """See the module."""

    def __init__(self) -> None:
        self._kept: list[tuple[Menu, MenuSearch]] = []

    def of(self, menu: Menu) -> MenuSearch:
        """The menu, prepared for searching. The same value while the menu is the same value."""
        found = next((search for kept, search in self._kept if kept is menu), None)
        if found is None:
            found = MenuSearch(menu)
            self._kept = [(menu, found), *self._kept[: MOST_KEPT - 1]]
        return found
