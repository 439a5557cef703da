"""The registry of actions: for each screen its actions, with their keys and permissions.

Key bars, buttons, key handling and help all come from here. A screen adds only the code of an action (`do_<id>`).
Titles are sentences of the catalogue: `action.<id>`, `action_short.<id>`, `help.<id>`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from shared.kernel.language import Texts
from shared.kernel.permissions import Permission


class ScreenName(StrEnum):
    """Name of a screen, dialog or face of a screen that has actions of its own."""

    LOGIN = "login"
    FLOOR = "floor"
    ORDER = "order"
    OPTIONS = "options"
    PAYMENT = "payment"
    PAID = "paid"
    KITCHEN = "kitchen"
    RECALL = "recall"
    PRINTERS = "printers"
    TODAY = "today"
    EXCEPTIONS = "exceptions"
    RECEIPTS = "receipts"
    REFUND = "refund"
    SHIFT = "shift"
    SHIFT_OPEN = "shift_open"
    SHIFT_COUNT = "shift_count"
    SHIFT_BEFORE = "shift_before"
    SHIFT_RESULT = "shift_result"
    SHIFT_PAPER = "shift_paper"
    ENDING = "ending"
    NOTE = "note"
    HANDOVER = "handover"
    HELP = "help"
    APPROVAL = "approval"
    PICK = "pick"
    AMOUNT = "amount"
    FORM = "form"
    QR = "qr"
    SPLIT = "split"


@dataclass(frozen=True, slots=True)
class Action:
    """One action of a screen.

    Attributes:
        id: stable; names its sentences and the screen's method.
        keys: names as in `terminal.input.strokes`; the first one is shown. None if only the menu has it.
        permission: needed for the action; None lets everybody.
        once: drop further presses while it runs.
        on_bar: whether the key bar shows it, to who may do it. The help shows all.
        bar_for: the permission of the people whose bar shows it, though others may do it too.
        leads: whether it is probably wanted next.
        on_empty_line: whether those of its keys that type something start it only while nothing is typed.
        in_menu: whether it stands in the menu of its screen (`MENU`) and not on the bar.
        approvable: whether somebody who may can approve it on the spot: then those who may not see it, too.
    """

    id: str
    keys: tuple[str, ...]
    permission: Permission | None = None
    once: bool = False
    on_bar: bool = True
    bar_for: Permission | None = None
    leads: bool = False
    on_empty_line: bool = False
    in_menu: bool = False
    approvable: bool = False

    def title(self, texts: Texts) -> str:
        """The title on the key bar."""
        return texts(f"action.{self.id}")

    def short(self, texts: Texts) -> str:
        """The title on a narrow key bar. Empty if the title is short enough."""
        key = f"action_short.{self.id}"
        return texts(key) if texts.has(key) else ""

    def key_label(self, texts: Texts, *, typing: bool = False) -> str:
        """The first key that arrives in every window, as printed on a keyboard.

        Args:
            typing: whether what types a sign is text now.
        """
        text = self.on_empty_line and typing
        arrive = (key for key in self.keys if key not in KEPT_BY_WINDOWS and not (text and len(key) == 1))
        return key_label(next(arrive, self.keys[0]), texts) if self.keys else ""

    def key_labels(self, texts: Texts, between: str = "  ") -> str:
        """All keys, as printed on a keyboard; of an action that has none that of the menu, where it is."""
        return between.join(key_label(key, texts) for key in self.keys or MENU.keys)


KEPT_BY_WINDOWS = frozenset({"f1", "f10", "f11", "f12"})
"""Keys that terminals in a window keep for themselves (menu, help, full screen), so each has another one beside it."""
HELP = Action("help", ("f1", "?"), on_empty_line=True)
BACK = Action("back", ("f2", "escape"))
ACCEPT = Action("accept", ("enter",), leads=True)
LOCK = Action("lock", ("f10", "ctrl+l"), once=True)
"""On every screen and dialog."""
QUIT = Action("quit", LOCK.keys)
HOURS = Action("hours", ("ctrl+r",), once=True, in_menu=True)
"""Everybody notes their own hours; at the log-in screen with their PIN."""
LANGUAGE = Action("language", (), once=True, in_menu=True)
"""Each person's own, in the menu alone. Its title is in both languages, so that everybody finds it."""
KEYBOARD = Action("keyboard", (), in_menu=True)
"""Letters to tap; a tap on the command line shows them, too."""
MENU = Action("menu", ("f8",), once=True)
"""What is not needed every minute, with its keys."""
PRINTERS = Action("printers", ("f11", "ctrl+p"))
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
_LEAVE_SHIFT = Action("tables", ("f2", "escape", *SHIFT.keys))
_CLOSE_SHIFT = Action("close_shift", ("f9",), Permission.WORK_DRAWER)
_NO_SALE = Action("no_sale", ("f6",), Permission.OPEN_WITHOUT_SALE, approvable=True)
_OF_SHIFTS: tuple[Action, ...] = (
    Action("past_zs", ("ctrl+f",), Permission.WORK_DRAWER, in_menu=True),
    Action("branch_day", ("ctrl+d",), Permission.CLOSE_DAY, approvable=True, in_menu=True),
    replace(PRINTERS, in_menu=True),
    replace(EXCEPTIONS, in_menu=True),
)
_BROWSING: tuple[Action, ...] = (NEXT_SHELF, PREVIOUS_SHELF, PAGE_ON, PAGE_BACK, LINE_UP, LINE_DOWN)

