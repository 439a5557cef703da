"""Permissions, the roles that bundle them, and the actor of a unit of work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID


class Permission(StrEnum):
    """Something that a person may be allowed to do."""

    TAKE_ORDER = "take_order"
    SEND_ORDER = "send_order"
    CANCEL_ORDER = "cancel_order"
    VOID_SENT_LINE = "void_sent_line"
    SET_OPEN_PRICE = "set_open_price"
    OVERRIDE_PRICE = "override_price"
    GIVE_DISCOUNT = "give_discount"
    TAKE_PAYMENT = "take_payment"
    REFUND = "refund"
    WRITE_OFF = "write_off"
    CORRECT_PAYMENT = "correct_payment"
    CHARGE_ACCOUNT = "charge_account"
    SET_RATE = "set_rate"
    WORK_KITCHEN = "work_kitchen"
    SET_AVAILABILITY = "set_availability"
    LOG_SAFETY = "log_safety"
    EDIT_MENU = "edit_menu"
    SET_PRICE = "set_price"
    ADD_DISH = "add_dish"
    SET_PIN = "set_pin"
    EDIT_STAFF = "edit_staff"
    EDIT_HOURS = "edit_hours"
    EDIT_FLOOR = "edit_floor"
    EDIT_BRANCH = "edit_branch"
    ENROL_DEVICE = "enrol_device"
    MANAGE_PRINTERS = "manage_printers"
    SEE_REPORTS = "see_reports"
    WORK_DRAWER = "work_drawer"
    SEE_DRAWER = "see_drawer"
    CASH_OUT = "cash_out"
    SAFE_DROP = "safe_drop"
    OPEN_WITHOUT_SALE = "open_without_sale"
    CLOSE_WITH_DIFFERENCE = "close_with_difference"
    CLOSE_DAY = "close_day"
    SETTLE_EXCEPTIONS = "settle_exceptions"
    FORGET_PERSON = "forget_person"
    JUDGE_CHANGES = "judge_changes"
    MANAGE_KEYS = "manage_keys"
    ORDER_AS_GUEST = "order_as_guest"


class DeviceKind(StrEnum):
    """What a device is for."""

    TILL = "till"
    WAITER = "waiter"
    KITCHEN = "kitchen"
    MANAGER = "manager"
    CLOUD = "cloud"


class Role(StrEnum):
    """The job of a person. It decides their permissions."""

    SUPER_ADMIN = "super_admin"
    ORGANIZATION_ADMIN = "organization_admin"
    BRANCH_MANAGER = "branch_manager"
    CASHIER = "cashier"
    WAITER = "waiter"
    KITCHEN = "kitchen"
    TECHNICIAN = "technician"


_FLOOR = frozenset({Permission.TAKE_ORDER, Permission.SEND_ORDER, Permission.SET_AVAILABILITY, Permission.LOG_SAFETY})
_TILL = _FLOOR | {
    Permission.TAKE_PAYMENT,
    Permission.CANCEL_ORDER,
    Permission.SET_OPEN_PRICE,
    Permission.WORK_DRAWER,
    Permission.CASH_OUT,
    Permission.SAFE_DROP,
    Permission.OPEN_WITHOUT_SALE,
}
_BRANCH = _TILL | {
    Permission.VOID_SENT_LINE,
    Permission.OVERRIDE_PRICE,
    Permission.GIVE_DISCOUNT,
    Permission.REFUND,
    Permission.WRITE_OFF,
    Permission.CORRECT_PAYMENT,
    Permission.CHARGE_ACCOUNT,
    Permission.SET_RATE,
    Permission.WORK_KITCHEN,
    Permission.SET_PRICE,
    Permission.ADD_DISH,
    Permission.SET_PIN,
    Permission.EDIT_FLOOR,
    Permission.ENROL_DEVICE,
    Permission.MANAGE_PRINTERS,
    Permission.SEE_REPORTS,
    Permission.EDIT_HOURS,
    Permission.SEE_DRAWER,
    Permission.CLOSE_WITH_DIFFERENCE,
    Permission.CLOSE_DAY,
    Permission.SETTLE_EXCEPTIONS,
    Permission.FORGET_PERSON,
}
_ORGANIZATION = frozenset(Permission) - {Permission.JUDGE_CHANGES, Permission.ORDER_AS_GUEST}

GRANTABLE = _ORGANIZATION
"""What a role may be given. The others are the program's own, and that of guests."""
WITH_AMOUNTS = frozenset(
    {
        Permission.SET_OPEN_PRICE,
        Permission.OVERRIDE_PRICE,
        Permission.GIVE_DISCOUNT,
        Permission.REFUND,
        Permission.WRITE_OFF,
        Permission.CORRECT_PAYMENT,
        Permission.CHARGE_ACCOUNT,
        Permission.CASH_OUT,
        Permission.SAFE_DROP,
        Permission.CLOSE_WITH_DIFFERENCE,
    }
)
"""What is done about an amount, so that a role may have it up to one. Records and commands say about which."""

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.SUPER_ADMIN: _ORGANIZATION,
    Role.ORGANIZATION_ADMIN: _ORGANIZATION,
    Role.BRANCH_MANAGER: _BRANCH,
    Role.CASHIER: _TILL,
    Role.WAITER: _FLOOR,
    Role.KITCHEN: frozenset({Permission.WORK_KITCHEN, Permission.SET_AVAILABILITY, Permission.LOG_SAFETY}),
    Role.TECHNICIAN: frozenset({Permission.MANAGE_PRINTERS, Permission.ENROL_DEVICE}),
}


