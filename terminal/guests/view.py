"""What a guest's display shows, as one plain value, and the file through which the till says it. No Textual.

The file stands in the device's folder. It holds what a guest may read and nothing else: no names, no notes, no keys.
It is written whole or not at all, and read again when it has changed, so either program may start and end as it likes.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from msgspec import MsgspecError
from msgspec.json import decode, encode

GUEST_FILE = "guest.json"
GUEST_LOCK = "guest.lock"


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

    @property
    def welcome(self) -> GuestView:
        """The same house while no guest is at the till."""
        return GuestView(house=self.house, language=self.language, practice=self.practice)


class GuestFile:
    """The file of one device's folder, for one writer or one reader. Writing what stands there already writes nothing.

    Several programs may sell in one folder, and a display has room for one guest: whoever shows a check holds the
    display until it is idle again. The kernel frees it with the program, however that ends, and nothing is shown of a
    program that is gone.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / GUEST_FILE
        self._lock = folder / GUEST_LOCK
        self._held: int | None = None
        self._last: GuestView | None = None
        self._seen: tuple[int, int] | None = None

    def write(self, view: GuestView) -> None:
        """Say what a guest may read now. A disk that takes nothing costs no sale.

        While another program shows a check nothing is written; the next call tries again.
        """
        if view == self._last:
            return
        with suppress(OSError):
            if not self._hold():
                return
            self._replace(view)
            self._last = view
            if view.moment is Moment.IDLE:
                self._let_go()

    def close(self) -> None:
        """Show the welcome, as the program that writes ends."""
        if self._last is not None:
            self.write(self._last.welcome)
        self._let_go()

    def read(self) -> GuestView:
        """What was said last; the welcome if whoever said it is gone, or nothing can be read."""
        try:
            found = self.path.stat()
            if self._seen != (found.st_ino, found.st_mtime_ns) or self._last is None:
                self._last = decode(self.path.read_bytes(), type=GuestView)
                self._seen = (found.st_ino, found.st_mtime_ns)
            return self._last if self._last.moment is Moment.IDLE or self._is_held() else self._last.welcome
        except (OSError, MsgspecError):
            self._last = None
            return GuestView()

    def _hold(self) -> bool:
        """Take the display. Returns False if another program has it."""
        if self._held is not None:
            return True
        descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return False
        self._held = descriptor
        return True

    def _let_go(self) -> None:
        if self._held is not None:
            os.close(self._held)
            self._held = None

    def _is_held(self) -> bool:
        """Whether the program that showed a check is alive. A look holds the lock for an instant: a writer retries."""
        with suppress(FileNotFoundError):
            descriptor = os.open(self._lock, os.O_RDONLY | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            finally:
                os.close(descriptor)
        return False

    def _replace(self, view: GuestView) -> None:
        beside = self.path.with_suffix(".new")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(encode(view))
        beside.replace(self.path)
