"""The voice of a screen: sentences, money, times and ages in the reader's language. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.kernel.language import Texts
from shared.kernel.text import search_key
from terminal.printing.wording import printer_title
from terminal.widgets.extra import Extra, ExtraKind

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_WITHOUT = ("sin ", "no ", "without ")


class Speaking(Protocol):
    """The parts of the desk that a voice needs."""

    texts: Texts

    def money(self, minor: int) -> str:
        """An amount in the branch's currency."""
        ...

    def now(self) -> datetime:
        """The present instant in UTC."""
        ...

    def local_now(self) -> datetime:
        """The branch's wall clock."""
        ...


@dataclass(frozen=True, slots=True)
class Voice:
    """Sentences and formats at one instant.

    Attributes:
        texts: the catalogues.
        money: minor units as people write them.
        now: the present instant, UTC.
        wall: the same instant on the branch's wall clock.
    """

    texts: Texts
    money: Callable[[int], str]
    now: datetime
    wall: datetime

    @classmethod
    def of(cls, desk: Speaking) -> Voice:
        """Make a voice of the desk for the present instant."""
        return cls(desk.texts, desk.money, desk.now(), desk.local_now())

    def place(self, kind: str, table_name: str) -> str:
        """Where an order is served: its table (a bare number becomes `Mesa 5`), or how the guest gets it."""
        if table_name[:1].isdigit():
            return self.texts("kind.table", name=table_name)
        return table_name or self.texts(f"kind.{kind}")

    def printer(self, name: str) -> str:
        """Name of a printer: the usual two by what they print, any other by its own name."""
        return printer_title(self.texts, name)

    def clock(self, instant: datetime) -> str:
        """An instant as hours and minutes of the branch."""
        return f"{instant.astimezone(self.wall.tzinfo):%H:%M}"

    def since(self, instant: datetime) -> str:
        """When something began: the time of day, or how long ago if that was more than a day."""
        return self.clock(instant) if self.seconds_since(instant) < _DAY else self.age(instant)

    def since_day(self, instant: datetime) -> str:
        """As `since`, and it says so where that time of day was yesterday."""
        said = self.since(instant)
        is_clock = self.seconds_since(instant) < _DAY
        is_today = instant.astimezone(self.wall.tzinfo).date() >= self.wall.date()
        return said if is_today or not is_clock else self.texts("age.yesterday", time=said)

    def seconds_since(self, instant: datetime) -> int:
        """Whole seconds since an instant. Never negative."""
        return max(0, int((self.now - instant).total_seconds()))

    def age(self, instant: datetime) -> str:
        """Age in one coarse unit, so that it does not flicker: `ahora`, `12 min`, `2 h 05`, `3 d`."""
        seconds = self.seconds_since(instant)
        if seconds < _MINUTE:
            return self.texts("age.now")
        if seconds < _HOUR:
            return self.texts("age.minutes", minutes=seconds // _MINUTE)
        if seconds < _DAY:
            return self.texts("age.hours", hours=seconds // _HOUR, minutes=f"{seconds % _HOUR // _MINUTE:02d}")
        return self.texts("age.days", days=seconds // _DAY)

    def short_age(self, instant: datetime) -> str:
        """Age where there is little room: `12'`, `2h05`, `3d`; nothing in the first minute."""
        seconds = self.seconds_since(instant)
        if seconds < _HOUR:
            return f"{seconds // _MINUTE}'" if seconds >= _MINUTE else ""
        return f"{seconds // _HOUR}h{seconds % _HOUR // _MINUTE:02d}" if seconds < _DAY else f"{seconds // _DAY}d"


def extra_kind(name: str) -> ExtraKind:
    """Kind of a modifier: whether it leaves something out, by its first word in either language."""
    return ExtraKind.WITHOUT if search_key(name).startswith(_WITHOUT) else ExtraKind.WITH


def extra_of(name: str, count: int, *, adds: bool, amount: str = "") -> Extra:
    """A modifier that was chosen so often; a plus stands before what costs more, and before nothing else.

    Args:
        adds: whether it costs more.
        amount: what it costs in all, formatted.
    """
    kind = extra_kind(name)
    kind = ExtraKind.CHOICE if kind is ExtraKind.WITH and not adds else kind
    return Extra(times_text(name, count), kind, amount)


def times_text(name: str, count: int) -> str:
    """`Queso`, or `2× Queso`."""
    return f"{count}× {name}" if count > 1 else name
