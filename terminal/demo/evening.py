"""What the demo's till knows of tonight before anybody logs in: who is to come, who waits, whose tables are whose."""

from __future__ import annotations

from datetime import timedelta

from shared.kernel.permissions import Role
from shared.reservations.commands import Party
from terminal.desks.desk import Desk

QUARTER_MINUTES = 15
LEAST_TABLES = 7
"""A house with fewer has neither sections nor reservations."""


async def prepare_evening(desk: Desk) -> None:
    """Note two reservations and a party at the door, and give the first tables to the two waiters of the house.

    Raises:
        DomainError: those of the commands.
    """
    manager = next((each for each in desk.staff if each.role is Role.BRANCH_MANAGER), None)
    if manager is None or len(desk.tables) < LEAST_TABLES:
        return
    desk.actor = manager.actor
    waiters = [each.id for each in desk.staff if each.role is Role.WAITER]
    for at, waiter in enumerate(waiters[:2]):
        await desk.floor.assign([table.id for table in desk.tables[at * 3 : at * 3 + 3]], waiter)
    for name, guests, in_minutes, table, phone in (
        ("Familia Paredes", 6, 35, 6, "999 111 222"),
        ("Aurora Quispe", 2, 95, 3, "999 333 444"),
    ):
        wall = desk.local_now() + timedelta(minutes=in_minutes)
        minute = wall.hour * 60 + wall.minute // QUARTER_MINUTES * QUARTER_MINUTES
        party = Party(name, guests, wall.date(), minute, phone, desk.tables[table].id)
        await desk.guests.book(party)
    await desk.guests.let_wait("Hugo", 2)
    desk.actor = None
