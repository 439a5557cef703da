"""Founding on the real PostgreSQL: everything of the plan is there."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from cloud.accounts.commands import LogIn
from cloud.database.control_records import ControlOrganization
from cloud.founding.found import Founding
from cloud.founding.outcome import Founded
from cloud.founding.plan import Plan
from cloud.founding.walk import placed_categories
from cloud.parts import Parts
from shared.drawers.queries import drawers
from shared.floor.queries import tables
from shared.kernel.errors import DomainError
from shared.kernel.language import Language
from shared.kernel.money import CashRounding
from shared.kernel.permissions import Permission, Role
from shared.kitchen.records import Station
from shared.kitchen.station_views import stations
from shared.menu.rules import asked_groups, choose, default_modifiers, needs_choice
from shared.orders.records import OrderKind
from shared.payments.exchange import ExchangeRate
from shared.payments.records import PaymentMethod
from shared.payments.rules import Asks, TenderKind
from shared.payments.service import service_rules
from shared.printers.queries import printer_table
from shared.printers.rules import DrawerPin, Paper
from shared.safety.queries import points
from shared.staff.pins import pin_matches
from shared.staff.queries import actor_now, staff_of_branch
from shared.taxes.rules import Tax
from shared.tenancy.queries import reasons
from shared.tenancy.records import Branch, DeviceKind, Organization, ReasonKind
from tests.cloud.founding.plans import LOG, SLUG, counted, enrol, menu_of, small, taxes_of


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
    log_in = LogIn(parts.database, parts.passwords, parts.throttle, parts.refusals)
    account = await log_in.enter(planned.email, planned.password, "10.0.0.1")
    standing = await parts.standings.of(account.id, founded.organization_id)
    assert standing is not None
    assert planned.staff is not None
    assert (standing.staff_id, standing.role) == (founded.staff[planned.staff], Role.ORGANIZATION_ADMIN)


async def test_a_pairing_code_lets_one_device_in(parts: Parts, founding: Founding, demo: Plan) -> None:
    founded = await founding.found(SLUG, demo)
    code = founded.devices["lima/caja"].pairing_code
    assert code is not None
    await enrol(parts, code, DeviceKind.TILL)
    with pytest.raises(DomainError, match="PAIRING_CODE_USED"):
        await enrol(parts, code, DeviceKind.TILL)


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


async def test_a_code_lives_ten_minutes(parts: Parts, founding: Founding, demo: Plan) -> None:
    founded: Founded = await founding.found(SLUG, demo)
    expires = founded.devices["lima/caja"].expires_at
    assert expires == parts.clock.now() + timedelta(minutes=10)
