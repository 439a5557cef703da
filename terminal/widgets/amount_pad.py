"""Entry of an amount of money: typed text becomes integer minor units; no float is ever made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from terminal.widgets.big_digits import BigDigits
from terminal.widgets.key_pad import ERASE, KeyPad

MAX_WHOLE_DIGITS = 9
"""Nobody tenders more than a billion; a scanner's thirteen digits in the wrong place are cut instead of taken."""


def minor_units(typed: str, decimals: int) -> int:
    """What a typed amount is in minor units: `12.5` with two decimals is 1250, an empty text 0."""
    whole, _, part = typed.partition(".")
    return int((whole or "0") + (part + "0" * decimals)[:decimals])


def with_key(typed: str, key: str, decimals: int) -> str:
    """The typed text after one more key; keys that do not fit leave it as it is."""
    if key in (".", ","):
        return typed if "." in typed or decimals == 0 else (typed or "0") + "."
    if not (key.isascii() and key.isdigit()):
        return typed
    for digit in key:
        whole, point, part = typed.partition(".")
        if point and len(part) < decimals:
            typed += digit
        elif not point and len(whole) < MAX_WHOLE_DIGITS:
            typed = digit if whole == "0" else typed + digit
    return typed


class AmountPad(Vertical):
    """An amount in big digits over a pad. The screen that owns the keys hands them to `press`."""

    DEFAULT_CSS = """
    AmountPad { width: 1fr; height: 1fr; padding: 0 1; background: $ink-panel; }
    AmountPad > KeyPad { height: 1fr; }
    """

    @dataclass
    class Changed(Message):
        """Another amount is on view: `minor` in minor units, 0 while nothing is typed."""

        pad: AmountPad
        minor: int

        @property
        def control(self) -> AmountPad:
            """The pad, for `@on(AmountPad.Changed, "#given")`."""
            return self.pad

    def __init__(
        self,
        money: Callable[[int], str],
        *,
        decimals: int = 2,
        caption: str = "",
        id: str | None = None,  # noqa: A002 Textual's own name
        classes: str | None = None,
    ) -> None:
        """Make a pad.

        Args:
            money: how minor units are written, such as `S/ 12.50`.
            decimals: the currency's decimals; without any, `00` stands in the point's place.
            caption: what the amount is.
            id: Textual's id.
            classes: Textual's classes.
        """
        super().__init__(id=id, classes=classes)
        self._money, self._decimals, self._caption, self._typed = money, decimals, caption, ""
        self._digits = BigDigits(money(0), caption=caption)

    def compose(self) -> ComposeResult:
        """The digits and the keys."""
        yield self._digits
        corner = "." if self._decimals else "00"
        yield KeyPad((("1", "2", "3"), ("4", "5", "6"), ("7", "8", "9"), (corner, "0", ERASE)))

    @property
    def minor(self) -> int:
        """The amount on view in minor units."""
        return minor_units(self._typed, self._decimals)

    def clear(self, *, caption: str | None = None) -> None:
        """Start again, and for something else if a caption is given."""
        self._caption = self._caption if caption is None else caption
        self._take("")

    def press(self, key: str) -> bool:
        """Take a key's character or name, or a pad's text; False if it means nothing here."""
        if key in (ERASE, "backspace"):
            self._take(self._typed[:-1])
        elif key in ("delete", "ctrl+u"):
            self._take("")
        elif key in (".", ",") or (key.isascii() and key.isdigit()):
            self._take(with_key(self._typed, key, self._decimals))
        else:
            return False
        return True

    def on_key_pad_pressed(self, event: KeyPad.Pressed) -> None:
        """A finger is as good as a key."""
        event.stop()
        self.press(event.key)

    def _take(self, typed: str) -> None:
        self._typed = typed
        self._digits.show(self._money(self.minor), caption=self._caption)
        self.post_message(self.Changed(self, self.minor))
