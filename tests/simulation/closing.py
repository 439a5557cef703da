"""The books of a schedule that has ended: what every replica must hold, and that nothing is left to say."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING
from uuid import UUID

from shared.kernel.instants import to_microseconds
from shared.kernel.records import Scope
from shared.records import metadata
from sync.digest import read, recount
from sync.door import Door
from sync.merged import MergedTables
from sync.messages import Hello, Welcome
from sync.tables import specs
from tests.simulation import balance_books, books, guest_books, kitchen_books, ledgers, money_books, phone_books
from tests.simulation.device import SimulatedDevice
from tests.simulation.kitchen_times_book import times_are_those
from tests.simulation.network import Exchanged, brings_nothing
from tests.simulation.observer import Broken
from tests.simulation.places import ORGANIZATION
from tests.simulation.reference import naive_fold

if TYPE_CHECKING:
    from tests.simulation.world import World


async def final_books(world: World) -> None:
    """Hold each replica against the naive fold of all logs, and the books of all against each other.

    Raises:
        Broken: what differs, and where.
    """
    folded = cache(lambda *streams: naive_fold(world.union, streams))
    everything = None
    for name, seen, eye, streams in world.replicas():
        reference = folded(*streams)
        everything = everything or reference
        if set(seen.vector) - set(streams):
            raise Broken(f"{name} holds what is not its branch's")
        books.tables_agree(name, eye, reference)
        books.sums_agree(name, eye)
        balance_books.balances_are_those(name, eye, reference.rows)
        times_are_those(name, eye, reference.rows)
        books.only_that_is_aside(name, eye, reference, is_cloud=name == "cloud")
    assert everything is not None
    books.reasons_are_good(world.union, everything)
    books.approvals_hold(world.union, everything)
    money_books.money_adds_up(everything.rows)
    books.numbers_are_gapless(world.union)
    books.more_is_its_authors(everything)
    books.checks_follow_from_orders(everything, world.opened_checks)
    phone_books.guests_got_what_was_accepted(everything.rows)
    ledgers.agree(everything.rows)
    ledgers.are_settled(everything.rows)
    balance_books.discounts_are_told(everything.rows)
    kitchen_books.stations_agree(everything.rows)
    kitchen_books.facts_of_the_kitchen_hold(everything.rows)
    await kitchen_books.walls_are_whole(world, everything.rows)
    whole = [each for each in world.devices if not each.was_cut]
    books.answers_follow_questions(
        world.union, {each.own_stream: _milliseconds(each.clock.opened) for each in whole if each.clock.opened}
    )
    for device in whole:
        stream = device.own_stream
        for _name, seen, _eye, streams in world.replicas():
            if stream in streams:
                books.acknowledged_is_kept(world.union, stream, device.acknowledged, seen.vector)
    await guest_books.guests_are_read_or_forgotten(world, everything)
    guest_books.names_stand_in_no_file([world.cloud.path, *(device.path for device in world.devices)], world.guests)
    world.faults.nothing_came_in()
    await _digests_agree(world)


def _milliseconds(instant: datetime) -> int:
    return to_microseconds(instant) // 1_000


async def _digests_agree(world: World) -> None:
    at_cloud: dict[UUID, dict[str, int]] = {}
    for device in world.devices:
        for scope, scope_id in ((Scope.ORGANIZATION, ORGANIZATION), (Scope.BRANCH, device.enrolment.branch_id)):
            ours = await device.store.look(_digests, scope, scope_id)
            if scope_id not in at_cloud:
                at_cloud[scope_id] = await world.cloud.database.look(ORGANIZATION, _digests, scope, scope_id)
            world.note(device.name, scope, sorted(ours.items()))
            if ours != at_cloud[scope_id]:
                raise Broken(f"digests of {device.name} and the cloud differ in {scope}")


async def silence(world: World) -> None:
    """A quiet system says hello, asks whether the cloud lacks something, pulls nothing, and is done.

    A hello may tell the cloud of a clock that is wrong, which it writes down: then the second one is quiet.
    """
    for device in world.devices:
        kinds = await _hello(world, device)
        if kinds is not None and _clocks_differ(world):
            kinds = await _hello(world, device)
        if kinds is not None:
            raise Broken(f"{device.name} is not quiet: {kinds}")


def _clocks_differ(world: World) -> bool:
    times = [world.cloud.clock.now(), *(device.clock.now() for device in world.devices)]
    return max(times) - min(times) > timedelta(hours=1)


async def _hello(world: World, device: SimulatedDevice) -> list[tuple[type, type]] | None:
    """What a device that begins anew exchanges, if it is more than a hello and two pulls that bring nothing."""
    await device.stop()
    await device.open()
    device.agent._downlink._wait_ms = 0
    said: list[Exchanged] = []
    world.network.exchanged = said
    await device.agent.push_once()
    await device.agent.pull_once()
    await device.agent.fold_all()
    ours = [(message, answer) for name, message, answer in said if name == device.name]
    kinds = [(type(message), type(answer)) for message, answer in ours]
    quiet = len(ours) == 3 and kinds[0] == (Hello, Welcome) and all(brings_nothing(*each) for each in ours[1:])
    return None if quiet else kinds


def _digests(door: Door, scope: Scope, scope_id: UUID) -> dict[str, int]:
    """The digests of a scope as the feed keeps them, which must be those of its rows."""
    kept = read(door, ORGANIZATION.bytes, scope_id.bytes)
    counted = recount(MergedTables(door, ORGANIZATION.bytes, specs(metadata)), scope, scope_id.bytes)
    if kept != counted:
        raise Broken(f"the digests of {scope} are not those of its rows")
    return kept
