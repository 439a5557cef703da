"""The ledgers of a branch as its merged rows say them, counted here apart from `shared/truth/`.

`agree` holds in every state in which all have met; `are_settled` only once people have worked off what they saw. What
`shared/truth/` says of each family is held against plain sums of its rows.
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from shared.exceptions.rules import exception_id
from shared.kernel.ids import derived_id
from shared.payments.repricing import changes_of, too_much_of
from shared.truth.family import (
    FAMILY_TABLES,
    LINES,
    RECEIPT_LINES,
    REFUND_LINES,
    TICKET_LINES,
    VOIDS,
    Difference,
    compare,
)
from tests.simulation.observer import Broken
from tests.simulation.reference import SPECS, Row

ROUND = 10**12
"""How a tally is stored: round and total."""
FamilyRows = dict[str, dict[bytes, Any]]


def families_of(rows: Mapping[Row, Mapping[str, Any]]) -> dict[bytes, FamilyRows]:
    """The rows of each family, as a replica's sums are told them."""
    found: defaultdict[bytes, FamilyRows] = defaultdict(lambda: {name: {} for name in FAMILY_TABLES})
    for (table, row), fields in rows.items():
        if table in FAMILY_TABLES:
            found[fields["root_id"]][table][row] = SPECS[table].values(**fields, stamps=b"")
    return {root: family for root, family in found.items() if family[LINES]}


def agree(rows: Mapping[Row, Mapping[str, Any]]) -> None:
    """Whatever was split, moved, voided and paid: no portion is lost, none is there twice, and each is somebody's.

    Raises:
        Broken: a ledger does not agree with another.
    """
    _joined_one_way(rows)
    for root, family in families_of(rows).items():
        try:
            _family_agrees(root, family)
        except AssertionError as error:
            raise Broken(f"family {UUID(bytes=root)}: {error}") from error


def _joined_one_way(rows: Mapping[Row, Mapping[str, Any]]) -> None:
    """No two orders have each other's first check: then both would be over, and each would have the other's lines."""
    order_of = {row: fields["order_id"] for (table, row), fields in rows.items() if table == "checks"}
    first = {derived_id("check", UUID(bytes=row)).bytes: row for table, row in rows if table == "orders"}
    into = {order: order_of.get(check, order) for check, order in first.items()}
    for order, stays in into.items():
        if stays != order and into.get(stays) == order:
            raise Broken(f"orders {UUID(bytes=order)} and {UUID(bytes=stays)} were joined to each other")


def _family_agrees(root: bytes, rows: FamilyRows) -> None:
    found = compare(root, rows)
    ordered, voided, live = _live(rows)
    voids = rows[VOIDS].values()
    parts, cooking = found.parts.values(), found.cooking
    assert sum(part.live for part in parts) == live, f"{ordered} ordered, {voided} voided, and other than {live} live"
    assert sum(each.wanted for each in cooking.values()) == live, f"other than {live} wanted of the kitchen"
    wanted: Counter[bytes] = Counter()
    for part in parts:
        wanted[part.content] += part.live
    thrown: Counter[bytes | None] = Counter()
    for void in voids:
        thrown[void.content_id] += void.thrown_milli
    for row_id, row in rows[TICKET_LINES].items():
        if row.also_of_id is not None:
            _also_agrees(row_id, row, cooking[row.content_id], wanted[row.content_id])
            continue
        each = cooking[row.content_id]
        expected = max(0, row.told_milli - row.back_milli - thrown[row.content_id])
        good = max(0, row.made % ROUND - row.wasted_milli - thrown[row.content_id])
        assert (each.expected, each.good) == (expected, good), f"the kitchen expects {expected}, and has {good} made"
        assert each.untold == max(0, wanted[row.content_id] - expected), "to send is what is wanted and not told"
        assert row.made >= ROUND or row.wasted_milli <= row.made, "what nobody made is waste"
        if row.station_id is not None:
            too_much = max(0, max(expected, good) - wanted[row.content_id])
            assert each.withdraw == too_much, "withdrawn is what is told and not wanted"
            assert each.to_make == max(0, min(expected, wanted[row.content_id]) - good), "made is what is told"
    told = {row.content_id for row in rows[TICKET_LINES].values() if row.also_of_id is None}
    waits = rows[LINES][root].held > rows[LINES][root].fired
    for content, each in cooking.items():
        assert content in told or each.untold == each.wanted, "what nobody was told is to send, or held"
        assert not (each.to_send if waits else each.held), "what waits is to send, or what does not is held"
    wishes = {line: _wish(line, rows[LINES]) for line in rows[LINES]}
    ways = {(modifiers, notes) for modifiers, notes, _price in wishes.values()}
    assert len(ways) == len({part.content for part in parts}), "lines that are cooked otherwise are one to the kitchen"
    assert all(found.parts[line].unit_minor == wish[2] for line, wish in wishes.items()), "a part has another price"
    _covered_is_live(rows, found, live)


