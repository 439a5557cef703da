"""Golden logs as files: frames, what the program that wrote them knew, and what its rows add up to.

What is added up are the fields that were known then, so that a later program, which knows more, must come to the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import zstandard
from plain_replicas import SPECS, PlainReplica, in_memory
from replicas import ORGANIZATION

from shared.kernel.records import SCHEMA_EPOCH
from sync.door import Door
from sync.log import receive
from sync.merge import register_stamps
from sync.merged import MergedTables
from sync.messages import Ack, Frame

FOLDER = Path(__file__).parent
_encode = msgspec.msgpack.Encoder(order="deterministic").encode


class GoldenLog(msgspec.Struct, frozen=True):
    """A log that a program of one epoch left.

    Attributes:
        known: by table, the fields that it knew.
        sums: by table, what its rows add up to.
    """

    epoch: int
    frames: list[Frame]
    known: dict[str, list[str]]
    sums: dict[str, bytes]


def path_of(epoch: int) -> Path:
    """The file of a released epoch."""
    return FOLDER / f"{epoch:04}.log"


def golden_logs() -> list[Path]:
    """All golden logs, the oldest first."""
    return sorted(FOLDER.glob("*.log"))


def read(path: Path) -> GoldenLog:
    return msgspec.msgpack.decode(zstandard.decompress(path.read_bytes()), type=GoldenLog)


def write(frames: list[Frame]) -> Path:
    """Write the golden log of this program."""
    known = {name: sorted(table.names) for name, table in SPECS.items()}
    path = path_of(SCHEMA_EPOCH)
    log = GoldenLog(SCHEMA_EPOCH, frames, known, folded(frames, known))
    path.write_bytes(zstandard.compress(_encode(log), level=19))
    return path


def holds() -> bool:
    """Whether the golden log of this epoch is there, and folds into what it says."""
    try:
        log = read(path_of(SCHEMA_EPOCH))
        return folded(log.frames, log.known) == log.sums
    except (FileNotFoundError, AssertionError):
        return False


def folded(frames: list[Frame], known: Mapping[str, list[str]]) -> dict[str, bytes]:
    """Fold a log from nothing. Returns what the known fields of each table's rows add up to."""
    replica = in_memory()
    try:
        for frame in frames:
            answer = replica.core(receive, ORGANIZATION.bytes, frame, 1)
            assert isinstance(answer, Ack), f"a frame is not taken: {answer}"
        replica.fold()
        _is_whole(replica)
        return replica.core(_sums, known)
    finally:
        replica.engine.dispose()


def _is_whole(replica: PlainReplica) -> None:
    parked = replica.core(lambda door: door.rows("SELECT reason, params FROM sync_parked"))
    assert not parked, f"a released program's changes are not folded: {parked}"


def _sums(door: Door, known: Mapping[str, list[str]]) -> dict[str, bytes]:
    merged = MergedTables(door, ORGANIZATION.bytes, SPECS)
    sums = {}
    for name, fields in known.items():
        table, total = SPECS.get(name), 0
        if table is None:
            continue
        ids = [row[0] for row in door.rows(f'SELECT id FROM "{name}"')]
        for key, row in merged.load(table, ids).items():
            stamps = register_stamps(table, row.values)
            said: list[Any] = [(field, getattr(row.values, field, None), stamps.get(field)) for field in fields]
            total += int.from_bytes(hashlib.blake2b(_encode((key, said)), digest_size=8).digest(), "big")
        if ids:
            sums[name] = (total % (1 << 64)).to_bytes(8, "big")
    return sums
