"""Orders and their lines, with what was true when they were taken (name, price, tax) kept in the line.

Rows say only what people did. Whether a line is sent, made, paid or gone is read off the ledgers (`shared/truth/`).
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from shared.kernel.columns import Choice, Day, Flag, Instant, Key, Listed, Whole, Words
from shared.kernel.declared import (
    NOT_ITS_CHOICE,
    AddsUpTo,
    BranchPrices,
    ComboParts,
    Copied,
    ListPrice,
    OfferedModifiers,
    OneFact,
    PriceRules,
    Proposed,
    RowRule,
    SharedPrice,
    is_list_of_ids,
    not_negative,
)
from shared.kernel.permissions import Permission
from shared.kernel.quantity import FINE
from shared.kernel.records import BranchRecord, belongs_to, ledger, once, register, total
from shared.menu.records import IS_COURSE
from shared.truth.portions import is_modifier


class OrderKind(StrEnum):
    """How the guest gets it."""

    DINE_IN = "dine_in"
    TAKEOUT = "takeout"
    DELIVERY = "delivery"


class OrderSource(StrEnum):
    """By what an order was taken."""

    TILL = "till"
    API = "api"
    GUEST = "guest"


class Order(BranchRecord):
    """What one party wants. `number` is what people call out: the device's letter and the day's count.

    `has_left` says that the party went; what it still owes keeps its table. `promised_at`: when the guest was told that
    it is ready, or there. `server_id`: who serves it now, `server_name` as they were called then; it begins with who
    opened it. `joined_to_id`: the order with whose party it sits together; all its checks follow, whatever is added to
    them (`rules.py`, `end_of`). None parts them. `party_id`: the reservation with which its guests came, whose key
    seals who they are; None: they came without. `beside`: the orders at its table that were known to who seated it
    there, as text: to them it is no second opening of the table. `source`: what took it, a device or a program of
    others. `guest_order_id`: the guest's order with which it was opened, by whichever device was first to accept that.
    """

    __tablename__ = "orders"
    __writes__ = Permission.TAKE_ORDER
    __rules__ = (*not_negative("guests"), RowRule("it names orders", ("beside",), is_list_of_ids))
    __one_fact__ = OneFact(("guest_order_id",), frozenset({"number", "opened_by", "business_date"}))
    __whole__ = True
    __told__ = ("number", "table_name")
    __table_args__ = (
        belongs_to("branch_id", "branches"),
        Index("ix_orders_business_date", "branch_id", "business_date"),
        Index("ix_orders_number", "branch_id", "organization_id", "number"),
        belongs_to("joined_to_id", "orders"),
        Index("ix_orders_joined_to_id", "joined_to_id", "organization_id"),
    )
    number: Mapped[str] = ledger(Words(16))
    kind: Mapped[OrderKind] = register(Choice(OrderKind, fallback=OrderKind.TAKEOUT))
    table_id: Mapped[UUID | None] = register(Key(), nullable=True)
    table_name: Mapped[str] = register(Words(40), default="")
    guests: Mapped[int] = register(Whole(), default=0)
    notes: Mapped[str] = register(Words(280), default="")
    promised_at: Mapped[datetime | None] = register(Instant(), nullable=True)
    currency: Mapped[str] = ledger(Words(3))
    opened_at: Mapped[datetime] = ledger(Instant())
    opened_by: Mapped[UUID | None] = ledger(Key(), nullable=True)
    server_id: Mapped[UUID | None] = register(Key(), nullable=True)
    server_name: Mapped[str] = register(Words(120), default="")
    joined_to_id: Mapped[UUID | None] = register(Key(), nullable=True)
    party_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    beside: Mapped[list[str]] = register(Listed(), default=list)
    business_date: Mapped[date] = ledger(Day())
    source: Mapped[OrderSource] = ledger(Choice(OrderSource, fallback=OrderSource.TILL), default=OrderSource.TILL)
    guest_order_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    has_left: Mapped[bool] = once()


BY_RULE = PriceRules(
    "price_rules",
    named_by="price_rule_id",
    at="added_at",
    price="price_minor",
    rate="rate_millionths",
    kinds="kinds",
    wholes="orders",
    begun="opened_at",
    kind="kind",
)
"""What price rules make of a listed price; a line names the rule that it was priced by."""
MOST_SEATS = 99
"""Seats of one order that a line can name."""
_HAS_SEAT = RowRule("it is a seat", ("seat",), lambda seat: seat is None or 0 <= seat <= MOST_SEATS)
_IS_A_PART = (
    RowRule(
        "a part of a combo names its choice",
        ("combo_id", "combo_choice_id", "part_of_id"),
        lambda combo, choice, part_of: combo is None or choice is not None or part_of is not None,
    ),
    RowRule(
        "only a part of a combo has a share, and no line that was split off it",
        ("combo_id", "share_minor", "part_of_id"),
        lambda combo, share, part_of: not share or (combo is not None and part_of is None),
    ),
)
_HAS_MODIFIERS = RowRule(
    "modifiers are modifiers",
    ("modifiers",),
    lambda modifiers: modifiers is None or (isinstance(modifiers, list) and all(map(is_modifier, modifiers))),
)


class DishColumns:
    """What a line keeps of the dish as it was ordered, and never changes."""

    item_id: Mapped[UUID] = ledger(Key())
    item_name: Mapped[str] = ledger(Words(120))
    kitchen_name: Mapped[str] = ledger(Words(60), default="")
    category_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    category_name: Mapped[str] = ledger(Words(120), default="")
    tax_category_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    station_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    unit: Mapped[str] = ledger(Words(12), default="")
    listed_minor: Mapped[int | None] = ledger(Whole(), nullable=True)
    combo_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    combo_choice_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    combo_name: Mapped[str] = ledger(Words(120), default="")
    share_minor: Mapped[int] = ledger(Whole(), default=0)
    price_rule_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    price_name: Mapped[str] = ledger(Words(60), default="")


PROPOSED_OF_LINE = (
    *(name for name in DishColumns.__annotations__),
    "unit_price_minor",
    "quantity_milli",
    "modifiers",
    "notes",
)
"""What a line says as the guest's order says it. People may change the last four afterwards."""


