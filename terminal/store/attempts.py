"""PIN attempts. Each is counted before the PIN is compared, so that neither a restart nor a power cut forgives one."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from terminal.store.local import metadata

FREE_ATTEMPTS = 3
"""Wrong PINs in a row that cause no wait: people mistype."""
FIRST_DELAY_SECONDS = 5
LONGEST_DELAY_SECONDS = 15 * 60

pin_attempts = sa.Table(
    "pin_attempts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("last_ms", sa.BigInteger, nullable=False),
)


def delay_seconds(failures: int) -> int:
    """Seconds that the device waits after so many failures in a row. They double from the fourth failure on."""
    if failures <= FREE_ATTEMPTS:
        return 0
    return min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2 ** min(failures - FREE_ATTEMPTS - 1, 16))


async def waiting_seconds(connection: AsyncConnection, now_ms: int) -> int:
    """Seconds until the next attempt is allowed. Setting the clock back does not shorten them."""
    row = (await connection.execute(sa.select(pin_attempts.c.failures, pin_attempts.c.last_ms))).first()
    if row is None:
        return 0
    delay = delay_seconds(row.failures)
    passed = max(0, now_ms - row.last_ms) // 1_000
    return max(0, delay - passed)


async def count_attempt(connection: AsyncConnection, now_ms: int) -> int:
    """Count an attempt before its PIN is compared. Returns the failures in a row, this one included."""
    statement = (
        insert(pin_attempts)
        .values(id=1, failures=1, last_ms=now_ms)
        .on_conflict_do_update(index_elements=["id"], set_={"failures": pin_attempts.c.failures + 1, "last_ms": now_ms})
        .returning(pin_attempts.c.failures)
    )
    return int((await connection.execute(statement)).scalar_one())


async def forgive(connection: AsyncConnection) -> None:
    """Reset the count after a right PIN."""
    await connection.execute(pin_attempts.delete())
