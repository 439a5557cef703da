"""What must hold of the kitchen when all have met: each ticket stands once, at the station that makes it, and nothing
is hidden without a count.

Counted here from the merged rows, apart from `shared/kitchen/` and the wall of `terminal/`; only which portions are
live comes from `compare`, which `ledgers.agree` holds against the rows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from shared.kernel.instants import to_microseconds
from shared.kitchen import messages
from shared.kitchen.messages import MOST_SHOWN, SHOWN_FOR
from shared.kitchen.records import Setting, settings_id
from shared.truth.family import LINES, TICKET_LINES, VOIDS, Family, compare
from terminal.clock import Moment
from terminal.wall.kitchen_wall import Tickets, wall_tickets
from tests.simulation.device import SimulatedDevice
from tests.simulation.ledgers import ROUND, FamilyRows, families_of, others_of
from tests.simulation.observer import Broken
from tests.simulation.places import ORGANIZATION
from tests.simulation.reference import Row

if TYPE_CHECKING:
    from tests.simulation.world import World

Rows = Mapping[Row, Mapping[str, Any]]


class Asked(NamedTuple):
    """What a station is asked of one line of a ticket, in portions."""

    quantity: int
    to_make: int
    withdraw: int


async def walls_are_whole(world: World, rows: Rows) -> None:
    """Hold the wall of every device against the merged rows.

    Raises:
        Broken: a ticket stands twice, at another station, or neither stands there nor is counted; a line asks for
            something else; what waits for its course is not shown; a message that nobody confirmed is not.
    """
    tickets = _tickets_told_once(rows)
    for device in world.devices:
        branch_id = device.enrolment.branch_id
        now = device.clock.now()
        async with device.store.reading() as connection:
            wall = await wall_tickets(connection, ORGANIZATION, branch_id, Moment.of(device.clock))
            unread = await messages.unread_messages(connection, ORGANIZATION, branch_id, now)
        try:
            _wall_is_whole(wall, {key: of for key, of in tickets.items() if _is_here(rows, key, device)}, rows)
            _waiting_is_shown(wall, rows, branch_id.bytes)
            _messages_ask({each.id.bytes for each in unread}, rows, branch_id.bytes, to_microseconds(now - SHOWN_FOR))
        except AssertionError as error:
            raise Broken(f"{device.name}: {error}") from error


def facts_of_the_kitchen_hold(rows: Rows) -> None:
    """What follows from a fact is there once, whoever wrote it: an answer of a display, the settings of a station, when
    something happened to a ticket. What was confirmed says by whom.

    Raises:
        Broken: it is there twice, or nobody says by whom.
    """
    once: Counter[tuple[Any, ...]] = Counter()
    for (table, row), fields in rows.items():
        if table == "display_answers":
            once[table, fields["trial_id"], fields["device_id"], fields["station_id"]] += 1
        elif table == "station_settings":
            of = UUID(bytes=fields["branch_id"]), UUID(bytes=fields["station_id"])
            if UUID(bytes=row) not in {settings_id(*of, each) for each in Setting}:
                raise Broken(f"settings {UUID(bytes=row)} say nothing that a station has")
        elif table == "kitchen_events" and fields["kind"] == "received":
            once[table, fields["ticket_id"], fields["station_id"]] += 1
        elif table == "kitchen_messages" and fields["read"] != (fields["read_at"] is not None):
            raise Broken(f"message {UUID(bytes=row)} is confirmed by nobody, or by somebody and still asks")
    twice = [what for what, times in once.items() if times > 1]
    if twice:
        raise Broken(f"{twice[0][0]} say one fact twice: {twice[0][1:]}")


def stations_agree(rows: Rows) -> None:
    """People have worked off what they saw: each station of a dish was told, and has made, what is live of it.

    Raises:
        Broken: a station was told, or has made, more or fewer portions than there are.
    """
    for root, family in families_of(rows).items():
        parts = compare(root, family).parts.values()
        for content, others in others_of(family).items():
            wanted = sum(part.live for part in parts if part.content == content)
            for row in others.values():
                told, made = row.told_milli - row.back_milli, row.made % ROUND - row.wasted_milli
                if (told, made) != (wanted, wanted):
                    raise Broken(f"family {UUID(bytes=root)}: {wanted} live, another station {told} told, {made} made")


def _tickets_told_once(rows: Rows) -> dict[bytes, dict[bytes, Asked]]:
    """What each ticket asks for, by its lines. No station is asked for one content of a line on two of them."""
    found: defaultdict[bytes, dict[bytes, Asked]] = defaultdict(dict)
    for root, family in families_of(rows).items():
        compared, asked = compare(root, family), Counter[tuple[bytes, bytes]]()
        others = {row_id for of_content in others_of(family).values() for row_id in of_content}
        for row_id, row in family[TICKET_LINES].items():
            if row.ticket_id is None or (row.also_of_id is not None and row_id not in others):
                continue
            asked[row.content_id, row.station_id] += 1
            if rows["kitchen_tickets", row.ticket_id]["station_id"] != row.station_id:
                raise Broken(f"ticket {UUID(bytes=row.ticket_id)} shows what another station makes")
            found[row.ticket_id][row_id] = _asked(row, compared, family)
        if asked and max(asked.values()) > 1:
            raise Broken(f"family {UUID(bytes=root)}: one station is asked for one dish on two lines")
    return dict(found)


def _asked(row: Any, compared: Family, family: FamilyRows) -> Asked:
    wanted = sum(part.live for part in compared.parts.values() if part.content == row.content_id)
    thrown = sum(void.thrown_milli for void in family[VOIDS].values() if void.content_id == row.content_id)
    gone = 0 if row.also_of_id is not None else thrown
    expected = max(0, row.told_milli - row.back_milli - gone)
    good = max(0, row.made % ROUND - row.wasted_milli - gone)
    return Asked(min(expected, wanted), max(0, min(expected, wanted) - good), max(0, max(expected, good) - wanted))


def _is_here(rows: Rows, ticket: bytes, device: SimulatedDevice) -> bool:
    return bool(rows["kitchen_tickets", ticket]["branch_id"] == device.enrolment.branch_id.bytes)


def _wall_is_whole(wall: Tickets, tickets: Mapping[bytes, Mapping[bytes, Asked]], rows: Rows) -> None:
    open_ones = {key for key, lines in tickets.items() if any(each.to_make or each.withdraw for each in lines.values())}
    at = Counter((ticket.id.bytes, ticket.station_id.bytes) for ticket in wall.open)
    at.update((ticket.bytes, station.bytes) for station, ids in wall.aside.items() for ticket in ids)
    makers = {key: rows["kitchen_tickets", key] for key in open_ones}
    expected = Counter((key, row["moved_to"] or row["station_id"]) for key, row in makers.items())
    assert at == expected, f"tickets stand at {_read(at - expected)} and should at {_read(expected - at)}"
    for ticket in wall.open:
        row = makers[ticket.id.bytes]
        assert ticket.is_held == (row["held"] > row["fired"]), f"ticket {ticket.id} waits, and is not shown so"
        assert ticket.rushed == row["rushed"], f"ticket {ticket.id} is in a hurry, and is not shown so"
        shown = {
            line.id.bytes: Asked(line.quantity_milli, line.to_make_milli, line.withdrawn_milli)
            for line in ticket.lines
            if not line.comes
        }
        lines = {key: each for key, each in tickets[ticket.id.bytes].items() if any(each)}
        hidden = {key: each for key, each in lines.items() if shown.get(key) != each}
        assert not hidden, f"ticket {ticket.id} asks for {shown}, and should for {lines}"
    rushed = [ticket.rushed for ticket in wall.open]
    assert rushed == sorted(rushed, reverse=True), "what is in a hurry stands behind what is not"


def _waiting_is_shown(wall: Tickets, rows: Rows, branch: bytes) -> None:
    waiting: Counter[tuple[bytes, int, int]] = Counter()
    for root, family in families_of(rows).items():
        line = family[LINES][root]
        order = rows["orders", line.order_id]
        if line.held <= line.fired or order["has_left"] or line.branch_id != branch:
            continue
        for each in compare(root, family).cooking.values():
            if each.untold:
                waiting[line.order_id, line.course, each.untold] += 1
    shown = Counter((dish.order_id.bytes, dish.course, dish.quantity_milli) for dish in wall.held)
    assert shown == waiting, "what waits for its course is not what the wall shows"


def _messages_ask(unread: set[bytes], rows: Rows, branch: bytes, since: int) -> None:
    asking = {
        row
        for (table, row), fields in rows.items()
        if table == "kitchen_messages" and fields["branch_id"] == branch
        if not fields["read"] and fields["sent_at"] > since
    }
    assert unread == asking or (len(asking) > MOST_SHOWN and unread < asking), "a message asks nobody, or for ever"


def _read(places: Counter[tuple[bytes, bytes]]) -> list[str]:
    return [f"{UUID(bytes=ticket)} at {UUID(bytes=station)}" for ticket, station in places.elements()]
