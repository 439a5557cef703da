"""Actions that several screens have, each with the same keys everywhere."""

from __future__ import annotations

from shared.kernel.permissions import Permission
from terminal.actions.action import MENU_KEYS, Action

HELP = Action("help", ("f1", "?"), on_empty_line=True)
BACK = Action("back", ("f2", "escape"))
LOCK = Action("lock", ("f10", "ctrl+l"), once=True)
"""On every screen and dialog."""
QUIT = Action("quit", LOCK.keys)
HOURS = Action("hours", ("ctrl+r",), once=True, in_menu=True)
"""Everybody notes their own hours; at the log-in screen with their PIN."""
STAFF_HOURS = Action("staff_hours", (), Permission.EDIT_HOURS, once=True, in_menu=True)
"""Everybody's hours, for who may correct them."""
LANGUAGE = Action("language", (), once=True, in_menu=True)
"""Each person's own, in the menu alone. Its title is in both languages, so that everybody finds it."""
KEYBOARD = Action("keyboard", (), in_menu=True)
"""Letters to tap; a tap on the command line shows them, too."""
MENU = Action("menu", MENU_KEYS, once=True)
"""What is not needed every minute, with its keys."""
PRINTERS = Action("printers", ("f11", "ctrl+p"))
BEFORE_OPENING = Action("before_opening", (), once=True, in_menu=True)
"""Tries printers, cloud, clock, disk and keys, for whoever opens the restaurant."""
MESSAGES = Action("messages", ("ctrl+z",), Permission.TAKE_ORDER, in_menu=True)
"""What the kitchen told who serves; the status line names its key while something waits."""
PAUSE_GUESTS = Action("pause_guests", (), Permission.SET_AVAILABILITY, once=True, in_menu=True)
"""No orders by phone for now, or again."""
AVAILABILITY = Action("availability", (), Permission.SET_AVAILABILITY, in_menu=True)
SET_PRICE = Action("set_price", (), Permission.SET_PRICE, in_menu=True, approvable=True)
NEW_DISH = Action("new_dish", (), Permission.ADD_DISH, in_menu=True, approvable=True)
HIDE_DISH = Action("hide_dish", (), Permission.ADD_DISH, in_menu=True, approvable=True)
"""What this branch sells, and for how much. In its own place (`ScreenName.HOUSE_MENU`) they have keys."""
SAFETY = Action("safety", (), Permission.LOG_SAFETY, in_menu=True)
"""What is sold out, and the food safety log; on the wall they have keys."""
EXCEPTIONS = Action("exceptions", ("ctrl+e",), on_bar=False)
"""Not on the bars: the status line names its key while something waits."""
RECEIPTS = Action("receipts", ("ctrl+f",), Permission.TAKE_PAYMENT, in_menu=True)
"""At till screens: receipts of the past."""
WALKED_OUT = Action("walked_out", ("ctrl+q",), Permission.WRITE_OFF, once=True, in_menu=True, approvable=True)
COLLECT = Action("collect", ("ctrl+a",), Permission.TAKE_PAYMENT, approvable=True, in_menu=True)
RATE = Action("rate", ("ctrl+o",), Permission.SET_RATE, approvable=True, in_menu=True)
SHIFT = Action("shift", ("ctrl+t",), Permission.WORK_DRAWER, in_menu=True)
DISCOUNT = Action("discount", ("ctrl+d",), Permission.GIVE_DISCOUNT, in_menu=True, approvable=True)
BILL = Action("bill", ("ctrl+b",), Permission.TAKE_ORDER, once=True, in_menu=True)
PREVIEW_BILL = Action("preview_bill", (), Permission.TAKE_ORDER, once=True, in_menu=True)
SERVICE = Action("service", ("ctrl+g",), Permission.TAKE_ORDER, once=True, in_menu=True)
"""At till screens: what is done to a bill before it is paid."""
NEXT_SHELF = Action("next_shelf", ("tab",), on_bar=False)
PREVIOUS_SHELF = Action("previous_shelf", ("shift+tab",), on_bar=False)
PAGE_ON = Action("page_on", ("pagedown",), on_bar=False)
PAGE_BACK = Action("page_back", ("pageup",), on_bar=False)
LINE_UP = Action("line_up", ("ctrl+up", "ctrl+k"), on_bar=False)
LINE_DOWN = Action("line_down", ("ctrl+down", "ctrl+n"), on_bar=False)
"""Some terminals (PuTTY, the Linux console) send every arrow as a plain one."""
ROWS_UP = Action("rows_up", ("up", "ctrl+up", "shift+up"), on_bar=False)
ROWS_DOWN = Action("rows_down", ("down", "ctrl+down", "shift+down"), on_bar=False)
BROWSING: tuple[Action, ...] = (NEXT_SHELF, PREVIOUS_SHELF, PAGE_ON, PAGE_BACK, LINE_UP, LINE_DOWN)
PALETTE = Action("palette", (":",), on_bar=False, on_empty_line=True, in_menu=True)
JUMP = Action("jump", (";",), on_bar=False, on_empty_line=True)
"""On every screen whose letters are not asked for: all actions by name, and letters over what can be tapped."""
COMFORT = Action("comfort", (), once=True, in_menu=True)
"""Colours, size and sounds, as each person wants them."""
