"""Rights as they are declared on records, and which of them a change needs.

Pure: commands, the session hook and the cloud's judge all read the same declarations (`kernel/records.py` has the
words). Values are wire values; a status is the rank of its number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import sqlalchemy as sa

from shared.kernel.declared import (
    AddsUpTo,
    Boundless,
    CloudsRows,
    ComboParts,
    Copied,
    Follows,
    LesserRight,
    ListPrice,
    Needed,
    Needs,
    OfferedModifiers,
    OneDevice,
    OneFact,
    OwnRows,
    Proposed,
    RowRule,
)
from shared.kernel.money import MAX_MINOR
from shared.kernel.permissions import DeviceKind, Permission
from shared.kernel.states import ROUND, Lattice, Rank

ALL_DEVICES = frozenset(DeviceKind)
CLOUD_ONLY = frozenset({DeviceKind.CLOUD})
_CHANGING = frozenset({"register", "state"})
"""The policies of fields that change after their row was written (`Merge`)."""


class Act(NamedTuple):
    """A right that a change needs.

    Attributes:
        any_of: the rights of which one is enough.
        amount: what a limit is held against; 0 if nothing is.
    """

    any_of: Needed
    amount: int = 0


@dataclass(frozen=True, slots=True)
class FieldRight:
    """The rights that a field needs, where they differ from the row's.

    Attributes:
        any_of: to change it; None: the row's right.
        moves: to reach a status, by rank. Other statuses need `any_of`.
        up_to: the field that a limit is held against.
        default: the wire value with which a row may be created without this right; of a status the lowest.
        starts_free: whether a row may be created with any value: it has no default, and must begin with something.
    """

    any_of: Needed | None
    moves: Mapping[int, Needed]
    up_to: str | None
    default: Any = None
    starts_free: bool = False


@dataclass(frozen=True, slots=True)
class TableRights:
    """What a table declares: see `Record` for each.

    Attributes:
        writes: to create a row, and to edit fields that declare nothing else.
        others: the fields that may change and declare no right, with the wire values with which they begin.
    """

    writes: Needed
    up_to: str | None = None
    devices: frozenset[DeviceKind] = ALL_DEVICES
    is_system: bool = False
    follows: Follows | None = None
    others: Mapping[str, Any] = field(default_factory=dict)
    fields: Mapping[str, FieldRight] = field(default_factory=dict)
    rules: tuple[RowRule, ...] = ()
    told: tuple[str, ...] = ()
    adds_up_to: AddsUpTo | None = None
    list_price: ListPrice | None = None
    boundless: Boundless | None = None
    copied: Copied | None = None
    combo_parts: ComboParts | None = None
    offered: OfferedModifiers | None = None
    clouds: CloudsRows | None = None
    lesser: LesserRight | None = None
    own: OwnRows | None = None
    one_device: OneDevice | None = None
    one_fact: OneFact | None = None
    proposed: Proposed | None = None

    def is_own(self, values: Any, actor: bytes | None) -> bool:
        """Whether a row with these values (None: not known) is the actor's own."""
        return self.own is not None and self.own.is_of(values, actor)

    def is_clouds(self, values: Any) -> bool:
        """Whether only the cloud writes a row with these values."""
        return self.clouds is not None and getattr(values, self.clouds.field) in self.clouds.values

    def to_create(self, row: bytes, values: Any) -> list[Act]:
        """The rights that the creation of a row needs."""
        if self.is_system:
            return []
        if self.follows is not None and self.follows.is_so(row, values):
            says_more = any(getattr(values, name) != begins for name, begins in self.others.items())
            return [*([Act(self.writes)] if says_more else []), *self.to_begin_with(values)]
        if self.lesser is not None and self.lesser.is_for(values):
            return [Act(self.lesser.any_of), *self.to_begin_with(values)]
        amount = self._amount(self.up_to, values)
        if self.boundless is not None and self.boundless.is_for(values):
            amount = MAX_MINOR
        return [Act(self.writes, amount), *self.to_begin_with(values)]

    def to_create_any(self, columns: Mapping[str, Sequence[Any]]) -> set[Act]:
        """Rights with which somebody may create each of these rows, their values given by column.

        They are perhaps more than one row needs: if somebody lacks one, ask `to_create` of each row.
        """
        if self.is_system:
            return set()
        acts = {Act(self.writes, self._greatest(self.up_to, columns))}
        if self.boundless is not None and None in columns[self.boundless.field]:
            acts.add(Act(self.writes, MAX_MINOR))
        if self.lesser is not None:
            acts.add(Act(self.lesser.any_of))
        for name, right in self.fields.items():
            column = columns[name]
            if right.starts_free or column.count(right.default) == len(column):
                continue
            needed = {right.moves.get(value % ROUND) for value in column} if right.moves else {right.any_of}
            acts |= {Act(each, self._greatest(right.up_to, columns)) for each in needed if each is not None}
        return acts

    def to_begin_with(self, values: Any) -> list[Act]:
        """The rights that a new row needs for fields that do not have their default."""
        acts = []
        for name, right in self.fields.items():
            value = getattr(values, name)
            needed = right.moves.get(value % ROUND) if right.moves else right.any_of
            if needed is not None and value != right.default and not right.starts_free:
                acts.append(Act(needed, self._amount(right.up_to, values)))
        return acts

    def to_edit(self, fields: Mapping[str, Any], held: Any = None) -> list[Act]:
        """The rights that an edit needs.

        Args:
            held: the row, for limits held against a field that the edit does not name; None if there is none yet.
        """
        if self.is_system:
            return []
        acts = set()
        for name, value in fields.items():
            right = self.fields.get(name)
            if right is None:
                acts.add(Act(self.writes))
                continue
            needed = right.moves.get(value % ROUND, right.any_of) if right.moves else right.any_of
            against = fields.get(right.up_to, getattr(held, right.up_to, 0)) if right.up_to else 0
            acts.add(Act(needed or self.writes, abs(against or 0)))
        return sorted(acts, key=lambda act: (sorted(act.any_of), act.amount))

    def broken(self, values: Any) -> RowRule | None:
        """The first rule that a new row breaks."""
        return next((rule for rule in self.rules if not rule.holds(*(getattr(values, n) for n in rule.fields))), None)

    def broken_by_edit(self, fields: Mapping[str, Any]) -> RowRule | None:
        """The first rule that an edit breaks. (Rules over several fields are about ledger fields.)"""
        for rule in self.rules:
            if len(rule.fields) == 1 and rule.fields[0] in fields and not rule.holds(fields[rule.fields[0]]):
                return rule
        return None

    def _greatest(self, name: str | None, columns: Mapping[str, Sequence[Any]]) -> int:
        return max(abs(value or 0) for value in columns[name]) if name else 0

    def _amount(self, name: str | None, values: Any) -> int:
        return abs(getattr(values, name) or 0) if name else 0


