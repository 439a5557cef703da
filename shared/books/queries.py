"""Reading orders for screens: a fixed number of statements for all orders that a floor has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from shared.books.bill_views import (
    DiscountView,
    PrebillView,
    PriceView,
    ServiceView,
    discount_views,
    prebill_views,
    service_views,
)
from shared.books.order_statements import Statements, of_one, of_some, related
from shared.books.views import CheckView, JoinedParty, LineView, OrderView
from shared.kernel.pauses import Between, go_on
from shared.kitchen.firing import FireTime, fire_times
from shared.orders.allergies import Allergy, allergies_at_tables, merged
from shared.orders.rules import BillTotal, LinePrice, end_of
from shared.orders.service_records import GuestAllergy
from shared.payments.bill_records import Prebill
from shared.payments.bills import Adjustments, PricedCheck, groups_of, places_of, price_group
from shared.payments.pricing import adjustments_of
from shared.taxes.rules import CategoryTaxes
from shared.truth.balances import NO_SUMS, credit_of, is_work, state_of
from shared.truth.cooking import served_of
from shared.truth.family import FAMILY_TABLES, LINES, RECEIPT_LINES, VOIDS, Family, compare, unit_price
from shared.truth.plain import PlainLine, plain_of
from shared.truth.portions import modifiers_of, said
from shared.truth.reading import Reader, RowsOfFamily
from shared.truth.spreading import progress_of

ORDERS_AT_ONCE = 10
"""More are read in parts, so that a screen has its turn between them: a backlog may leave a thousand orders open, and
each costs about half a millisecond."""


async def open_orders(
    reader: Reader,
    organization_id: UUID,
    branch_id: UUID,
    taxes: CategoryTaxes,
    waiting: Collection[UUID] = (),
    between: Between = go_on,
) -> list[OrderView]:
    """All orders of a branch about which something is to be done, oldest first.

    Args:
        taxes: the taxes of each category on the civil date in the branch: they price what is owed.
        waiting: orders of which something is to be served, though they may be paid (`shared/books/waiting.py`).
        between: see `Between`.
    """
    given = {"organization": organization_id, "branch": branch_id}
    busy = set((await reader.execute(of_some().busy, given)).scalars())
    together = await _together(reader, organization_id, busy.union(waiting))
    ids = sorted({together.end(each) for each in busy.union(waiting)})
    busy, views = {together.end(each) for each in busy}, list[OrderView]()
    for begin in range(0, len(ids), ORDERS_AT_ONCE):
        await between()
        views += await _views(reader, organization_id, ids[begin : begin + ORDERS_AT_ONCE], taxes)
    return [view for view in views if view.id in busy or view.to_hand_over]


async def count_open_orders(reader: Reader, organization_id: UUID, branch_id: UUID) -> int:
    """How many orders of a branch there are about which something is to be done: not paid, not sent, not served."""
    given = {"organization": organization_id, "branch": branch_id}
    return len((await reader.execute(of_some().busy, given)).all())


async def order_view(reader: Reader, organization_id: UUID, order_id: UUID, taxes: CategoryTaxes) -> OrderView | None:
    """One order, open or not."""
    views = await _views(reader, organization_id, [order_id], taxes)
    return views[0] if views else None


async def _views(reader: Reader, organization_id: UUID, ids: Sequence[UUID], taxes: CategoryTaxes) -> list[OrderView]:
    if not ids:
        return []
    statements, asked = (of_one(), ids[0]) if len(ids) == 1 else (of_some(), list(ids))
    given = {"organization": organization_id, "ids": asked}
    rows = (await reader.execute(statements.orders, given)).all()
    together = _Together({row.id: row.joined_to_id for row in rows})
    if any(together.joined_to.values()):
        together = await _together(reader, organization_id, together.joined_to)
        statements, given = of_some(), {**given, "ids": sorted(together.joined_to)}
        rows = (await reader.execute(statements.orders, given)).all()
    sums = (await reader.execute(statements.checks, given)).all()
    found = await _families(reader, statements, given, taxes)
    checks_of: defaultdict[UUID, list[CheckView]] = defaultdict(list)
    order_of, busy = {}, set()
    priced = found.priced(sums)
    bills = {check_id: each.bill for check_id, each in priced.items()}
    for of in sums:
        order_of[of.id] = end = together.end(of.order_id)
        balances = of if of.facts else NO_SUMS
        checks_of[end].append(
            CheckView(
                of.id,
                state_of(balances),
                bills[of.id],
                credit_of(balances),
                balances.receipts,
                balances.counted_minor,
                *found.bill_views(of.id, priced[of.id]),
            )
        )
        if is_work(balances):
            busy.add(end)
    if elsewhere := found.checks - order_of.keys():
        moved = await reader.execute(statements.orders_of, {**given, "checks": sorted(elsewhere)})
        order_of |= {of.id: together.end(of.order_id) for of in moved}
    lines = found.lines(bills, order_of)
    joined = together.parties(rows)
    known = {row.id for row in rows}
    may_be_allergic = found.has_allergies or not found.ordered_for <= known
    allergies = await _allergies(reader, organization_id, known, together) if may_be_allergic else {}
    is_waiting = any(each.held_milli for of_order in lines.values() for each in of_order)
    times = await _times(reader, organization_id, found.holders(order_of), together, known) if is_waiting else {}
    return [
        _view(
            row,
            checks_of[row.id],
            lines[row.id],
            joined.get(row.id, ()),
            allergies.get(row.id, ()),
            times.get(row.id, {}),
            is_free=row.id not in busy,
        )
        for row in sorted(rows, key=lambda row: row.id)
        if checks_of[row.id] and row.id in ids
    ]


async def _allergies(
    reader: Reader, organization_id: UUID, order_ids: Collection[UUID], together: _Together
) -> dict[UUID, tuple[Allergy, ...]]:
    """What guests of each order, and of the parties that sit with them, may not eat."""
    of_orders = await allergies_at_tables(reader, organization_id, order_ids)
    at_table: defaultdict[UUID, list[Allergy]] = defaultdict(list)
    for order_id, allergies in of_orders.items():
        at_table[together.end(order_id)] += allergies
    return {end: merged(allergies) for end, allergies in at_table.items()}


async def _times(
    reader: Reader,
    organization_id: UUID,
    holders: Mapping[UUID, set[UUID]],
    together: _Together,
    order_ids: Collection[UUID],
) -> dict[UUID, dict[int, FireTime]]:
    """When courses of each order are fired, also where that was said of a party that joined it, or of a dish that was
    moved here: the earliest.

    Args:
        holders: by order, those that show dishes of it.
    """
    found: dict[UUID, dict[int, FireTime]] = {}
    said = await fire_times(reader, organization_id, {*order_ids, *holders})
    for order_id, of_order in sorted(said.items()):
        for end in {together.end(order_id), *holders.get(order_id, ())}:
            times = found.setdefault(end, {})
            for course, time in of_order.items():
                times[course] = min(time, times.get(course, time), key=lambda each: each.at)
    return found


class _Together(NamedTuple):
    """Which orders' parties sit together."""

    joined_to: Mapping[UUID, UUID | None]

    def end(self, order_id: UUID) -> UUID:
        """The order that has the bill of an order's party."""
        return end_of(order_id, self.joined_to)

    def parties(self, rows: Iterable[Any]) -> dict[UUID, tuple[JoinedParty, ...]]:
        """Those that joined each order; whose own bill is over are not named."""
        found: defaultdict[UUID, list[JoinedParty]] = defaultdict(list)
        for row in sorted(rows, key=lambda row: row.id):
            if (end := self.end(row.id)) != row.id and not row.has_left:
                found[end].append(JoinedParty(row.id, row.number, row.table_id, row.table_name, row.guests))
        return {end: tuple(parties) for end, parties in found.items()}


