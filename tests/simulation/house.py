"""The restaurant of all schedules: two branches, a few dishes, five people. Founded by real commands."""

from __future__ import annotations

from uuid import UUID

from shared.floor.commands import add_space, add_table
from shared.kernel.ids import derived_id
from shared.kernel.money import CashRounding
from shared.kernel.permissions import Actor, Role
from shared.kernel.work import Work
from shared.kitchen.commands import add_station
from shared.menu.combos import add_combo_choice, add_combo_slot
from shared.menu.commands import (
    add_category,
    add_item,
    add_modifier,
    add_modifier_group,
    link_modifier_group,
)
from shared.payments.methods import add_payment_method
from shared.payments.rules import TenderKind
from shared.pricing.commands import Hours, add_price_rule
from shared.staff.commands import assign
from shared.staff.records import StaffMember
from shared.taxes.commands import add_tax_category, add_tax_rate
from shared.tenancy.commands import enrol_device, found_organization, open_branch
from shared.tenancy.records import DeviceKind
from tests.simulation.device import Enrolment
from tests.simulation.places import BRANCH, OTHER_BRANCH

SERVICE_CODES = ("alm", "pis")
"""What only a full service sells: a combo, and a drink that costs half from noon to one."""

CENTRO = tuple(
    Enrolment(name, derived_id("simulation", "device", name), BRANCH)
    for name in ("till", "waiter", "kitchen", "second till")
)
PLAYA = tuple(
    Enrolment(name, derived_id("simulation", "device", name), OTHER_BRANCH) for name in ("beach till", "beach kitchen")
)

CASHIER, WAITRESS, COOK, MANAGER, INTRUDER = (
    derived_id("simulation", "person", name) for name in ("cashier", "waitress", "cook", "manager", "intruder")
)
EMPLOYED = {
    CASHIER: Role.CASHIER,
    WAITRESS: Role.WAITER,
    COOK: Role.KITCHEN,
    MANAGER: Role.BRANCH_MANAGER,
    INTRUDER: Role.KITCHEN,
}
"""Who works here. The intruder is employed in the kitchen and acts as a manager, on a tampered device."""
ACTS_AS = {**EMPLOYED, INTRUDER: Role.BRANCH_MANAGER}


def actor(person: UUID) -> Actor:
    """Somebody at a device."""
    return Actor.in_role(person, str(ACTS_AS[person]), ACTS_AS[person])


async def build(work: Work) -> None:
    """Found everything, in one unit of work of the cloud."""
    await found_organization(work, "La Esquina", "PE", "PEN")
    for branch_id, name in ((BRANCH, "Centro"), (OTHER_BRANCH, "Playa")):
        await open_branch(work, branch_id, name, "America/Lima", cash_step_minor=10, cash_rounding=CashRounding.NEAREST)
    await work.session.flush()
    for each in (*CENTRO, *PLAYA):
        await enrol_device(work, each.device_id, each.branch_id, each.name, DeviceKind.TILL, each.public_key)
        await work.session.flush()
    for branch_id in (BRANCH, OTHER_BRANCH):
        space = await add_space(work, branch_id, "Salón")
        await add_table(work, branch_id, space.id, "1")
    for position, (name, kind) in enumerate(
        (
            ("Efectivo", TenderKind.CASH),
            ("Visa", TenderKind.CARD),
            ("Yape", TenderKind.WALLET),
            ("A cuenta", TenderKind.ACCOUNT),
        )
    ):
        await add_payment_method(work, name, kind, position)
    for person, role in EMPLOYED.items():
        work.add(StaffMember(organization_id=work.organization_id, id=person, name=str(role), role=role))
        for branch_id in (BRANCH, OTHER_BRANCH):
            await assign(work, person, branch_id)
    await _write_the_menu(work)


async def _write_the_menu(work: Work) -> None:
    kitchen, bar = await add_station(work, "Cocina"), await add_station(work, "Barra")
    igv, service = await add_tax_category(work, "IGV"), await add_tax_category(work, "Servicio")
    await add_tax_rate(work, igv.id, "IGV", 180_000)
    await add_tax_rate(work, service.id, "Servicio", 100_000, included=False)
    dishes, drinks = await add_category(work, "Platos"), await add_category(work, "Bebidas", position=1)
    lomo = await add_item(work, "Lomo saltado", dishes.id, igv.id, 3_890, "lom", kitchen.id)
    ceviche = await add_item(work, "Ceviche", dishes.id, igv.id, 4_250, "cev", kitchen.id, 1)
    chicha = await add_item(work, "Chicha morada", drinks.id, igv.id, 1_200, "chi", bar.id)
    await add_item(work, "Pan", drinks.id, service.id, 333, "pan", None, 1)
    term = await add_modifier_group(work, "Término", 1, 1)
    await add_modifier(work, term.id, "Jugoso", default=True)
    await add_modifier(work, term.id, "Con huevo", 300, position=1)
    await link_modifier_group(work, lomo.id, term.id)
    lunch = await add_item(work, "Almuerzo", dishes.id, igv.id, 4_555, "alm", kitchen.id, 2)
    sour = await add_item(work, "Pisco sour", drinks.id, igv.id, 2_499, "pis", bar.id, 2)
    for position, (name, served) in enumerate((("Fondo", (lomo, ceviche)), ("Bebida", (chicha,)))):
        slot = await add_combo_slot(work, lunch.id, name, position)
        for place, item in enumerate(served):
            await add_combo_choice(work, slot.id, item.id, 500 * place, place)
    await add_price_rule(work, "Hora feliz", Hours(12 * 60, 13 * 60, items=[sour.id]), rate_millionths=500_000)
