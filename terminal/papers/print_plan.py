"""Which printers a device has, and which of them print what: the rows of the branch, and what its `device.toml` says.

What `device.toml` says holds for this device and comes first. Pure: read anew whenever the rows change.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from uuid import UUID

from shared.printers.queries import PrinterTable, RuleView
from shared.printers.rules import Paper, Separates, usual_paper
from shared.printers.settings import PrinterSettings

Ruled = Mapping[tuple[Paper, UUID | None], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class PrintPlan:
    """Which printer prints what. Without a printer this device does not print it.

    Attributes:
        receipt: name of the receipt printer.
        kitchen: printer names by station id; `default_kitchen` for all other stations.
        separating: names of printers that give each category of a sending a slip of its own.
        ruled: printer names by document and station (None: all others), as the branch's rules say. What stands above
            comes first.
    """

    receipt: str | None = None
    default_kitchen: str | None = None
    kitchen: Mapping[UUID, str] = field(default_factory=dict)
    separating: frozenset[str] = frozenset()
    ruled: Ruled = field(default_factory=dict)

    def printers_of(self, paper: Paper, station_id: UUID | None = None) -> tuple[str, ...]:
        """The printers that print a document, of a station if it has one."""
        if paper is Paper.KITCHEN:
            own = self.kitchen.get(station_id) if station_id is not None else None
            if own := own or self.default_kitchen:
                return (own,)
        found = self.ruled.get((paper, station_id)) or self.ruled.get((paper, None), ())
        if paper is Paper.RECEIPT and self.receipt and self.receipt not in found[:1]:
            return (self.receipt,)
        usual = usual_paper(paper)
        return found if found or usual is None else self.printers_of(usual)

    def printer_of(self, paper: Paper, station_id: UUID | None = None) -> str | None:
        """The first printer that prints a document, of a station if it has one."""
        return next(iter(self.printers_of(paper, station_id)), None)

    def kitchen_printer(self, station_id: UUID) -> str | None:
        """The first printer of a station."""
        return self.printer_of(Paper.KITCHEN, station_id)

    def cooks_from_paper(self, station_id: UUID) -> bool:
        """Whether this device tells a station on paper: then nobody can know whether it has begun."""
        return self.kitchen_printer(station_id) is not None


class Diverted(NamedTuple):
    """A document that another printer prints here than the branch's rule says, since `device.toml` names that one."""

    paper: Paper
    station_id: UUID | None
    printer: str


@dataclass(frozen=True, slots=True)
class PrinterSetup:
    """The printers that a device prints on.

    Attributes:
        printers: settings by name, without those that are switched off.
        device_id: this device.
        plan: which of them prints what.
        own: names of those in this machine's `device.toml`: only they may be files.
        own_plan: what `device.toml` says by itself.
    """

    device_id: UUID
    printers: Mapping[str, PrinterSettings] = field(default_factory=dict)
    plan: PrintPlan = field(default_factory=PrintPlan)
    own: frozenset[str] = frozenset()
    own_plan: PrintPlan = field(default_factory=PrintPlan)

    def diverted(self, rules: Iterable[RuleView], stations: Collection[UUID]) -> tuple[Diverted, ...]:
        """Which of these rules come to nothing here.

        Args:
            stations: those of the kitchen. A rule for all of them may come to nothing for some.
        """
        found: dict[Diverted, None] = {}
        for rule in rules:
            if rule.device_id not in (None, self.device_id):
                continue
            of_all = rule.document is Paper.KITCHEN and rule.station_id is None
            each = [self._diverted(rule, station) for station in (stations if of_all else (rule.station_id,))]
            printers = {one.printer if one else "" for one in each}
            if of_all and len(printers) == 1 and "" not in printers:
                each = [Diverted(rule.document, None, printers.pop())]
            found.update(dict.fromkeys(one for one in each if one is not None))
        return tuple(found)

    def _diverted(self, rule: RuleView, station_id: UUID | None) -> Diverted | None:
        own = self.own_plan.printer_of(rule.document, station_id)
        if own is None or rule.printer in self.plan.printers_of(rule.document, station_id):
            return None
        return Diverted(rule.document, station_id, own)

    @property
    def driven(self) -> Mapping[str, PrinterSettings]:
        """Those whose jobs this device sends itself."""
        return {name: each for name, each in self.printers.items() if each.device_id in (None, self.device_id)}

    @property
    def elsewhere(self) -> Mapping[str, UUID]:
        """The devices that are asked to print, by the names of the printers that hang on them."""
        others = self.printers.keys() - self.driven.keys()
        return {name: device for name in sorted(others) if (device := self.printers[name].device_id) is not None}


def setup_of(
    table: PrinterTable, device_id: UUID, own: Mapping[str, PrinterSettings], own_plan: PrintPlan
) -> PrinterSetup:
    """What rows and `device.toml` come to.

    Args:
        own: the printers in `device.toml`, by name.
        own_plan: what `device.toml` says they print.
    """
    table = replace(table, printers={**table.printers, **own})
    printers = {name: each for name, each in table.printers.items() if each.is_active}
    separating = frozenset(name for name, each in printers.items() if each.separates is Separates.CATEGORY)
    ruled = _ruled(table, device_id, printers)
    own_plan = _working_plan(own_plan, table, printers)
    plan = replace(own_plan, ruled=ruled, separating=separating)
    if plan.receipt is None:
        plan = replace(plan, receipt=next(iter(plan.ruled.get((Paper.RECEIPT, None), ())), None))
    return PrinterSetup(device_id, printers, plan, frozenset(own) & printers.keys(), own_plan)


def _ruled(table: PrinterTable, device_id: UUID, printers: Mapping[str, PrinterSettings]) -> Ruled:
    """Printers by document and station. A rule of this device replaces all that the branch says of its document."""
    of_device = [rule for rule in table.rules if rule.device_id == device_id]
    told_here = {rule.document for rule in of_device}
    of_branch = [rule for rule in table.rules if rule.device_id is None and rule.document not in told_here]
    ruled: dict[tuple[Paper, UUID | None], list[str]] = {}
    for rule in (*of_device, *of_branch):
        name = _working(rule.printer, table, printers)
        names = ruled.setdefault((rule.document, rule.station_id), [])
        if name is not None and name not in names:
            names.append(name)
    return {key: tuple(names) for key, names in ruled.items() if names}


def _working_plan(plan: PrintPlan, table: PrinterTable, printers: Mapping[str, PrinterSettings]) -> PrintPlan:
    """What `device.toml` says, without the printers that are switched off."""

    def working(name: str | None) -> str | None:
        return _working(name, table, printers) if name in table.printers else name

    kitchen = {station: name for station, each in plan.kitchen.items() if (name := working(each))}
    return replace(plan, receipt=working(plan.receipt), default_kitchen=working(plan.default_kitchen), kitchen=kitchen)


def _working(name: str | None, table: PrinterTable, printers: Mapping[str, PrinterSettings]) -> str | None:
    """A printer by its name. For one that is switched off its substitute prints, if it has one."""
    if name in printers:
        return name
    off = table.printers.get(name or "")
    return off.substitute if off is not None and off.substitute in printers else None