async def _together(reader: Reader, organization_id: UUID, ids: Iterable[UUID]) -> _Together:
    """Which orders' parties sit together with those of some orders: one statement, and one more a step of joining."""
    found: dict[UUID, UUID | None] = {}
    asked, done = set(ids), set[UUID]()
    while asked:
        rows = (await reader.execute(related(), {"organization": organization_id, "ids": sorted(asked)})).all()
        done |= asked
        found |= {row.id: row.joined_to_id for row in rows}
        named = {each for row in rows if row.joined_to_id is not None for each in row}
        asked = named - done
    return _Together(found)


async def _families(
    reader: Reader, statements: Statements, given: Mapping[str, Any], taxes: CategoryTaxes
) -> _Families:
    """The families of some orders, with the discounts and service charges of their checks.

    Most orders have neither voids nor receipts, refunds, discounts, service nor allergies: one statement finds what is
    there.
    """
    families: dict[UUID, RowsOfFamily] = {}
    for line in await reader.execute(statements.of_roots[LINES], given):
        if line.root_id not in families:
            families[line.root_id] = {name: {} for name in FAMILY_TABLES}
        families[line.root_id][LINES][line.id] = line
    found = _Families(families, taxes)
    for name in (await reader.execute(statements.there, given)).scalars().all():
        if name in statements.of_roots:
            for row in await reader.execute(statements.of_roots[name], given):
                if row.root_id in families:
                    families[row.root_id][name][row.id] = row
        elif name == Prebill.__tablename__:
            found.prebills = prebill_views((await reader.execute(statements.prebills, given)).all())
        elif name == GuestAllergy.__tablename__:
            found.has_allergies = True
        else:
            checks = (await reader.execute(statements.check_ids, given)).scalars()
            found.adjustments = await adjustments_of(reader, given["organization"], checks, places_of(families))
    found.look()
    return found