class OrderLine(DishColumns, BranchRecord):
    """One dish or drink, some number of times: a root, or a part that was split off another line.

    `quantity_milli` is what was typed for this line itself; `more_milli` what its author's "one more" added; a part
    holds `taken_milli` of the line `part_of_id`, and `taken_fine` (of `FINE` parts of a thousandth) more to be exact: a
    third is no 0.333. `unit_price_minor`, `modifiers` (a list of {id, name,
    price_delta_minor}, twice what was chosen twice) and `notes` of a part are None until somebody sets them: the line
    that it was split off says them. `author` is the stream that wrote the line. `kitchen_name`: what walls and kitchen
    papers call it. `seat`: for which guest (0: nobody's); None: as the line says that it was split off.

    `course` (0: none), `held` and `fired` are those of the root: its family waits for its course while it was held more
    often than fired. What waits is not to send.

    A part of a combo names it (`combo_id`, `combo_name`) and what it was chosen as (`combo_choice_id`); `share_minor`
    is its share of the combo's price, with which its own price begins. `price_rule_id`, `price_name`: the rule by which
    it was priced as it was ordered, whatever the hour at which it is paid. `listed_minor`: what the menu or that rule
    said then; another `unit_price_minor` was typed by somebody. `gathered_from_id`: the check from which it came to the
    one bill of parties that sit together (`payments/joining.py`). `guest_order_id`: the guest's order that says this
    line, under the same id: whichever device accepts it has written this line (`shared/guests/`).
    """

    __tablename__ = "order_lines"
    __writes__ = Permission.TAKE_ORDER
    __one_fact__ = OneFact(("guest_order_id",), frozenset({"author"}))
    __proposed__ = Proposed("guest_order_id", "guest_order_lines", PROPOSED_OF_LINE)
    __rules__ = (
        *not_negative("unit_price_minor", "taken_milli", "share_minor"),
        RowRule("it is less than a thousandth", ("taken_fine",), lambda fine: abs(fine) < FINE),
        _HAS_MODIFIERS,
        _HAS_SEAT,
        *_IS_A_PART,
        *IS_COURSE,
    )
    __told__ = ("item_name", "quantity_milli", "unit_price_minor")
    __list_price__ = ListPrice(
        price="unit_price_minor",
        item="item_id",
        whole="order_id",
        table="items",
        listed="price_minor",
        is_open="open_price",
        by=Permission.OVERRIDE_PRICE,
        by_open=(Permission.SET_OPEN_PRICE, Permission.OVERRIDE_PRICE),
        in_branches=BranchPrices("branch_prices", "item_id", "price_minor", dishes="branch_items"),
        by_rule=BY_RULE,
        shared=SharedPrice("combo_id", "combo_choice_id", "share_minor"),
    )
    __adds_up_to__ = AddsUpTo("combo_id", ("share_minor",), same=("order_id",))
    __copied__ = Copied(
        "item_id", named_by="combo_choice_id", table="combo_choices", of="item_id", reason=NOT_ITS_CHOICE
    )
    __combo_parts__ = ComboParts(
        combo="combo_id",
        choice="combo_choice_id",
        whole="order_id",
        quantity="quantity_milli",
        more="more_milli",
        combos="order_combos",
        of="item_id",
        extra="extra_minor",
        choices="combo_choices",
        slot="slot_id",
        adds="price_delta_minor",
        slots="combo_slots",
        item="item_id",
    )
    __offered__ = OfferedModifiers("modifiers", "item_id")
    __table_args__ = (
        belongs_to("order_id", "orders"),
        belongs_to("root_id", "order_lines"),
        belongs_to("check_id", "checks"),
        belongs_to("combo_id", "order_combos"),
        belongs_to("combo_choice_id", "combo_choices"),
        Index("ix_order_lines_order_id", "order_id", "organization_id", "id"),
        Index("ix_order_lines_root_id", "root_id", "organization_id"),
        Index("ix_order_lines_check_id", "check_id", "organization_id"),
        Index("ix_order_lines_item_id", "item_id", "organization_id", "added_at"),
    )
    order_id: Mapped[UUID] = ledger(Key())
    root_id: Mapped[UUID] = ledger(Key())
    part_of_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    author: Mapped[UUID] = ledger(Key())
    check_id: Mapped[UUID] = register(Key())
    gathered_from_id: Mapped[UUID | None] = register(Key(), nullable=True)
    unit_price_minor: Mapped[int | None] = register(
        Whole(), nullable=True, by=(Permission.SET_OPEN_PRICE, Permission.OVERRIDE_PRICE), starts_free=True
    )
    quantity_milli: Mapped[int] = register(Whole())
    more_milli: Mapped[int] = total()
    taken_milli: Mapped[int] = ledger(Whole(), default=0)
    taken_fine: Mapped[int] = ledger(Whole(), default=0)
    modifiers: Mapped[list[dict[str, Any]] | None] = register(Listed(), nullable=True)
    notes: Mapped[str | None] = register(Words(280), nullable=True)
    seat: Mapped[int | None] = register(Whole(), nullable=True)
    course: Mapped[int] = register(Whole(), default=0)
    held: Mapped[int] = total(by=Permission.SEND_ORDER)
    fired: Mapped[int] = total(by=Permission.SEND_ORDER, counts="held")
    guest_order_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    added_at: Mapped[datetime] = ledger(Instant())


