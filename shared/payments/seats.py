"""Splitting a check by seat: a check for each guest with what is theirs; what is nobody's is shared by all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.money import share
from shared.kernel.permissions import Permission
from shared.kernel.work import Work
from shared.orders.records import OrderLine
from shared.payments.pricing import due_of_check
from shared.payments.splitting import split_off
from shared.truth.portions import said

FEWEST_GUESTS = 2


class Seated(NamedTuple):
    """Portions of a line that are owed. `seat`: for which guest; 0: nobody's."""

    line_id: UUID
    seat: int
    quantity_milli: int


def portions_by_seat(lines: Iterable[Seated]) -> dict[int, dict[UUID, int]]:
    """What each guest pays, by seat: their own portions, and an equal part of each that is nobody's.

    Together they are all of it. Parts are equal to a thousandth; the first seats have those that are left over.
    """
    owed = list(lines)
    seats = sorted({each.seat for each in owed} - {0})
    found: dict[int, dict[UUID, int]] = {seat: {} for seat in seats}
    for each in owed:
        if each.seat:
            found[each.seat][each.line_id] = each.quantity_milli
            continue
        for seat, part in zip(seats, share(each.quantity_milli, [1] * len(seats)), strict=True):
            if part:
                found[seat][each.line_id] = part
    return found


async def split_by_seat(work: Work, check_id: UUID, request_id: UUID) -> dict[int, UUID]:
    """Give each guest of a check a check of their own; the first one keeps it.

    Args:
        request_id: a new id; those of the new checks follow from it and their seat.

    Returns:
        The check of each seat.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, NO_SEATS (fewer than two are named), and those of `split_off`.
    """
    work.require(Permission.TAKE_ORDER)
    due = await due_of_check(work, check_id)
    owed = []
    for line_id, part in due.parts.items():
        lines: Mapping[UUID, OrderLine] = due.rows[due.lines[line_id].root_id][OrderLine.__tablename__]
        owed.append(Seated(line_id, said(line_id, lines, "seat") or 0, part.quantity_milli))
    portions = portions_by_seat(owed)
    if len(portions) < FEWEST_GUESTS:
        raise DomainError("NO_SEATS")
    (first, *others) = sorted(portions)
    checks = {first: check_id}
    for seat in others:
        checks[seat] = UUID(int=request_id.int + seat)  # they stand in the order of their seats
        await split_off(work, check_id, checks[seat], portions[seat])
    return checks
