"""The ledgers of a branch as its merged rows say them, counted here apart from `shared/truth/`.

`agree` holds in every state in which all have met; `are_settled` only once people have worked off what they saw. What
`shared/truth/` says of each family is held against plain sums of its rows. What replicas keep of them at hand:
`balance_books.py`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from shared.kernel.ids import derived_id
from shared.truth.family import (
    FAMILY_TABLES,
    LINES,
    RECEIPT_LINES,
    REFUND_LINES,
    TICKET_LINES,
    VOIDS,
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
    others = others_of(rows)
    for row in rows[TICKET_LINES].values():
        if row.also_of_id is not None:
            continue
        each, want = cooking[row.content_id], wanted[row.content_id]
        expected = max(0, row.told_milli - row.back_milli - thrown[row.content_id])
        good = max(0, row.made % ROUND - row.wasted_milli - thrown[row.content_id])
        if row.station_id is None:
            good = min(good, want)  # nobody would confirm what is too much: it is gone
        assert (each.expected, each.good) == (expected, good), f"the kitchen expects {expected}, and has {good} made"
        there = others.get(row.content_id, {})
        known = [expected, *(max(0, other.told_milli - other.back_milli) for other in there.values())]
        assert each.untold == max(0, want - min(known)), "to send is what is wanted and some station is not told"
        assert row.made >= ROUND or row.wasted_milli <= row.made, "what nobody made is waste"
        at_others = {other.ticket_line: other for other in each.others}
        assert at_others.keys() == there.keys(), "each other station is asked once"
        for row_id, other in there.items():
            _also_agrees(other, at_others[row_id], want)
        if row.station_id is not None:
            too_much = max(0, max(expected, good) - want)
            assert each.withdraw == too_much, "withdrawn is what is told and not wanted"
            assert each.to_make == max(0, min(expected, want) - good), "made is what is told"
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


def others_of(rows: FamilyRows) -> dict[bytes, dict[bytes, Any]]:
    """The rows of the other stations of each dish, by content; none of what its first station was told besides."""
    first = {row.content_id: row.station_id for row in rows[TICKET_LINES].values() if row.also_of_id is None}
    found: defaultdict[bytes, dict[bytes, Any]] = defaultdict(dict)
    for row_id, row in rows[TICKET_LINES].items():
        if row.also_of_id is not None and row.station_id != first.get(row.content_id):
            found[row.content_id][row_id] = row
    return dict(found)


def _also_agrees(row: Any, there: Any, wanted: int) -> None:
    """Another station of the same dish is asked for what is wanted, and nothing else is read off it."""
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
        if row.also_of_id is not None:  # `kitchen_books.stations_agree` holds it against the first station's row
            continue
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
