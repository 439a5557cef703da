"""Orders with their lines, and what the kitchen was asked for, as the API gives them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from cloud.api.resource import Field, Filter, Of, Part, Resource, Row, Sort, between, equal, fields_of, worked_out
from cloud.api.shapes import ChosenModifier
from cloud.edge.operation import Area
from shared.kernel.permissions import Permission
from shared.kitchen.records import KitchenTicket, TicketLine
from shared.orders.combo_records import OrderCombo
from shared.orders.records import LineVoid, Order, OrderLine
from shared.payments.records import Check
from shared.truth.balances import CheckState, state_of
from shared.truth.records import check_balances, is_asked, is_busy, ticket_balances

_order: Any = Order.__table__.c
_line: Any = OrderLine.__table__.c
_void: Any = LineVoid.__table__.c
_combo: Any = OrderCombo.__table__.c
_check: Any = Check.__table__.c
_ticket: Any = KitchenTicket.__table__.c
_told: Any = TicketLine.__table__.c
_sums: Any = check_balances.c
_asked: Any = ticket_balances.c
SUMS_OF_CHECK = sa.and_(
    _sums.organization_id == _check.organization_id, _sums.branch_id == _check.branch_id, _sums.check_id == _check.id
)


_OF_SUMS = "sum_"
STATE_OF_CHECK = (
    *(Field(f"{_OF_SUMS}{each.name}", each, int, is_shown=False) for each in check_balances.c if not each.primary_key),
    worked_out("state", CheckState, "`open`: not paid; `owed`, `short`, `to_give_back`: paid, and it changed"),
    worked_out("paid_minor", int, "what came in; in minor units of the currency"),
    worked_out("given_back_minor", int, "in minor units of the currency"),
    worked_out("charged_minor", int, "what receipts say; in minor units of the currency"),
)
"""Fields of a check that follow from its sums; the statement joins them by `SUMS_OF_CHECK`."""


class _Sums:
    """The sums of a check out of a row."""

    def __init__(self, row: Row) -> None:
        self._row = row

    def __getattr__(self, name: str) -> int:
        return self._row[f"{_OF_SUMS}{name}"] or 0


def tell_state(row: Row) -> None:
    """Say a check in a word, of its sums."""
    sums: Any = _Sums(row)
    row["state"] = state_of(sums)
    row["paid_minor"], row["given_back_minor"], row["charged_minor"] = (
        sums.in_minor,
        sums.refunded_minor,
        sums.counted_minor,
    )
    for each in STATE_OF_CHECK:
        if not each.is_shown:
            del row[each.name]


def _is_open(wanted: bool) -> sa.ColumnElement[bool]:
    """Whether something is to be done about a check of an order."""
    busy = sa.exists().where(
        _check.organization_id == _order.organization_id, _check.order_id == _order.id, SUMS_OF_CHECK, is_busy(_sums)
    )
    return busy if wanted else ~busy


def _is_waiting(wanted: bool) -> sa.ColumnElement[bool]:
    """Whether the kitchen has something to do about a ticket."""
    asked = sa.exists().where(
        _asked.organization_id == _ticket.organization_id,
        _asked.branch_id == _ticket.branch_id,
        _asked.ticket_id == _ticket.id,
        is_asked(ticket_balances.c),
    )
    return asked if wanted else ~asked


ORDERS = Resource(
    "orders",
    "order",
    Order,
    area=Area.ORDERS,
    rights=Permission.TAKE_ORDER,
    of=Of.BRANCH,
    sort=Sort(_order.business_date),
    fields=fields_of(
        Order,
        "branch_id number kind source table_id table_name guests notes promised_at currency opened_at opened_by"
        " server_id server_name joined_to_id business_date has_left",
        said={"joined_to_id": "the order with whose party it sits together"},
    ),
    filters=(
        *between(_order.business_date, "business date"),
        equal(_order.number),
        equal(_order.kind),
        equal(_order.source),
        equal(_order.table_id),
        Filter("open", bool, _is_open, "whether something is still to be sent, paid or given back"),
    ),
    parts=(
        Part(
            "lines",
            "OrderLine",
            OrderLine,
            _line.order_id,
            fields_of(
                OrderLine,
                "root_id part_of_id check_id item_id item_name category_id category_name station_id unit"
                " unit_price_minor quantity_milli more_milli taken_milli modifiers notes seat course combo_id"
                " combo_name price_name added_at",
                {"modifiers": list[ChosenModifier]},
                {
                    "part_of_id": "the line that it was split off; what is null here stands there",
                    "more_milli": "added by “one more”",
                    "taken_milli": "of the line that it was split off",
                },
            ),
        ),
        Part(
            "voids",
            "LineVoid",
            LineVoid,
            _void.order_id,
            fields_of(LineVoid, "root_id line_id quantity_milli thrown_milli begun reason voided_at voided_by lifted"),
        ),
        Part(
            "combos",
            "OrderCombo",
            OrderCombo,
            _combo.order_id,
            fields_of(OrderCombo, "item_id name price_minor extra_minor share_minor added_at"),
        ),
        Part(
            "checks",
            "OrderCheck",
            Check,
            _check.order_id,
            (*fields_of(Check, "split_of_id"), *STATE_OF_CHECK),
            beside=((check_balances, SUMS_OF_CHECK),),
            finish=tell_state,
        ),
    ),
    about="Give orders with their lines, the newest business date first.",
)
TICKETS = Resource(
    "kitchen_tickets",
    "kitchen_ticket",
    KitchenTicket,
    area=Area.KITCHEN,
    rights=Permission.WORK_KITCHEN,
    of=Of.BRANCH,
    sort=Sort(_ticket.fired_at),
    fields=fields_of(
        KitchenTicket,
        "branch_id order_id station_id moved_to number part course kind table_name server_name notes fired_at bumped_at"
        " started rushed",
        said={"part": "counts the sendings of the order", "moved_to": "the station that makes it in place of its own"},
    ),
    filters=(
        equal(_ticket.order_id),
        equal(_ticket.station_id),
        Filter("waiting", bool, _is_waiting, "whether something is still to be made or taken back"),
    ),
    parts=(
        Part(
            "lines",
            "TicketLine",
            TicketLine,
            _told.ticket_id,
            fields_of(
                TicketLine,
                "root_id station_id item_name modifiers additions unit notes combo_name position told_milli back_milli"
                " wasted_milli made served_milli returned_milli",
                {"modifiers": list[str], "additions": list[str]},
                {"made": "in thousandths"},
            ),
            order=(_told.position,),
        ),
    ),
    about="Give what the kitchen was asked for, the latest first.",
)

ALL = (ORDERS, TICKETS)
