"""POST /api/v1/branches/{id}/orders and GET /api/v1/branches/{id}/orders/{id}."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, SkipValidation

from cloud.accounts.branches import chosen
from cloud.accounts.identity import Person
from cloud.database.transaction import ReadSession
from cloud.edge.idempotency import REPLAYED, KeyGiven
from cloud.edge.operation import Again, Area, Example, command, query
from cloud.lookups.houses import Houses
from cloud.orders.commands import OrderPlacing
from cloud.orders.schemas import OrderPlaced, OrderShown, OrderWanted
from shared.books.queries import order_view
from shared.kernel.errors import NotFound
from shared.kernel.instants import Clock, local_time
from shared.kernel.permissions import Permission
from shared.orders.records import Order
from shared.taxes.queries import rates_in_force

Caller = NamedDependency[SkipValidation[Person]]
Organization = NamedDependency[UUID]
PATH = "/branches/{branch_id:uuid}/orders"
_PLACING_PROBLEMS = """
    ABOVE_LIMIT BRANCH_UNKNOWN COMBO_UNFINISHED FEWER_LEFT IDEMPOTENCY_KEY_REUSED ITEM_IS_COMBO ITEM_NOT_NOW
    ITEM_SOLD_OUT MODIFIER_UNKNOWN NOT_FOUND ORDER_IS_EMPTY PRICE_IS_ASKED PRICE_NOT_SENSIBLE
    QUANTITY_NOT_SENSIBLE TABLE_OUT_OF_SERVICE TOO_FEW_MODIFIERS TOO_MANY_MODIFIERS WEIGHT_NOT_SENSIBLE
"""
_EXAMPLE = Example(
    {
        "kind": "takeout",
        "lines": [{"item_id": "01936b5e-0000-7000-8000-000000000001", "quantity_milli": 2000, "notes": "sin cebolla"}],
        "contact": {"name": "Nora", "phone": "999 111 222"},
    }
)


@command(
    "place_order",
    f"POST {PATH}",
    area=Area.ORDERS,
    rights=Permission.TAKE_ORDER,
    again=Again.KEY_FOR_EVER,
    status=201,
    summary="Place an order",
    example=_EXAMPLE,
    problems=_PLACING_PROBLEMS,
)
async def place_order(
    request: Request[Any, Any, Any],
    branch_id: FromPath[UUID],
    data: JSONBody[OrderWanted],
    idempotency_key: KeyGiven,
    person: Caller,
    organization_id: Organization,
    houses: NamedDependency[SkipValidation[Houses]],
    order_placing: NamedDependency[SkipValidation[OrderPlacing]],
) -> Response[OrderPlaced]:
    """Place an order at the prices of the house. It is open and not sent: somebody there sends it.

    The same key again gives the same order, for ever; with another order it is refused.
    """
    chosen((await houses.of(organization_id)).seen_by(person), branch_id)
    body = data.model_dump_json().encode()
    placed = await order_placing.place(organization_id, person, branch_id, idempotency_key, body, data.placed())
    order = OrderPlaced.of(placed.order, placed.lines)
    headers = {"Location": f"{request.url.path}/{order.id}"} | ({} if placed.is_new else {REPLAYED: "true"})
    return Response(order, headers=headers)


@query(
    "track_order",
    f"{PATH}/{{order_id:uuid}}",
    area=Area.ORDERS,
    rights=Permission.TAKE_ORDER,
    summary="How far an order is",
    problems="BRANCH_UNKNOWN NOT_FOUND",
)
async def one_order(
    branch_id: FromPath[UUID],
    order_id: FromPath[UUID],
    person: Caller,
    organization_id: Organization,
    houses: NamedDependency[SkipValidation[Houses]],
    read: NamedDependency[SkipValidation[ReadSession]],
    clock: NamedDependency[SkipValidation[Clock]],
) -> OrderShown:
    """Give an order as it stands now: what is sent, made, served, paid and still owed."""
    (branch,) = chosen((await houses.of(organization_id, read)).seen_by(person), branch_id)
    order = await read.get(Order, (organization_id, order_id))
    taxes = await rates_in_force(read, organization_id, local_time(clock.now(), branch.zone).date())
    view = await order_view(read, organization_id, order_id, taxes) if order is not None else None
    if view is None or order is None or order.branch_id != branch_id:
        raise NotFound("orders", order_id)
    return OrderShown.of(view, branch_id)
