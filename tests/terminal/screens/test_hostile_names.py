"""Hostile names and notes on every screen: they are shown as the characters they are, and steer nothing."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest

from shared.orders.records import OrderKind
from terminal.widgets.line_widget import LineWidget
from tests.terminal.screens.paper_desk import PaperDesk
from tests.terminal.screens.paper_house import PREMISES
from tests.terminal.screens.paper_menu import menu_of
from tests.terminal.screens.paper_sales import a_good_day
from tests.terminal.screens.till import driven
from tests.terminal.widgets.test_hostile_text import HOSTILE

UNSAFE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
WALK = ("", "1234\n", "1\n", "<f4>", "<f2>", "<f9>", "100\n")


def hostile_desk(evil: str) -> PaperDesk:
    desk = PaperDesk(premises=replace(PREMISES, branch_name=evil, organization_name=evil, device_name=evil))
    desk.tables = tuple(replace(table, name=evil, space_name=evil) for table in desk.tables)
    desk.methods = tuple(replace(method, name=evil) for method in desk.methods)
    desk.stations = tuple(replace(station, name=evil) for station in desk.stations)
    desk.order(OrderKind.DINE_IN, 1, "sent", "lim/x")
    desk.menu = menu_of(
        [
            replace(
                category,
                name=evil,
                items=tuple(
                    replace(
                        item,
                        name=evil,
                        modifier_groups=tuple(
                            replace(each, name=evil, choices=tuple(replace(one, name=evil) for one in each.choices))
                            for each in item.modifier_groups
                        ),
                    )
                    for item in category.items
                ),
            )
            for category in desk.menu.categories
        ]
    )
    day = a_good_day()
    items, methods = (tuple(replace(each, name=evil) for each in groups) for groups in (day.items, day.methods))
    desk.sales = replace(day, items=items, methods=methods)
    order = next(iter(desk.orders.values()))
    lines = tuple(replace(line, item_name=evil, notes=evil, modifiers=((evil, 5),)) for line in order.lines)
    desk.orders[order.id] = replace(order, number="1", lines=lines, notes=evil, server_name=evil, table_name=evil)
    return desk


def leaked(app) -> set[str]:
    drawn = "".join(
        segment.text
        for widget in app.screen.query(LineWidget)
        for y in range(widget.size.height)
        for segment in widget.render_line(y)
    )
    assert drawn
    return {char for char in drawn if unicodedata.category(char) in UNSAFE}


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_names_steer_no_screen(name) -> None:
    async with driven(hostile_desk(HOSTILE[name]), size=(80, 24)) as till:
        seen = []
        for script in WALK:
            till.app.play(script)
            await till.settled()
            assert leaked(till.app) == set()
            seen.append(till.screen_name)
        assert seen == ["login", "floor", "order", "options", "order", "payment", "paid"]


@pytest.mark.parametrize("name", ["unbalanced markup", "clear screen", "endless", "right to left"])
async def test_hostile_notes_steer_no_kitchen(name) -> None:
    desk = hostile_desk(HOSTILE[name])
    order = next(iter(desk.orders.values()))
    desk.order(OrderKind.DINE_IN, 2, "sent", "pis", "sent")
    desk.tickets = tuple(
        replace(
            ticket,
            notes=HOSTILE[name],
            table_name=HOSTILE[name],
            lines=tuple(
                replace(line, item_name=HOSTILE[name], notes=HOSTILE[name], modifiers=(HOSTILE[name],))
                for line in ticket.lines
            ),
        )
        for ticket in desk.tickets
    )
    async with driven(desk, "kds", size=(73, 21)) as till:
        for script, place in (("4444\n", "kitchen"), ("1\n", "kitchen"), ("<f6>", "recall")):
            till.app.play(script)
            await till.settled()
            assert till.screen_name == place
            assert leaked(till.app) == set()
    assert order.number


@pytest.mark.parametrize("name", list(HOSTILE))
async def test_hostile_names_steer_no_report(name) -> None:
    async with driven(hostile_desk(HOSTILE[name]), script="3333\n<f3>") as till:
        assert till.screen_name == "today"
        assert leaked(till.app) == set()
