"""PIN attempts of this device: pauses after wrong PINs, and a budget of them a day. No wall clock is asked.

An attempt is counted, with the pause that it costs, before the PIN is compared, so that neither a restart nor a power
cut forgives one. A right PIN takes its own attempt back and ends the row of failures; it does not fill up the budget.

Time is running time (`DeviceClock.running_milliseconds`). After a restart of the machine it begins at 0 again: then
only what has passed since counts, which is never more than the truth.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from terminal.clock import DeviceClock
from terminal.store.local import metadata

FREE_ATTEMPTS = 3
"""Wrong PINs in a row that cause no pause: people mistype."""
FIRST_PAUSE_SECONDS = 5
LONGEST_PAUSE_SECONDS = 15 * 60
BUDGET = 30
"""Wrong PINs a day on one device. Beyond it each costs the longest pause."""
REGROWTH_MS = 24 * 3_600_000 // BUDGET
"""Running time in which one attempt of the budget grows back."""
_SPENT_AT_MOST_MS = BUDGET * REGROWTH_MS

pin_attempts = sa.Table(
    "pin_attempts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("spent_ms", sa.BigInteger, nullable=False),
    sa.Column("pause_ms", sa.BigInteger, nullable=False),
    sa.Column("read_at_ms", sa.BigInteger, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Attempts:
    """What wrong PINs have cost so far.

    Attributes:
        failures: wrong PINs in a row.
        spent_ms: running time until the whole budget has grown back.
        pause_ms: running time until the next attempt is allowed.
        read_at_ms: what the running clock showed when this was true.
    """

    failures: int = 0
    spent_ms: int = 0
    pause_ms: int = 0
    read_at_ms: int = 0

    @property
    def is_clear(self) -> bool:
        """Whether nothing is owed."""
        return not (self.failures or self.spent_ms or self.pause_ms)

    @property
    def left(self) -> int:
        """Attempts before the next one that costs a pause, and that one too."""
        in_budget = (_SPENT_AT_MOST_MS - self.spent_ms) // REGROWTH_MS
        return 1 + max(0, min(FREE_ATTEMPTS - self.failures, in_budget))

    def later(self, now_ms: int) -> Attempts:
        """The same when the running clock shows `now_ms`."""
        passed = now_ms - self.read_at_ms if now_ms >= self.read_at_ms else now_ms
        return replace(
            self,
            spent_ms=max(0, self.spent_ms - passed),
            pause_ms=max(0, self.pause_ms - passed),
            read_at_ms=now_ms,
        )

    def counted(self) -> Attempts:
        """The same with one more attempt, as if its PIN were wrong."""
        failures, spent_ms = self.failures + 1, self.spent_ms + REGROWTH_MS
        seconds = LONGEST_PAUSE_SECONDS if spent_ms > _SPENT_AT_MOST_MS else pause_seconds(failures)
        return replace(
            self,
            failures=failures,
            spent_ms=min(spent_ms, _SPENT_AT_MOST_MS),
            pause_ms=max(self.pause_ms, seconds * 1_000),
        )

    def forgiven(self, spent_ms: int) -> Attempts:
        """The same without the attempt that spent so much of the budget, since its PIN was right."""
        return replace(self, failures=0, pause_ms=0, spent_ms=max(0, self.spent_ms - spent_ms))


def pause_seconds(failures: int) -> int:
    """Pause after so many failures in a row, within the budget. It doubles from the fourth failure on."""
    if failures <= FREE_ATTEMPTS:
        return 0
    return min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS << min(failures - FREE_ATTEMPTS - 1, 16))


async def attempts_now(connection: AsyncConnection, clock: DeviceClock) -> Attempts:
    """What is owed now.

    The clock is read after the row. Read before it, it could show less than what another program has just written,
    which is how a restart of the machine looks.
    """
    row = (await connection.execute(sa.select(pin_attempts))).first()
    now_ms = clock.running_milliseconds()
    if row is None:
        return Attempts(read_at_ms=now_ms)
    return Attempts(row.failures, row.spent_ms, row.pause_ms, row.read_at_ms).later(now_ms)


async def keep_attempts(connection: AsyncConnection, attempts: Attempts) -> None:
    """Write what is owed now."""
    if attempts.is_clear:
        await connection.execute(pin_attempts.delete())
        return
    values = {
        "failures": attempts.failures,
        "spent_ms": attempts.spent_ms,
        "pause_ms": attempts.pause_ms,
        "read_at_ms": attempts.read_at_ms,
    }
    statement = insert(pin_attempts).values(id=1, **values)
    await connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))
