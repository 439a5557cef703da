"""Tenants, branches and devices, and the reasons that people choose from."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Mapped

from shared.kernel.columns import Choice, Flag, Key, Listed, Whole, Words
from shared.kernel.declared import RowRule
from shared.kernel.language import are_names
from shared.kernel.money import CashRounding
from shared.kernel.permissions import DeviceKind, Permission
from shared.kernel.records import Record, belongs_to, ledger, register

__all__ = ["Branch", "Device", "DeviceKind", "Organization", "Reason", "ReasonKind"]


RECEIVED_WITHIN_SECONDS = 5
"""How long a ticket may be on its way to a display unless the branch says otherwise."""
MOST_RECEIVED_WITHIN_SECONDS = 3_600


class ReasonKind(StrEnum):
    """What a reason is given for. Phrases of notes, of the kitchen's messages, and of what is done about something out
    of limits are reasons, too.
    """

    VOID = "void"
    DISCOUNT = "discount"
    COMP = "comp"
    REFUND = "refund"
    WRITE_OFF = "write_off"
    CASH_IN = "cash_in"
    CASH_OUT = "cash_out"
    NO_SALE = "no_sale"
    NOTE = "note"
    MESSAGE = "message"
    SAFETY = "safety"


class Organization(Record):
    """A tenant; its id is its organization_id."""

    __tablename__ = "organizations"
    __writes__ = Permission.EDIT_BRANCH
    name: Mapped[str] = register(Words(120))
    tax_number: Mapped[str] = register(Words(32), default="")
    legal_name: Mapped[str] = register(Words(160), default="")
    country: Mapped[str] = register(Words(2))
    currency: Mapped[str] = ledger(Words(3))
    language: Mapped[str] = register(Words(2), default="es")


class Branch(Record):
    """A restaurant of the organization, with its own time zone, business day and cash rounding.

    `received_within_seconds`: what stands on no display, and came out of no printer, after this is said to its sender.
    """

    __tablename__ = "branches"
    __writes__ = Permission.EDIT_BRANCH
    __rules__ = (
        RowRule(
            "tickets are received within an hour",
            ("received_within_seconds",),
            lambda seconds: 1 <= seconds <= MOST_RECEIVED_WITHIN_SECONDS,
        ),
    )
    name: Mapped[str] = register(Words(120))
    address: Mapped[str] = register(Words(200), default="")
    zone: Mapped[str] = register(Words(64))
    cutoff_minutes: Mapped[int] = register(Whole(), default=240)
    received_within_seconds: Mapped[int] = register(Whole(), default=RECEIVED_WITHIN_SECONDS)
    cash_step_minor: Mapped[int] = register(Whole(), default=1)
    cash_rounding: Mapped[CashRounding] = register(
        Choice(CashRounding, fallback=CashRounding.NEAREST), default=CashRounding.NEAREST
    )


class Device(Record):
    """An enrolled device. Its letter begins the numbers that people read; its public key (Ed25519, in hex) tells every
    replica what it signed, whoever relays it."""

    __tablename__ = "devices"
    __writes__ = Permission.ENROL_DEVICE
    __table_args__ = (belongs_to("branch_id", "branches"),)
    branch_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    name: Mapped[str] = register(Words(120))
    kind: Mapped[DeviceKind] = register(Choice(DeviceKind, fallback=DeviceKind.WAITER))
    letter: Mapped[str] = ledger(Words(4))
    public_key: Mapped[str] = ledger(Words(64), default="")
    revoked: Mapped[bool] = register(Flag(), default=False)


class Reason(Record):
    """A reason, or a phrase of a note, that people of the organization choose instead of typing it.

    Rows that name a reason keep its text: what it says later does not change what was said. `names` says how screens in
    other languages show it.
    """

    __tablename__ = "reasons"
    __writes__ = Permission.EDIT_BRANCH
    __rules__ = (RowRule("its names are texts by language", ("names",), are_names),)
    kind: Mapped[ReasonKind] = ledger(Choice(ReasonKind))
    text: Mapped[str] = register(Words(120))
    names: Mapped[dict[str, str]] = register(Listed(), default=dict)
    position: Mapped[int] = register(Whole(), default=0)
    active: Mapped[bool] = register(Flag(), default=True)
