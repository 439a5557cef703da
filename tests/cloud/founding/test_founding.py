"""Founding on the real PostgreSQL: everything of the plan is there once, however often and how badly it was founded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from cloud.accounts.commands import LogIn
from cloud.control.commands import create_organization
from cloud.database.control_records import Account, ControlOrganization
from cloud.enrolment.room import enrolment
from cloud.founding.found import Founding
from cloud.founding.outcome import Founded
from cloud.founding.plan import Plan
from cloud.founding.reading import plan_of, read_plan
from cloud.founding.walk import placed_categories
from cloud.kernel.operator_error import OperatorError
from cloud.parts import Parts
from cloud.replication.units import CloudUnits
from shared.drawers.queries import drawers
from shared.floor.queries import tables
from shared.kernel.errors import DomainError
from shared.kernel.language import Language
from shared.kernel.money import CashRounding
from shared.kernel.permissions import SYSTEM, Actor, Permission, Role
from shared.kernel.work import Work
from shared.kitchen.records import Station
from shared.kitchen.station_views import stations
from shared.menu.queries import load_menu
from shared.menu.records import Item
from shared.menu.rules import Menu, asked_groups, choose, default_modifiers, needs_choice
from shared.orders.records import OrderKind
from shared.payments.exchange import ExchangeRate
from shared.payments.records import PaymentMethod
from shared.payments.rules import Asks, TenderKind
from shared.payments.service import service_rules
from shared.printers.queries import printer_table
from shared.printers.rules import DrawerPin, Paper
from shared.records import metadata
from shared.safety.queries import points
from shared.staff.pins import pin_matches
from shared.staff.queries import actor_now, staff_of_branch
from shared.taxes.queries import rates_in_force
from shared.taxes.rules import CategoryTaxes, Tax
from shared.tenancy.queries import reasons
from shared.tenancy.records import Branch, DeviceKind, Organization, ReasonKind
from sync.records import changes
from tests.cloud.enrolment.devices import asked_with

DEMO = Path(__file__).parents[3] / "terminal" / "demo" / "restaurant.toml"
LOG = "log"
SLUG = "la-tia-zarcilla"
LARGE_MENU_STATEMENTS = 150
"""For 2,000 items that ask a question each: 14 units of work, each of at most ten statements."""


@pytest.fixture
def founding(parts: Parts) -> Founding:
    return founding_with(parts, parts.units)


@pytest.fixture(scope="module")
def demo() -> Plan:
    return read_plan(str(DEMO))


def founding_with(parts: Parts, units: CloudUnits) -> Founding:
    return Founding(parts.database, units, parts.passwords, enrolment(parts), parts.ids, parts.clock)


def small(**more: Any) -> Plan:
    raw = {
        "organization": {"name": "El Faro", "country": "PE", "currency": "PEN"},
        "branches": [{"key": "lima", "name": "Lince", "zone": "America/Lima"}],
    }
    return plan_of(raw | more, "")


async def menu_of(parts: Parts, organization_id: UUID) -> Menu:
    async with parts.database.read(organization_id) as session:
        return await load_menu(session, organization_id)


async def taxes_of(parts: Parts, organization_id: UUID, day: date) -> CategoryTaxes:
    async with parts.database.read(organization_id) as session:
        return await rates_in_force(session, organization_id, day)


async def counted(parts: Parts, organization_id: UUID) -> dict[str, int]:
    """Rows of each table of the restaurant, and of the log."""
    async with parts.database.read(organization_id) as session:
        found = {}
        for name, table in [*((table.name, table) for table in metadata.sorted_tables), (LOG, changes)]:
            found[name] = int(await session.scalar(sa.select(sa.func.count()).select_from(table)) or 0)
        return found


async def enrol(parts: Parts, code: str, kind: DeviceKind, address: str = "10.0.0.1") -> UUID:
    asked = asked_with(Ed25519PrivateKey.generate(), code)
    device = await enrolment(parts).enrol(**asked, kind=kind, name="Tableta", address=address)
    return device.device_id


async def test_the_demo_plan_becomes_a_restaurant(parts: Parts, founding: Founding, demo: Plan) -> None:
    founded = await founding.found(SLUG, demo)
    assert not founded.existed
    rows = await counted(parts, founded.organization_id)
    planned = [item for placed in placed_categories(demo.categories) for item in placed.category.items]
    assert rows["items"] == len(planned) == len(founded.items)
    assert rows["item_modifier_groups"] == sum(len(item.modifiers) for item in planned)
    assert rows["modifiers"] == sum(len(group.modifiers) for group in demo.modifier_groups) == len(founded.modifiers)
    assert rows["categories"] == len(list(placed_categories(demo.categories)))
    assert rows["staff"] == len(demo.staff) == len(founded.staff)
    assert (rows["branches"], rows["organizations"], rows["stations"]) == (2, 1, 3)
    assert (rows["tax_categories"], rows["tax_rates"]) == (1, 1)
    assert rows[LOG] == founded.added == sum(rows.values()) - rows[LOG]
    menu = await menu_of(parts, founded.organization_id)
    assert [item.code for item in menu.items.values()] == [item.code for item in planned]
    assert [item.barcodes for item in menu.items.values()] == [item.barcodes for item in planned]
    assert menu.items[founded.items["ink"]].barcodes == ("7750000000013",)
    lomo = menu.items[founded.items["lom"]]
    assert (lomo.name, lomo.price_minor) == ("Lomo saltado", 4400)
    taxes = await taxes_of(parts, founded.organization_id, date(2026, 1, 1))
    assert taxes[lomo.tax_category_id] == (Tax("IGV", 180_000, included=True),)
    assert [question.name for question in lomo.modifier_groups] == ["Término de la carne", "Sin...", "Extras"]
    assert needs_choice(lomo)
    chicha = menu.items[founded.items["cmo"]]
    assert not needs_choice(chicha)
    assert {option.name for option in choose(chicha, default_modifiers(chicha)).modifiers} == {"Vaso", "Helada"}
    cheese, others, combo = (menu.items[founded.items[code]] for code in ("qpa", "otr", "comb"))
    assert (cheese.weight_unit, cheese.price_minor, cheese.place) == ("kg", 4800, 0)
    assert (others.open_price, others.price_minor, others.place) == (True, 0, 7)
    with_potatoes = {choice.id for choice in combo.modifier_groups[0].choices if choice.opens_id}
    assert [group.name for group in asked_groups(combo, with_potatoes)] == ["Acompaña", "Papas", "Extras"]
    assert [group.name for group in combo.opened_groups] == ["Papas", "Salsas"]
    assert len({item.place for item in menu.items.values() if item.category_id == lomo.category_id}) == 12
    drinks = next(category for category in menu.categories if category.name == "Bebidas")
    assert {category.name for category in menu.categories if category.parent_id == drinks.id} >= {"Jugos", "Cervezas"}


async def test_branches_floor_and_ways_to_pay_are_as_planned(parts: Parts, founding: Founding, demo: Plan) -> None:
    founded = await founding.found(SLUG, demo)
    async with parts.database.read(founded.organization_id) as session:
        organization = (await session.scalars(sa.select(Organization))).one()
        branch = await session.get_one(Branch, (founded.organization_id, founded.branches["lima"].id))
        floor = await tables(session, founded.organization_id, branch.id)
        rates = (await session.scalars(sa.select(ExchangeRate))).all()
        ways = (await session.scalars(sa.select(PaymentMethod).order_by(PaymentMethod.position))).all()
    assert (organization.name, organization.country, organization.currency) == ("La Tía Zarcilla", "PE", "PEN")
    assert (branch.name, branch.cutoff_minutes, branch.cash_step_minor) == ("Lince", 240, 10)
    assert branch.cash_rounding is CashRounding.DOWN
    assert [(table.space_name, table.name) for table in floor][:2] == [("Salón", "1"), ("Salón", "2")]
    assert {table.space_name for table in floor} == {"Salón", "Terraza", "Barra"}
    assert [(way.name, way.kind) for way in ways] == [
        ("Efectivo", TenderKind.CASH),
        ("Visa/Mastercard", TenderKind.CARD),
        ("Yape", TenderKind.WALLET),
        ("Plin", TenderKind.WALLET),
        ("Transferencia", TenderKind.TRANSFER),
        ("Dólares", TenderKind.CASH),
        ("Vale de consumo", TenderKind.VOUCHER),
        ("A cuenta", TenderKind.ACCOUNT),
    ]
    assert [(way.name, way.asks, way.qr_text[:12], way.currency) for way in ways if way.qr_text or way.currency] == [
        ("Yape", Asks.AT_ONCE, "https://yape", ""),
        ("Plin", Asks.AT_ONCE, "https://plin", ""),
        ("Dólares", Asks.LATER, "", "USD"),
    ]
    assert [(rate.currency, rate.rate_millionths) for rate in rates] == [("USD", 3_755_000)] * 2
    assert {way.id for way in ways} == set(founded.payment_methods.values())


async def test_people_choose_from_the_reasons_of_the_plan_in_its_order(
    parts: Parts, founding: Founding, demo: Plan
) -> None:
    founded = await founding.found(SLUG, demo)
    async with parts.database.read(founded.organization_id) as session:
        found = await reasons(session, founded.organization_id)
    assert [each.text for each in found[ReasonKind.COMP]] == ["Invitación de la casa", "Reclamo"]
    english = [replace(each, language="en").title for each in found[ReasonKind.COMP]]
    assert english == ["On the house", "Complaint"]
    assert set(found) == set(ReasonKind)


async def test_each_branch_has_the_drawers_of_the_plan(parts: Parts, founding: Founding, demo: Plan) -> None:
    founded = await founding.found(SLUG, demo)
    lima = founded.branches["lima"]
    async with parts.database.read(founded.organization_id) as session:
        found = await drawers(session, founded.organization_id, lima.id)
    assert [(each.name, each.most_difference_minor) for each in found] == [("Caja 1", 100), ("Bolso de salón", 50)]


async def test_the_printers_of_a_branch_and_what_they_print(parts: Parts, founding: Founding) -> None:
    printers = [
        {"name": "caja", "address": "tcp://192.168.1.50", "prints": ["receipt", "kitchen:bar"]},
        {"name": "cocina", "address": "tcp://192.168.1.51:9100", "columns": 48, "page": "PC858", "substitute": "caja"}
        | {"prints": ["kitchen", "kitchen:bar"], "drawer_pin": 0, "most_age_seconds": 600},
    ]
    branch = {"key": "lima", "name": "Lince", "zone": "America/Lima", "printers": printers}
    plan = small(branches=[branch], stations=[{"key": "bar", "name": "Barra"}])
    founded = await founding.found(SLUG, plan)
    assert (await founding.found(SLUG, plan)).added == 0
    async with parts.database.read(founded.organization_id) as session:
        table = await printer_table(session, founded.organization_id, founded.branches["lima"].id)
        (station,) = (await session.scalars(sa.select(Station.id))).all()
    kitchen = table.printers["cocina"]
    assert (kitchen.columns, kitchen.page_number, kitchen.drawer_pin) == (48, 19, DrawerPin.NONE)
    assert (kitchen.most_age_seconds, kitchen.substitute) == (600, "caja")
    rules = {(rule.document, rule.station_id, rule.place): rule.printer for rule in table.rules}
    assert rules == {
        (Paper.RECEIPT, None, 0): "caja",
        (Paper.KITCHEN, None, 0): "cocina",
        (Paper.KITCHEN, station, 0): "caja",
        (Paper.KITCHEN, station, 1): "cocina",
    }


async def test_a_station_has_the_thresholds_of_the_plan_in_each_branch(parts: Parts, founding: Founding) -> None:
    thresholds = [{"warn": 8, "late": 14}, {"kind": "takeout", "warn": 4, "late": 9}]
    branches = [{"key": key, "name": key, "zone": "America/Lima"} for key in ("lima", "cusco")]
    plan = small(branches=branches, stations=[{"key": "bar", "name": "Barra", "thresholds": thresholds}])
    founded = await founding.found(SLUG, plan)
    assert (await founding.found(SLUG, plan)).added == 0
    for branch in founded.branches.values():
        async with parts.database.read(founded.organization_id) as session:
            (bar,) = await stations(session, founded.organization_id, branch.id)
        assert [bar.limits(kind) for kind in ("dine_in", "takeout")] == [(480, 840), (240, 540)]


async def test_a_branch_checks_what_the_plan_says(parts: Parts, founding: Founding) -> None:
    branches = [{"key": key, "name": key, "zone": "America/Lima"} for key in ("lima", "cusco")]
    fridge = {"name": {"es": "Refri", "en": "Fridge"}, "kind": "fridge", "unit": "°C", "low": "-1.5", "high": 5}
    checks = [{**fridge, "times": ["08:00", "16:30"]}, {"name": "Piso", "every_minutes": 90, "branches": ["cusco"]}]
    plan = small(branches=branches, safety_checks=checks)
    founded = await founding.found(SLUG, plan)
    assert (await founding.found(SLUG, plan)).added == 0
    async with parts.database.read(founded.organization_id) as session:
        lima, cusco = [
            await points(session, founded.organization_id, founded.branches[key].id) for key in ("lima", "cusco")
        ]
    assert [each.name for each in lima] == ["Refri"]
    assert [each.title(Language.ENGLISH) for each in cusco] == ["Fridge", "Piso"]
    first, second = cusco
    assert (first.low_milli, first.high_milli, first.times, first.kind) == (-1_500, 5_000, (480, 990), "fridge")
    assert (second.is_measured, second.every_minutes) == (False, 90)


async def test_large_parties_are_charged_for_service_as_the_plan_says(
    parts: Parts, founding: Founding, demo: Plan
) -> None:
    founded = await founding.found(SLUG, demo)
    branch = next(iter(founded.branches.values()))
    async with parts.database.read(founded.organization_id) as session:
        (rule,) = await service_rules(session, founded.organization_id, branch.id)
    assert (rule.name, rule.rate_millionths, rule.taxed) == ("Recargo al consumo", 100_000, False)
    assert [rule.holds_for(OrderKind.DINE_IN, guests) for guests in (7, 8)] == [False, True]
    assert not rule.holds_for(OrderKind.TAKEOUT, 8)


async def test_everybody_logs_in_with_their_pin_where_they_work(parts: Parts, founding: Founding, demo: Plan) -> None:
    founded = await founding.found(SLUG, demo)
    async with parts.database.control() as session:
        pepper = (await session.get_one(ControlOrganization, founded.organization_id)).pin_pepper
    pins = {member.name: member.pin for member in demo.staff}
    async with parts.database.read(founded.organization_id) as session:
        for key, branch in founded.branches.items():
            here = await staff_of_branch(session, founded.organization_id, branch.id)
            everywhere = {member.name for member in demo.staff if member.role is Role.ORGANIZATION_ADMIN}
            assert {each.name for each in here} == everywhere | {
                member.name for member in demo.staff if key in demo.branch_keys(member.branches)
            }
            assert all(pin_matches(each.pin_hash, pins[each.name], pepper) for each in here)


async def test_accounts_of_the_plan_log_in(parts: Parts, founding: Founding, demo: Plan) -> None:
    founded = await founding.found(SLUG, demo)
    planned = demo.accounts[0]
    account = (
        await LogIn(parts.database, parts.passwords, parts.tokens, parts.throttle).enter(
            planned.email, planned.password, "10.0.0.1"
        )
    ).account
    assert account.organization_id == founded.organization_id
    assert account.branches == [branch.id for branch in founded.branches.values()]


async def test_a_pairing_code_lets_one_device_in(parts: Parts, founding: Founding, demo: Plan) -> None:
    founded = await founding.found(SLUG, demo)
    code = founded.devices["lima/caja"].pairing_code
    assert code is not None
    await enrol(parts, code, DeviceKind.TILL)
    with pytest.raises(DomainError, match="PAIRING_CODE_USED"):
        await enrol(parts, code, DeviceKind.TILL)


async def test_founding_again_changes_nothing_but_the_codes_that_still_wait(
    parts: Parts, founding: Founding, demo: Plan
) -> None:
    first = await founding.found(SLUG, demo)
    waiting = first.devices["lima/cocina"].pairing_code
    assert waiting is not None
    await enrol(parts, str(first.devices["lima/caja"].pairing_code), DeviceKind.TILL)
    before = await counted(parts, first.organization_id)
    again = await founding.found(SLUG, demo)
    assert await counted(parts, first.organization_id) == before
    assert (again.existed, again.added) == (True, 0)
    for field in ("organization_id", "branches", "items", "modifiers", "staff", "payment_methods"):
        assert getattr(again, field) == getattr(first, field)
    assert again.devices["lima/caja"].pairing_code is None
    newer = again.devices["lima/cocina"].pairing_code
    assert newer not in {None, waiting}
    with pytest.raises(DomainError, match="PAIRING_CODE_EXPIRED"):
        await enrol(parts, waiting, DeviceKind.KITCHEN)
    await enrol(parts, str(newer), DeviceKind.KITCHEN)


class Dying(CloudUnits):
    """Units of work of a process that is killed in its n-th, after having written and before the commit."""

    def __init__(self, parts: Parts, lives: int) -> None:
        super().__init__(parts.database, parts.clock, parts.ids)
        self._lives = lives

    @asynccontextmanager
    async def on(
        self, session: AsyncSession, organization_id: UUID, actor: Actor, branch_id: UUID | None = None
    ) -> AsyncIterator[Work]:
        async with super().on(session, organization_id, actor, branch_id) as work:
            yield work
        self._lives -= 1
        if self._lives < 0:
            raise Killed


class Killed(Exception):
    pass


@pytest.mark.parametrize("lives", [0, 1])
async def test_a_founding_that_was_killed_is_finished_by_the_next(
    parts: Parts, founding: Founding, demo: Plan, lives: int
) -> None:
    with pytest.raises(Killed):
        await founding_with(parts, Dying(parts, lives)).found(SLUG, demo)
    finished = await founding.found(SLUG, demo)
    assert finished.existed
    rows = await counted(parts, finished.organization_id)
    assert rows[LOG] == sum(rows.values()) - rows[LOG]
    assert (rows[LOG] == finished.added) == (lives == 0)
    assert rows["items"] == len(finished.items)
    assert None not in {device.pairing_code for device in finished.devices.values()}


async def test_a_tax_category_has_the_taxes_of_the_day(parts: Parts, founding: Founding) -> None:
    rates = [
        {"name": "IGV", "rate": "18"},
        {"name": "IGV", "rate_basis_points": 1_050, "valid_from": "2026-01-01", "valid_until": date(2026, 12, 31)},
        {"name": "ICBPER", "per_unit": "0.50", "included": False},
    ]
    bag = {"name": "Bolsa", "price": "0.20", "tax": "bolsas", "unit": "bolsa"}
    taxes = [
        {"key": "bolsas", "name": "Bolsas", "rates": rates},
        {"key": "ny", "name": "Sales tax", "rate": "8.875", "included": False},
    ]
    founded = await founding.found("el-faro", small(taxes=taxes, categories=[{"name": "Otros", "items": [bag]}]))
    item = (await menu_of(parts, founded.organization_id)).items[founded.items["Bolsa"]]
    assert item.unit == "bolsa"
    found = {}
    for day in (date(2025, 12, 31), date(2026, 1, 1), date(2027, 1, 1)):
        of_day = await taxes_of(parts, founded.organization_id, day)
        found[day.year] = {tax.name: tax.rate_millionths or tax.per_unit_minor for tax in of_day[item.tax_category_id]}
    assert found == {
        year: {"IGV": igv, "ICBPER": 50} for year, igv in ((2025, 180_000), (2026, 105_000), (2027, 180_000))
    }
    others = [each for key, each in of_day.items() if key != item.tax_category_id]
    assert others == [(Tax("Sales tax", 88_750, included=False),)]


async def test_a_limit_of_the_plan_is_a_limit_of_everybody_in_that_role(parts: Parts, founding: Founding) -> None:
    ana = {"name": "Ana", "role": "branch_manager", "pin": "1234"}
    limits = [{"role": "branch_manager", "right": "give_discount", "amount": "20.50"}]
    founded = await founding.found("el-faro", small(staff=[ana], limits=limits))
    async with parts.database.read(founded.organization_id) as session:
        branch_id, staff_id = next(iter(founded.branches.values())).id, founded.staff["Ana"]
        actor = await actor_now(session, founded.organization_id, branch_id, staff_id)
    assert actor is not None
    assert actor.limits == {Permission.GIVE_DISCOUNT: 2_050}


async def test_a_longer_plan_adds_and_leaves_alone_what_somebody_changed(parts: Parts, founding: Founding) -> None:
    dishes = [{"name": "Lomo", "price": "44"}, {"name": "Seco", "price": "39"}]
    tax = {"taxes": [{"key": "igv", "name": "IGV", "rate_basis_points": 1800}]}
    ana = {"name": "Ana", "role": "waiter", "pin": "1234"}
    shorter = small(categories=[{"name": "Fondos", "items": dishes[:1]}], staff=[ana], **tax)
    founded = await founding.found("el-faro", shorter)
    async with parts.units.work(founded.organization_id, SYSTEM) as work:
        (await work.get(Item, founded.items["Lomo"])).price_minor = 4700
    branches = [{"key": key, "name": key, "zone": "America/Lima"} for key in ("lima", "cusco")]
    longer = small(categories=[{"name": "Fondos", "items": dishes}], staff=[ana], branches=branches, **tax)
    added = await founding.found("el-faro", longer)
    prices = {item.name: item.price_minor for item in (await menu_of(parts, founded.organization_id)).items.values()}
    assert prices == {"Lomo": 4700, "Seco": 3900}
    async with parts.database.read(founded.organization_id) as session:
        here = await staff_of_branch(session, founded.organization_id, added.branches["cusco"].id)
    assert [each.name for each in here] == ["Ana"]
    assert added.added == 3  # dish, branch, assignment


@pytest.mark.parametrize(
    "other",
    [
        {"organization": {"name": "El Faro de Ica", "country": "PE", "currency": "PEN"}},
        {"organization": {"name": "El Faro", "country": "US", "currency": "USD"}},
        {"branches": [{"key": "ica", "name": "Ica", "zone": "America/Lima"}]},
    ],
    ids=["name", "currency", "branches"],
)
async def test_the_plan_of_another_restaurant_never_gets_into_a_tenant(
    parts: Parts, founding: Founding, other: dict[str, Any]
) -> None:
    founded = await founding.found("el-faro", small())
    before = await counted(parts, founded.organization_id)
    account = {"email": "a@b.example", "name": "A", "role": "branch_manager", "password": "long enough"}
    with pytest.raises(DomainError, match="SLUG_TAKEN"):
        await founding.found("el-faro", small(accounts=[account], **other))
    assert await counted(parts, founded.organization_id) == before
    async with parts.database.control() as session:
        assert await session.scalar(sa.select(sa.func.count()).select_from(Account)) == 0


async def test_an_account_of_another_organization_stops_everything(parts: Parts, founding: Founding) -> None:
    account = {"email": "a@b.example", "name": "A", "role": "branch_manager", "password": "long enough"}
    await founding.found("el-faro", small(accounts=[account]))
    with pytest.raises(OperatorError, match=r"a@b\.example"):
        await founding.found("la-boya", small(accounts=[dict(account, email="A@B.example")]))
    async with parts.database.control() as session:
        assert list(await session.scalars(sa.select(ControlOrganization.slug))) == ["el-faro"]


async def test_an_organization_that_is_only_a_name_so_far_is_filled(parts: Parts, founding: Founding) -> None:
    made = parts.ids.new()
    async with parts.database.control() as session:
        now = parts.clock.now()
        await create_organization(session, organization_id=made, slug="el-faro", name="El Faro", now=now)
    founded = await founding.found("el-faro", small())
    assert (founded.organization_id, founded.existed, founded.added) == (made, True, 2)


def large(items: int) -> Plan:
    return small(
        taxes=[{"key": "igv", "name": "IGV", "rate_basis_points": 1800}],
        stations=[{"key": "cocina", "name": "Cocina"}],
        modifier_groups=[{"key": "sin", "name": "Sin", "modifiers": [{"name": "Sin sal"}]}],
        categories=[
            {
                "name": f"Parte {first}",
                "items": [
                    {
                        "name": f"Plato {at}",
                        "code": f"p{at}",
                        "price": "12.50",
                        "station": "cocina",
                        "modifiers": ["sin"],
                    }
                    for at in range(first, min(first + 100, items))
                ],
            }
            for first in range(0, items, 100)
        ],
    )


async def test_a_menu_of_two_thousand_items_takes_few_statements(
    parts: Parts,
    founding: Founding,
    counting: Callable[[AsyncEngine], AbstractContextManager[Any]],
) -> None:
    with counting(parts.database.writer) as statements:
        founded = await founding.found("el-faro", large(2_000))
    assert statements.count <= LARGE_MENU_STATEMENTS
    assert len((await menu_of(parts, founded.organization_id)).items) == 2_000
    with counting(parts.database.writer) as statements:
        again = await founding.found("el-faro", large(2_000))
    assert again.added == 0
    assert statements.count <= LARGE_MENU_STATEMENTS
    assert not any(seen.lstrip().upper().startswith(("INSERT", "UPDATE")) for seen in statements.seen)


async def test_two_foundings_at_once_found_once(parts: Parts, founding: Founding) -> None:
    plan = large(700)
    one, other = await asyncio.gather(founding.found("el-faro", plan), founding.found("el-faro", plan))
    assert one.organization_id == other.organization_id
    rows = await counted(parts, one.organization_id)
    assert one.added + other.added == rows[LOG] == sum(rows.values()) - rows[LOG]
    assert {one.existed, other.existed} == {True, False}


async def test_a_code_lives_ten_minutes(parts: Parts, founding: Founding, demo: Plan) -> None:
    founded: Founded = await founding.found(SLUG, demo)
    expires = founded.devices["lima/caja"].expires_at
    assert expires == parts.clock.now() + timedelta(minutes=10)
