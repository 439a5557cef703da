"""What a guest's display shows, as one plain value, and the file through which the till says it. No Textual.

The file stands in the device's folder. It holds what a guest may read and nothing else: no names, no notes, no keys.
It is written whole or not at all, and read again when it has changed, so either program may start and end as it likes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

GUEST_FILE = "guest.json"


class Moment(StrEnum):
    """Where a sale stands, as a guest sees it."""

    IDLE = "idle"
    ORDERING = "ordering"
    PAYING = "paying"
    PAID = "paid"


@dataclass(frozen=True, slots=True)
class GuestLine:
    """A line of the check: formatted texts, and what was chosen with the dish."""

    quantity: str
    name: str
    amount: str
    extras: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GuestView:
    """What is shown.

    Attributes:
        house: its name.
        language: of the words.
        total: what is owed: of the check, or what is left of it.
        given, change: while paying and afterwards; empty if nothing was given.
        code: text of a QR code to pay with; empty for none.
        practice: nothing of it counts.
    """

    moment: Moment = Moment.IDLE
    house: str = ""
    language: str = ""
    lines: tuple[GuestLine, ...] = ()
    total: str = ""
    given: str = ""
    change: str = ""
    code: str = ""
    practice: bool = False


class GuestFile:
    """The file of one device. Writing what stands there already writes nothing."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / GUEST_FILE
        self._last: GuestView | None = None
        self._seen: tuple[int, int] | None = None

    def write(self, view: GuestView) -> None:
        """Say what a guest may read now. A disk that takes nothing costs no sale."""
        if view == self._last:
            return
        self._last = view
        beside = self.path.with_suffix(".new")
        with suppress(OSError):
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(asdict(view), file, ensure_ascii=False)
            beside.replace(self.path)

    def read(self) -> GuestView:
        """What was said last; idle if nothing was, or nothing that can be read."""
        try:
            found = self.path.stat()
            if self._seen == (found.st_ino, found.st_mtime_ns) and self._last is not None:
                return self._last
            self._seen = (found.st_ino, found.st_mtime_ns)
            self._last = _view(json.loads(self.path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            self._last = GuestView()
        return self._last


def _view(said: Mapping[str, Any]) -> GuestView:
    lines = tuple(GuestLine(**{**line, "extras": tuple(line.get("extras", ()))}) for line in said.get("lines", ()))
    return GuestView(**{**said, "moment": Moment(said["moment"]), "lines": lines})
