"""The balances that every replica keeps at hand by its feed, held against the merged rows at full length."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from shared.exceptions.rules import exception_id
from shared.kernel.ids import derived_id
from shared.payments.limits import beyond_discounts, beyond_refunds
from shared.payments.repricing import changes_of, too_much_of
from shared.truth.family import RECEIPT_LINES, TICKET_LINES, Difference, compare
from tests.simulation.ledgers import families_of
from tests.simulation.observer import Broken
from tests.simulation.reference import SPECS, Row


def balances_are_those(name: str, eye: sqlite3.Connection, rows: Mapping[Row, Mapping[str, Any]]) -> None:
    """The balances that a replica keeps are those of its families, each compared at full length, and of its money.

    Raises:
        Broken: they are not.
    """
    checks, tickets, differences = _counted(rows)
    found = {
        key: tuple(amounts)
        for key, *amounts in eye.execute(f"SELECT check_id, {', '.join(CHECK)} FROM check_balances").fetchall()
        if any(amounts)
    }
    _same(name, "check", found, {key: tuple(of[each] for each in CHECK) for key, of in checks.items()})
    asked = eye.execute("SELECT ticket_id, to_make_milli, withdraw_milli FROM ticket_balances").fetchall()
    _same(name, "ticket", {key: tuple(amounts) for key, *amounts in asked if any(amounts)}, tickets)
    sizes = eye.execute("SELECT kind, subject_id, also, size FROM differences").fetchall()
    _same(name, "difference", {tuple(key): (size,) for *key, size in sizes}, differences)
    sales_are_those(name, eye, rows, sum(of["counted_minor"] for of in checks.values()))


def sales_are_those(name: str, eye: sqlite3.Connection, rows: Mapping[Row, Mapping[str, Any]], counted: int) -> None:
    """The sales are what receipts count; by hour less what parties left without paying, which stands beside it.

    Raises:
        Broken: they are not.
    """
    losses = [
        fields
        for (table, _row), fields in rows.items()
        if table == "write_offs" and fields["receipt_id"] is not None and not fields["lifted"]
    ]
    lost = sum(fields["amount_minor"] for fields in losses)
    unpaid = {fields["receipt_id"] for fields in losses if fields["is_whole"]}
    paid = {fields["check_id"] for (table, row), fields in rows.items() if table == "receipts" and row not in unpaid}
    paid -= _given_back_wholly(rows, unpaid)
    kept = {
        "sales_by_item.total_minor": counted,
        "sales_by_hour.total_minor": counted - lost,
        "sales_by_hour.lost_minor": lost,
        "sales_by_hour.checks": len(paid),
    }
    for what, expected in kept.items():
        table, column = what.split(".")
        found = eye.execute(f"SELECT coalesce(sum({column}), 0) FROM {table}").fetchone()[0]
        if found != expected:
            raise Broken(f"{name}: {what} is {found}, receipts and losses say {expected}")


def _given_back_wholly(rows: Mapping[Row, Mapping[str, Any]], unpaid: set[bytes]) -> set[bytes]:
    """The checks of which receipts, besides those that nobody paid, charge no portion any more."""
    gone = _lines_given_back(rows)
    lines = [
        (row, fields["check_id"])
        for (table, row), fields in rows.items()
        if table == "receipt_lines" and fields["receipt_id"] not in unpaid
    ]
    return {check for _row, check in lines} - {check for row, check in lines if row not in gone}


def _lines_given_back(rows: Mapping[Row, Mapping[str, Any]]) -> set[bytes]:
    """The receipt lines that charge no portion any more."""
    back: Counter[bytes] = Counter()
    for (table, _row), fields in rows.items():
        if table == "refund_lines":
            back[fields["receipt_line_id"]] += fields["quantity_milli"]
    return {
        row
        for (table, row), fields in rows.items()
        if table == "receipt_lines" and fields["quantity_milli"] <= back[row]
    }


CHECK = (
    "opened", "has_left", "settled", "receipts", "live_milli", "owed_milli", "late_milli", "spare_milli",
    "to_send_milli", "held_milli", "in_minor", "refunded_minor", "counted_minor", "lost_minor",
)  # fmt: skip


def _counted(rows: Mapping[Row, Mapping[str, Any]]) -> tuple[dict[bytes, Counter[str]], Any, Any]:
    checks: defaultdict[bytes, Counter[str]] = defaultdict(Counter)
    tickets: Counter[tuple[bytes, str]] = Counter()
    differences = {}
    for (table, row), fields in rows.items():
        if table == "orders":
            of = checks[derived_id("check", UUID(bytes=row)).bytes]
            of["opened"] += 1
            of["has_left"] += fields["has_left"]
        elif table == "receipts":
            checks[fields["check_id"]]["receipts"] += 1
            checks[fields["check_id"]]["in_minor"] -= fields["rounding_minor"]
            checks[derived_id("check", UUID(bytes=fields["order_id"])).bytes]["settled"] += 1
        elif table in ("payments", "write_offs"):
            _came_in(checks[fields["check_id"]], table, fields)
        elif table == "refunds":
            checks[fields["check_id"]]["refunded_minor"] += fields["paid_minor"] - fields["rounding_minor"]
    for root, family in families_of(rows).items():
        found = compare(root, family)
        checks[found.parts[root].check_id]["to_send_milli"] += found.to_send
        checks[found.parts[root].check_id]["held_milli"] += found.held
        for part in found.parts.values():
            of = checks[part.check_id]
            of["live_milli"] += part.live
            of["owed_milli"] += part.owed
            of["late_milli"] += part.owed if part.owed == part.live else 0
        for row_id, covered in found.covered.items():
            of = checks[family[RECEIPT_LINES][row_id].check_id]
            of["spare_milli"] += covered.spare
            of["counted_minor"] += covered.counted_minor
        for each in (station for content in found.cooking.values() for station in content.at_stations):
            ticket = each.ticket_line and family[TICKET_LINES][each.ticket_line].ticket_id
            if ticket:
                tickets[ticket, "to_make"] += each.to_make
                tickets[ticket, "withdraw"] += each.withdraw
        for (kind, subject, also, _check), size in found.troubles.items():
            differences[str(kind), subject, also] = (size,)
    differences |= dict(_charged_otherwise(rows))
    differences |= dict(_above_limits(rows))
    asked = {ticket for ticket, _what in tickets}
    by_ticket = {each: (tickets[each, "to_make"], tickets[each, "withdraw"]) for each in asked}
    return (
        {key: of for key, of in checks.items() if any(of.values())},
        {key: amounts for key, amounts in by_ticket.items() if any(amounts)},
        differences,
    )


def _came_in(of: Counter[str], table: str, fields: Mapping[str, Any]) -> None:
    if table == "payments" or not fields["lifted"]:
        of["in_minor"] += fields["amount_minor"] - fields.get("rounding_minor", 0)
        of["lost_minor"] += fields["amount_minor"] if table == "write_offs" else 0


def _charged_otherwise(rows: Mapping[Row, Mapping[str, Any]]) -> Iterator[tuple[tuple[str, bytes, int], tuple[int]]]:
    """What the receipts of each check charge otherwise than its discounts and service charges say."""
    tables = ("receipt_lines", "refund_lines", "discounts", "service_charges")
    checks: defaultdict[bytes, dict[str, dict[bytes, Any]]] = defaultdict(lambda: {name: {} for name in tables})
    for (table, row), fields in rows.items():
        if table in tables:
            checks[fields["check_id"]][table][row] = SPECS[table].values(**fields, stamps=b"")
    for check, of in checks.items():
        lines, refunds, discounts, charges = (of[name] for name in tables)
        too_much = too_much_of(changes_of(lines, refunds.values(), discounts, charges), refunds.values())
        if too_much:
            kind = Difference.CHARGED_TOO_MUCH if too_much > 0 else Difference.CHARGED_TOO_LITTLE
            yield (str(kind), check, 0), (abs(too_much),)
        standing = [row.worth_minor for row in discounts.values() if row.line_id is None and not row.lifted]
        if sum(standing) and not lines:
            yield (str(Difference.DISCOUNT_LEFT_BEHIND), check, 0), (sum(standing),)


def _above_limits(rows: Mapping[Row, Mapping[str, Any]]) -> Iterator[tuple[tuple[str, bytes, int], tuple[int]]]:
    """What people who knew nothing of each other gave away of each order beyond all their limits."""
    tables = ("discounts", "service_charges", "refunds")
    orders: defaultdict[bytes, dict[str, dict[bytes, Any]]] = defaultdict(lambda: {name: {} for name in tables})
    for (table, row), fields in rows.items():
        if table in tables and fields["order_id"] is not None:
            orders[fields["order_id"]][table][row] = SPECS[table].values(**fields, stamps=b"")
    for order, of in orders.items():
        for kind, beyond in (
            (Difference.DISCOUNTS_ABOVE_LIMIT, beyond_discounts(of["discounts"], of["service_charges"])),
            (Difference.REFUNDS_ABOVE_LIMIT, beyond_refunds(of["refunds"].values())),
        ):
            if beyond:
                yield (str(kind), order, 0), (beyond,)


def discounts_are_told(rows: Mapping[Row, Mapping[str, Any]]) -> None:
    """People have worked off what they saw: a rate that was given while a check was paid, and nothing else adjusts it,
    was given back or explained.

    Raises:
        Broken: nobody heard of it.
    """
    adjusting: defaultdict[bytes, list[tuple[bytes, Mapping[str, Any]]]] = defaultdict(list)
    settled = {fields["exception_id"] for (table, _row), fields in rows.items() if table == "settlements"}
    lowered = {
        fields["check_id"] for (table, _), fields in rows.items() if table == "refund_lines" and fields["allowed_milli"]
    }
    gone = _lines_given_back(rows)
    for (table, row), fields in rows.items():
        if table in ("discounts", "service_charges"):
            adjusting[fields["check_id"]].append((row, fields))
    for (table, row), line in rows.items():
        check = line["check_id"] if table == "receipt_lines" else b""
        if len(adjusting[check]) != 1 or row in gone or check in lowered or line["total_minor"] < 100:
            continue
        ((key, fields),) = adjusting[check]
        if not fields["rate_millionths"] or fields["lifted"] or fields.get("line_id") or "worth_minor" not in fields:
            continue
        knew = str(UUID(bytes=key)) in line["adjusted_by"] or str(UUID(bytes=line["receipt_id"])) in fields["seen"]
        if not knew and exception_id(Difference.CHARGED_TOO_MUCH, UUID(bytes=check), 0).bytes not in settled:
            raise Broken(f"check {UUID(bytes=check)} was paid while a discount was given, and nobody heard of it")


def _same(name: str, what: str, found: Mapping[Any, Any], expected: Mapping[Any, Any]) -> None:
    for key in found.keys() | expected.keys():
        if found.get(key) != expected.get(key):
            raise Broken(f"{name}: {what} {key!r} is kept as {found.get(key)}, and is {expected.get(key)}")
