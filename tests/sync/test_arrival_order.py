"""Convergence: whatever the order in which streams arrive and are folded, all replicas end with the same rows.

Each random log reaches several replicas: one that knew the verdicts from the beginning, some to which everything comes
in pieces, folded now and then in batches of any size, and one whose program is older at first. COMANDA_RANDOM_LOGS says
how many logs there are, COMANDA_RANDOM_LOGS_FROM the first seed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from older import older_metadata
from plain_replicas import PlainReplica, in_memory
from random_logs import arrivals, random_log
from streams import Written

from sync.tables import specs

LOGS = int(os.environ.get("COMANDA_RANDOM_LOGS", "60"))
FROM = int(os.environ.get("COMANDA_RANDOM_LOGS_FROM", "0"))
OLDER = older_metadata(
    {"order_lines", "receipts"}, {"orders": {"table_id", "notes"}, "spaces": {"position"}, "dining_tables": {"seats"}}
)
Arrival = Callable[[PlainReplica, list[Written], Written, Random], None]


def as_if_it_had_never_been(replica: PlainReplica, devices: list[Written], cloud: Written, _random: Random) -> None:
    """The verdicts are there before anything else."""
    for written in (cloud, *devices):
        if written.bodies:
            replica.receive(written, 0, len(written.bodies))
            replica.fold()


def in_one_batch(replica: PlainReplica, devices: list[Written], cloud: Written, _random: Random) -> None:
    for written in (*devices, cloud):
        if written.bodies:
            replica.receive(written, 0, len(written.bodies))
    replica.fold()


def in_pieces(replica: PlainReplica, devices: list[Written], cloud: Written, random: Random) -> None:
    replica.folder = replica.program(batch_changes=random.choice((1, 3, 10, 4_000)))
    for written, after, last in arrivals([each for each in (*devices, cloud) if each.bodies], random):
        replica.receive(written, after, last)
        if random.random() < 0.6:
            replica.fold(random.choice((1, 2, 1_000)))
    replica.fold()


def through_an_upgrade(replica: PlainReplica, devices: list[Written], cloud: Written, random: Random) -> None:
    """An older program, that lacks tables and fields, folds what comes first; then its file is upgraded."""
    replica.folder = replica.program(specs(OLDER))
    pieces = arrivals([each for each in (*devices, cloud) if each.bodies], random)
    upgrade = random.randrange(len(pieces) + 1)
    for at, (written, after, last) in enumerate(pieces):
        if at == upgrade:
            replica.upgrade(OLDER)
        replica.receive(written, after, last)
        replica.fold(random.choice((1, 1_000)))
        replica.fold_again(random.choice((0, 1)))
    if upgrade == len(pieces):
        replica.upgrade(OLDER)
    while replica.fold() + replica.fold_again():
        replica.folder = replica.program()


ARRIVALS: tuple[Arrival, ...] = (as_if_it_had_never_been, in_one_batch, in_pieces, in_pieces, through_an_upgrade)


def ends(log: tuple[list[Written], Written], seed: int) -> list[dict[str, Any]]:
    """What each replica ends with."""
    states = []
    for at, arrival in enumerate(ARRIVALS):
        replica = in_memory(OLDER if arrival is through_an_upgrade else None)
        arrival(replica, *log, Random(1_000 * seed + at))
        states.append(replica.state())
        assert replica.fold() == 0, "nothing is left to fold"
        replica.engine.dispose()
    return states


@pytest.mark.parametrize("part", range(4))
def test_any_arrival_of_the_same_logs_gives_the_same_rows_sums_and_digests(part: int) -> None:
    for seed in range(FROM + part, FROM + LOGS, 4):
        expected, *others = ends(random_log(Random(seed)), seed)
        for state, arrival in zip(others, ARRIVALS[1:], strict=True):
            assert state == expected, f"seed {seed}, {arrival.__name__}"
