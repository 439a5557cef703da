"""The dishes of the menu as tiles: code, price, how many the order has, and how many are left. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TypedDict
from uuid import UUID

from shared.kernel.quantity import format_quantity
from shared.menu.allergens import dangers
from shared.menu.availability import Left
from shared.menu.rules import MenuItem
from shared.menu.weights import measure_text
from shared.orders.allergies import allergen_name
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone
from terminal.widgets.tile import Tile, empty_tile

LOWER = "↓"
"""Before the price that a happy hour makes. Every font of a Linux console has it."""


class TileOfLeft(TypedDict):
    """What a tile says of what is left."""

    word: str
    tone: Tone
    enabled: bool


def item_tiles(
    items: Iterable[MenuItem | None],
    hues: dict[UUID, int],
    counts: dict[UUID, int],
    left: Mapping[UUID, Left],
    voice: Voice,
    guests: Collection[str] = (),
) -> tuple[Tile, ...]:
    """Dishes with code, price, how many of them the order has and how many are left; an empty tile for None.

    Args:
        guests: allergens that guests of the order may not eat: a dish that has one says so.
    """
    return tuple(
        empty_tile(at)
        if item is None
        else Tile(
            id=item.id,
            title=item.name,
            detail=price_text(item, voice),
            hint=item.code,
            hue=hues.get(item.category_id),
            badge=_count_text(counts[item.id], item) if item.id in counts else "",
            **_sold_now(item, left, voice, guests),
        )
        for at, item in enumerate(items)
    )


def _sold_now(item: MenuItem, left: Mapping[UUID, Left], voice: Voice, guests: Collection[str]) -> TileOfLeft:
    """How a tile says that its dish is sold out, or in another part of the day, or how many are left."""
    if item.sold_from is not None:
        return {
            "word": voice.texts("order.sold_from", at=f"{item.sold_from:%H:%M}"),
            "tone": Tone.VOID,
            "enabled": False,
        }
    found = left_of_tile(left.get(item.id), item.unit, voice)
    held = dangers(item.allergens, guests) if guests and found["enabled"] else ()
    if held:
        what = ", ".join(allergen_name(code, voice.texts) for code in held)
        return {"word": what, "tone": Tone.LATE, "enabled": True}
    return found


def left_of_tile(left: Left | None, unit: str, voice: Voice) -> TileOfLeft:
    """How a tile says that its dish or option is sold out, or how many are left."""
    if left is None:
        return {"word": "", "tone": Tone.PLAIN, "enabled": True}
    if left.is_out:
        return {"word": voice.texts("order.sold_out"), "tone": Tone.VOID, "enabled": False}
    return {"word": left_words(left, unit, voice), "tone": Tone.WARN, "enabled": True}


def left_words(left: Left, unit: str, voice: Voice) -> str:
    """`quedan 6`, or that it is sold out."""
    if left.is_out:
        return voice.texts("order.sold_out")
    return voice.texts("order.pieces_left", left=measure_text(left.left_milli, unit))


def price_text(item: MenuItem, voice: Voice) -> str:
    """What an item costs: a piece, or a kilo; or that its price is asked."""
    if item.open_price:
        return voice.texts("order.open_price")
    price = voice.money(item.price_minor)
    if item.price_name:
        price = f"{LOWER} {price}"
    return f"{price}/{item.weight_unit}" if item.weight_unit else price


def _count_text(quantity_milli: int, item: MenuItem) -> str:
    return measure_text(quantity_milli, item.unit) if item.weight_unit else f"×{format_quantity(quantity_milli)}"
