"""The plan of the demo's restaurant: the parts that the demo shows and that the check expects.

The cloud checks the plan and founds the restaurant (`comanda-cloud create-organization --plan`). This module trusts it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from shared.countries.countries import cash_habit
from shared.countries.currencies import currency
from terminal.demo.trouble import DemoTrouble

SHIPPED = Path(__file__).with_name("restaurant.toml")
EVERYWHERE = "*"


@dataclass(frozen=True, slots=True)
class PlannedDevice:
    """A device of the plan. `key` is its name in the cloud's answer, `folder` its name in the demo."""

    key: str
    folder: str
    branch: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Person:
    """A person who works in the restaurant, with their PIN."""

    name: str
    role: str
    pin: str
    branches: tuple[str, ...]

    def works_in(self, branch: str) -> bool:
        """Whether the person may log in at that branch."""
        return EVERYWHERE in self.branches or branch in self.branches


@dataclass(frozen=True, slots=True)
class Account:
    """A person who may log in to the cloud's pages."""

    email: str
    password: str
    name: str


@dataclass(frozen=True, slots=True)
class PlannedModifierGroup:
    """A modifier group: the least number of choices, and its modifiers with their extra prices."""

    minimum: int
    answers: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """A dish: its price, its station and its modifier groups."""

    name: str
    code: str
    price_minor: int
    station: str
    questions: tuple[PlannedModifierGroup, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """See the module.

    Attributes:
        branches: names by key.
        tables: names by branch.
        cash: by branch, smallest coin in minor units and direction of rounding to it.
        items: of all categories, in the order of the plan.
    """

    path: Path
    name: str
    currency: str
    branches: Mapping[str, str]
    tables: Mapping[str, tuple[str, ...]]
    cash: Mapping[str, tuple[int, str]]
    devices: tuple[PlannedDevice, ...]
    people: tuple[Person, ...]
    accounts: tuple[Account, ...]
    items: tuple[PlannedItem, ...]

    def device(self, kind: str) -> PlannedDevice:
        """The first device of a kind, in the first branch that has one."""
        return next(device for device in self.devices if device.kind == kind)

    def person(self, role: str, branch: str) -> Person:
        """A person with that role who works in that branch."""
        return next(person for person in self.people if person.role == role and person.works_in(branch))

    def item(self, code: str) -> PlannedItem:
        """The dish with that code."""
        return next(item for item in self.items if item.code == code)


def read_plan(path: Path = SHIPPED) -> Plan:
    """Read a plan.

    Raises:
        DemoTrouble: PLAN_WRONG (params: path, reason).
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
        organization = raw["organization"]
        habit = cash_habit(organization["country"], organization["currency"])
        return Plan(
            path=path,
            name=organization["name"],
            currency=organization["currency"],
            branches={branch["key"]: branch["name"] for branch in raw["branches"]},
            tables={
                branch["key"]: tuple(
                    str(table["name"]) for space in branch.get("spaces", []) for table in space.get("tables", [])
                )
                for branch in raw["branches"]
            },
            cash={
                branch["key"]: (branch.get("cash_step_minor", habit.step_minor), branch.get("cash_rounding", habit.way))
                for branch in raw["branches"]
            },
            devices=tuple(_devices(raw["branches"])),
            people=tuple(
                Person(one["name"], one["role"], str(one["pin"]), tuple(one.get("branches", [EVERYWHERE])))
                for one in raw["staff"]
            ),
            accounts=tuple(Account(one["email"], one["password"], one["name"]) for one in raw.get("accounts", [])),
            items=tuple(_items(raw["categories"], _questions(raw, organization["currency"]), organization["currency"])),
        )
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, InvalidOperation) as error:
        raise DemoTrouble("PLAN_WRONG", path=str(path), reason=str(error)) from error


def _devices(branches: Sequence[Mapping[str, Any]]) -> Iterator[PlannedDevice]:
    """Devices of the plan. A folder's name is the device's key in the first branch, device and branch in the others."""
    for at, branch in enumerate(branches):
        for device in branch.get("devices", []):
            key = f"{branch['key']}/{device['key']}"
            folder = device["key"] if at == 0 else f"{device['key']}-{branch['key']}"
            yield PlannedDevice(key, folder, branch["key"], device["name"], device["kind"])


def _questions(raw: Mapping[str, Any], code: str) -> dict[str, PlannedModifierGroup]:
    return {
        group["key"]: PlannedModifierGroup(
            group.get("minimum", 0),
            tuple((modifier["name"], _minor(modifier, "price_delta", code)) for modifier in group["modifiers"]),
        )
        for group in raw.get("modifier_groups", [])
    }


def _items(
    categories: Sequence[Mapping[str, Any]], questions: Mapping[str, PlannedModifierGroup], code: str
) -> Iterator[PlannedItem]:
    for category in categories:
        for item in category.get("items", []):
            asked = tuple(questions[group] for group in item.get("modifiers", []))
            price = _minor(item, "price", code)
            yield PlannedItem(item["name"], item.get("code", ""), price, item.get("station", ""), asked)
        yield from _items(category.get("children", []), questions, code)


def _minor(raw: Mapping[str, Any], name: str, code: str) -> int:
    """An amount that a plan gives as `price = "32.00"` or as `price_minor = 3200`."""
    if name in raw:
        return int(Decimal(str(raw[name])).scaleb(currency(code).exponent))
    return int(raw.get(f"{name}_minor", 0))
