"""The device's own series of numbers. A number is taken in the commit that uses it, so that a series has no gaps."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession

from terminal.store.local import metadata

counters = sa.Table(
    "counters",
    metadata,
    sa.Column("series", sa.String(60), primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)
_NEXT = (
    insert(counters)
    .values(series=sa.bindparam("name"), value=1)
    .on_conflict_do_update(index_elements=["series"], set_={"value": counters.c.value + 1})
    .returning(counters.c.value)
)


class DeviceNumbers:
    """Implements `shared.kernel.work.Numbers` on the device's database. Each incarnation has series of its own."""

    def __init__(self, incarnation: int = 1) -> None:
        self._prefix = "" if incarnation == 1 else f"{incarnation} "

    async def next(self, session: AsyncSession, series: str) -> int:
        """The next number of a series, from 1."""
        return int((await session.execute(_NEXT, {"name": self._prefix + series})).scalar_one())
