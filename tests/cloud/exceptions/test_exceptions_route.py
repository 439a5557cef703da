"""The API of exceptions: who sees and settles what, and that a settlement reaches the devices of the branch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from shared.exceptions.commands import note_event
from shared.exceptions.records import Settlement
from shared.exceptions.rules import EventKind
from shared.kernel.permissions import SYSTEM, Role
from sync.change import decode
from tests.cloud.exceptions.conftest import Bearer, Client, note
from tests.cloud.replication.conftest import house, till
from tests.cloud.replication.house import House
from tests.cloud.replication.tills import Till

__all__ = ["house", "till"]


@pytest.fixture
def settle(client: Client) -> Callable[..., Any]:
    """`await settle(chain, headers, id)`: the answer to a note."""

    async def send(headers: dict[str, str], exception: str, note: str = "ya se habló", status: int = 200) -> Any:
        answer = await client.post(f"/api/v1/exceptions/{exception}/settle", json={"note": note}, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    return send


async def test_it_lists_what_waits_in_all_branches_the_newest_first(chain: Any, listed: Any) -> None:
    answer = await listed(chain)
    assert (answer["total"], answer["next"]) == (3, "")
    found = {each["kind"]: each for each in answer["exceptions"]}
    assert found["to_give_back"]["happened"] == "Order A0: more money came in than was charged."
    assert found["to_give_back"]["to_do"] == "Give S/ 42.50 back."
    assert found["to_give_back"]["ends"] == ["give_back"]
    assert "checks" in [row["table"] for row in found["to_give_back"]["rows"]]
    assert found["without_right"]["happened"] == (
        "Somebody did something without the right to give money back (A-R00000001, S/ 42.50), on Caja de Centro."
    )
    assert found["clock_wrong"]["happened"].startswith("The clock of Caja de Playa is wrong by 90 minutes;")
    times = [each["happened_at"] for each in answer["exceptions"]]
    assert times == sorted(times, reverse=True)


async def test_it_can_be_asked_for_a_branch_a_kind_and_part_by_part(chain: Any, listed: Any) -> None:
    of_playa = await listed(chain, branch=str(chain.branches["Playa"]))
    assert [each["kind"] for each in of_playa["exceptions"]] == ["clock_wrong"]
    of_kind = await listed(chain, kind="without_right")
    assert [each["kind"] for each in of_kind["exceptions"]] == ["without_right"]
    everything = (await listed(chain))["exceptions"]
    found, after = [], ""
    for _part in everything:
        part = await listed(chain, limit=1, after=after)
        assert part["total"] == len(everything)
        found += part["exceptions"]
        after = part["next"]
    assert (found, after) == (everything, "")
    assert (await listed(chain, status=400, kind="nonsense"))["code"] == "EXCEPTION_KIND_UNKNOWN"
    assert (await listed(chain, status=400, after="nonsense"))["code"] == "CURSOR_WRONG"
    assert (await listed(chain, status=404, branch=str(uuid4())))["code"] == "BRANCH_UNKNOWN"


async def test_a_note_settles_it_and_one_that_grows_is_open_again(
    chain: Any, listed: Any, settle: Any, bearer: Bearer
) -> None:
    (event,) = (await listed(chain, kind="without_right"))["exceptions"]
    done = await settle(bearer(chain.tenant), event["id"])
    assert (done["up_to"], done["branch_id"]) == (1, str(chain.branches["Centro"]))
    assert (await listed(chain, kind="without_right"))["total"] == 0
    await note(chain, "Centro", EventKind.WITHOUT_RIGHT, size=3)
    (again,) = (await listed(chain, kind="without_right"))["exceptions"]
    assert (again["size"], again["settled_up_to"]) == (3, 1)


async def test_the_same_request_again_gives_the_same_answer_and_another_is_told(
    chain: Any, listed: Any, settle: Any, bearer: Bearer, parts: Any
) -> None:
    (event,) = (await listed(chain, kind="clock_wrong"))["exceptions"]
    admin = bearer(chain.tenant)
    first = await settle(admin, event["id"], "reloj corregido")
    assert await settle(admin, event["id"], "reloj corregido") == first
    assert (await settle(admin, event["id"], "otra cosa", 409))["code"] == "SETTLED_ALREADY"
    await parts.visits.begin(chain.tenant.accounts[Role.SUPER_ADMIN], chain.organization_id, "Ticket 4711")
    other = bearer(chain.tenant, Role.SUPER_ADMIN) | {"comanda-organization": str(chain.organization_id)}
    assert (await settle(other, event["id"], "reloj corregido", 409))["code"] == "SETTLED_ALREADY"


async def test_what_an_action_ends_and_an_empty_note_are_refused(
    chain: Any, listed: Any, settle: Any, bearer: Bearer
) -> None:
    by_kind = {each["kind"]: each["id"] for each in (await listed(chain))["exceptions"]}
    admin = bearer(chain.tenant)
    assert (await settle(admin, by_kind["to_give_back"], status=409))["code"] == "NEEDS_AN_ACTION"
    assert (await settle(admin, by_kind["clock_wrong"], " \n", 409))["code"] == "NOTE_MISSING"
    assert (await settle(admin, str(uuid4()), status=404))["code"] == "NOT_FOUND"
    assert (await listed(chain))["total"] == 3


async def test_a_manager_sees_and_settles_those_of_their_branches_only(
    chain: Any, listed: Any, settle: Any, bearer: Bearer
) -> None:
    seen = await listed(chain, role=Role.BRANCH_MANAGER)
    assert {each["kind"] for each in seen["exceptions"]} == {"to_give_back", "without_right"}
    (clock,) = (await listed(chain, kind="clock_wrong"))["exceptions"]
    manager = bearer(chain.tenant, Role.BRANCH_MANAGER)
    assert (await settle(manager, clock["id"], status=404))["code"] == "NOT_FOUND"
    assert (await listed(chain, kind="clock_wrong"))["total"] == 1


async def test_waiters_and_other_tenants_see_and_settle_nothing(
    chain: Any, new_chain: Any, listed: Any, settle: Any, bearer: Bearer
) -> None:
    other = await new_chain("la-otra")
    (event,) = (await listed(chain, kind="clock_wrong"))["exceptions"]
    assert (await listed(other))["exceptions"] == []
    assert (await settle(bearer(other.tenant), event["id"], status=404))["code"] == "NOT_FOUND"
    assert (await listed(chain, role=Role.WAITER, status=403))["code"] == "NOT_PERMITTED"
    waiter = bearer(chain.tenant, Role.WAITER)
    assert (await settle(waiter, event["id"], status=403))["code"] == "NOT_PERMITTED"


async def test_a_settlement_names_its_author(chain: Any, client: Client, listed: Any, settle: Any) -> None:
    email = chain.tenant.emails[Role.BRANCH_MANAGER]
    session = await client.post("/api/v1/session", json={"email": email, "password": chain.tenant.password})
    assert session.status_code < 300, session.text
    manager = {"authorization": f"Bearer {session.json()['token']}"}
    (event,) = (await listed(chain, kind="without_right"))["exceptions"]
    assert (await settle(manager, event["id"]))["settled_by_name"] == Role.BRANCH_MANAGER.value
    async with chain.parts.database.read(chain.organization_id) as read:
        (row,) = (await read.scalars(sa.select(Settlement))).all()
    assert (row.branch_id, row.note) == (chain.branches["Centro"], "ya se habló")
    assert row.settled_by is not None


async def test_a_settlement_reaches_the_devices_of_its_branch(
    house: House,
    till: Till,
    settle: Any,
    bearer: Bearer,
    tenant: Any,
) -> None:
    branch: UUID = house.own.branch_id
    async with house.parts.units.work(house.organization_id, SYSTEM, branch) as work:
        event = await note_event(work, EventKind.CLOCK_WRONG, "x")
    await settle(bearer(tenant), str(event.id))
    arrived = [
        (change.table, frame.key.scope_id)
        for frame in (await till.pull()).frames
        for change in map(decode, frame.bodies)
    ]
    assert ("settlements", branch) in arrived
