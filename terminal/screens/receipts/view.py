"""The content of the screen of past receipts: pure, from rows and one receipt."""

from __future__ import annotations

from collections.abc import Sequence

from shared.kernel.quantity import ONE, format_portions
from shared.payments.past import PastRow
from shared.payments.queries import MethodView
from shared.payments.rules import TenderKind
from shared.payments.way_back import PaidBy, as_it_came
from terminal.dialogs.questions import Choice
from terminal.screens.method_words import method_title
from terminal.screens.receipts.portions import Portions
from terminal.screens.voice import Voice
from terminal.widgets.tile import Tile

AS_PAID = "as_paid"
FURTHER = "further"
REFUNDED, LOST = "↩", "✗"
"""Marks receipts of which something was refunded, or not paid."""


def row_tiles(rows: Sequence[PastRow], voice: Voice) -> tuple[Tile, ...]:
    """A row for each receipt: when, its number, where, its amount, and a mark."""
    return tuple(
        Tile(
            id=row.id,
            title=f"{row.number} {voice.place(row.kind, row.table_name)}",
            hint=_when(row, voice),
            detail=f"{_mark(row)}{voice.money(row.to_pay_minor)}",
        )
        for row in rows
    )


def further_tile(voice: Voice) -> Tile:
    """A row below the others that shows further ones."""
    return Tile(id=FURTHER, title=voice.texts("receipts.further"))


def _mark(row: PastRow) -> str:
    if row.lost_minor:
        return f"{LOST} "
    return f"{REFUNDED} " if row.refunded_minor else ""


def _when(row: PastRow, voice: Voice) -> str:
    """The time of day; of other days the day."""
    at = row.settled_at.astimezone(voice.wall.tzinfo)
    return f"{at:%H:%M}" if at.date() == voice.wall.date() else f"{at:%d/%m}"


def portion_tiles(portions: Portions, voice: Voice) -> tuple[Tile, ...]:
    """A row for each line of which something is left: chosen of how many, the dish, what it comes to."""
    tiles = []
    for line in portions.lines:
        chosen = portions.chosen.get(line.row.id, 0)
        of = " / " if line.left_milli % ONE or chosen % ONE else "/"
        left = format_portions(line.left_milli)
        tiles.append(
            Tile(
                id=line.row.id,
                title=line.row.item_name,
                hint=f"{format_portions(chosen)}{of}{left}{line.row.unit}",
                detail=voice.money(line.worth_minor(chosen)) if chosen else voice.texts("receipts.none_chosen"),
            )
        )
    return tuple(tiles)


def ways_back(
    amount_minor: int, paid: Sequence[PaidBy], methods: Sequence[MethodView], voice: Voice
) -> tuple[Choice, ...]:
    """The ways in which an amount can go back, the proposed one first: as it was paid, then all by one method."""
    cash = [method for method in methods if method.is_house_cash]
    parts = as_it_came(amount_minor, paid)
    rest = amount_minor - sum(part.amount_minor for part in parts)
    named = [(method_title(part.by.method_name, methods), part.amount_minor) for part in parts]
    if rest:
        named.append((cash[0].title if cash else "?", rest))
    said = " + ".join(f"{name} {voice.money(amount)}" for name, amount in named)
    found = [Choice(AS_PAID, voice.texts("receipts.as_paid", how=said))]
    if not parts:
        return tuple(found)
    found += [Choice(method.id, voice.texts("receipts.all_by", method=method.title)) for method in cash]
    for method in methods:
        left = sum(each.left_minor for each in paid if each.by.method_id == method.id)
        is_other = method.kind is not TenderKind.CASH and not (len(parts) == 1 and parts[0].by.method_id == method.id)
        if is_other and left >= amount_minor:
            found.append(Choice(method.id, voice.texts("receipts.all_by", method=method.title)))
    return tuple(found)