class _Families:
    """Some families, with what is owed of them by check. `look` once all rows are there."""

    def __init__(self, families: Mapping[UUID, RowsOfFamily], taxes: CategoryTaxes) -> None:
        self._families = families
        self._taxes = taxes
        self.adjustments = Adjustments()
        self.prebills: Mapping[UUID, PrebillView] = {}
        self.has_allergies = False
        self._owed: defaultdict[UUID, list[LinePrice]] = defaultdict(list)
        self._plain: list[tuple[PlainLine, RowsOfFamily, int]] = []
        self._compared: list[tuple[Family, RowsOfFamily]] = []

    def look(self) -> None:
        """Compare what is not plain, and find what is owed."""
        for root, rows in self._families.items():
            if root not in rows[LINES]:
                continue  # its first line is not here yet
            plain = plain_of(rows)
            if plain is not None:
                unit_minor = unit_price(root, rows[LINES])
                self._plain.append((plain, rows, unit_minor))
                if plain.portions:
                    self._owe(plain.line, root, plain.portions, unit_minor)
                continue
            family = compare(root, rows)
            self._compared.append((family, rows))
            for line_id, part in family.parts.items():
                if part.owed:
                    self._owe(rows[LINES][line_id], line_id, part.owed, part.unit_minor)

    def _owe(self, line: Any, line_id: UUID, portions: int, unit_minor: int) -> None:
        taxes = self._taxes.get(line.tax_category_id, ())
        self._owed[line.check_id].append(LinePrice(line_id, portions, unit_minor, taxes, line.root_id))

    @property
    def checks(self) -> set[UUID]:
        """The checks on which these lines are."""
        return {line.check_id for rows in self._families.values() for line in rows[LINES].values()}

    @property
    def ordered_for(self) -> set[UUID]:
        """The orders in which these lines were ordered."""
        return {line.order_id for rows in self._families.values() for line in rows[LINES].values()}

    def holders(self, order_of: Mapping[UUID, UUID]) -> Mapping[UUID, set[UUID]]:
        """By order in which lines were ordered: the orders that show them."""
        found: defaultdict[UUID, set[UUID]] = defaultdict(set)
        for rows in self._families.values():
            for line in rows[LINES].values():
                found[line.order_id].add(order_of.get(line.check_id, line.order_id))
        return found

    def priced(self, checks: Iterable[Any]) -> dict[UUID, PricedCheck]:
        """What some checks owe."""
        found: dict[UUID, PricedCheck] = {}
        of_check = self._by_check()
        for group in groups_of(checks):
            families = {root: rows for check in group for root, rows in of_check[check.id].items()}
            found |= price_group(group, self._owed, self.adjustments, families)
        return found

    def _by_check(self) -> defaultdict[UUID, dict[UUID, RowsOfFamily]]:
        """The families of which a line stands on a check, or a receipt of it covers one."""
        found: defaultdict[UUID, dict[UUID, RowsOfFamily]] = defaultdict(dict)
        for root, rows in self._families.items():
            for row in (*rows[LINES].values(), *rows[RECEIPT_LINES].values()):
                found[row.check_id][root] = rows
        return found

    def bill_views(
        self, check_id: UUID, priced: PricedCheck
    ) -> tuple[PriceView, tuple[DiscountView, ...], tuple[ServiceView, ...], PrebillView | None]:
        """What a check was priced with, and the bill that its guests asked for."""
        price = PriceView(check_id, priced.whole)
        discounts = discount_views(check_id, priced, self.adjustments)
        services = service_views(check_id, priced, self.adjustments)
        return price, discounts, services, self.prebills.get(check_id)

    def lines(self, bills: Mapping[UUID, BillTotal], order_of: Mapping[UUID, UUID]) -> dict[UUID, list[LineView]]:
        """The lines by order: a line is shown with its check."""
        found: defaultdict[UUID, list[LineView]] = defaultdict(list)
        for plain, rows, unit_minor in self._plain:
            if plain.portions:
                line = plain.line
                order_id = order_of.get(line.check_id, line.order_id)
                found[order_id].append(_plain_view(plain, rows, unit_minor, bills.get(line.check_id)))
        for family, rows in self._compared:
            ordered_for = rows[LINES][family.root].order_id
            for view in _lines(family, rows, bills):
                found[order_of.get(view.check_id, ordered_for)].append(view)
        return found