def is_held_line(columns: Any) -> sa.ColumnElement[bool]:
    """The condition that the family of a root waits for its course."""
    return cast("sa.ColumnElement[bool]", columns.held > columns.fired)


def _index_held(table: sa.Table) -> None:
    """An index of what waits alone, so that a list of it never reads history."""
    condition, columns = is_held_line(table.c), (table.c.branch_id, table.c.organization_id, table.c.id)
    sa.Index("ix_order_lines_held", *columns, sqlite_where=condition)


_index_held(cast("sa.Table", OrderLine.__table__))


def _index_gathered(table: sa.Table) -> None:
    """An index of what went to the one bill of parties that sit together: a few lines of many."""
    of = table.c.gathered_from_id
    condition = of.is_not(None)
    sa.Index("ix_order_lines_gathered", of, table.c.organization_id, sqlite_where=condition)


_index_gathered(cast("sa.Table", OrderLine.__table__))

_VOIDS_SOMETHING = RowRule("it voids something", ("quantity_milli",), lambda quantity: quantity > 0)
_THROWS_WHAT_IT_VOIDS = RowRule(
    "it throws away no more than it voids",
    ("thrown_milli", "quantity_milli", "content_id"),
    lambda thrown, quantity, content: thrown <= quantity and (not thrown or content is not None),
)


class LineVoid(BranchRecord):
    """Portions that are not to be charged: sent ones with a reason, or what a refund took back.

    `seen_milli`: how many portions the family had when it was voided. `begun`: the device that wrote it knew, or could
    not rule out, that cooking had begun for them; that takes the right, and so does waste. `thrown_milli` of them were
    made (as `content_id` says) and are waste. `lifted`: the void was a mistake.

    A device that has not heard of the cooking says honestly that it has not begun, and its void stands. One that lies
    spares itself the right alone: reason and author stand, and people are asked about what was made
    (CHANGED_AFTER_COOKING).
    """

    __tablename__ = "line_voids"
    __writes__ = (Permission.TAKE_ORDER, Permission.VOID_SENT_LINE)
    __rules__ = (*not_negative("seen_milli", "thrown_milli"), _VOIDS_SOMETHING, _THROWS_WHAT_IT_VOIDS)
    __told__ = ("quantity_milli", "reason")
    __table_args__ = (
        belongs_to("line_id", "order_lines"),
        belongs_to("root_id", "order_lines"),
        Index("ix_line_voids_root_id", "root_id", "organization_id"),
        Index("ix_line_voids_voided_at", "branch_id", "organization_id", "voided_at"),
    )
    order_id: Mapped[UUID] = ledger(Key())
    root_id: Mapped[UUID] = ledger(Key())
    line_id: Mapped[UUID] = ledger(Key())
    seen_milli: Mapped[int] = ledger(Whole())
    quantity_milli: Mapped[int] = ledger(Whole())
    begun: Mapped[bool] = ledger(Flag(), default=False, by=Permission.VOID_SENT_LINE)
    thrown_milli: Mapped[int] = ledger(Whole(), default=0, by=Permission.VOID_SENT_LINE)
    content_id: Mapped[UUID | None] = ledger(Key(), nullable=True)
    reason: Mapped[str] = ledger(Words(120), default="")
    voided_at: Mapped[datetime] = ledger(Instant())
    voided_by: Mapped[UUID | None] = ledger(Key(), nullable=True)
    lifted: Mapped[bool] = once(by=Permission.VOID_SENT_LINE)
