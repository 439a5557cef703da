"""The food safety log as screens write and read it. No Textual.

At a kitchen display a station acts, and a station has no name to sign with: each entry takes somebody's PIN there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.instants import local_time, utc
from shared.kernel.permissions import Actor
from shared.kernel.work import Work
from shared.safety.commands import log_reading
from shared.safety.queries import PointView, ReadingView, readings
from terminal.store.store import Store

if TYPE_CHECKING:
    from terminal.gate import Gate

RunFor = Callable[[Actor, Callable[[Work], Awaitable[Any]]], Awaitable[Any]]
"""Runs a command for somebody, as the desk does for who is logged in."""
_YES, _NO = frozenset({"", "s", "si", "sí", "y", "ye", "yes", "1"}), frozenset({"n", "no", "0"})
LARGEST_VALUE = 9_999
DECIMALS = 3
CLOCKS_AHEAD = timedelta(days=7)
"""An entry of a clock so far ahead is listed with those of the day, so that somebody can correct it."""


class SafetyDesk:
    """See the module. Made by the desk.

    Args:
        wrote: called after an entry was written.
    """

    def __init__(self, store: Store, gate: Gate, run: RunFor, wrote: Callable[[], None]) -> None:
        self._store = store
        self._gate = gate
        self._run = run
        self._wrote = wrote

    async def person(self, pin: str) -> Actor:
        """Whose PIN it is; they are not logged in. Raises as `Gate.check` does."""
        return await self._gate.log_in(pin)

    async def log(
        self,
        person: Actor,
        point: PointView,
        value: str,
        *,
        clock: str = "",
        action: str = "",
        was_done: bool = True,
        corrects: UUID | None = None,
    ) -> None:
        """Write an entry.

        Args:
            value: as it was typed: `4.2`, `-18`; of a point without limits empty.
            clock: when it was found, hours and minutes on the wall, `19:30`; empty: now.

        Raises:
            DomainError: those of `log_reading`.
        """
        reading_id, claimed_at = self._store.ids.new(), self._instant(clock)
        value_milli = value_of(value, point.name) if point.is_measured else None

        async def log(work: Work) -> None:
            await log_reading(
                work,
                point.id,
                reading_id,
                value_milli,
                was_done=was_done,
                action=action,
                claimed_at=claimed_at,
                corrects=corrects,
            )

        await self._run(person, log)
        self._wrote()

    async def of_day(self) -> tuple[ReadingView, ...]:
        """The entries of the last 24 hours, by when they were found to be so, and of clocks that are ahead."""
        store, now = self._store, self._store.clock.now()
        here = store.identity.organization_id, store.identity.branch_id
        async with store.reading(briefly=True) as connection:
            return tuple(await readings(connection, *here, now - timedelta(days=1), now + CLOCKS_AHEAD))

    def _instant(self, clock: str) -> datetime | None:
        """The last time that the wall's clock said so."""
        if not clock:
            return None
        try:
            wanted = time.fromisoformat(clock)
        except ValueError as error:
            raise DomainError("CLAIMED_LATER") from error
        now = local_time(self._store.clock.now(), self._store.branch_context.zone)
        at = datetime.combine(now.date(), wanted, now.tzinfo)
        return utc(at if at <= now else at - timedelta(days=1))


def value_of(text: str, point_name: str) -> int:
    """Thousandths of what was typed: `4.2`, `4,2`, `-18`.

    Raises:
        DomainError: VALUE_MISSING.
    """
    try:
        value = Decimal(text.strip().replace(",", ".").replace("−", "-"))
    except InvalidOperation as error:
        raise DomainError("VALUE_MISSING", point=point_name) from error
    if not value.is_finite() or abs(value) > LARGEST_VALUE:
        raise DomainError("VALUE_MISSING", point=point_name)
    return int(value.scaleb(DECIMALS).to_integral_value())


def said_done(text: str) -> bool:
    """Whether somebody says that a thing was done: nothing typed is yes, as the field says.

    Raises:
        DomainError: safety.yes_or_no: a word that is neither.
    """
    word = text.strip().strip(".!,").lower()
    if word in _NO:
        return False
    if word not in _YES:
        raise DomainError("safety.yes_or_no")
    return True
