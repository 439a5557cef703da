"""F8: what a screen can do besides its bar."""

from __future__ import annotations

from dataclasses import replace

import pytest

from terminal.actions import BY_SCREEN, ScreenName, actions_of
from tests.terminal.screens.paper_desk import busy_desk
from tests.terminal.screens.till import driven

FROM = {ScreenName.FLOOR: "", ScreenName.ORDER: "7\n", ScreenName.PAYMENT: "7\n<f9>"}


def offered(screen, action) -> bool:
    """Whether this person may do it, or have it approved."""
    return screen.may(action) or action.approvable


@pytest.mark.parametrize("name", list(FROM))
async def test_the_menu_lists_what_is_not_on_the_bar(name) -> None:
    async with driven(busy_desk(), script=f"1234\n{FROM[name]}<f8>") as till:
        screen, dialog = till.app.screen_stack[-2:]
        listed = {choice.id for choice in dialog.rows.tiles and screen.menu_rows()}
        assert listed == {action.id for action in actions_of(name) if action.in_menu and offered(screen, action)}
        assert not listed & {key.action for key in screen.bar.keys}
        pages = await till.grid()
        await till.press("pagedown")
        assert "Ctrl P" in pages + await till.grid()


async def test_a_row_of_the_menu_does_what_its_key_does() -> None:
    async with driven(busy_desk(), script="1234\n7\n<f8>") as till:
        await till.type("resol\n")
        assert till.screen_name == "exceptions"


@pytest.fixture
def cancel_in_menu(monkeypatch: pytest.MonkeyPatch) -> None:
    moved = (replace(each, in_menu=each.id == "cancel" or each.in_menu) for each in BY_SCREEN[ScreenName.ORDER])
    monkeypatch.setitem(BY_SCREEN, ScreenName.ORDER, tuple(moved))


@pytest.mark.usefixtures("cancel_in_menu")
async def test_a_row_that_can_do_nothing_now_says_why() -> None:
    async with driven(busy_desk(), script="3333\n8\n<f8>") as till:
        await till.type("anul\n")
        assert "Todavía no hay pedido que anular" in await till.grid()
        assert till.screen_name == "pick"


@pytest.mark.usefixtures("cancel_in_menu")
@pytest.mark.parametrize("approvable", [True, False])
async def test_who_lacks_the_right_sees_the_row_only_if_somebody_can_approve_it(
    monkeypatch: pytest.MonkeyPatch, approvable: bool
) -> None:
    moved = (replace(each, approvable=approvable) for each in BY_SCREEN[ScreenName.ORDER])
    monkeypatch.setitem(BY_SCREEN, ScreenName.ORDER, tuple(moved))
    async with driven(busy_desk(), script="2222\n7\n") as till:
        ids = {choice.id for choice in till.app.screen.menu_rows()}
        assert {"printers", "exceptions"} <= ids
        assert ("cancel" in ids) == approvable


async def test_the_menu_can_be_tapped() -> None:
    async with driven(busy_desk(), script="1234\n7\n") as till:
        bar = till.app.screen.bar
        bar.post_message(bar.Chosen(bar, "menu"))
        await till.settled()
        await till.press("pagedown")
        rows = till.app.screen.rows
        rows.tapped(next(tile.id for tile in rows.tiles if tile.id[1] == "exceptions"))
        await till.settled()
        assert till.screen_name == "exceptions"