def _view(
    row: Any,
    checks: Sequence[CheckView],
    lines: Iterable[LineView],
    joined: tuple[JoinedParty, ...],
    allergies: tuple[Allergy, ...],
    times: Mapping[int, FireTime],
    *,
    is_free: bool,
) -> OrderView:
    return OrderView(
        id=row.id,
        number=row.number,
        kind=row.kind,
        table_id=row.table_id,
        table_name=row.table_name,
        guests=row.guests,
        notes=row.notes,
        promised_at=row.promised_at,
        opened_by=row.opened_by,
        server_id=row.server_id,
        joined=joined,
        currency=row.currency,
        server_name=row.server_name,
        opened_at=row.opened_at,
        has_left=row.has_left,
        is_free=is_free,
        lines=tuple(sorted(lines, key=lambda line: line.id)),
        checks=tuple(checks),
        allergies=allergies,
        fire_times=times,
        source=row.source,
    )


def _lines(family: Family, rows: RowsOfFamily, bills: Mapping[UUID, BillTotal]) -> Iterable[LineView]:
    """The lines of a family; those that were removed before anybody heard of them are not shown."""
    of, progress = rows[LINES], progress_of(family)
    voided: defaultdict[UUID, int] = defaultdict(int)
    for void in rows[VOIDS].values():
        voided[void.line_id] += 0 if void.lifted else void.quantity_milli
    for line_id in sorted(family.parts):
        part, line = family.parts[line_id], of[line_id]
        to_send, made, served, held = progress[line_id]
        cooking = family.cooking[part.content]
        if not part.live and not voided[line_id] and not cooking.withdraw:
            continue
        bill = bills.get(part.check_id)
        total = bill.lines.get(line_id) if bill else None
        modifiers = modifiers_of(line_id, of)
        yield LineView(
            id=line_id,
            root_id=family.root,
            check_id=part.check_id,
            item_id=line.item_id,
            item_name=line.item_name,
            category_name=line.category_name,
            quantity_milli=part.live,
            owed_milli=part.owed,
            voided_milli=voided[line_id],
            to_send_milli=to_send,
            made_milli=made,
            served_milli=served,
            withdrawn_milli=sum(each.withdraw for each in family.cooking.values()) if line_id == family.root else 0,
            unit_minor=part.unit_minor,
            total_minor=total.gross_minor - total.discount_minor if total else 0,
            discount_minor=total.discount_minor if total else 0,
            modifiers=tuple((each["name"], each["price_delta_minor"]) for each in modifiers),
            modifier_ids=tuple(filter(None, map(_uuid, modifiers))),
            notes=said(line_id, of, "notes") or "",
            is_told=family.is_told,
            author=line.author,
            unit=line.unit,
            price_minor=said(line_id, of, "unit_price_minor") or 0,
            held_milli=held,
            course=of[family.root].course,
            seat=said(line_id, of, "seat") or 0,
            was_held=of[family.root].held > 0,
            combo_id=line.combo_id,
            combo_name=line.combo_name,
            price_name=of[family.root].price_name,
            by_guest=of[family.root].guest_order_id is not None,
        )


def _plain_view(plain: PlainLine, rows: RowsOfFamily, unit_minor: int, bill: BillTotal | None) -> LineView:
    """A line that is a family by itself; what `_lines` says of it (a test holds it so)."""
    line, portions, told = plain.line, plain.portions, plain.told
    total = bill.lines.get(line.id) if bill else None
    modifiers = modifiers_of(line.id, rows[LINES])
    return LineView(
        id=line.id,
        root_id=line.id,
        check_id=line.check_id,
        item_id=line.item_id,
        item_name=line.item_name,
        category_name=line.category_name,
        quantity_milli=portions,
        owed_milli=portions,
        voided_milli=0,
        to_send_milli=plain.to_send,
        made_milli=portions - plain.to_make if told is not None else 0,
        served_milli=min(served_of(told), portions) if told is not None else 0,
        withdrawn_milli=0,
        unit_minor=unit_minor,
        total_minor=total.gross_minor - total.discount_minor if total else 0,
        discount_minor=total.discount_minor if total else 0,
        modifiers=tuple((each["name"], each["price_delta_minor"]) for each in modifiers),
        modifier_ids=tuple(filter(None, map(_uuid, modifiers))),
        notes=line.notes or "",
        is_told=told is not None,
        author=line.author,
        unit=line.unit,
        price_minor=line.unit_price_minor or 0,
        held_milli=plain.held,
        course=line.course,
        seat=line.seat or 0,
        was_held=line.held > 0,
        combo_id=line.combo_id,
        combo_name=line.combo_name,
        price_name=line.price_name,
        by_guest=line.guest_order_id is not None,
    )


def _uuid(modifier: Mapping[str, Any]) -> UUID | None:
    """The id of a modifier, unless a hostile device wrote something else there."""
    try:
        return UUID(modifier["id"])
    except ValueError:
        return None