def _also_agrees(row_id: bytes, row: Any, each: Any, wanted: int) -> None:
    """Another station of the same dish is asked for what is wanted, and nothing else is read off it."""
    (there,) = [other for other in each.others if other.ticket_line == row_id]
    expected, good = max(0, row.told_milli - row.back_milli), max(0, row.made % ROUND - row.wasted_milli)
    assert there.to_make == max(0, min(expected, wanted) - good), "another station makes what it was told"
    assert there.withdraw == max(0, max(expected, good) - wanted), "another station hears what is taken back"


def _live(rows: FamilyRows) -> tuple[int, int, int]:
    """Portions ordered, voided, and live. A part whose line is not there brings what it takes; no void takes what its
    author did not see."""
    lines, voids = rows[LINES], rows[VOIDS].values()
    ordered = sum(line.quantity_milli + line.more_milli for line in lines.values())
    ordered += sum(line.taken_milli for line in lines.values() if line.part_of_id not in lines)
    standing = [void for void in voids if not void.lifted and void.line_id in lines]
    voided = sum(void.quantity_milli for void in standing)
    later = (
        void.seen_milli + sum(each.quantity_milli for each in standing if each.seen_milli > void.seen_milli)
        for void in standing
    )
    return ordered, voided, max(0, ordered - min((voided, *later)))


def _covered_is_live(rows: FamilyRows, found: Any, live: int) -> None:
    given: Counter[bytes] = Counter()
    for refund in rows[REFUND_LINES].values():
        given[refund.receipt_line_id] += refund.quantity_milli
    net = {row_id: max(0, row.quantity_milli - given[row_id]) for row_id, row in rows[RECEIPT_LINES].items()}
    owed = sum(part.owed for part in found.parts.values())
    counted = sum(each.counted for each in found.covered.values())
    spare = sum(each.spare for each in found.covered.values())
    rounded = live - owed - counted
    assert rounded == 0 or _is_rounding(rounded, rows), f"{live} live, {owed} owed and {counted} on receipts"
    assert spare == max(0, sum(net.values()) - live), f"{spare} to give back of {net.values()}, {live} live"
    assert owed == max(0, live - sum(net.values()) - rounded), f"{owed} owed of {live}"
    assert all(part.owed <= part.live for part in found.parts.values()), "more owed than live"
    was_spare = False
    for row_id in sorted(net):
        each = found.covered[row_id]
        assert each.counted + each.spare == net[row_id], "a receipt line is a sale, or to give back"
        assert not (was_spare and each.counted and len(found.parts) == 1), "the first receipt is not the sale"
        was_spare = was_spare or each.spare > 0


def _is_rounding(milli: int, rows: FamilyRows) -> bool:
    """Whether equal shares of portions, each cut to thousandths, can leave so little that nobody owes it."""
    return 0 < milli < len(rows[RECEIPT_LINES])


