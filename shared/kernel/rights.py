"""Rights as they are declared on records, and which of them a change needs.

Pure: commands, the session hook and the cloud's judge all read the same declarations (`kernel/records.py` has the
words). Values are wire values; a status is the rank of its number.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from shared.kernel.money import MAX_MINOR
from shared.kernel.permissions import DeviceKind, Permission
from shared.kernel.states import ROUND, Lattice, Rank

Needs = Permission | tuple[Permission, ...]
"""A right, or several of which any one is enough."""
Needed = frozenset[Permission]
ALL_DEVICES = frozenset(DeviceKind)
CLOUD_ONLY = frozenset({DeviceKind.CLOUD})
_CHANGING = frozenset({"register", "state"})
"""The policies of fields that change after their row was written (`Merge`)."""


class RowRule(NamedTuple):
    """What holds for each row by itself. A row that breaks it is no sale, and no replica writes it.

    Attributes:
        name: for people who look for the fault.
        fields: ledger fields, which are written together, or one other field.
        holds: of the wire values of these fields, in this order.
    """

    name: str
    fields: tuple[str, ...]
    holds: Callable[..., bool]


class CloudsRows(NamedTuple):
    """Rows of a table that only the cloud writes, though devices write others.

    Attributes:
        field: a ledger field.
        values: its wire values in these rows.
    """

    field: str
    values: frozenset[Any]


class AddsUpTo(NamedTuple):
    """Rows that were written with their parent, in one transaction, and add up to it.

    Attributes:
        parent: the field that names it.
        amounts: fields of both.
        same: fields of both that say the same.
    """

    parent: str
    amounts: tuple[str, ...]
    same: tuple[str, ...] = ()


class OwnRows(NamedTuple):
    """Rows that a person writes about themselves: that takes no right, only that they work here.

    Attributes:
        person: the ledger field that names whom a row is about.
        unless: a ledger field with which, if it has a value, the row takes the right all the same.
    """

    person: str
    unless: str | None = None

    def is_of(self, values: Any, actor: bytes | None) -> bool:
        """Whether a row (None: not known) is about this actor."""
        if values is None or actor is None or getattr(values, self.person) != actor:
            return False
        return self.unless is None or getattr(values, self.unless) is None


class OneDevice(NamedTuple):
    """Rows that one device alone writes, or that name such a row of another table. People are asked about others.

    Attributes:
        device: the ledger field that names the device.
        parent: the ledger field that names the row which has that field; None: the row itself has it.
        table: the parent's.
        unless: a ledger field with which, if it says something, any device may write the row.
    """

    device: str
    parent: str | None = None
    table: str = ""
    unless: str | None = None


class OneFact(NamedTuple):
    """Rows that follow from a fact though others of their table do not: two devices may each write the same one.

    Attributes:
        field: a ledger field that has a value (or is yes) in such a row and in no other.
        differ: the ledger fields in which two creations of one row may differ. One of them stands, see `__whole__`.
        agree: what holds between them for all that: it is asked of its fields in one creation, and then in the other.
    """

    field: str
    differ: frozenset[str]
    agree: RowRule | None = None

    def allows(self, new: Mapping[str, Any], held: Any, name: str) -> bool:
        """Whether a second creation may say another value of a field than the first."""
        return name in self.differ and bool(new.get(self.field)) and bool(getattr(held, self.field))

    def torn(self, new: Mapping[str, Any], held: Any, defaults: Mapping[str, Any]) -> str | None:
        """The field in which a second creation says another fact than the first; None if they agree.

        Args:
            defaults: what fields say that the second creation leaves out.
        """
        if self.agree is None:
            return None
        names = self.agree.fields
        second = (new.get(name, defaults.get(name)) for name in names)
        return None if self.agree.holds(*second, *(getattr(held, name) for name in names)) else names[0]


OTHER_DEVICE = "other_device"
"""What an exception says that a device wrote which only another may write."""


class LesserRight(NamedTuple):
    """Rows of a table that need another right than the others, without a limit.

    Attributes:
        field: a ledger field that is yes or no; the rows in which it is yes are meant.
        any_of: the rights of which one is enough.
    """

    field: str
    any_of: Needed

    def is_for(self, values: Any) -> bool:
        """Whether a row is one of them."""
        return bool(getattr(values, self.field))


class Follows(NamedTuple):
    """Rows whose id follows from fields of theirs: to write one with such an id takes only the rights of what else it
    says. With any other id it takes the right of the row, like any row.

    Attributes:
        fields: the fields from which the id follows.
        ids: the ids that follow from the wire values of these fields, in this order.
    """

    fields: tuple[str, ...]
    ids: Callable[..., Collection[UUID]]

    def is_so(self, row: bytes, values: Any) -> bool:
        """Whether the id of a row follows from what it says."""
        return UUID(bytes=row) in self.ids(*(getattr(values, name) for name in self.fields))


class Boundless(NamedTuple):
    """Rows that name no bound, and so take the right whatever they come to: nobody whose right has a limit writes one.

    Attributes:
        field: a ledger field with the bound; None: there is none.
        only_if: a ledger field; rows in which it says nothing come to what they say, and need no bound.
    """

    field: str
    only_if: str

    def is_for(self, values: Any) -> bool:
        """Whether a row has no bound and needs one."""
        return getattr(values, self.field) is None and bool(getattr(values, self.only_if))


COPIED_OTHERWISE = "copied_otherwise"
"""What an exception says of a row that copies what the row that it names never said."""


class Copied(NamedTuple):
    """A field that is copied from the row that another field names. People are asked about rows that say what that row
    never said.

    Attributes:
        field: a ledger field.
        named_by: the ledger field with the id of the other row.
        table: the table of that row.
        of: its field.
        reason: what an exception says of it.
    """

    field: str
    named_by: str
    table: str
    of: str
    reason: str = COPIED_OTHERWISE


NOT_ITS_CHOICE = "not_its_choice"
"""What an exception says of a dish that was sold as what the menu does not offer it as."""


class ComboParts(NamedTuple):
    """Rows that were chosen for the slots of a combo and written with it: one for each slot, as many of each, from its
    own choices. People are asked about others.

    Attributes:
        combo, choice, quantity: fields of a row.
        combos: the table of combos, `of` and `extra` its fields: the item that it is, what its choices add together.
        choices: the table of choices, `slot` and `adds` its fields: what it is a choice for, what it adds.
        slots: the table of slots, `item` its field: the combo's item.
    """

    combo: str
    choice: str
    quantity: str
    combos: str
    of: str
    extra: str
    choices: str
    slot: str
    adds: str
    slots: str
    item: str


class OfferedModifiers(NamedTuple):
    """Rows whose modifiers are listed: of groups that their item offers, at what these say. People are asked about
    others.

    Attributes:
        modifiers: the field, a list of {id, price_delta_minor}.
        item: the field that names the item.
    """

    modifiers: str
    item: str


class BranchPrices(NamedTuple):
    """What branches say of a list of the organization: prices of its rows, and rows of their own.

    Attributes:
        table: rows with a branch, an item of the list, and the price there.
        item, price: its fields.
        dishes: the table of rows that branches add to the list, with the columns of the list.
    """

    table: str
    item: str
    price: str
    dishes: str


class PriceRules(NamedTuple):
    """Rules that make another price of a listed one for some hours: a row that names one may have its price.

    Attributes:
        table: the rules: rows with the items and categories that they are for, and the window of local time (see
            `shared/pricing/records.py`).
        named_by: the ledger field of a row that names its rule.
        at: the ledger field with the instant at which the row was priced.
        price, rate: fields of a rule: its price, or what it takes off a listed one in millionths.
    """

    table: str
    named_by: str
    at: str
    price: str
    rate: str


class SharedPrice(NamedTuple):
    """Rows that are parts of a whole with a price of its own: what they begin with is their share of it.

    Attributes:
        whole: the ledger field that names the whole; None: a row is no part.
        choice: the ledger field that says what a part was chosen as. A row that was split off one says nothing.
        share: the ledger field with the share; those of all parts add up to the whole (`AddsUpTo`).
    """

    whole: str
    choice: str
    share: str


class ListPrice(NamedTuple):
    """A price that is copied from a list, and the rights to write another one. People are asked about who lacks them.

    A price counts as listed if the list ever said it, since a device may not have heard of the newest one; or if
    another row of the same whole has it, since one more of what somebody priced is no price of its own.

    Attributes:
        price: the field with the price.
        item: the field that names the listed row.
        whole: the field that names what rows are parts of.
        table: the list.
        listed: the price's field in the list.
        is_open: its flag for rows whose price is asked.
        by: the right to write another price; its limit is held against the difference.
        by_open: the rights to write one where it is asked, of which any one is enough; limits are held against it.
        in_branches: what branches add to the list.
        by_rule: what rules make of listed prices.
        shared: which rows share the price of a whole, which is judged by itself.
    """

    price: str
    item: str
    whole: str
    table: str
    listed: str
    is_open: str
    by: Permission
    by_open: tuple[Permission, ...]
    in_branches: BranchPrices
    by_rule: PriceRules | None = None
    shared: SharedPrice | None = None


def not_negative(*names: str) -> tuple[RowRule, ...]:
    """Rules that fields are at least 0, where they have a value."""
    return tuple(
        RowRule(f"{name} is not negative", (name,), lambda value: value is None or value >= 0) for name in names
    )


def adds_up(whole: str, *parts: str) -> RowRule:
    """The rule that a ledger field is the sum of others."""
    return RowRule(f"{whole} = {' + '.join(parts)}", (whole, *parts), lambda value, *some: value == sum(some))


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
    )
