"""Writing the menu. Run on the cloud."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.ids import derived_id
from shared.kernel.money import price_is_sensible
from shared.kernel.permissions import Permission
from shared.kernel.text import clean
from shared.kernel.work import Work
from shared.menu.allergens import ALLERGENS, in_order
from shared.menu.halves import GroupPricing
from shared.menu.records import (
    MOST_COURSES,
    Category,
    Course,
    Item,
    ItemModifierGroup,
    Modifier,
    ModifierGroup,
)

MAX_CODE_CHARACTERS = 32
"""Of a code or a barcode; the longest number on a package has 14 digits."""
MAX_KITCHEN_NAME, MAX_COURSE_NAME = 60, 40
MOST_PLACES = 500
"""Tiles of a category. More are pages that nobody turns."""


def _named(work: Work, name: str) -> str:
    work.require(Permission.EDIT_MENU)
    cleaned = clean(name)
    if not cleaned:
        raise DomainError("NAME_MISSING")
    return cleaned


async def add_category(
    work: Work,
    name: str,
    parent_id: UUID | None = None,
    position: int = 0,
    category_id: UUID | None = None,
    course: int = 0,
) -> Category:
    """Add a category of the menu.

    Args:
        course: that of its items, unless they say another; 0: none.

    Raises:
        DomainError: NOT_PERMITTED, NAME_MISSING, COURSE_NOT_SENSIBLE.
    """
    check_course(course)
    return work.add(
        Category(
            organization_id=work.organization_id,
            id=category_id or work.ids.new(),
            name=_named(work, name),
            parent_id=parent_id,
            course=course,
            position=position,
        )
    )


async def add_item(
    work: Work,
    name: str,
    category_id: UUID,
    tax_category_id: UUID,
    price_minor: int,
    code: str = "",
    station_id: UUID | None = None,
    position: int = 0,
    item_id: UUID | None = None,
    unit: str = "",
    barcodes: Sequence[str] = (),
    *,
    open_price: bool = False,
    place: int | None = None,
    kitchen_name: str = "",
    course: int | None = None,
    allergens: Iterable[str] = (),
) -> Item:
    """Add an item to a category.

    Args:
        unit: of which there is one for the price (kg, l). Empty: a piece. What has a unit of weight is weighed.
        barcodes: those on its packages, as a scanner reads them.
        open_price: whether the price is asked when it is ordered; `price_minor` is then only proposed.
        place: its tile in its category, from 0.
        kitchen_name: what walls and kitchen papers call it; empty: by its name.
        course: 0: none; None: that of its category.
        allergens: codes of what is in it.

    Raises:
        DomainError: NOT_PERMITTED, NAME_MISSING, PRICE_NOT_SENSIBLE, PLACE_NOT_SENSIBLE, COURSE_NOT_SENSIBLE,
            ALLERGEN_UNKNOWN.
    """
    check_course(course)
    if not price_is_sensible(price_minor):
        raise DomainError("PRICE_NOT_SENSIBLE")
    if place is not None and not 0 <= place < MOST_PLACES:
        raise DomainError("PLACE_NOT_SENSIBLE", most=MOST_PLACES)
    return work.add(
        Item(
            organization_id=work.organization_id,
            id=item_id or work.ids.new(),
            name=_named(work, name),
            kitchen_name=clean(kitchen_name, MAX_KITCHEN_NAME),
            code=clean(code, MAX_CODE_CHARACTERS),
            category_id=category_id,
            tax_category_id=tax_category_id,
            station_id=station_id,
            course=course,
            price_minor=price_minor,
            unit=clean(unit, 12),
            open_price=open_price,
            position=position,
            place=place,
            allergens=known_allergens(allergens),
            barcodes=[code for barcode in barcodes if (code := clean(barcode, MAX_CODE_CHARACTERS))],
        )
    )


async def add_modifier_group(
    work: Work,
    name: str,
    minimum: int,
    maximum: int,
    group_id: UUID | None = None,
    pricing: GroupPricing = GroupPricing.EACH,
) -> ModifierGroup:
    """Add a modifier group: of its modifiers at least `minimum` and at most `maximum` are chosen.

    Args:
        pricing: other than `EACH`: they share the dish, half-and-half.

    Raises:
        DomainError: NOT_PERMITTED, NAME_MISSING, MODIFIER_BOUNDS.
    """
    if not 0 <= minimum <= maximum or maximum < 1:
        raise DomainError("MODIFIER_BOUNDS", minimum=minimum, maximum=maximum)
    return work.add(
        ModifierGroup(
            organization_id=work.organization_id,
            id=group_id or work.ids.new(),
            name=_named(work, name),
            minimum=minimum,
            maximum=maximum,
            pricing=pricing,
        )
    )


async def add_modifier(
    work: Work,
    group_id: UUID,
    name: str,
    price_delta_minor: int = 0,
    position: int = 0,
    *,
    default: bool = False,
    modifier_id: UUID | None = None,
    opens_id: UUID | None = None,
    kitchen_name: str = "",
    allergens: Iterable[str] = (),
) -> Modifier:
    """Add a modifier to a group; `default` ones are chosen unless somebody chooses otherwise.

    Args:
        opens_id: the group that is chosen from, too, once this modifier is chosen.
        kitchen_name: what walls and kitchen papers call it; empty: by its name.
        allergens: codes of what it brings into the dish.

    Raises:
        DomainError: NOT_PERMITTED, NAME_MISSING, PRICE_NOT_SENSIBLE, ALLERGEN_UNKNOWN.
    """
    if not price_is_sensible(abs(price_delta_minor)):
        raise DomainError("PRICE_NOT_SENSIBLE")
    return work.add(
        Modifier(
            organization_id=work.organization_id,
            id=modifier_id or work.ids.new(),
            group_id=group_id,
            name=_named(work, name),
            kitchen_name=clean(kitchen_name, MAX_KITCHEN_NAME),
            price_delta_minor=price_delta_minor,
            default=default,
            opens_id=opens_id,
            allergens=known_allergens(allergens),
            position=position,
        )
    )


async def link_modifier_group(work: Work, item_id: UUID, group_id: UUID, position: int = 0) -> ItemModifierGroup:
    """Offer the choices of a modifier group with an item."""
    work.require(Permission.EDIT_MENU)
    return work.add(
        ItemModifierGroup(
            organization_id=work.organization_id,
            id=item_modifier_group_id(item_id, group_id),
            item_id=item_id,
            group_id=group_id,
            position=position,
        )
    )


async def name_course(work: Work, number: int, name: str) -> Course:
    """Say what the house calls a course.

    Raises:
        DomainError: NOT_PERMITTED, NAME_MISSING, COURSE_NOT_SENSIBLE.
    """
    if not number:
        raise DomainError("COURSE_NOT_SENSIBLE", most=MOST_COURSES)
    check_course(number)
    named, key = clean(_named(work, name), MAX_COURSE_NAME), course_id(work.organization_id, number)
    known = await work.session.get(Course, (work.organization_id, key))
    if known is None:
        return work.add(Course(organization_id=work.organization_id, id=key, number=number, name=named))
    known.name = named
    return known


def course_id(organization_id: UUID, number: int) -> UUID:
    """Id of what a house calls a course."""
    return derived_id("course", organization_id, number)


def known_allergens(codes: Iterable[str]) -> list[str]:
    """Codes of allergens in their order.

    Raises:
        DomainError: ALLERGEN_UNKNOWN (params: allergen).
    """
    ordered = list(in_order(codes))
    for code in ordered:
        if code not in ALLERGENS:
            raise DomainError("ALLERGEN_UNKNOWN", allergen=code)
    return ordered


def check_course(course: int | None) -> None:
    """Raise unless a course is none, or one of those that a meal can have.

    Raises:
        DomainError: COURSE_NOT_SENSIBLE.
    """
    if course is not None and not 0 <= course <= MOST_COURSES:
        raise DomainError("COURSE_NOT_SENSIBLE", most=MOST_COURSES)


def item_modifier_group_id(item_id: UUID, group_id: UUID) -> UUID:
    """Id of the link between an item and a modifier group. Linking twice gives the same id."""
    return derived_id("asks", item_id, group_id)
