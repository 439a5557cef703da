"""What a replica adds to the fold: a judge that objects, sees a whole batch, and may void or let wait."""

from __future__ import annotations

from uuid import UUID

from restaurant import BRANCH, CLOUD, ORGANIZATION, Replica
from streams import Written, arrive, device, dining_table, edit, reasons, space, space_names, verdict

from shared.kernel.ids import derived_id
from shared.kernel.records import Scope
from sync.change import StreamKey
from sync.fold import Batch, Objection
from sync.folder import Folder
from sync.records import Verdict

SPACE, OTHER, TABLE, ORDER, LINE = (UUID(int=number) for number in range(101, 106))


class NoBar:
    """A judge who voids spaces of a name and lets another wait for a person."""

    def __init__(self) -> None:
        self.looked: list[int] = []
        self.branches: dict[bytes, bytes | None] = {}

    def look(self, batch: Batch) -> None:
        self.looked.append(len(batch.transactions))
        for creation in batch.creations["spaces"]:
            if creation.values.name == "bar":
                batch.refuse(creation.at, Objection("NO_BAR", voids=True))
            if creation.values.name == "perhaps":
                batch.refuse(creation.at, Objection("ASK"))
        for some in (*batch.edits["spaces"], *batch.creations["spaces"]):
            self.branches[some.row] = batch.branches_of("spaces").get(some.row)


async def test_a_judge_decides_what_is_not_folded_and_what_parks(replica: Replica) -> None:
    judge = NoBar()
    replica.folder = Folder(ORGANIZATION, replica.specs, judge)
    written = device("a", [space(SPACE, name="bar")], [space(OTHER, name="perhaps")], [space(TABLE, name="garden")])
    await replica.receive(written.between(0, 3))
    (progress,) = await replica.fold()
    assert await space_names(replica) == {"garden"}
    assert await reasons(replica) == [(2, 2, "ASK")], "what is void never was: it does not park"
    assert [(each.first, why.reason, why.voids) for each, why in progress.objections] == [
        (1, "NO_BAR", True),
        (2, "ASK", False),
    ]
    assert judge.looked == [3]


async def test_what_needs_a_row_of_a_refused_transaction_waits_for_that_row(replica: Replica) -> None:
    """In one batch, whether it edits the row, refers to it, or hangs on what does."""
    replica.folder = Folder(ORGANIZATION, replica.specs, NoBar())
    written = device(
        "a",
        [space(SPACE, name="bar")],
        [edit("spaces", SPACE, name="x")],
        [dining_table(TABLE, SPACE), space(OTHER, name="with it")],
        [edit("spaces", OTHER, name="y")],
        [space(LINE, name="garden")],
    )
    await replica.receive(written.between(0, 6))
    await replica.fold()
    assert await space_names(replica) == {"garden"}
    assert await reasons(replica) == [(2, 2, "ROW_UNKNOWN"), (3, 4, "PARENT_UNKNOWN"), (5, 5, "ROW_UNKNOWN")]
    await arrive(replica, device("b", [space(SPACE, name="a garden, too")]))
    assert await reasons(replica) == []


async def test_a_row_of_a_refused_transaction_that_an_accepted_one_creates_too_is_there(replica: Replica) -> None:
    replica.folder = Folder(ORGANIZATION, replica.specs, NoBar())
    written = device(
        "a",
        [space(SPACE, name="bar", position=7)],
        [space(SPACE, name="garden", position=2)],
        [dining_table(TABLE, SPACE)],
    )
    await replica.receive(written.between(0, 3))
    await replica.fold()
    assert await space_names(replica) == {"garden"}
    assert await reasons(replica) == []


async def test_a_judge_is_told_the_branch_of_rows_that_exist_and_of_those_that_come(replica: Replica) -> None:
    await arrive(replica, device("a", [space(SPACE)]))
    judge = NoBar()
    replica.folder = Folder(ORGANIZATION, replica.specs, judge)
    await arrive(replica, device("b", [edit("spaces", SPACE, name="x"), space(OTHER), edit("spaces", LINE, name="y")]))
    assert judge.branches == {SPACE.bytes: BRANCH.bytes, OTHER.bytes: BRANCH.bytes, LINE.bytes: None}


async def test_a_device_obeys_no_verdict_of_another_device(replica: Replica) -> None:
    honest = device("a", [space(SPACE, name="stays")])
    forged = device("b", [verdict(OTHER, honest.key.id, 1, 1)])
    elsewhere = Written(StreamKey(CLOUD, 7, Scope.BRANCH, BRANCH))
    elsewhere.commit([verdict(derived_id("v", 1), forged.key.id, 1, 1)])
    await arrive(replica, honest, forged)
    assert await space_names(replica) == {"stays"}
    assert await reasons(replica) == [(1, 1, "NOT_THE_CLOUD")]
    await arrive(replica, elsewhere)
    assert await reasons(replica) == [], "the cloud has voided it"
    assert [row.stream_id for row in await replica.rows(Verdict)] == [forged.key.id]
