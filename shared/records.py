"""All records of the restaurant, in one import: the metadata that stores create and the change log describes."""

from __future__ import annotations

from shared.floor.records import DiningTable, Space
from shared.kernel.records import Base
from shared.kitchen.records import KitchenTicket, Station, TicketLine
from shared.menu.records import Category, Item, ItemModifierGroup, Modifier, ModifierGroup, TaxRate
from shared.orders.records import Order, OrderLine
from shared.payments.records import Check, Payment, PaymentMethod, Receipt, ReceiptLine
from shared.staff.records import Assignment, StaffMember
from shared.tenancy.records import Branch, Device, Organization

metadata = Base.metadata

__all__ = [
    "Assignment",
    "Branch",
    "Category",
    "Check",
    "Device",
    "DiningTable",
    "Item",
    "ItemModifierGroup",
    "KitchenTicket",
    "Modifier",
    "ModifierGroup",
    "Order",
    "OrderLine",
    "Organization",
    "Payment",
    "PaymentMethod",
    "Receipt",
    "ReceiptLine",
    "Space",
    "StaffMember",
    "Station",
    "TaxRate",
    "TicketLine",
    "metadata",
]
