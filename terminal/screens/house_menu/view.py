"""The content of the face of the menu: pure, from the menu and from in what this branch differs."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from shared.menu.availability import Left
from shared.menu.branch_queries import BranchMenu
from shared.menu.rules import Menu
from shared.menu.weights import measure_text
from terminal.screens.today.table import Column, TableRow
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone


def columns(voice: Voice) -> tuple[Column, ...]:
    """Dish, how it is, since when and who said so."""
    texts = voice.texts
    return (
        Column(texts("house_menu.dish"), "left", wide=True),
        Column(texts("house_menu.how"), "left"),
        Column(texts("house_menu.said"), "left"),
    )


def menu_rows(left: Mapping[UUID, Left], own: BranchMenu, menu: Menu, voice: Voice) -> tuple[TableRow, ...]:
    """What is sold out, then what is counted, then what this branch changes; each dish in the first of these."""
    texts, money = voice.texts, voice.money
    groups: list[tuple[str, list[TableRow]]] = [
        ("out", [_left_row(each, menu, voice) for each in left.values() if each.is_out]),
        ("counted", [_left_row(each, menu, voice) for each in left.values() if not each.is_out]),
        ("dishes", [TableRow(each.id, (each.name, money(each.price_minor), "")) for each in own.dishes]),
        (
            "prices",
            [
                TableRow(
                    each.id,
                    (
                        each.name,
                        money(each.price_minor),
                        texts("house_menu.elsewhere", price=money(each.elsewhere_minor)),
                    ),
                )
                for each in own.prices
            ],
        ),
        ("off", [TableRow(each.id, (each.name, money(each.price_minor), "")) for each in own.hidden]),
    ]
    rows: list[TableRow] = []
    known: set[object] = set()
    for name, found in groups:
        new = [row for row in found if row.id not in known]
        known |= {row.id for row in new}
        if new:
            rows.append(TableRow(("head", name), (texts(f"house_menu.group_{name}"), "", ""), heads=True))
            rows += new
    return tuple(rows)


def _left_row(left: Left, menu: Menu, voice: Voice) -> TableRow:
    texts, item = voice.texts, menu.items.get(left.subject_id)
    unit = item.weight_unit or "" if item is not None else ""
    if left.is_out:
        how = texts("order.sold_out")
    else:
        how = texts("order.pieces_left", left=measure_text(left.left_milli, unit))
    said = " ".join(filter(None, (left.said_by, voice.clock(left.said_at))))
    return TableRow(left.subject_id, (left.name, how, said), Tone.VOID if left.is_out else Tone.PLAIN)
