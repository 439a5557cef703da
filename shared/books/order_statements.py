"""The statements of `queries`, each built once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from shared.kernel.columns import Key
from shared.kernel.records import Base
from shared.orders.records import Order, OrderLine
from shared.orders.service_records import GuestAllergy
from shared.payments.adjustment_records import Discount
from shared.payments.adjustment_records import ServiceCharge as ServiceRow
from shared.payments.bill_records import Prebill
from shared.payments.records import Check
from shared.truth.family import FAMILY_TABLES, LINES
from shared.truth.records import check_balances, is_busy


class Statements(NamedTuple):
    """What is asked of some orders.

    Attributes:
        checks: with their sums.
        orders_of: the orders of some `checks`, by id.
        of_roots: by table, the rows of the families of which anything was ordered here or stands on a check of here.
        there: the names of the other tables that have such rows; of discounts or service charges, that name.
        prebills: of the checks.
    """

    busy: sa.Select[Any]
    orders: sa.Select[Any]
    checks: sa.Select[Any]
    orders_of: sa.Select[Any]
    check_ids: sa.Select[Any]
    of_roots: Mapping[str, sa.Select[Any]]
    there: sa.CompoundSelect[Any]
    prebills: sa.Select[Any]


@cache
def related() -> sa.Select[Any]:
    """Some orders, and those whose parties joined them."""
    orders = Order.__table__.c
    ids: sa.BindParameter[Any] = sa.bindparam("ids", expanding=True, type_=Key())
    return sa.select(orders.id, orders.joined_to_id).where(
        orders.organization_id == sa.bindparam("organization"), sa.or_(orders.id.in_(ids), orders.joined_to_id.in_(ids))
    )


@cache
def of_some() -> Statements:
    """Of orders whose ids are a list."""
    return _asking(lambda column: column.in_(sa.bindparam("ids", expanding=True, type_=Key())))


@cache
def of_one() -> Statements:
    """Without lists, which are written into the statement at each reading: a key press waits for one order."""
    return _asking(lambda column: column == sa.bindparam("ids", type_=Key()))


def _asking(is_asked: Callable[[Any], sa.ColumnElement[bool]]) -> Statements:
    """Cached by the callers: building one takes longer than running it.

    Args:
        is_asked: the condition that a column names an order that is asked about.
    """
    organization: sa.BindParameter[UUID] = sa.bindparam("organization")
    orders, checks, lines, sums = Order.__table__, Check.__table__, OrderLine.__table__.c, check_balances.c
    same = sa.and_(
        sums.organization_id == checks.c.organization_id,
        sums.branch_id == checks.c.branch_id,
        sums.check_id == checks.c.id,
    )
    ours = sa.and_(checks.c.organization_id == organization, is_asked(checks.c.order_id))
    check_ids = sa.select(checks.c.id).where(ours)
    here = sa.or_(is_asked(lines.order_id), lines.check_id.in_(check_ids))
    roots = sa.select(lines.root_id).where(lines.organization_id == organization, here)
    of_family = {name: Base.metadata.tables[name] for name in FAMILY_TABLES}
    of_roots = {name: _among(table, table.c.root_id, roots) for name, table in of_family.items()}
    of_checks = [_among(kind.__table__, kind.__table__.c.check_id, check_ids) for kind in (Discount, ServiceRow)]
    discount, ordered = Discount.__table__, sa.select(lines.id).where(lines.organization_id == organization, here)
    of_checks.append(_among(discount, discount.c.line_id, ordered))
    prebills = _among(Prebill.__table__, Prebill.__table__.c.check_id, check_ids)
    there = [_if_any(name, sa.exists(query)) for name, query in of_roots.items() if name != LINES]
    adjusted = sa.or_(*(sa.exists(query) for query in of_checks))
    allergies = GuestAllergy.__table__.c
    said = sa.select(allergies.id).where(allergies.organization_id == organization, is_asked(allergies.order_id))
    return Statements(
        busy=sa.select(checks.c.order_id)
        .join_from(check_balances, checks, same)
        .where(sums.organization_id == organization, sums.branch_id == sa.bindparam("branch"), is_busy(sums))
        .distinct(),
        orders=sa.select(orders).where(
            orders.c.organization_id == organization, sa.or_(is_asked(orders.c.id), is_asked(orders.c.joined_to_id))
        ),
        checks=sa.select(
            checks.c.id,
            checks.c.order_id,
            checks.c.split_of_id,
            checks.c.inherits,
            *(each for each in sums if each.name in _AMOUNTS),
        )
        .join_from(checks, check_balances, same, isouter=True)
        .where(ours)
        .order_by(checks.c.id),
        orders_of=sa.select(checks.c.id, checks.c.order_id).where(
            checks.c.organization_id == organization,
            checks.c.id.in_(sa.bindparam("checks", expanding=True, type_=Key())),
        ),
        check_ids=check_ids,
        of_roots=of_roots,
        there=sa.union_all(
            *there,
            _if_any(Discount.__tablename__, adjusted),
            _if_any(Prebill.__tablename__, sa.exists(prebills)),
            _if_any(GuestAllergy.__tablename__, sa.exists(said)),
        ),
        prebills=prebills.order_by(Prebill.__table__.c.id),
    )


_AMOUNTS = frozenset(each.name for each in check_balances.c if not each.primary_key)


def _among(table: Any, column: sa.ColumnElement[Any], keys: sa.Select[Any]) -> sa.Select[Any]:
    return sa.select(table).where(table.c.organization_id == sa.bindparam("organization"), column.in_(keys))


def _if_any(name: str, condition: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return sa.select(sa.literal_column(f"'{name}'").label("name")).where(condition)
