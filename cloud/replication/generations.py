"""The generation of this cloud: the incarnation of the streams that it writes itself, in all organizations.

It rises when the cloud comes back from a backup: an operator says so, or a device gives back what the cloud has signed
and does not hold. Several servers may run; what one of them begins the others read when a stream is closed to them.
"""

from __future__ import annotations

from cloud.control.commands import FIRST_GENERATION, generation
from cloud.database.transaction import Database
from sync.door import Door

_NEWEST = "SELECT coalesce(max(number), 1) FROM control.generation"
_BEGIN = "INSERT INTO control.generation (number, begun_at) VALUES (?, to_timestamp(? / 1000.0))"


class Generations:
    """Knows the present generation, and begins the next.

    Attributes:
        number: the present one, as far as this process knows.
    """

    def __init__(self, number: int = FIRST_GENERATION) -> None:
        self.number = number

    def newest(self, door: Door) -> int:
        """The present generation as the database has it."""
        return max(self.number, int(door.value(_NEWEST)))

    def begin(self, door: Door, number: int, now_ms: int) -> None:
        """Begin a generation. Call `heard` once the transaction is committed."""
        door.run(_BEGIN, number, now_ms)

    def heard(self, number: int) -> None:
        """Take up a generation that was begun. Older ones are ignored."""
        self.number = max(self.number, number)

    async def look(self, database: Database) -> None:
        """Take up what another server has begun."""
        async with database.control() as session:
            self.heard(await generation(session))
