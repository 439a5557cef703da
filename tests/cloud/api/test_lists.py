"""What programs read: lists part by part, and one of each."""

from __future__ import annotations

from datetime import date
from itertools import chain
from typing import Any

from litestar.testing import AsyncTestClient

from cloud.api.resource import Of
from cloud.api.room import RESOURCES
from shared.kernel.permissions import SYSTEM, Role
from shared.kernel.sealed import key_of
from shared.kernel.states import Standing
from shared.reservations.commands import place_of
from shared.reservations.records import Reservation, ReservationKind, ReservationStatus
from tests.cloud.conftest import ROLES

Client = AsyncTestClient[Any]


async def test_each_list_and_each_of_it_shows_what_is_declared(client: Client, world: Any, bearer: Any) -> None:
    client.headers.update(bearer(world.house))
    for resource in RESOURCES:
        path = f"/api/v1{resource.path}"
        listed = await client.get(path)
        assert listed.status_code == 200, (resource.name, listed.text)
        shown = {row["id"]: row for row in listed.json()[resource.name]}
        key = str(world.ids[resource.name])
        one = await client.get(f"{path}/{key}")
        assert one.status_code == 200, (resource.name, one.text)
        assert one.json() == shown[key], resource.name
        assert set(shown[key]) == {"id", *resource.names}, resource.name
        for part in resource.parts:
            assert shown[key][part.name], (resource.name, part.name)


async def walk(client: Client, path: str, **query: Any) -> list[list[str]]:
    """The ids of a list, part by part."""
    parts, after = [], ""
    name = path.rpartition("/")[2].partition("?")[0].replace("-", "_")
    while True:
        answer = await client.get(path, params={**query, "after": after})
        assert answer.status_code == 200, answer.text
        parts.append([row["id"] for row in answer.json()[name]])
        after = answer.json()["next"]
        if not after:
            return parts


async def statements_of(client: Client, path: str, counting: Any, parts: Any) -> int:
    """How many statements a request takes, without what is looked up anew after less than a second."""
    counts: list[int] = []
    for _time in range(5):
        with counting(parts.database.writer) as statements:
            assert (await client.get(path)).status_code == 200
        counts.append(statements.count)
    return min(counts)


async def test_a_list_is_read_part_by_part_while_rows_come(
    client: Client, world: Any, bearer: Any, write: Any, counting: Any, parts: Any
) -> None:
    client.headers.update(bearer(world.house))
    for number in range(1_000, 1_900, 100):  # three days, in two branches
        write("receipts", number)
    expected = await walk(client, "/api/v1/receipts", limit=100)
    assert [len(part) for part in expected] == [22]  # with those of the checks
    first = (await client.get("/api/v1/receipts", params={"limit": 3})).json()
    write("receipts", 400_000)  # newer than all
    assert [row["id"] for row in first["receipts"]] == expected[0][:3]
    rest = await walk(client, "/api/v1/receipts", limit=3)
    following = (await client.get("/api/v1/receipts", params={"limit": 100, "after": first["next"]})).json()
    assert [row["id"] for row in following["receipts"]] == expected[0][3:]
    assert list(chain(*rest))[2:] == expected[0]
    by_day = [row["business_date"] for row in first["receipts"] + following["receipts"]]
    assert by_day == sorted(by_day, reverse=True)
    for limit in (1, 20):
        path = f"/api/v1/receipts?limit={limit}"
        assert await statements_of(client, path, counting, parts) == 3  # the tenant, the rows, their lines


