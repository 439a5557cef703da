"""What was sold beyond what somebody said was left: a difference that people are asked about."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from shared.books.differences import OpenDifference
from shared.books.exception_views import ENDS, Concerned, OpenException, Portion
from shared.exceptions.rules import exception_id
from shared.menu.availability import oversold
from shared.menu.availability_records import Availability
from shared.truth.family import Difference
from shared.truth.reading import Reader


async def differences_of_availability(
    reader: Reader, organization_id: UUID, branch_ids: Collection[UUID]
) -> list[OpenDifference]:
    """What was oversold on the last day on which some branches counted anything; one statement if nothing was."""
    kind = Difference.OVERSOLD
    return [
        OpenDifference(
            exception_id(kind, each.row_id, 0), kind, each.row_id, each.row_id, each.over_milli, 0, each.branch_id
        )
        for each in await oversold(reader, organization_id, branch_ids)
    ]


async def oversold_views(
    reader: Reader,
    organization_id: UUID,
    branch_ids: Collection[UUID],
    found: Iterable[OpenDifference],
    settled: Mapping[UUID, int],
    currency: str,
) -> list[OpenException]:
    """These differences as people see them: the dish, how many too many, and who had said what was left."""
    wanted = {each.subject_id: each for each in found}
    if not wanted:
        return []
    return [
        OpenException(
            id=wanted[each.row_id].id,
            kind=Difference.OVERSOLD,
            branch_id=each.branch_id,
            size=each.over_milli,
            settled_up_to=settled.get(wanted[each.row_id].id, 0),
            happened_at=each.said_at,
            who=each.said_by,
            rows=(Concerned(Availability.__tablename__, each.row_id, each.name),),
            ends=ENDS[Difference.OVERSOLD],
            currency=currency,
            portions=(Portion(each.over_milli, each.name),),
        )
        for each in await oversold(reader, organization_id, branch_ids)
        if each.row_id in wanted
    ]
