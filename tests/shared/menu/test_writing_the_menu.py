"""Founding a restaurant in the cloud: what is written is checked, and a device reads it whole."""

from __future__ import annotations

from uuid import UUID

import pytest
import sqlalchemy as sa
from restaurant import BRANCH, CASHIER, CLOUD, TILL, Replica, Village

from shared.floor.commands import add_space, add_table
from shared.floor.queries import tables
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Role
from shared.menu.commands import (
    add_category,
    add_item,
    add_modifier,
    add_modifier_group,
    link_modifier_group,
)
from shared.menu.queries import _statements
from shared.staff.commands import add_staff
from shared.staff.pins import pin_hint, pin_matches
from shared.staff.queries import staff_of_branch
from shared.tenancy.commands import enrol_device, found_organization, open_branch
from shared.tenancy.queries import premises
from shared.tenancy.records import DeviceKind

SOME = UUID(int=1)


@pytest.fixture
def cloud(village: Village) -> Replica:
    return village.replica(CLOUD, "")


@pytest.mark.parametrize(
    ("command", "given", "code"),
    [
        (found_organization, ("\u200b", "PE", "PEN"), "NAME_MISSING"),
        (found_organization, ("Sol", "PE", "soles"), "CURRENCY_UNKNOWN"),
        (open_branch, (SOME, " ", "America/Lima"), "NAME_MISSING"),
        (open_branch, (SOME, "Sol", "America/Lim"), "ZONE_UNKNOWN"),
        (open_branch, (SOME, "Sol", "../../etc/passwd"), "ZONE_UNKNOWN"),
        (enrol_device, (SOME, SOME, "Caja", DeviceKind.TILL), "NOT_FOUND"),
        (add_category, ("\n",), "NAME_MISSING"),
        (add_item, ("Pan", SOME, SOME, -1), "PRICE_NOT_SENSIBLE"),
        (add_item, ("", SOME, SOME, 1), "NAME_MISSING"),
        (add_modifier, (SOME, "Huevo", 10**16), "PRICE_NOT_SENSIBLE"),
        (add_modifier_group, ("Extras", 2, 1), "MODIFIER_BOUNDS"),
        (add_modifier_group, ("Extras", -1, 1), "MODIFIER_BOUNDS"),
        (add_modifier_group, ("Extras", 0, 0), "MODIFIER_BOUNDS"),
    ],
)
async def test_what_makes_no_sense_is_refused(cloud: Replica, command: object, given: tuple[object], code: str) -> None:
    with pytest.raises(DomainError) as caught:
        async with cloud.work() as work:
            await command(work, *given)  # type: ignore[operator]
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("command", "given"),
    [
        (found_organization, ("Sol", "PE", "PEN")),
        (open_branch, (SOME, "Sol", "America/Lima")),
        (enrol_device, (SOME, BRANCH, "Caja", DeviceKind.TILL)),
        (add_category, ("Platos",)),
        (add_item, ("Pan", SOME, SOME, 1)),
        (link_modifier_group, (SOME, SOME)),
        (add_space, (BRANCH, "Salón")),
        (add_table, (BRANCH, SOME, "1")),
        (add_staff, (SOME, "Ana", Role.CASHIER, [], "1234", b"", b"")),
    ],
)
async def test_a_cashier_does_not_found_anything(cloud: Replica, command: object, given: tuple[object]) -> None:
    with pytest.raises(DomainError, match="NOT_PERMITTED"):
        async with cloud.work(CASHIER) as work:
            await command(work, *given)  # type: ignore[operator]


async def test_a_device_cannot_write_what_belongs_to_the_organization(till: Replica) -> None:
    with pytest.raises(DomainError, match="ORGANIZATION_IS_WRITTEN_BY_THE_CLOUD"):
        async with till.work() as work:
            await add_category(work, "Platos")


async def test_the_till_reads_the_menu_as_the_cloud_wrote_it(village: Village, till: Replica, cloud: Replica) -> None:
    menu = await till.menu()
    assert menu == await cloud.menu()
    assert [[item.code for item in shelf.items] for shelf in menu.categories] == [["lom", "cev"], ["chi", "pan"]]
    lomo = menu.items[village.house.items["lom"]]
    assert [(each.name, each.minimum, each.maximum, len(each.choices)) for each in lomo.modifier_groups] == [
        ("Término", 1, 1, 2),
        ("Extras", 0, 2, 3),
    ]
    async with till.connection() as connection:
        here = await premises(connection, till.place.organization_id, BRANCH, TILL)
        furniture = await tables(connection, till.place.organization_id, BRANCH)
    assert here is not None
    assert (here.organization_name, here.branch_name, here.letter, here.cash_step_minor) == (
        "La Esquina",
        "Centro",
        "A",
        10,
    )
    assert [table.name for table in furniture] == ["1", "2"]


async def test_a_menu_of_any_size_is_read_in_seven_statements(till: Replica) -> None:
    with till.counted() as statements:
        await till.menu()
    assert len(statements) == 7, statements


async def test_no_statement_looks_at_all_items_once_for_each_category(till: Replica) -> None:
    async with till.connection() as connection:
        for statement in (_statements().categories, _statements().items, _statements().dishes):
            given = dict.fromkeys(statement.compile().params, b"")
            plan = (await connection.execute(sa.text(f"EXPLAIN QUERY PLAN {statement}"), given)).all()
            assert plan
            assert not [row.detail for row in plan if "CORRELATED" in row.detail]


async def test_each_device_of_a_branch_has_the_next_letter(cloud: Replica) -> None:
    letters = []
    for number in range(3):
        async with cloud.work() as work:
            letters.append((await enrol_device(work, UUID(int=number), BRANCH, "Caja", DeviceKind.TILL)).letter)
    assert letters == ["C", "D", "E"], "A and B were let in when the restaurant was founded"


async def test_staff_log_in_where_they_work_with_a_pin_that_is_stored_nowhere(cloud: Replica, till: Replica) -> None:
    pepper = b"p" * 16
    async with cloud.work() as work:
        await add_staff(work, SOME, "  Ana\x1b ", Role.CASHIER, [BRANCH], "4321", pepper, b"s" * 16)
    await till.pull(cloud)
    async with till.connection() as connection:
        (ana,) = await staff_of_branch(connection, till.place.organization_id, BRANCH)
    assert (ana.name, ana.role, ana.pin_hint) == ("Ana", Role.CASHIER, pin_hint("4321", pepper))
    assert pin_matches(ana.pin_hash, "4321", pepper)
    assert not pin_matches(ana.pin_hash, "4322", pepper)
    assert not pin_matches(ana.pin_hash, "4321", b"another pepper")
    assert not pin_matches("", "4321", pepper)
    assert not any(b"4321" in repr(change.fields).encode() for change in await till.log())


@pytest.mark.parametrize("pin", ["", "123", "123456789", "12a4", "١٢٣٤", "1234 "])
async def test_what_is_no_pin_is_refused(cloud: Replica, pin: str) -> None:
    with pytest.raises(DomainError, match="PIN_NOT_WELL_FORMED"):
        async with cloud.work() as work:
            await add_staff(work, SOME, "Ana", Role.CASHIER, [BRANCH], pin, b"", b"")
