"""Finds what a device wrote that only another may write (`OneDevice` in `shared/kernel/rights.py`).

One statement for a table in a batch, if it names rows that do not come with the batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cloud.replication.stream_owners import Owner
from shared.kernel.declared import OneDevice
from sync.fold import Batch, Creation, Edit
from sync.tables import TableSpec


def of_other_devices(
    batch: Batch,
    organization: bytes,
    owners: Mapping[bytes, Owner],
    table: TableSpec,
    changes: Sequence[Creation | Edit],
) -> Iterator[Creation | Edit]:
    """The changes of a table whose row is another device's than their stream's."""
    declared = table.rights.one_device
    if declared is None:
        return
    named = [(each, key) for each in changes if (key := _named(declared, each)) is not None]
    devices = _devices(batch, organization, declared.table or table.name, declared, {key for _each, key in named})
    for each, key in named:
        author = owners[batch.stream_of(each)].device
        says_device = declared.parent is None and isinstance(each, Creation)
        said = getattr(each.values, declared.device) if says_device else author  # type: ignore[union-attr]  # a creation has values
        if {said, devices.get(key, author)} != {author}:
            yield each


def _named(declared: OneDevice, change: Creation | Edit) -> bytes | None:
    """The row that says whose a change is. Edits of parts say nothing: the field that names it never changes."""
    if declared.parent is None:
        return change.row
    if not isinstance(change, Creation) or (declared.unless and getattr(change.values, declared.unless)):
        return None
    named: bytes | None = getattr(change.values, declared.parent)
    return named


def _devices(
    batch: Batch, organization: bytes, table: str, declared: OneDevice, keys: set[bytes]
) -> Mapping[bytes, bytes]:
    """The device of each of these rows, as the database says, else as the first creation of the batch does."""
    made: dict[bytes, bytes] = {}
    for each in batch.creations.get(table, ()):
        if each.row in keys:
            made.setdefault(each.row, getattr(each.values, declared.device))
    rows = batch.rows.get(table, {})
    held = {key: getattr(rows[key].values, declared.device) for key in keys & rows.keys()}
    asked = sorted(keys - made.keys() - held.keys())
    if asked:
        sql = f"SELECT id, {declared.device} FROM {table} WHERE organization_id = ? AND id {{keys}}"  # noqa: S608 names of our own metadata
        held |= {row[0]: row[1] for row in batch.door.among(sql, asked, batch.door.key(organization))}
    return made | held
