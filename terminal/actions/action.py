"""An action of a screen: its keys, who may do it, where it is shown, and how its keys are called."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from shared.kernel.language import Texts
from shared.kernel.permissions import Permission

KEPT_BY_WINDOWS = frozenset({"f1", "f10", "f11", "f12"})
"""Keys that terminals in a window keep for themselves (menu, help, full screen), so each has another one beside it."""
MENU_KEYS = ("f8",)
"""Keys of the menu, where the actions stand that have no key."""
_LABELS = {"enter": "Enter", "tab": "Tab", "backspace": "⌫", "up": "↑", "down": "↓", "left": "←", "right": "→"}


class ScreenName(StrEnum):
    """Name of a screen, dialog or face of a screen that has actions of its own."""

    LOGIN = "login"
    FLOOR = "floor"
    ORDER = "order"
    OPTIONS = "options"
    PAYMENT = "payment"
    PAID = "paid"
    KITCHEN = "kitchen"
    PICKUP = "pickup"
    EXPEDITER = "expediter"
    RECALL = "recall"
    REVIEW = "review"
    PRINTERS = "printers"
    BEFORE_OPENING = "before_opening"
    TODAY = "today"
    PEOPLE = "people"
    DEVICES = "devices"
    HOUSE_MENU = "house_menu"
    KITCHEN_TIMES = "kitchen_times"
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
    PREVIEW = "preview"
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
        return between.join(key_label(key, texts) for key in self.keys or MENU_KEYS)


def key_label(key: str, texts: Texts) -> str:
    """A key's name as people know it: `F5`, `Enter`, `Ctrl ↑`."""
    parts = [_label(part, texts) for part in (key.split("+") if len(key) > 1 else [key])]
    return " ".join(parts)


def _label(key: str, texts: Texts) -> str:
    if texts.has(f"key.{key}"):
        return texts(f"key.{key}")
    return _LABELS.get(key, key.upper() if key.startswith("f") else key.capitalize())
