"""Which portions of a check go to a check of their own: a plain value that keys and taps change. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from uuid import UUID

from shared.books.views import CheckView, LineView
from shared.kernel.quantity import ONE
from shared.menu.weights import measure_text
from terminal.screens.voice import Voice
from terminal.widgets.tile import Tile

MOST_SHARERS = 6
"""Into so many parts a shared dish is cut with one key."""
HINTS = "123456789"


@dataclass(frozen=True, slots=True)
class Portions:
    """See the module.

    Attributes:
        lines: those of the check on which something is owed.
        taken: thousandths by line; lines of which nothing is taken are left out.
        sharers: by line, into how many parts it was cut.
    """

    check: CheckView
    lines: tuple[LineView, ...]
    taken: Mapping[UUID, int] = field(default_factory=lambda: MappingProxyType({}))
    sharers: Mapping[UUID, int] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(cls, check: CheckView, lines: Sequence[LineView]) -> Portions:
        """Nothing is taken."""
        return cls(check, tuple(line for line in lines if line.check_id == check.id and line.owed_milli))

    def toggled(self, at: int) -> Portions:
        """All of a line, or none of it."""
        line = self.lines[at]
        return self._with(line, 0 if self.taken.get(line.id) else line.owed_milli, 0)

    def more(self, at: int, by: int) -> Portions:
        """A portion more or less of a line."""
        line = self.lines[at]
        now = self.taken.get(line.id, 0)
        return self._with(line, max(0, min(line.owed_milli, now + by * ONE)), 0)

    def shared(self, at: int) -> Portions:
        """A half of a line, then a third, ... and all of it again."""
        line = self.lines[at]
        among = self.sharers.get(line.id, 1) + 1
        if among > MOST_SHARERS:
            return self._with(line, line.owed_milli, 0)
        return self._with(line, line.owed_milli // among, among)

    def _with(self, line: LineView, milli: int, sharers: int) -> Portions:
        taken = {**self.taken, line.id: milli}
        cut = {**self.sharers, line.id: sharers}
        return replace(
            self,
            taken={key: value for key, value in taken.items() if value},
            sharers={key: value for key, value in cut.items() if value},
        )

    @property
    def seats(self) -> frozenset[int]:
        """The seats that something is for."""
        return frozenset(line.seat for line in self.lines) - {0}

    @property
    def has_shared(self) -> bool:
        """Whether something is for no seat, and so for all of them."""
        return any(not line.seat for line in self.lines)

    @property
    def is_all(self) -> bool:
        """Whether nothing would stay."""
        return all(self.taken.get(line.id, 0) >= line.owed_milli for line in self.lines)

    def amounts(self) -> tuple[int, int]:
        """What the new check comes to, and what stays."""
        taken, stays = self.check.price.with_split(self.taken)
        return taken.total_minor, stays.total_minor


def portion_tiles(portions: Portions, voice: Voice) -> tuple[Tile, ...]:
    """A row for each line: how much of it is taken."""
    return tuple(_tile(at, line, portions, voice) for at, line in enumerate(portions.lines))


def _tile(at: int, line: LineView, portions: Portions, voice: Voice) -> Tile:
    taken, among = portions.taken.get(line.id, 0), portions.sharers.get(line.id, 0)
    quantity = measure_text(line.owed_milli, line.unit)
    word = ""
    if among:
        word = voice.texts("split.share", of=among)
    elif taken:
        word = voice.texts("split.taken", quantity=measure_text(taken, line.unit))
    seat = f" · {voice.texts('course.seat_short', seat=line.seat)}" if line.seat else ""
    title = f"{quantity} × {line.item_name}{seat}"
    return Tile(
        id=at,
        title=f"{title} · {word}" if word else title,
        detail=voice.money(line.total_minor),
        hint=HINTS[at] if at < len(HINTS) else "",
        selected=bool(taken),
    )