STATION_PERMISSIONS = frozenset({Permission.WORK_KITCHEN, Permission.SET_AVAILABILITY})
"""What a kitchen display may do by itself, without anybody's PIN: tickets, what is sold out, messages; no more."""

GUEST_PERMISSIONS = frozenset({Permission.ORDER_AS_GUEST})
"""What a guest may do with a phone: say what they want. Nothing of it is an order before the branch accepts it."""
ACCEPTED_PERMISSIONS = frozenset({Permission.TAKE_ORDER, Permission.SEND_ORDER})
"""What a device may do by itself in the name of a guest's order: write and send exactly what that order says. The judge
holds each row against it."""

Limits = Mapping[Permission, int]
"""Up to which amount (minor units) a right holds. A right that is not named has no limit."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What somebody may do, and up to which amounts."""

    permissions: frozenset[Permission]
    limits: Limits = field(default_factory=dict, hash=False)

    def may(self, permission: Permission, amount_minor: int = 0) -> bool:
        """Whether they include the permission, for this amount if it is limited."""
        return may(self.permissions, self.limits, permission, amount_minor)

    def beyond(self, others: Rights) -> list[Permission]:
        """The permissions that these include and those do not, or not for as much, in the order of their names."""
        return sorted(each for each in self.permissions if not self._is_within(each, others))

    def _is_within(self, permission: Permission, others: Rights) -> bool:
        most, mine = others.limits.get(permission), self.limits.get(permission)
        return permission in others.permissions and (most is None or (mine is not None and mine <= most))


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody, a station of the kitchen, a program of others, a guest, or the system itself (no id at all), with what
    they may.

    Attributes:
        integration_id: the API key by which a program acts.
        guest_id: a guest's phone that says what it wants, or the guest's order that a device accepts by itself.
    """

    staff_id: UUID | None
    name: str
    permissions: frozenset[Permission] = field(default=frozenset())
    limits: Limits = field(default_factory=dict, hash=False)
    station_id: UUID | None = None
    integration_id: UUID | None = None
    guest_id: UUID | None = None

    @classmethod
    def at_station(cls, station_id: UUID, name: str) -> Actor:
        """The actor that a kitchen display is."""
        return cls(None, name, STATION_PERMISSIONS, station_id=station_id)

    @property
    def id(self) -> UUID | None:
        """The id that changes name: that of the person, the station, the program or the guest; None for the system."""
        return self.staff_id or self.station_id or self.integration_id or self.guest_id

    @classmethod
    def guest(cls, phone_id: UUID, name: str = "") -> Actor:
        """The actor that a guest with a phone is."""
        return cls(None, name, GUEST_PERMISSIONS, guest_id=phone_id)

    @classmethod
    def accepting(cls, guest_order_id: UUID, name: str = "") -> Actor:
        """The actor that a device is which accepts a guest's order by itself."""
        return cls(None, name, ACCEPTED_PERMISSIONS, guest_id=guest_order_id)

    @classmethod
    def of_integration(cls, key_id: UUID, name: str, permissions: frozenset[Permission], limits: Limits) -> Actor:
        """The actor that a program with an API key is."""
        return cls(None, name, permissions, limits, integration_id=key_id)

    @classmethod
    def in_role(cls, staff_id: UUID, name: str, role: Role, limits: Limits | None = None) -> Actor:
        """The actor that a member of staff is in a role as the program knows it, whatever the house says of it."""
        return cls(staff_id, name, PERMISSIONS[role], limits or {})

    @classmethod
    def having(cls, staff_id: UUID, name: str, rights: Rights) -> Actor:
        """The actor that a member of staff with these rights is."""
        return cls(staff_id, name, rights.permissions, rights.limits)

    @property
    def rights(self) -> Rights:
        """What this actor may do."""
        return Rights(self.permissions, self.limits)

    def may(self, permission: Permission, amount_minor: int = 0) -> bool:
        """Whether this actor has the permission, for this amount if it is limited."""
        return may(self.permissions, self.limits, permission, amount_minor)


def may(permissions: frozenset[Permission], limits: Limits, permission: Permission, amount_minor: int = 0) -> bool:
    """Whether somebody with these permissions and limits may do something about an amount."""
    if permission not in permissions:
        return False
    limit = limits.get(permission)
    return limit is None or abs(amount_minor) <= limit


SYSTEM = Actor(None, "system", frozenset(Permission))
"""The program acting by itself: set-up, verdicts, derived rows. Never the answer to a log-in."""
