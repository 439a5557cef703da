"""The response of the report API. Amounts are whole minor units of the currency beside them, quantities thousandths."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.sales.queries import By


class SalesGroup(BaseModel):
    """The sums of one group in one currency; null where a sum makes no sense for the kind of group."""

    model_config = ConfigDict(from_attributes=True)
    key: str = Field(description="id of branch, item or method; ISO date; hour 00 to 23; name of a category")
    name: str = Field(description="of an item or a method the newest one in the period")
    currency: str
    total_minor: int = Field(
        description="what was sold; by method what was taken (cash rounding and payments on open checks included)"
    )
    checks: int | None
    lines: int | None
    payments: int | None
    quantity_milli: int | None
    gross_minor: int | None
    discount_minor: int | None
    tax_minor: int | None
    rounding_minor: int | None


class SalesTotal(BaseModel):
    """All sales of the period in one currency, the same whatever the groups are."""

    model_config = ConfigDict(from_attributes=True)
    currency: str
    checks: int
    total_minor: int
    tax_minor: int
    discount_minor: int
    rounding_minor: int = Field(description="what cash rounding added to total_minor, or took from it")
    service_minor: int = Field(description="what was added for service; part of total_minor")
    refunded_minor: int = Field(description="what refunds took off total_minor")
    lost_minor: int = Field(description="what parties left without paying; it is taken off total_minor, too")
    tips_minor: int = Field(description="tips, beside total_minor")


class DeviceAge(BaseModel):
    """How fresh a device's figures are."""

    model_config = ConfigDict(from_attributes=True)
    device_id: UUID
    name: str
    last_stored_at: datetime | None = Field(description="when its newest change reached the cloud")
    waiting_changes: int
    parked_transactions: int


class BranchAge(BaseModel):
    """How fresh a branch's figures are."""

    branch_id: UUID
    name: str
    zone: str
    last_sale_at: datetime | None = Field(description="settlement of the newest receipt in the figures")
    last_stored_at: datetime | None = Field(description="when its newest change reached the cloud")
    waiting_changes: int = Field(description="stored, and not in the figures yet")
    parked_transactions: int = Field(description="stored, and put aside for a reason")
    devices: list[DeviceAge]


class SalesReport(BaseModel):
    """Sales of a period."""

    first_date: date
    last_date: date
    by: By
    totals: list[SalesTotal]
    groups: list[SalesGroup]
    more: bool = Field(description="there are more groups than an answer holds")
    branches: list[BranchAge]


class KitchenGroup(BaseModel):
    """The times of one dish, station, hour, day or branch."""

    key: str = Field(description="name of dish or station; hour 00 to 23; ISO date; id of branch")
    name: str
    dishes: int = Field(description="lines of tickets that were made")
    seconds: int = Field(description="all times together")
    mean_seconds: int
    median_seconds: int = Field(description="half took no longer; estimated within a class of times")
    p90_seconds: int = Field(description="nine of ten took no longer; estimated within a class of times")
    late: int = Field(description="how many took longer than their station allowed for such an order")


class KitchenReport(BaseModel):
    """The times of the kitchens in a period: from when a ticket was received to when a dish of it was ready."""

    first_date: date
    last_date: date
    by: str
    total: KitchenGroup
    groups: list[KitchenGroup]
    more: bool = Field(description="whether there are more groups than these")
    unreceived: int = Field(description="tickets that no display and no printer received")
    forgotten: int = Field(description="dishes that were called ready so late that they count as forgotten on the wall")