def any_of(needs: Needs) -> Needed:
    """The rights of which one is enough."""
    return frozenset({needs}) if isinstance(needs, Permission) else frozenset(needs)


def field_info(by: Needs | None, up_to: str | None, moves: Mapping[Any, Needs] | None = None) -> dict[str, Any]:
    """What a column says of its rights, as `rights_of` reads it."""
    if by is None and not moves:
        assert up_to is None, "a limit belongs to a right"
        return {}
    declared = {int(rank): any_of(needs) for rank, needs in (moves or {}).items()}
    assert all(isinstance(rank, Rank) for rank in moves or {}), "moves are named by their status"
    return {"right": (None if by is None else any_of(by), declared, up_to)}


def rights_of(table: sa.Table, defaults: Mapping[str, Any]) -> TableRights:
    """Read the declarations of a table.

    Args:
        defaults: wire values of fields by name.
    """
    said = table.info
    fields, follows = {}, said.get("follows")
    named = frozenset(follows.fields if follows is not None else ())
    others = {}
    for column in table.columns:
        name = str(column.name)
        if "right" not in column.info and column.info.get("merge") in _CHANGING and name not in named:
            others[name] = defaults.get(name)
        if "right" in column.info:
            by, moves, up_to = column.info["right"]
            default = defaults.get(str(column.name))
            if isinstance(column.type, Lattice):
                default = min(int(rank) for rank in column.type.kind)
            must_begin = default is None and not column.nullable
            fields[str(column.name)] = FieldRight(
                by, moves, up_to, default, starts_free=must_begin or column.info.get("starts_free", False)
            )
    return TableRights(
        writes=any_of(said["writes"]),
        up_to=said.get("up_to"),
        devices=said.get("devices", ALL_DEVICES),
        is_system=bool(said.get("system")),
        follows=follows,
        others=others,
        fields=fields,
        rules=said.get("rules", ()),
        told=said.get("told", ()),
        adds_up_to=said.get("adds_up_to"),
        list_price=said.get("list_price"),
        boundless=said.get("boundless"),
        copied=said.get("copied"),
        combo_parts=said.get("combo_parts"),
        offered=said.get("offered"),
        clouds=said.get("clouds"),
        lesser=said.get("lesser"),
        own=said.get("own"),
        one_device=said.get("one_device"),
        one_fact=said.get("one_fact"),
        proposed=said.get("proposed"),
    )
