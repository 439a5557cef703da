"""Which portions of a receipt are to be refunded: a plain value that keys and taps change. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from uuid import UUID

from shared.kernel.quantity import ONE
from shared.payments.past import PastLine, PastReceipt


@dataclass(frozen=True, slots=True)
class Portions:
    """See the module.

    Attributes:
        chosen: thousandths by receipt line; lines of which nothing is chosen are left out.
        at: the line that keys change, among those of which something is left.
        was_made: whether the kitchen had made them: they are thrown away then, else they come back.
    """

    receipt: PastReceipt
    chosen: Mapping[UUID, int] = field(default_factory=lambda: MappingProxyType({}))
    at: int = 0
    was_made: bool = True

    @classmethod
    def of(cls, receipt: PastReceipt, line_id: UUID | None = None) -> Portions:
        """Nothing chosen; or the line of this order line, all of it."""
        begun = cls(receipt, was_made=receipt.is_made)
        at = next((at for at, line in enumerate(begun.lines) if line.row.order_line_id == line_id), None)
        return begun if at is None else replace(begun, at=at).with_all_of(begun.lines[at])

    @property
    def lines(self) -> tuple[PastLine, ...]:
        """The lines of which something is left."""
        return tuple(line for line in self.receipt.lines if line.left_milli)

    @property
    def line(self) -> PastLine | None:
        """The line that keys change."""
        return self.lines[self.at] if self.at < len(self.lines) else None

    @property
    def worth_minor(self) -> int:
        """What the chosen portions come to."""
        return sum(line.worth_minor(self.chosen.get(line.row.id, 0)) for line in self.lines)

    def moved(self, by: int) -> Portions:
        """Another line."""
        return replace(self, at=max(0, min(self.at + by, len(self.lines) - 1)))

    def placed(self, line_id: UUID) -> Portions:
        """This line."""
        return replace(self, at=next(at for at, line in enumerate(self.lines) if line.row.id == line_id))

    def more(self) -> Portions:
        """One portion more of the line, as far as there are."""
        line = self.line
        return self if line is None else self._with(line, self._of(line) + _step(line))

    def less(self) -> Portions:
        """One portion less."""
        line = self.line
        return self if line is None else self._with(line, self._of(line) - _step(line))

    def so_many(self, count: int) -> Portions:
        """This number of portions of the line, as far as there are."""
        line = self.line
        return self if line is None else self._with(line, count * _step(line))

    def tapped(self, line_id: UUID) -> Portions:
        """One more of a tapped line; after the last, none."""
        here = self.placed(line_id)
        line = here.line
        if line is None:
            return here
        return here._with(line, 0) if here._of(line) >= line.left_milli else here.more()

    def with_all_of(self, line: PastLine) -> Portions:
        """All that is left of a line."""
        return self._with(line, line.left_milli)

    def everything(self) -> Portions:
        """All that is left; if that is chosen already, nothing."""
        everything = {line.row.id: line.left_milli for line in self.lines}
        return replace(self, chosen=MappingProxyType({} if dict(self.chosen) == everything else everything))

    def turned(self) -> Portions:
        """The other answer to whether it was made."""
        return replace(self, was_made=not self.was_made)

    def of_now(self, receipt: PastReceipt) -> Portions:
        """The same choice of a receipt that was read again: never more than is left."""
        left = {line.row.id: line.left_milli for line in receipt.lines}
        kept = {key: min(portions, left.get(key, 0)) for key, portions in self.chosen.items()}
        lines = sum(1 for line in receipt.lines if line.left_milli)
        return replace(
            self,
            receipt=receipt,
            chosen=MappingProxyType({key: portions for key, portions in kept.items() if portions}),
            at=max(0, min(self.at, lines - 1)),
        )

    def _of(self, line: PastLine) -> int:
        return self.chosen.get(line.row.id, 0)

    def _with(self, line: PastLine, portions: int) -> Portions:
        kept = {**self.chosen, line.row.id: max(0, min(portions, line.left_milli))}
        return replace(self, chosen=MappingProxyType({key: each for key, each in kept.items() if each}))


def _step(line: PastLine) -> int:
    """One portion; what is sold by weight or was split, all at once."""
    return ONE if line.left_milli % ONE == 0 and not line.row.unit else int(line.left_milli)
