"""The cloud after an upgrade: what an older server set aside is folded and judged like everything else."""

from __future__ import annotations

from uuid import uuid4

from older import older_tables

from cloud.replication.dues import DueScope
from cloud.replication.fold_worker import FoldWorker
from cloud.replication.judge import CloudJudge
from cloud.replication.judgements import CloudJudgements
from cloud.replication.stream_owners import StreamOwners
from sync.digest import Digests
from sync.folder import Folder
from tests.cloud.replication.house import House, check, lunch, order, payment

OLDER = older_tables({"payments"})


async def fold_with_an_older_server(house: House) -> None:
    """Fold what is stored as a server does that does not know payments yet."""
    await house.send()
    author = house.parts.units.author(house.organization_id)
    owners = StreamOwners(house.organization_id.bytes)
    judge = CloudJudge(house.organization_id, owners, house.parts.clock)
    digests = Digests(house.organization_id.bytes, OLDER)
    folder = Folder(house.organization_id, OLDER, judge, [digests], judgements=CloudJudgements(author, owners))
    while await house.parts.database.through(house.organization_id, folder.fold_next, 1) is not None:
        pass


async def test_what_an_older_server_set_aside_is_folded_and_judged_after_its_upgrade(house: House) -> None:
    branch, abroad = house.own.branch_id, house.other.branch_id
    order_id, check_id = uuid4(), uuid4()
    house.own.sell(lunch())
    house.own.say(order(order_id, branch), check(check_id, order_id, branch))
    house.own.say(payment(check_id, branch))
    forged = house.own.say(payment(check_id, abroad))
    await fold_with_an_older_server(house)
    assert (await house.rows("payments"), await house.verdicts(house.own)) == ([], [])
    await house.parts.fold_worker.fold_all(house.organization_id)
    assert len(await house.rows("payments")) == 2
    assert await house.verdicts(house.own) == await house.told(house.own) == [(*forged, "WRONG_BRANCH")]
    assert await house.parked() == []
    await house.digests()


async def test_a_sale_waits_for_no_upgrade(house: House) -> None:
    house.own.sell(lunch())
    await fold_with_an_older_server(house)
    house.own.sell(lunch())
    await house.send()
    worker: FoldWorker = house.parts.fold_worker
    await worker.fold(DueScope(house.organization_id, house.own.branch_id))
    assert await house.judged(house.own) == house.own.seq
    assert len(await house.rows("payments")) == 1, "the new sale is there before the old one is whole"
    await worker.fold_all(house.organization_id)
    assert len(await house.rows("payments")) == 2
