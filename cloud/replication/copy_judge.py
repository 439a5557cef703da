"""Finds rows that copy from another row what it never said (`Copied` in `shared/kernel/rights.py`).

One statement for a batch in which all say what those rows say today; the log says what they said before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cloud.replication.timelines import Histories, timelines
from shared.kernel.declared import Copied
from sync.fold import Batch, Creation


def copied_otherwise(
    batch: Batch, organization: bytes, histories: Histories, declared: Copied, creations: Sequence[Creation]
) -> Iterator[Creation]:
    """The new rows that say something else than the row that they name ever did."""
    named_by, field = declared.named_by, declared.field
    said = [
        (each, getattr(each.values, named_by), getattr(each.values, field))
        for each in creations
        if getattr(each.values, named_by) is not None
    ]
    if not said:
        return
    of = declared.of
    rows = batch.door.among(
        f"SELECT id, {of}, stamps FROM {declared.table} WHERE organization_id = ? AND id {{keys}}",  # noqa: S608 names of our own metadata
        sorted({named for _each, named, _value in said}),
        batch.door.key(organization),
    )
    today = {row[0]: (row[1], bytes(row[2])) for row in rows}
    doubtful = [each for each in said if each[1] in today and each[2] != today[each[1]][0]]
    if not doubtful:
        return
    named = {key for _each, key, _value in doubtful}
    ever = timelines(
        batch.door,
        organization,
        histories,
        [((declared.table, key), today[key][1], {of: today[key][0]}) for key in named],
    )
    yield from (each for each, key, value in doubtful if value not in ever[declared.table, key][of].values)
