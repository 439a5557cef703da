"""What a pull says of the rows behind the log: how far they are judged, what they add up to, what is folded anew."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import psycopg

from shared.kernel.records import SCHEMA_EPOCH
from sync.messages import PROTOCOL_VERSION, Differing, Hello, Judged, Mark, Pull, Suffixes, Welcome
from tests.cloud.replication.house import SPECS, check, end_of, lunch
from tests.cloud.replication.tills import Till


async def up_to_date(till: Till) -> list[Mark]:
    """The vector of somebody who has everything."""
    return [Mark(frame.key.id.bytes, frame.last, end_of(frame)) for frame in (await till.pull()).frames]


async def test_a_device_learns_how_far_its_own_stream_is_judged(till: Till) -> None:
    till.hand.sell(lunch())
    await till.push()
    stream = till.hand.key.id.bytes
    assert (await till.pull()).judged == [Judged(stream, 0)]
    await till.house.parts.fold_worker.fold_all(till.house.organization_id)
    assert (await till.pull()).judged == [Judged(stream, till.hand.seq)]
    welcome = await till.ask(Hello(PROTOCOL_VERSION, SCHEMA_EPOCH, []))
    assert isinstance(welcome, Welcome)
    assert welcome.judged == [Judged(stream, till.hand.seq)]


async def test_digests_come_only_where_both_hold_the_same_and_all_of_it_is_folded(till: Till) -> None:
    house = till.house
    till.hand.sell(lunch())
    await till.push()
    held = await up_to_date(till)
    assert (await till.pull(*held)).digests == [], "stored, and not folded"
    await house.parts.fold_worker.fold_all(house.organization_id)
    digests = {UUID(bytes=each.scope_id): each.tables for each in (await till.pull(*held)).digests}
    kept = await house.digests()
    assert digests.keys() == {house.organization_id, till.hand.branch_id}
    for scope_id, tables in digests.items():
        said = {name: int.from_bytes(each.digest, "big") for name, each in tables.items()}
        assert {name: value for name, value in said.items() if value} == kept[scope_id]
        assert all(each.fingerprint == SPECS[name].fingerprint for name, each in tables.items())
    unsent = [Mark(till.hand.key.id.bytes, till.hand.seq + 1, bytes(16))]
    ahead = [each for each in held if each.stream != till.hand.key.id.bytes] + unsent
    assert (await till.pull(*ahead)).digests == [], "the device has more"
    assert (await till.pull(*held[:1])).digests == [], "the device has less"


async def test_a_scope_in_which_something_is_parked_is_not_compared(till: Till) -> None:
    till.hand.say(check(uuid4(), uuid4(), till.hand.branch_id))
    await till.push()
    await till.house.parts.fold_worker.fold_all(till.house.organization_id)
    shown = await till.pull(*await up_to_date(till))
    assert [UUID(bytes=each.scope_id) for each in shown.digests] == [till.house.organization_id]


async def _differs(till: Till, held: list[Mark], scope_id: UUID, table: str) -> None:
    answer = await till.ask(Pull(held, 0, [Differing(scope_id.bytes, table)]))
    assert isinstance(answer, Suffixes)
    await till.house.parts.fold_worker.fold_all(till.house.organization_id)


async def test_a_table_that_is_not_as_the_log_says_is_folded_anew_for_a_device_that_differs(
    till: Till, postgres: Any, common_database: str
) -> None:
    house, branch_id = till.house, till.hand.branch_id
    till.hand.sell(lunch())
    await till.push()
    await house.parts.fold_worker.fold_all(house.organization_id)
    held, sold = await up_to_date(till), await house.takings()

    def damage() -> None:
        with psycopg.connect(postgres.owner_url(common_database), autocommit=True) as connection:
            connection.execute("update payments set amount_minor = amount_minor + 1")

    damage()
    for scope_id, table in ((house.other.branch_id, "payments"), (branch_id, "nothing"), (branch_id, "staff")):
        await _differs(till, held, scope_id, table)
    assert [row.amount_minor for row in await house.rows("payments")] == [sold + 1], "not asked for what it may see"
    await _differs(till, held, branch_id, "payments")
    assert [row.amount_minor for row in await house.rows("payments")] == [sold]
    damage()
    await _differs(till, held, branch_id, "payments")
    assert [row.amount_minor for row in await house.rows("payments")] == [sold + 1], "once for a state of the log"
