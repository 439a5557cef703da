"""What a new dish of a category most probably is: made and taxed as most of its neighbours. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.menu.rules import Menu, MenuItem


@dataclass(frozen=True, slots=True)
class UsualDish:
    """Where the dishes of a category are made, and how they are taxed. `station_id`: None if most go nowhere."""

    station_id: UUID | None
    tax_category_id: UUID


def usual_dish(menu: Menu, category_id: UUID) -> UsualDish:
    """What most dishes of a category have; of an empty one, what most of the whole menu have.

    Of two that are equally many the one that stands first on the menu.

    Raises:
        DomainError: MENU_WITHOUT_DISHES: nothing says how anything is taxed.
    """
    category = next((each for each in menu.categories if each.id == category_id), None)
    items: Iterable[MenuItem] = (category.items if category is not None else ()) or menu.items.values()
    plain = [item for item in items if not item.is_combo] or list(items)
    if not plain:
        raise DomainError("MENU_WITHOUT_DISHES")
    station = Counter(item.station_id for item in plain).most_common(1)[0][0]
    return UsualDish(station, Counter(item.tax_category_id for item in plain).most_common(1)[0][0])
