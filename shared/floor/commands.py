"""Adding spaces and tables to a branch, taking tables out of service, and giving them to who serves them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from shared.floor.records import DiningTable, Section, Space, TableShape
from shared.kernel.errors import DomainError
from shared.kernel.ids import derived_id
from shared.kernel.permissions import Permission
from shared.kernel.text import clean
from shared.kernel.work import Work
from shared.staff.records import StaffMember


async def add_space(work: Work, branch_id: UUID, name: str, position: int = 0, space_id: UUID | None = None) -> Space:
    """Add a room, terrace or bar. Run on the cloud."""
    work.require(Permission.EDIT_FLOOR)
    return work.add(
        Space(
            organization_id=work.organization_id,
            branch_id=branch_id,
            id=space_id or work.ids.new(),
            name=clean(name),
            position=position,
        )
    )


async def add_table(
    work: Work,
    branch_id: UUID,
    space_id: UUID,
    name: str,
    seats: int = 4,
    position: int = 0,
    table_id: UUID | None = None,
    place: Sequence[int] = (),
    shape: TableShape = TableShape.SQUARE,
) -> DiningTable:
    """Add a table to a space. Run on the cloud.

    Args:
        place: left, top, width and height on the plan of the space, in cells; empty: it has no place.
    """
    work.require(Permission.EDIT_FLOOR)
    return work.add(
        DiningTable(
            organization_id=work.organization_id,
            branch_id=branch_id,
            id=table_id or work.ids.new(),
            space_id=space_id,
            name=clean(name, 40),
            seats=seats,
            position=position,
            place=list(place),
            shape=shape,
        )
    )


async def set_out_of_service(work: Work, table_id: UUID, *, out: bool) -> DiningTable:
    """Say that nobody is to be seated at a table, or that guests may sit there again.

    Who sits there stays: what is owed keeps the table.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND.
    """
    work.require(Permission.TAKE_ORDER)
    table = await work.get(DiningTable, table_id)
    if table.out_of_service != out:
        table.out_of_service = out
    return table


async def assign_tables(work: Work, table_ids: Iterable[UUID], person_id: UUID | None) -> None:
    """Give tables to who serves them: they are their section from now on. None: to nobody.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, NO_LONGER_WORKS_HERE (params: name).
    """
    work.require(Permission.EDIT_FLOOR)
    key = (work.organization_id, person_id)
    person = await work.session.get(StaffMember, key) if person_id is not None else None
    if person is not None and not person.active:
        raise DomainError("NO_LONGER_WORKS_HERE", name=person.name)
    for table_id in table_ids:
        table = await work.get(DiningTable, table_id)
        held = await work.session.get(Section, (work.organization_id, section_id(table_id)))
        if held is None:
            work.add(
                Section(
                    organization_id=work.organization_id,
                    branch_id=table.branch_id,
                    id=section_id(table_id),
                    table_id=table_id,
                    person_id=person_id,
                )
            )
        elif held.person_id != person_id:
            held.person_id = person_id


def section_id(table_id: UUID) -> UUID:
    """The id of a table's section. Two devices that give a table away write one row."""
    return derived_id("section", table_id)
