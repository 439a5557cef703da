"""The words with which a record declares rules of its rows: what holds for each, and whose and of what they may be.

Pure. `kernel/rights.py` holds a change against them; `kernel/records.py` says where a record declares which.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from shared.kernel.permissions import Permission

Needs = Permission | tuple[Permission, ...]
"""A right, or several of which any one is enough."""
Needed = frozenset[Permission]


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
        fields: ledger fields of which one has a value (or is yes) in such a row, and none in any other.
        differ: the ledger fields in which two creations of one row may differ. One of them stands, see `__whole__`.
        agree: what holds between them for all that: it is asked of its fields in one creation, and then in the other.
    """

    fields: tuple[str, ...]
    differ: frozenset[str]
    agree: RowRule | None = None

    def allows(self, new: Mapping[str, Any], held: Any, name: str) -> bool:
        """Whether a second creation may say another value of a field than the first."""
        return name in self.differ and any(new.get(each) and getattr(held, each) for each in self.fields)

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


NOT_AS_THE_GUEST_ORDERED = "not_as_the_guest_ordered"
"""What an exception says of a line that names a guest's order which does not say it."""


class Proposed(NamedTuple):
    """Rows that say what the cloud proposed in the name of a guest, under the same id. People are asked about others.

    Attributes:
        named_by: the ledger field of a row that names the guest's order; None: nobody proposed it.
        table: the rows of proposals, which have this field, too; the cloud alone writes them.
        same: the fields that a row begins with as its proposal says them.
    """

    named_by: str
    table: str
    same: tuple[str, ...]


NOT_ITS_CHOICE = "not_its_choice"
"""What an exception says of a dish that was sold as what the menu does not offer it as."""


class ComboParts(NamedTuple):
    """Rows that were chosen for the slots of a combo and written with it: one for each slot, as many of each, from its
    own choices. They grow together. People are asked about others.

    Attributes:
        combo, choice, whole: fields of a row; `whole` names what holds the combo.
        quantity, more: its numbers, which count together.
        combos: the table of combos, `of` and `extra` its fields: the item that it is, what its choices add together.
        choices: the table of choices, `slot` and `adds` its fields: what it is a choice for, what it adds.
        slots: the table of slots, `item` its field: the combo's item.
    """

    combo: str
    choice: str
    whole: str
    quantity: str
    more: str
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
        at: the ledger field with the instant at which the row was priced: the moment at which it was written, and not
            before what it is part of began.
        price, rate: fields of a rule: its price, or what it takes off a listed one in millionths.
        kinds: the field of a rule with the kinds of whole for which it holds; empty: all.
        wholes: the table of what rows are parts of, `begun` and `kind` its fields: the instant at which it began, and
            its kind.
    """

    table: str
    named_by: str
    at: str
    price: str
    rate: str
    kinds: str
    wholes: str
    begun: str
    kind: str


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


def is_list_of_ids(said: Any) -> bool:
    """Whether something is a list of ids as text, or nothing."""
    return said is None or (isinstance(said, list) and all(isinstance(each, str) for each in said))


def adds_up(whole: str, *parts: str) -> RowRule:
    """The rule that a ledger field is the sum of others."""
    return RowRule(f"{whole} = {' + '.join(parts)}", (whole, *parts), lambda value, *some: value == sum(some))