def _wish(line_id: bytes, lines: Mapping[bytes, Any]) -> tuple[tuple[str, ...], str, int]:
    """Modifiers, notes and the price of one, as the line says them, or the line that it was split off."""
    said: dict[str, Any] = dict.fromkeys(("modifiers", "notes", "unit_price_minor"))
    at: bytes | None = line_id
    while at is not None and at in lines:
        line = lines[at]
        said = {name: getattr(line, name) if value is None else value for name, value in said.items()}
        at = line.part_of_id
    modifiers = said["modifiers"] or []
    price = (said["unit_price_minor"] or 0) + sum(each["price_delta_minor"] for each in modifiers)
    return tuple(sorted(each["id"] for each in modifiers)), said["notes"] or "", max(0, price)


def are_settled(rows: Mapping[Row, Mapping[str, Any]]) -> None:
    """People have worked off what they saw: food, bill and money agree.

    Raises:
        Broken: a portion was never told, is still expected, or is charged to nobody; or a check's money differs.
    """
    money: Counter[bytes] = Counter()
    for (table, _row), fields in rows.items():
        if table == "payments" or (table == "write_offs" and not fields["lifted"]):
            money[fields["check_id"]] += fields["amount_minor"] - fields.get("rounding_minor", 0)
        elif table == "refunds":
            money[fields["check_id"]] -= fields["paid_minor"] - fields["rounding_minor"]
        elif table == "receipts":
            money[fields["check_id"]] -= fields["rounding_minor"]
    for root, family in families_of(rows).items():
        _is_settled(root, family)
        credited: Counter[bytes] = Counter()
        for refund in family[REFUND_LINES].values():
            credited[refund.receipt_line_id] += refund.total_minor
        for row_id, row in family[RECEIPT_LINES].items():
            money[row.check_id] -= max(0, row.total_minor - credited[row_id])
    for check, left in money.items():
        if left:
            raise Broken(f"check {UUID(bytes=check)} is settled, and {left} of its money are nobody's")


def _is_settled(root: bytes, rows: FamilyRows) -> None:
    lines, voids = rows[LINES], rows[VOIDS].values()
    _ordered, _voided, live = _live(rows)
    given: Counter[bytes] = Counter()
    for refund in rows[REFUND_LINES].values():
        given[refund.receipt_line_id] += refund.quantity_milli
    charged = sum(max(0, row.quantity_milli - given[row_id]) for row_id, row in rows[RECEIPT_LINES].items())
    if charged != live and not _is_rounding(live - charged, rows):
        raise Broken(f"family {UUID(bytes=root)} is settled: {live} live, and {charged} charged")
    thrown: Counter[bytes | None] = Counter()
    for void in voids:
        thrown[void.content_id] += void.thrown_milli
    expected = good = handed_over = 0
    for row in rows[TICKET_LINES].values():
        gone = thrown[row.content_id]
        told = max(0, row.told_milli - row.back_milli - gone)
        made = max(0, row.made % ROUND - row.wasted_milli - gone)
        if row.station_id is None:  # handed over as it is: nobody makes or confirms it
            handed_over += told
            continue
        expected, good = expected + told, good + made
        names = tuple(sorted(row.modifiers)), row.notes
        if told and names not in {_names(line, lines) for line in lines}:
            raise Broken(f"family {UUID(bytes=root)}: the kitchen was told {names}, and no line says so")
    if handed_over < live and (expected != live or good != live):
        raise Broken(f"family {UUID(bytes=root)} is settled: {live} live, {expected} told, {good} made")


def _names(line_id: bytes, lines: Mapping[bytes, Any]) -> tuple[tuple[str, ...], str]:
    """The names of a line's modifiers, and its notes, as a cook reads them."""
    chosen, notes, _price = _wish(line_id, lines)
    names = {each["id"]: each["name"] for line in lines.values() for each in line.modifiers or ()}
    return tuple(sorted(names[each] for each in chosen)), notes


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
    asked = {ticket for ticket, _what in tickets}
    by_ticket = {each: (tickets[each, "to_make"], tickets[each, "withdraw"]) for each in asked}
    return (
        {key: of for key, of in checks.items() if any(of.values())},
        {key: amounts for key, amounts in by_ticket.items() if any(amounts)},
        differences,
    )


def _came_in(of: Counter[str], table: str, fields: Mapping[str, Any]) -> None:
    if table == "payments" or not fields["lifted"]:
        of["in_minor"] += fields["amount_minor"]
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
