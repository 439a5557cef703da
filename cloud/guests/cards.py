"""The cards of tables: what is printed for guests, each with a square and a code."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from cloud.database.transaction import Database
from cloud.guests.doors import Doors
from shared.floor.queries import tables
from shared.guests.codes import shown_code
from shared.kernel.permissions import Actor


@dataclass(frozen=True, slots=True)
class Card:
    """A card of a table.

    Attributes:
        code: as it is printed, `K7M-4QX`.
        url: what its square says.
        typed_url: where somebody types the code who cannot scan.
    """

    table_id: UUID
    table: str
    space: str
    code: str
    url: str
    typed_url: str


async def cards_of(
    database: Database, doors: Doors, actor: Actor, organization_id: UUID, branch_id: UUID, address: str
) -> list[Card]:
    """The cards of all tables of a branch, by room. Tables without a code get one, and the branch its door.

    Args:
        address: where guests reach the server.

    Raises:
        DomainError: NOT_PERMITTED.
    """
    door = await doors.of_branch(organization_id, branch_id)
    codes = await doors.codes(actor, organization_id, branch_id)
    base = f"{address.rstrip('/')}/g/{door.name}"
    async with database.read(organization_id) as read:
        found = await tables(read, organization_id, branch_id)
    return [
        Card(each.id, each.name, each.space_name, shown_code(codes[each.id]), f"{base}/{codes[each.id]}", base)
        for each in found
        if each.id in codes
    ]
