"""What must hold when the faults have stopped and everything is exchanged: the books of every replica, to the cent."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from shared.exceptions.records import ExceptionEvent
from shared.kernel.ids import derived_id
from shared.kernel.permissions import PERMISSIONS, Permission
from shared.kernel.stamps import COUNTER_BITS, MAX_LEAD_MS
from shared.menu.records import Item
from shared.orders.records import OrderLine
from shared.records import sums_metadata
from shared.staff.records import Approval, StaffMember
from sync.change import Change
from sync.declared import declared_sums
from sync.merge import held
from sync.recount import counted, kept
from sync.sqlite import SqliteDoor
from tests.simulation.house import EMPLOYED, INTRUDER, MANAGER, WAITRESS
from tests.simulation.observer import Broken, Union
from tests.simulation.poison import EPOCH_OF_NOBODY, FUTURE_TABLE, MARK
from tests.simulation.reference import SPECS, Reference, Row, Sale, is_readable

NUMBERED = frozenset({"receipts", "payments", "refunds", "orders"})


def rows_of(eye: sqlite3.Connection) -> tuple[dict[Row, dict[str, Any]], dict[Row, bytes]]:
    """All merged rows of a replica as wire values, and their packed stamps."""
    rows: dict[Row, dict[str, Any]] = {}
    stamps: dict[Row, bytes] = {}
    dialect = _dialect()
    for name, spec in SPECS.items():
        columns = list(spec.fields)
        readers = [
            (known.wire, known.column.type.dialect_impl(dialect).result_processor(dialect, None))
            for known in spec.fields.values()
        ]
        listed = ", ".join(f'"{column}"' for column in columns)
        for row_id, packed, *values in eye.execute(f'SELECT id, stamps, {listed} FROM "{name}"'):
            rows[name, row_id] = {
                column: wire.to_wire(read(value) if read else value)
                for column, (wire, read), value in zip(columns, readers, values, strict=True)
            }
            stamps[name, row_id] = packed
    return rows, stamps


def tables_agree(name: str, eye: sqlite3.Connection, reference: Reference) -> None:
    """A replica's merged tables, and the stamps that future merges go by, are those of the naive fold.

    Raises:
        Broken: they are not.
    """
    rows, stamps = rows_of(eye)
    for row in rows.keys() | reference.rows.keys():
        if rows.get(row) != reference.rows.get(row):
            raise Broken(
                f"{name}: {row[0]} {UUID(bytes=row[1])} is {_difference(rows.get(row), reference.rows.get(row))}"
            )
        sealed = held(SPECS[row[0]].values(**rows[row], stamps=stamps[row]))
        for field, stamp in reference.stamps[row].items():
            if sealed.stamp_of(field) != stamp:
                raise Broken(f"{name}: the stamp of {row[0]}.{field} is {sealed.stamp_of(field)}, not {stamp}")


def only_that_is_aside(name: str, eye: sqlite3.Connection, reference: Reference, *, is_cloud: bool) -> None:
    """What is parked is what cannot be folded; the cloud parks all of it, a device may have folded and taken it back.

    Raises:
        Broken: something else is parked, or something is not.
    """
    parked = {(stream, first) for stream, first in eye.execute("SELECT stream_id, first_seq FROM sync_parked")}
    expected = {(each.stream, each.first) for each in reference.aside}
    wrong = parked ^ expected if is_cloud else parked - expected
    if wrong:
        raise Broken(f"{name}: parked by mistake, or not parked: {_places(wrong)}")


def reasons_are_good(union: Union, reference: Reference) -> None:
    """Nothing is voided or set aside that a person did with an honest program, whatever their rights.

    Raises:
        Broken: such a transaction is missing, a poisoned one counts, or nobody is asked about somebody without rights.
    """
    lost = {(change.table, change.row) for sale in (*reference.voided, *reference.aside) for change in sale.known}
    for sale in reference.voided:
        if not _is_poison(sale):
            tables = sorted({change.table for change in sale.changes})
            raise Broken(f"an honest transaction was voided: {sale.stream.hex()} {sale.first} of {tables}")
    for sale in reference.aside:
        if not is_readable(sale):
            if not _is_poison(sale):
                raise Broken(f"an honest transaction cannot be read: {sale.stream.hex()} {sale.first}")
        elif not any(_hangs_on(change, lost) for change in sale.known):
            raise Broken(f"nothing keeps this transaction aside: {sale.stream.hex()} {sale.first}")
    asked = _asked_about(union)
    for sale in reference.accepted:
        _counts_rightly(sale, asked)


def approvals_hold(union: Union, reference: Reference) -> None:
    """People are asked about the waitress where she lacked a right that nobody who has it approved, and nowhere else.

    Once she was dismissed they may be asked about every right that she had before: nobody approves those. Where
    somebody put another price on the menu of a device, they may be asked about what she sold there at that price; where
    a clock was wrong, about what she sold at the price of its hour.

    Raises:
        Broken: they are not asked, or are asked about what was approved.
    """
    asked = {cause for cause in _asked_about(union) if cause[0] == WAITRESS.bytes and cause[2] in set(Permission)}
    lacked = {
        (WAITRESS.bytes, sale.stream, right)
        for sale in reference.accepted
        for change in sale.known
        if change.actor == WAITRESS.bytes
        for right in _rights_lacked(change, WAITRESS)
        if not _is_approved(sale, change, right)
    }
    if not lacked <= asked:
        raise Broken(f"nobody is asked about what nobody approved who may: {sorted(lacked - asked)}")
    # What was judged in a stream that was cut afterwards may stand in another one now.
    approved = {right for _person, _stream, right in asked} - {right for _person, _stream, right in lacked}
    if _was_dismissed(union, WAITRESS):
        hers = [change for sale in reference.accepted for change in sale.known if change.actor == WAITRESS.bytes]
        approved -= PERMISSIONS[EMPLOYED[WAITRESS]] | {right for change in hers for right, _ in _rights_asked(change)}
    if _was_repriced(union) or _went_by_its_hour(union):
        approved -= {Permission.OVERRIDE_PRICE}
    if approved:
        raise Broken(f"people are asked about what was approved: {sorted(approved)}")


def _was_dismissed(union: Union, person: UUID) -> bool:
    return any(
        change.fields.get("active") is False
        for stream in union.bodies
        for change in union.changes(stream)
        if (change.table, change.row) == (StaffMember.__tablename__, person.bytes)
    )


def _went_by_its_hour(union: Union) -> bool:
    """Whether anything was sold at the price of its hour, as the clock of a device said."""
    return any(
        change.table == OrderLine.__tablename__ and change.fields.get("price_rule_id") is not None
        for stream in union.bodies
        for change in union.changes(stream)
    )


def _was_repriced(union: Union) -> bool:
    """Whether a device wrote on its menu, which only the office may."""
    return any(
        change.table == Item.__tablename__ and change.epoch == EPOCH_OF_NOBODY
        for stream in union.bodies
        for change in union.changes(stream)
    )


def _is_approved(sale: Sale, change: Change, right: str) -> bool:
    return any(
        (each.fields["of_table"], each.fields["of_row_id"]) == (change.table, change.row)
        and each.fields["permission"] == right
        and each.fields["approver_id"] == MANAGER.bytes
        for each in sale.known
        if each.table == Approval.__tablename__
    )


def _counts_rightly(sale: Sale, asked: Collection[tuple[bytes, bytes, str]]) -> None:
    for change in sale.known:
        # Honest programs quote it: the cloud what it set aside, a till the name of who serves an order not judged yet.
        if MARK in str(change.fields) and change.epoch == EPOCH_OF_NOBODY:
            raise Broken(f"poison was folded: {sale.stream.hex()} {sale.first}")
        if change.actor != INTRUDER.bytes:
            continue
        for right in _rights_lacked(change, INTRUDER):
            if (INTRUDER.bytes, sale.stream, right) not in asked:
                raise Broken(f"nobody is asked about the intruder's {right}: {sale.stream.hex()} {sale.first}")


def acknowledged_is_kept(
    union: Union, stream: bytes, acknowledged: int, vector: Mapping[bytes, tuple[int, bytes]]
) -> None:
    """What a command answered before it was acknowledged is in every log.

    Raises:
        Broken: it is not.
    """
    held = vector.get(stream, (0, b""))[0]
    if held < acknowledged or len(union.bodies[stream]) < acknowledged:
        raise Broken(f"acknowledged up to {acknowledged}, held up to {held}")


def answers_follow_questions(union: Union, opened_ms: Mapping[bytes, int]) -> None:
    """What is written about a row is stamped after the row, unless that came from a clock far ahead.

    Args:
        opened_ms: by stream, what its author's clock said at first; only of clocks that nobody turned.

    Raises:
        Broken: an answer is stamped before its question.
    """
    asked: dict[Row, tuple[int, bytes]] = {}
    for stream in union.bodies:
        for change in union.changes(stream):
            if change.kind == 0 and change.epoch != EPOCH_OF_NOBODY and change.table in SPECS:
                key, said = (change.table, change.row), (change.stamp, stream)
                # Of a row that several devices wrote before they met, nobody need have seen more than the first.
                asked[key] = min(said, asked.get(key, said))
    for stream, clock_ms in opened_ms.items():
        reach = (clock_ms + MAX_LEAD_MS) << COUNTER_BITS
        for change in union.changes(stream):
            if change.origin is not None or change.epoch == EPOCH_OF_NOBODY or change.table not in SPECS:
                continue
            for key in _about(change):
                stamp, author = asked.get(key, (0, stream))
                if author != stream and change.stamp < stamp <= reach:
                    raise Broken(f"{stream.hex()} {change.seq} is stamped before the {key[0]} that it is about")


def numbers_are_gapless(union: Union) -> None:
    """Each device's receipts, refunds and each day's orders are numbered 1, 2, 3 ... in its log, voids included.

    Raises:
        Broken: a number is missing, or was given twice.
    """
    for stream in union.bodies:
        series: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
        for change in union.changes(stream):
            is_first = change.origin is None and change.kind == 0
            if is_first and change.table in NUMBERED and MARK not in str(change.fields):
                day = change.fields["business_date"] if change.table == "orders" else ""
                letter, _dash, number = change.fields["number"].rpartition("-")
                series[change.table, day, letter].append(int(number.lstrip("PR")))
        for name, numbers in series.items():
            if numbers != list(range(1, len(numbers) + 1)):
                raise Broken(f"{name} of {stream.hex()} are numbered {numbers}")


def more_is_its_authors(reference: Reference) -> None:
    """One more adds up: nobody raises what another author counts.

    Raises:
        Broken: two authors count in one field, so that presses of one of them are lost.
    """
    for sale in reference.accepted:
        for change in sale.changes:
            if change.table == "order_lines" and change.kind == 1 and "more_milli" in change.fields:
                author = reference.rows["order_lines", change.row]["author"]
                if author != sale.stream:
                    raise Broken(f"one more of line {UUID(bytes=change.row)} is counted by two authors")


def checks_follow_from_orders(reference: Reference, opened: Collection[bytes]) -> None:
    """A check that nobody opened on purpose follows from its order and its place, whichever device opened it.

    Raises:
        Broken: two devices may have opened two checks for one reason.
    """
    orders = [UUID(bytes=row) for table, row in reference.rows if table == "orders"]
    places = range(2, 12)
    derived = {derived_id("check", order).bytes for order in orders}
    derived |= {derived_id("check", order, place).bytes for order in orders for place in places}
    for table, row in reference.rows:
        if table == "checks" and row not in derived and row not in opened:
            raise Broken(f"nobody opened check {UUID(bytes=row)}, and it follows from no order")


def sums_agree(name: str, eye: sqlite3.Connection) -> None:
    """The sums that a replica keeps by the feed are those that a plain recount of its rows gives.

    Raises:
        Broken: they are not.
    """
    door = SqliteDoor(eye, sqlite3.Error, lambda _sql, error: error)
    for table, expected in counted(door, declared_sums()).items():
        found = kept(door, sums_metadata.tables[table])
        if found != expected:
            raise Broken(f"{name}: {table} says {found}, its rows {expected}")


def _by_check(reference: Reference, table: str) -> defaultdict[bytes, list[tuple[Row, dict[str, Any]]]]:
    found: defaultdict[bytes, list[tuple[Row, dict[str, Any]]]] = defaultdict(list)
    for row, fields in reference.rows.items():
        if row[0] == table:
            found[fields["check_id"]].append((row, fields))
    return found


def _mentioned(changes: Iterable[Change]) -> set[bytes]:
    """All rows that these changes write or refer to."""
    return {
        key
        for change in changes
        for key in (change.row, *change.fields.values())
        if isinstance(key, bytes) and len(key) == 16
    }


def _about(change: Change) -> set[Row]:
    """The row that a change edits, and the rows that it names."""
    spec = SPECS[change.table]
    named = {(parent, change.fields[name]) for name, parent in spec.parents if change.fields.get(name)}
    return named if change.kind == 0 else {*named, (change.table, change.row)}


def _asked_about(union: Union) -> set[tuple[bytes, bytes, str]]:
    """Of whom, which stream and which right people are asked."""
    return {
        cause
        for stream in union.bodies
        for change in union.changes(stream)
        if change.table == ExceptionEvent.__tablename__ and change.kind == 0
        if isinstance((cause := _cause(change))[0], bytes) and isinstance(cause[1], bytes)
    }


def _cause(change: Change) -> tuple[Any, Any, str]:
    """Person, stream and reason of a question, whatever somebody wrote in their place."""
    reason = change.fields.get("reason", "")
    fields = change.fields.get("person_id"), change.fields.get("stream_id")
    return (*fields, reason if isinstance(reason, str) else "")


def _rights_lacked(change: Change, person: UUID) -> list[str]:
    """The rights that are declared for a change, and that somebody has not."""
    return [right for right, any_of in _rights_asked(change) if not any_of & PERMISSIONS[EMPLOYED[person]]]


def _rights_asked(change: Change) -> list[tuple[str, frozenset[Permission]]]:
    """The rights that are declared for a change: by the one that people are asked about, any of which will do."""
    spec = SPECS[change.table]
    if change.kind == 0:
        acts = spec.rights.to_create(change.row, spec.values(**{**spec.defaults, **change.fields}, stamps=b""))
    else:
        acts = spec.rights.to_edit({name: value for name, value in change.fields.items() if name in spec.fields})
    return [(str(min(act.any_of)), act.any_of) for act in acts]


def _is_poison(sale: Sale) -> bool:
    return any(change.table == FUTURE_TABLE or MARK in str(change.fields) for change in sale.changes)


def _hangs_on(change: Change, lost: set[Row]) -> bool:
    spec = SPECS[change.table]
    wanted = [(parent, change.fields.get(name)) for name, parent in spec.parents]
    return (change.table, change.row) in lost or any(key in lost for key in wanted)


def _difference(held: Mapping[str, Any] | None, expected: Mapping[str, Any] | None) -> str:
    if held is None or expected is None:
        return "missing" if held is None else "there, and should not be"
    return ", ".join(f"{name}={held[name]!r} not {expected[name]!r}" for name in held if held[name] != expected[name])


def _places(places: Iterable[tuple[bytes, int]]) -> str:
    return ", ".join(f"{stream.hex()} {first}" for stream, first in sorted(places))


@cache
def _dialect() -> sa.Dialect:
    return sa.create_engine("sqlite://").dialect
