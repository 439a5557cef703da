"""The kitchen's times that every replica keeps at hand by its feed, held against the events, one by one."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from shared.kitchen.noting import event_id
from shared.kitchen.records import KitchenEventKind
from shared.kitchen.time_records import CLASS_ENDS
from tests.simulation.ledgers import ROUND
from tests.simulation.observer import Broken
from tests.simulation.reference import Row

TABLE, AMOUNTS = "kitchen_times_by_hour", ("lines", "seconds", "late", "forgotten", "unreceived")
KEYS = ("branch_id", "business_date", "local_hour", "station_id", "item_name")
MOST_RECALLS = 20
SECOND = 1_000_000
Events = Mapping[bytes, Mapping[str, Any]]


def times_are_those(name: str, eye: sqlite3.Connection, rows: Mapping[Row, Mapping[str, Any]]) -> None:
    """The times that a replica keeps are those that the events of its tickets say.

    Raises:
        Broken: they are not.
    """
    expected: defaultdict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    for key, what, amount in _told(rows):
        expected[key][what] += amount
    wanted = {key: tuple(of[each] for each in AMOUNTS) for key, of in expected.items()}
    kept = eye.execute(f"SELECT {', '.join((*KEYS, *AMOUNTS))} FROM {TABLE}").fetchall()
    found = {tuple(row[: len(KEYS)]): tuple(row[len(KEYS) :]) for row in kept}
    if found != wanted:
        raise Broken(f"{name}: times {sorted(found.items() ^ wanted.items(), key=repr)[:4]} differ from the events")


def _told(rows: Mapping[Row, Mapping[str, Any]]) -> Iterator[tuple[tuple[Any, ...], str, int]]:
    """Key, amount and how much of it: what the lines and events of all tickets say."""
    lines: defaultdict[bytes, dict[bytes, Mapping[str, Any]]] = defaultdict(dict)
    events: defaultdict[bytes, dict[bytes, Mapping[str, Any]]] = defaultdict(dict)
    for (table, row), fields in rows.items():
        if table == "ticket_lines" and fields["told_milli"] > fields["back_milli"]:
            lines[fields["ticket_id"]][row] = fields
        elif table == "kitchen_events":
            events[fields["ticket_id"]][row] = fields
    for (table, ticket), fields in rows.items():
        if table != "kitchen_tickets" or not lines[ticket]:
            continue
        of, station = events[ticket], fields["moved_to"] or fields["station_id"]
        at = (fields["branch_id"], fields["business_date"], fields["local_hour"], station)
        received = [(each["station_id"], each["at"]) for each in of.values() if each["kind"] == "received"]
        if not received:
            yield (*at, ""), "unreceived", 1
        began = min((when for where, when in received if where == station), default=fields["fired_at"])
        for row, line in lines[ticket].items():
            ready = _ready(ticket, row, line["made"] // ROUND, of)
            if ready is not None:
                waited = _waited(ticket, fields["held"], of, began, ready["at"])
                yield from _timed((*at, line["item_name"]), ready, ready["at"] - began - waited)


def _timed(key: tuple[Any, ...], ready: Mapping[str, Any], took: int) -> Iterator[tuple[tuple[Any, ...], str, int]]:
    seconds = took // SECOND
    if not 0 <= seconds < CLASS_ENDS[-1]:
        yield key, "forgotten", 1
        return
    yield key, "lines", 1
    yield key, "seconds", seconds
    yield key, "late", int(ready["late_seconds"] is not None and seconds >= ready["late_seconds"])


def _ready(ticket: bytes, line: bytes, recalls: int, events: Events) -> Mapping[str, Any] | None:
    """What says that a line was ready after its last recall: by itself first, else with its ticket."""
    of = UUID(bytes=ticket)
    ids = [event_id(of, KitchenEventKind.READY, recalls, UUID(bytes=line))]
    ids += [event_id(of, KitchenEventKind.READY, recalls + more) for more in range(MOST_RECALLS)]
    return next((events[each.bytes] for each in ids if each.bytes in events), None)


def _waited(ticket: bytes, held: int, events: Events, began: int, ready: int) -> int:
    """Microseconds in which a cook held it."""
    waited = 0
    for time in range(1, min(held, MOST_RECALLS) + 1):
        ends = [
            events.get(event_id(UUID(bytes=ticket), kind, time).bytes)
            for kind in (KitchenEventKind.HELD, KitchenEventKind.FIRED)
        ]
        if ends[0] is not None and ends[1] is not None:
            waited += max(0, min(ends[1]["at"], ready) - max(ends[0]["at"], began))
    return waited
