"""What the kitchen has made and nobody has served yet: pure. Serving it ends the call."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from shared.menu.weights import measure_text

if TYPE_CHECKING:
    from shared.books.views import LineView, OrderView
    from shared.orders.records import OrderKind
    from terminal.wall.made import MadeDish

Made = tuple[UUID, int]
"""A line, and the portions of it that were made so far: more of them are another call."""


class ReadyCall(NamedTuple):
    """An order of which something waits to be served.

    Attributes:
        opened_by: the person whose table it is.
        waiting: the lines of what waits.
        since: when the last of it was made, if that is known here.
        made: tells what was called already.
    """

    order_id: UUID
    number: str
    kind: OrderKind
    table_name: str
    opened_by: UUID | None
    waiting: tuple[LineView, ...]
    since: datetime | None
    made: frozenset[Made]

    @property
    def dishes(self) -> tuple[str, ...]:
        """What waits, each with its quantity. Only of the calls that are shown somebody reads it."""
        return tuple(map(_dish, self.waiting))


def ready_calls(
    orders: Iterable[OrderView], made: Mapping[UUID, MadeDish], person: UUID | None = None
) -> tuple[ReadyCall, ...]:
    """The orders of which a station has made something that is not on the table, the longest waiting first.

    Args:
        made: what stations have made, until it is served.
        person: whose tables; None: everybody's.
    """
    calls = []
    for order in orders if person is None else (order for order in orders if order.opened_by == person):
        cooked = _cooked(order, made)
        if not cooked:
            continue
        known = [at for line in cooked if (at := made[line.root_id].at) is not None]
        calls.append(
            ReadyCall(
                order.id,
                order.number,
                order.kind,
                order.table_name,
                order.opened_by,
                tuple(cooked),
                max(known, default=None),
                frozenset((line.id, line.made_milli) for line in cooked),
            )
        )
    return tuple(sorted(calls, key=_waits))


def called_orders(orders: Iterable[OrderView], made: Mapping[UUID, MadeDish]) -> frozenset[UUID]:
    """The orders of `ready_calls`."""
    return frozenset(order.id for order in orders if is_called(order, made))


def is_called(order: OrderView, made: Mapping[UUID, MadeDish]) -> bool:
    """Whether an order is one of `ready_calls`."""
    return bool(_cooked(order, made))


def _waits(call: ReadyCall) -> tuple[float, str]:
    return (call.since.timestamp() if call.since is not None else math.inf, call.number)


def _dish(line: LineView) -> str:
    return f"{measure_text(line.made_milli - line.served_milli, line.unit)} {line.item_name}"


def _cooked(order: OrderView, made: Mapping[UUID, MadeDish]) -> list[LineView]:
    """The lines of which a station has made something that is not served."""
    unserved = (line for line in order.lines if line.is_told and line.made_milli > line.served_milli)
    return [line for line in unserved if line.root_id in made]
