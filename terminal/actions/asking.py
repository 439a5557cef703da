"""The screens of the dialogs that every screen asks with, and of the help."""

from __future__ import annotations

from dataclasses import replace

from terminal.actions.action import Action, ScreenName
from terminal.actions.common import BACK, HELP, LINE_DOWN, LINE_UP, LOCK, PAGE_BACK, PAGE_ON

ASKING: dict[ScreenName, tuple[Action, ...]] = {
    ScreenName.HELP: (
        LOCK,
        Action("close", (*HELP.keys, "enter", "f2", "escape"), leads=True, on_empty_line=True),
        replace(PAGE_BACK, on_bar=True),
        replace(PAGE_ON, on_bar=True),
    ),
    ScreenName.APPROVAL: (HELP, BACK, LOCK, Action("approve", ("enter",), once=True, leads=True)),
    ScreenName.PICK: (
        HELP,
        BACK,
        Action("keyboard", ("f7",)),
        LOCK,
        PAGE_ON,
        PAGE_BACK,
        Action("accept", ("enter",), leads=True, once=True),
    ),
    ScreenName.AMOUNT: (
        HELP,
        BACK,
        Action("next_kind", ("tab",)),
        LOCK,
        Action("accept", ("enter",), leads=True, once=True),
    ),
    ScreenName.QR: (
        HELP,
        BACK,
        Action("print_qr", ("f5",), once=True),
        LOCK,
        Action("accept", ("enter",), leads=True, once=True),
    ),
    ScreenName.PREVIEW: (
        HELP,
        BACK,
        replace(PAGE_BACK, on_bar=True),
        replace(PAGE_ON, on_bar=True),
        LINE_UP,
        LINE_DOWN,
        LOCK,
        Action("accept", ("enter",), leads=True, once=True),
    ),
    ScreenName.FORM: (
        HELP,
        BACK,
        Action("next_field", ("tab", "down"), on_bar=False),
        Action("previous_field", ("shift+tab", "up"), on_bar=False),
        LOCK,
        Action("save", ("f5",), once=True),
        Action("accept", ("enter",), leads=True, once=True),
    ),
}
"""Actions of each screen, in the order of its key bar."""