async def test_a_cursor_is_of_its_list_its_filters_and_its_organization(
    client: Client, world: Any, bearer: Any, write: Any
) -> None:
    for number in (1_000, 1_100):
        write("receipts", number)
        write("payments", number)
    house, other = bearer(world.house), bearer(world.other)
    cursor = (await client.get("/api/v1/receipts?limit=1", headers=house)).json()["next"]
    good = await client.get("/api/v1/receipts", params={"after": cursor}, headers=house)
    assert good.status_code == 200
    for name, headers, query in (
        ("payments", house, {"after": cursor}),
        ("receipts", house, {"after": cursor, "from": "2026-11-01"}),
        ("receipts", house, {"after": cursor, "branch": str(world.branch_id)}),
        ("receipts", other, {"after": cursor}),
        ("receipts", house, {"after": ("B" if cursor[0] == "A" else "A") + cursor[1:]}),
        ("receipts", house, {"after": "é"}),
        ("receipts", house, {"after": "AAAA"}),
    ):
        refused = await client.get(f"/api/v1/{name}", params=query, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (400, "CURSOR_WRONG"), (name, query)


async def test_a_list_is_narrowed_by_its_filters(client: Client, world: Any, bearer: Any, write: Any) -> None:
    client.headers.update(bearer(world.house))
    for number in (1_000, 2_000):
        write("receipts", number)
    days = {row["business_date"] for row in (await client.get("/api/v1/receipts")).json()["receipts"]}
    chosen = sorted(days)[1]
    for query, count in (
        ({"from": chosen, "to": chosen}, 2),
        ({"to": chosen}, 4),
        ({"from": chosen}, 6),
        ({"branch": str(world.second_id)}, 4),
        ({"number": "W1"}, 4),
        ({"number": "W9"}, 0),
    ):
        shown = (await client.get("/api/v1/receipts", params=query)).json()["receipts"]
        assert len(shown) == count, query
    assert (await client.get("/api/v1/receipts?from=soon")).json()["code"] == "INVALID_REQUEST"
    foreign = await client.get("/api/v1/receipts", params={"branch": str(world.other.branch_id)})
    assert (foreign.status_code, foreign.json()["code"]) == (404, "BRANCH_UNKNOWN")


async def test_who_wants_some_fields_gets_those(
    client: Client, world: Any, bearer: Any, counting: Any, parts: Any
) -> None:
    client.headers.update(bearer(world.house))
    shown = (await client.get("/api/v1/orders", params={"fields": "number, kind"})).json()["orders"]
    assert {frozenset(row) for row in shown} == {frozenset({"id", "number", "kind"})}
    assert await statements_of(client, "/api/v1/orders?fields=number", counting, parts) == 2  # no lines were read
    states = (await client.get("/api/v1/checks", params={"fields": "state"})).json()["checks"]
    assert {frozenset(row) for row in states} == {frozenset({"id", "state"})}
    refused = await client.get("/api/v1/orders", params={"fields": "number,pin_hash"})
    assert (refused.status_code, refused.json()["code"]) == (400, "FIELD_UNKNOWN")
    assert refused.json()["params"]["field"] == "pin_hash"


async def test_who_has_a_version_is_not_sent_it_again(client: Client, world: Any, bearer: Any, write: Any) -> None:
    client.headers.update(bearer(world.house))
    for path in ("/api/v1/receipts", f"/api/v1/receipts/{world.ids['receipts']}", "/api/v1/organization"):
        first = await client.get(path)
        tag = first.headers["etag"]
        assert first.headers["cache-control"] == "private, no-cache"
        for known in (tag, f'"other", {tag}', "*", tag.removeprefix("W/")):
            again = await client.get(path, headers={"if-none-match": known})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert (await client.get(path, headers={"if-none-match": '"other"'})).status_code == 200
    tag = (await client.get("/api/v1/receipts")).headers["etag"]
    write("receipts", 1_000)
    assert (await client.get("/api/v1/receipts", headers={"if-none-match": tag})).status_code == 200


async def test_a_manager_of_a_branch_reads_of_that_branch_alone(client: Client, world: Any, bearer: Any) -> None:
    client.headers.update(bearer(world.house, Role.BRANCH_MANAGER))
    for resource in RESOURCES:
        answer = await client.get(f"/api/v1{resource.path}")
        if answer.status_code == 403:
            continue
        words = {word for word in world.words if f'"{word}"' in answer.text}
        assert words <= ({"W1"} if resource.of is not Of.ORGANIZATION else {"W1", "W2"}), resource.name
    roles = (await client.get("/api/v1/roles")).json()["roles"]
    assert "take_order" in next(each["permissions"] for each in roles if each["role"] == "waiter")
    staff = (await client.get("/api/v1/staff")).json()["staff"]
    assert {each["name"] for each in staff} == {role.value for role in ROLES}
    assert "pin" not in str(staff)


async def test_who_guests_are_is_told_to_those_who_answer_for_them(
    client: Client, parts: Any, world: Any, bearer: Any
) -> None:
    organization_id, booked_id = world.house.organization_id, parts.ids.new()
    async with parts.units.work(organization_id, SYSTEM, world.branch_id) as work:
        key = await key_of(work, world.branch_id, booked_id)
        said = {"name": "Ana Quispe", "phone": "999 888 777"}
        work.add(
            Reservation(
                organization_id=organization_id,
                branch_id=world.branch_id,
                id=booked_id,
                kind=ReservationKind.BOOKED,
                subject_id=booked_id,
                day=date(2026, 12, 24),
                minute=20 * 60,
                guests=4,
                made_at=work.now,
                status=Standing(0, ReservationStatus.ASKED),
                **{name: key.seal(place_of(organization_id, booked_id, name), text) for name, text in said.items()},
            )
        )
    path = f"/api/v1/reservations/{booked_id}"
    told = (await client.get(path, headers=bearer(world.house, Role.BRANCH_MANAGER))).json()
    kept = (await client.get(path, headers=bearer(world.house, Role.WAITER))).json()
    assert (told["name"], told["phone"], told["notes"]) == ("Ana Quispe", "999 888 777", None)
    assert kept == {name: value for name, value in told.items() if name not in ("name", "phone", "notes")}
