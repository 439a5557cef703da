"""The house of the desk on paper: its branch, its people and PINs, its reasons, and how printers and cloud are."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from shared.kernel.money import CashRounding
from shared.kernel.permissions import DeviceKind, Role
from shared.staff.queries import StaffView
from shared.taxes.rules import Tax
from shared.tenancy.queries import Premises
from shared.tenancy.records import ReasonKind
from terminal.printing.desk import Prints
from tests.terminal.screens.paper_menu import key

IGV = Tax("IGV", 180_000)
AUTHOR = key(9, 9)
"""The stream of this till."""
NOON = datetime(2026, 3, 14, 17, 41, tzinfo=UTC)
"""12:41 in Lima."""
PINS = {
    "1234": ("Rosa Quispe", Role.CASHIER),
    "2222": ("Julio Mamani", Role.WAITER),
    "3333": ("Carmen Flores", Role.BRANCH_MANAGER),
    "4444": ("Wilder Chávez", Role.KITCHEN),
}
STAFF = tuple(StaffView(key(10, int(pin)), name, role, "", "") for pin, (name, role) in PINS.items())
PREMISES = Premises(
    organization_id=key(9, 1),
    organization_name="Sabores del Rímac S.A.C.",
    tax_number="20601234567",
    country="PE",
    currency="PEN",
    language="es",
    branch_id=key(9, 2),
    branch_name="Miraflores",
    address="Av. Larco 345",
    zone="America/Lima",
    cutoff_minutes=240,
    cash_step_minor=10,
    cash_rounding=CashRounding.DOWN,
    device_name="Caja 1",
    device_kind=DeviceKind.TILL,
    letter="A",
)

REASONS = {
    ReasonKind.VOID: ("Se equivocó el mozo", "El cliente cambió de idea", "Plato mal hecho", "Demoró demasiado"),
    ReasonKind.REFUND: ("Salió frío", "Se equivocó el mozo", "Se cobró de más"),
    ReasonKind.NOTE: ("sin cebolla", "bien cocido", "para compartir", "alergia al maní"),
}


@dataclass(frozen=True)
class PaperState:
    cloud: str = "online"
    cloud_message: str = ""
    cloud_params: dict = field(default_factory=dict)
    last_contact: datetime | None = NOON - timedelta(seconds=3)
    pending: int = 0
    oldest_pending: datetime | None = None
    parked: int = 0
    prints: Prints = field(default_factory=Prints)
    clock_trouble: bool = False
    skew_ms: int = 0
    stopped: tuple = ()