BY_SCREEN: dict[ScreenName, tuple[Action, ...]] = {
    ScreenName.LOGIN: (
        HELP,
        Action("enter_pin", ("enter",), leads=True, once=True),
        replace(HOURS, in_menu=False),
        QUIT,
    ),
    ScreenName.FLOOR: (
        HELP,
        Action("open", ("enter",), Permission.TAKE_ORDER, leads=True),
        Action("today", ("f3",), Permission.SEE_REPORTS),
        Action("delivery", ("f4",), Permission.TAKE_ORDER),
        Action("handover", ("f5",), Permission.TAKE_ORDER),
        Action("kitchen", ("f6",), Permission.WORK_KITCHEN),
        Action("takeout", ("f7",), Permission.TAKE_ORDER),
        MENU,
        HOURS,
        LANGUAGE,
        Action("pay", ("f9",), Permission.TAKE_PAYMENT, once=True, approvable=True),
        BILL,
        LOCK,
        RECEIPTS,
        WALKED_OUT,
        COLLECT,
        RATE,
        KEYBOARD,
        SHIFT,
        replace(PRINTERS, in_menu=True),
        replace(EXCEPTIONS, on_bar=True, bar_for=Permission.SETTLE_EXCEPTIONS),
        replace(NEXT_SHELF, on_bar=True),
        *_BROWSING[1:],
    ),
    ScreenName.ORDER: (
        HELP,
        Action("tables", ("f2", "escape")),
        Action("note", ("f3",), Permission.TAKE_ORDER),
        Action("options", ("f4",), Permission.TAKE_ORDER),
        Action("send", ("f5",), Permission.SEND_ORDER, once=True),
        Action("remove", ("f6",), Permission.TAKE_ORDER),
        Action("serve", ("f7",), Permission.TAKE_ORDER, once=True),
        MENU,
        HOURS,
        LANGUAGE,
        Action("pay", ("f9",), Permission.TAKE_PAYMENT, once=True, approvable=True),
        BILL,
        DISCOUNT,
        SERVICE,
        Action("split", ("ctrl+v",), Permission.TAKE_ORDER, in_menu=True),
        Action("move", ("ctrl+s",), Permission.TAKE_ORDER, in_menu=True),
        RECEIPTS,
        Action("undo", ("ctrl+u",), Permission.TAKE_ORDER, once=True, in_menu=True),
        WALKED_OUT,
        Action("order_note", (), Permission.TAKE_ORDER, in_menu=True),
        KEYBOARD,
        SHIFT,
        replace(PRINTERS, in_menu=True),
        replace(EXCEPTIONS, in_menu=True),
        LOCK,
        Action("cancel", ("f12", "ctrl+x"), Permission.CANCEL_ORDER, approvable=True),
        Action("customer", ("ctrl+o",), Permission.TAKE_ORDER, in_menu=True),
        Action("measure", ("ctrl+w",), Permission.TAKE_ORDER, in_menu=True),
        Action("handover", (), Permission.TAKE_ORDER, in_menu=True),
        Action("another_order", (), Permission.TAKE_ORDER, in_menu=True),
        Action("more", ("+",), Permission.TAKE_ORDER, on_bar=False, on_empty_line=True),
        Action("less", ("-",), Permission.TAKE_ORDER, on_bar=False, on_empty_line=True),
        *_BROWSING,
    ),
    ScreenName.OPTIONS: (
        HELP,
        Action("back", ("f2", "escape")),
        Action("toggle", ("space",), on_bar=False, on_empty_line=True),
        Action("once_more", ("+",), on_empty_line=True),
        Action("once_less", ("-",), on_empty_line=True),
        replace(NEXT_SHELF, on_bar=True),
        PREVIOUS_SHELF,
        PAGE_ON,
        PAGE_BACK,
        LOCK,
        Action("accept", ("enter",), leads=True),
    ),
    ScreenName.PAYMENT: (
        HELP,
        Action("back", ("f2", "escape")),
        Action("tip", ("f4", "ctrl+y"), Permission.TAKE_PAYMENT),
        Action("details", ("f5",), Permission.TAKE_PAYMENT),
        Action("undo_tender", ("f6",), Permission.TAKE_PAYMENT, once=True, approvable=True),
        Action("split", ("f7", "ctrl+v"), Permission.TAKE_PAYMENT, approvable=True),
        MENU,
        replace(DISCOUNT, keys=("f3", *DISCOUNT.keys)),
        SERVICE,
        BILL,
        RECEIPTS,
        HOURS,
        SHIFT,
        replace(PRINTERS, in_menu=True),
        replace(EXCEPTIONS, in_menu=True),
        Action("on_account", ("ctrl+a",), Permission.TAKE_PAYMENT, approvable=True, in_menu=True),
        RATE,
        LOCK,
        Action("take_money", ("enter",), Permission.TAKE_PAYMENT, once=True, approvable=True, leads=True),
    ),
    ScreenName.PAID: (
        HELP,
        Action("tip", ("f4", "ctrl+y"), Permission.TAKE_PAYMENT),
        Action("wrong_method", ("f6",), Permission.CORRECT_PAYMENT, approvable=True),
        MENU,
        PRINTERS,
        EXCEPTIONS,
        RECEIPTS,
        SHIFT,
        LOCK,
        Action("next_sale", ("enter", "f2", "escape"), leads=True),
    ),
    ScreenName.KITCHEN: (
        HELP,
        Action("bump", ("enter",), Permission.WORK_KITCHEN, once=True, leads=True),
        Action("start", ("space", "0"), Permission.WORK_KITCHEN, once=True),
        Action("recall_list", ("f6", "*"), Permission.WORK_KITCHEN),
        Action("wall_on", ("9", "pagedown", "right"), on_bar=False),
        Action("wall_back", ("pageup", "left"), on_bar=False),
        Action("station", ("tab", "/")),
        Action("tables", ("f2", "escape"), Permission.TAKE_ORDER),
        MENU,
        HOURS,
        LANGUAGE,
        replace(PRINTERS, in_menu=True),
        replace(EXCEPTIONS, in_menu=True),
        LOCK,
    ),
    ScreenName.RECALL: (
        HELP,
        BACK,
        LOCK,
        Action("recall_last", ("enter",), Permission.WORK_KITCHEN, once=True, leads=True),
    ),
    ScreenName.PRINTERS: (
        HELP,
        Action("back", ("f2", "escape", *PRINTERS.keys)),
        Action("came_out", ("f5",), once=True),
        Action("print_again", ("f6",), once=True),
        Action("try_now", ("f7",), once=True),
        Action("reprint", ("f8",), Permission.TAKE_PAYMENT, once=True),
        LOCK,
        PAGE_ON,
        PAGE_BACK,
    ),
    ScreenName.TODAY: (
        HELP,
        Action("tables", ("f2", "escape"), leads=True),
        LOCK,
        replace(HOURS, in_menu=False, on_bar=False),
        PRINTERS,
        EXCEPTIONS,
        ROWS_UP,
        ROWS_DOWN,
        PAGE_BACK,
        PAGE_ON,
    ),
    ScreenName.SHIFT: (
        HELP,
        _LEAVE_SHIFT,
        _NO_SALE,
        MENU,
        _CLOSE_SHIFT,
        LOCK,
        *_OF_SHIFTS,
        Action("open_shift", ("enter",), Permission.WORK_DRAWER, leads=True),
        ROWS_UP,
        ROWS_DOWN,
    ),
    ScreenName.SHIFT_OPEN: (
        HELP,
        _LEAVE_SHIFT,
        Action("cash_in", ("f3",), Permission.WORK_DRAWER),
        Action("cash_out", ("f4",), Permission.CASH_OUT, approvable=True),
        Action("drop", ("f5",), Permission.SAFE_DROP, approvable=True),
        _NO_SALE,
        Action("x_report", ("f7",), Permission.SEE_DRAWER, approvable=True),
        MENU,
        replace(_CLOSE_SHIFT, leads=True),
        LOCK,
        Action("tips_out", ("ctrl+y",), Permission.CASH_OUT, in_menu=True, approvable=True),
        Action("give_cash", ("ctrl+o",), Permission.SAFE_DROP, in_menu=True, approvable=True),
        Action("receive", ("ctrl+r",), Permission.WORK_DRAWER, in_menu=True),
        *_OF_SHIFTS,
        ROWS_UP,
        ROWS_DOWN,
    ),
    ScreenName.SHIFT_COUNT: (
        HELP,
        BACK,
        Action("next_purse", ("tab",)),
        Action("done", ("f5",), Permission.WORK_DRAWER, once=True),
        LOCK,
        Action("next_row", ("enter",), leads=True),
    ),
    ScreenName.SHIFT_BEFORE: (
        HELP,
        BACK,
        LOCK,
        replace(PRINTERS, on_bar=False),
        EXCEPTIONS,
        Action("count_now", ("enter",), Permission.WORK_DRAWER, leads=True),
    ),
    ScreenName.SHIFT_RESULT: (
        HELP,
        BACK,
        Action("count_again", ("f6",), Permission.WORK_DRAWER),
        LOCK,
        Action("finish", ("enter",), Permission.WORK_DRAWER, once=True, leads=True),
        ROWS_UP,
        ROWS_DOWN,
    ),
    ScreenName.SHIFT_PAPER: (
        HELP,
        BACK,
        Action("print_it", ("f7",), Permission.WORK_DRAWER, once=True, leads=True),
        Action("close_this_day", ("f9",), Permission.CLOSE_DAY, approvable=True, once=True),
        LOCK,
        replace(PRINTERS, on_bar=False),
        ROWS_UP,
        ROWS_DOWN,
        PAGE_BACK,
        PAGE_ON,
    ),
    ScreenName.EXCEPTIONS: (
        HELP,
        Action("leave", ("f2", "escape", *EXCEPTIONS.keys)),
        Action("end_it", ("enter",), once=True, leads=True),
        LOCK,
        replace(PRINTERS, on_bar=False),
        PAGE_ON,
        PAGE_BACK,
    ),
    ScreenName.RECEIPTS: (
        HELP,
        Action("leave", ("f2", "escape", *RECEIPTS.keys)),
        Action("seek", ("f4",)),
        Action("copy", ("f5",), Permission.TAKE_PAYMENT, once=True, approvable=True),
        Action("refund", ("f6",), Permission.REFUND, approvable=True, leads=True),
        MENU,
        Action("pay_lost", ("f9",), Permission.WRITE_OFF, once=True, in_menu=True, approvable=True),
        Action("refund_copy", ("f7",), Permission.TAKE_PAYMENT, once=True, in_menu=True, approvable=True),
        replace(PRINTERS, in_menu=True),
        replace(EXCEPTIONS, in_menu=True),
        LOCK,
        PAGE_ON,
        PAGE_BACK,
        LINE_UP,
        LINE_DOWN,
    ),
    ScreenName.REFUND: (
        HELP,
        Action("leave", ("f2", "escape")),
        Action("everything", ("f4", "*")),
        Action("made", ("f7",)),
        LOCK,
        PAGE_ON,
        PAGE_BACK,
        LINE_UP,
        LINE_DOWN,
        Action("give", ("enter",), Permission.REFUND, once=True, approvable=True, leads=True),
    ),
    ScreenName.ENDING: (
        HELP,
        Action("leave", ("f2", "escape")),
        Action("end_so", ("enter",), once=True, leads=True),
        LOCK,
        PAGE_ON,
        PAGE_BACK,
    ),
    ScreenName.NOTE: (
        HELP,
        Action("leave", ("f2", "escape")),
        LOCK,
        Action("save_note", ("enter",), once=True, leads=True),
    ),
    ScreenName.APPROVAL: (HELP, BACK, LOCK, Action("approve", ("enter",), once=True, leads=True)),
    ScreenName.HANDOVER: (
        HELP,
        Action("back", ("f2", "escape", "f5")),
        LOCK,
        PAGE_ON,
        PAGE_BACK,
        Action("all_over", ("f7",), Permission.TAKE_ORDER, once=True),
        Action("hand_over", ("enter",), Permission.TAKE_ORDER, once=True, leads=True),
    ),
    ScreenName.HELP: (
        LOCK,
        Action("close", (*HELP.keys, "enter", "f2", "escape"), leads=True, on_empty_line=True),
        replace(PAGE_BACK, on_bar=True),
        replace(PAGE_ON, on_bar=True),
    ),
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
    ScreenName.SPLIT: (
        HELP,
        BACK,
        Action("toggle", ("space",), on_bar=False),
        Action("more", ("+",)),
        Action("less", ("-",)),
        Action("share", ("/",)),
        LOCK,
        Action("split_off", ("enter",), leads=True, once=True, approvable=True),
    ),
    ScreenName.FORM: (
        HELP,
        BACK,
        Action("next_field", ("tab", "down")),
        Action("previous_field", ("shift+tab", "up"), on_bar=False),
        LOCK,
        Action("save", ("f5",), once=True),
        Action("accept", ("enter",), leads=True, once=True),
    ),
}

_LABELS = {"enter": "Enter", "tab": "Tab", "backspace": "⌫", "up": "↑", "down": "↓", "left": "←", "right": "→"}


def actions_of(name: ScreenName) -> tuple[Action, ...]:
    """All actions of a screen, in the order of its key bar."""
    return BY_SCREEN[name]


def action_for(name: ScreenName, key: str) -> Action | None:
    """The action that a key starts on a screen."""
    return next((action for action in BY_SCREEN[name] if key in action.keys), None)


def action_by_id(name: ScreenName, action_id: str) -> Action:
    """The action of a screen with this id."""
    return next(action for action in BY_SCREEN[name] if action.id == action_id)


def key_label(key: str, texts: Texts) -> str:
    """A key's name as people know it: `F5`, `Enter`, `Ctrl ↑`."""
    parts = [_label(part, texts) for part in (key.split("+") if len(key) > 1 else [key])]
    return " ".join(parts)


def _label(key: str, texts: Texts) -> str:
    if texts.has(f"key.{key}"):
        return texts(f"key.{key}")
    return _LABELS.get(key, key.upper() if key.startswith("f") else key.capitalize())
