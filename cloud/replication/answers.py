"""What the cloud says of what it folded: verdicts, each in its own stream of the branch that is judged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from cloud.replication.units import CloudUnits
from shared.kernel.ids import derived_id
from shared.kernel.permissions import SYSTEM
from shared.kernel.records import Scope
from shared.kernel.work import Work
from sync.author import cloud_device
from sync.fold import Objection, Transaction
from sync.folder import Progress
from sync.records import Judgement, Verdict, streams

VERDICTS_A_UNIT = 1_000
"""A unit of work travels whole: this many are far below what it may write."""


class Answer(NamedTuple):
    """What is said of a range of a stream."""

    stream_id: UUID
    first: int
    last: int
    judgement: Judgement
    objection: Objection | None = None


async def answer(session: AsyncSession, units: CloudUnits, organization_id: UUID, progress: Progress) -> None:
    """Write the verdicts on a batch, in the fold's own transaction."""
    said = answers_to(progress)
    branches = await _branches(await session.connection(), organization_id, {each.stream_id for each in said})
    by_branch: defaultdict[UUID, list[Answer]] = defaultdict(list)
    for each in said:
        if each.stream_id in branches:
            by_branch[branches[each.stream_id]].append(each)
    for branch_id, of_branch in sorted(by_branch.items()):
        for begin in range(0, len(of_branch), VERDICTS_A_UNIT):
            async with units.on(session, organization_id, SYSTEM, branch_id) as work:
                for each in of_branch[begin : begin + VERDICTS_A_UNIT]:
                    work.add(_verdict(work, each))


def answers_to(progress: Progress) -> list[Answer]:
    """All of the batch's range; and of what waited from earlier batches, what is cured or void by now."""
    earlier = [each for each in progress.folded.accepted if not _is_within(each, progress)]
    voided = [(each, why) for each, why in progress.folded.objections if why.voids and not _is_within(each, progress)]
    return [
        *_of_batch(progress),
        *(Answer(each.stream_id, each.first, each.last, Judgement.ACCEPTED) for each in earlier),
        *(_refusal(each, why) for each, why in voided),
    ]


def _of_batch(progress: Progress) -> Iterator[Answer]:
    """Each refused transaction, and the accepted ranges between them."""
    stream_id, begin = progress.stream_id, progress.first
    refused = [(each, why) for each, why in progress.folded.objections if _is_within(each, progress)]
    for transaction, objection in sorted(refused, key=lambda each: each[0].first):
        if begin < transaction.first:
            yield Answer(stream_id, begin, transaction.first - 1, Judgement.ACCEPTED)
        yield _refusal(transaction, objection)
        begin = transaction.last + 1
    if begin <= progress.last:
        yield Answer(stream_id, begin, progress.last, Judgement.ACCEPTED)


def _is_within(transaction: Transaction, progress: Progress) -> bool:
    return transaction.stream_id == progress.stream_id and progress.first <= transaction.first <= progress.last


def _refusal(transaction: Transaction, objection: Objection) -> Answer:
    judgement = Judgement.VOIDED if objection.voids else Judgement.PARKED
    return Answer(transaction.stream_id, transaction.first, transaction.last, judgement, objection)


async def _branches(
    connection: AsyncConnection, organization_id: UUID, stream_ids: Collection[UUID]
) -> Mapping[UUID, UUID]:
    """The branch of each of these streams that a device writes into a branch; the others are not answered."""
    rows = await connection.execute(
        sa.select(streams.c.id, streams.c.scope_id).where(
            streams.c.organization_id == organization_id,
            streams.c.id.in_(sorted(stream_ids)),
            streams.c.scope == Scope.BRANCH,
            streams.c.device_id != cloud_device(organization_id),
        )
    )
    return {row[0]: row[1] for row in rows}


def _verdict(work: Work, said: Answer) -> Verdict:
    return Verdict(
        organization_id=work.organization_id,
        branch_id=work.branch_id,
        id=derived_id("verdict", said.stream_id, said.first, said.last, said.judgement),
        stream_id=said.stream_id,
        first_seq=said.first,
        last_seq=said.last,
        judgement=said.judgement,
        reason=said.objection.reason if said.objection else "",
        params=dict(said.objection.params) if said.objection else {},
        judged_at=work.now,
    )
