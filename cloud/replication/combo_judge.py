"""Finds what was sold in a combo though the menu does not offer it there (`ComboParts` in `shared/kernel/rights.py`).

A part costs its share of the combo and no more, so it must be a choice of that very combo, for a slot that no other
part fills, as many as the others, and written with it; and none grows by itself. Two statements for a batch with new
combos, one for a batch in which parts change their number, none for another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, product
from typing import Any, NamedTuple

from cloud.replication.correction_judge import rows_with
from cloud.replication.timelines import Histories, timelines
from shared.kernel.declared import ComboParts
from sync.fold import Batch, Creation, Edit

MOST_SUMS = 4_096
"""Sums of what choices ever added that are tried; a combo whose choices changed so often is asked about."""


class _Choice(NamedTuple):
    slot: bytes
    item: bytes
    adds: int
    stamps: bytes


def sold_as_no_part(
    batch: Batch, organization: bytes, histories: Histories, declared: ComboParts, creations: Sequence[Creation]
) -> Iterator[Creation]:
    """The new rows that are no part of the combo which they name, or were sold as more than it offers."""
    of_combo: defaultdict[tuple[bytes, int], list[Creation]] = defaultdict(list)
    for each in creations:
        if getattr(each.values, declared.combo) is not None and getattr(each.values, declared.choice) is not None:
            of_combo[getattr(each.values, declared.combo), each.at].append(each)
    if not of_combo:
        return
    choices = _choices(batch, organization, declared, [each for parts in of_combo.values() for each in parts])
    combos = {(each.row, each.at): each.values for each in batch.creations.get(declared.combos, ())}
    for key, parts in of_combo.items():
        combo = combos.get(key)
        if combo is None:  # it was written before, with all of its parts
            yield from parts
            continue
        wrong = _wrong(declared, choices, combo, parts)
        if not wrong and not _adds_up(batch, organization, histories, declared, choices, combo, parts):
            wrong = parts[:1]
        yield from wrong


def grown_alone(batch: Batch, table: str, declared: ComboParts, edits: Sequence[Edit]) -> Iterator[Edit]:
    """Edits that let a part of a combo be more, while its other parts stay fewer.

    Parts become fewer one by one, where some of a cancelled order were sent. Two devices that change a combo at once
    may leave its parts apart; who changes them all alike is not asked about that.
    """
    numbers = (declared.quantity, declared.more)
    changed = [each for each in edits if not each.fields.keys().isdisjoint(numbers)]
    parts = _parts(batch, table, declared, {each.row for each in changed}) if changed else {}
    if not parts:
        return
    judged = {(each.at, each.row) for each in changed}
    counts = {row: {name: int(getattr(values, name)) for name in numbers} for row, values in parts.items()}
    for combo, of in _acts(batch.edits[table], parts, declared.combo):
        before = {each.row: sum(counts[each.row].values()) for each in of}
        for each in of:
            counts[each.row] |= {name: int(each.fields[name]) for name in numbers if name in each.fields}
        grown = (each for each in of if sum(counts[each.row].values()) > before[each.row])
        first = next((each for each in grown if (each.at, each.row) in judged), None)
        together = {row for row, values in parts.items() if getattr(values, declared.combo) == combo}
        said = {tuple(each.fields.get(name) for name in numbers) for each in of}
        are_alike = len(said) == 1 and {each.row for each in of} == together
        if first and not are_alike and len({sum(counts[row].values()) for row in together}) > 1:
            yield first


def _parts(batch: Batch, table: str, declared: ComboParts, changed: set[bytes]) -> dict[bytes, Any]:
    """All parts of the combos of which some rows are parts, as they are stored, or were created by this batch."""
    new = {each.row: each.values for each in batch.creations.get(table, ())}
    rows = [batch.rows[table][row].values if row in batch.rows[table] else new.get(row) for row in changed]
    of_combos = [values for values in rows if values is not None and getattr(values, declared.combo) is not None]
    combos = {getattr(values, declared.combo) for values in of_combos}
    wholes = {getattr(values, declared.whole) for values in of_combos}
    return {
        row: values
        for row, values in (rows_with(batch, table, declared.whole, wholes) if wholes else {}).items()
        if getattr(values, declared.combo) in combos and getattr(values, declared.choice) is not None
    }


def _acts(edits: Iterable[Edit], parts: Mapping[bytes, Any], combo: str) -> Iterator[tuple[bytes, list[Edit]]]:
    """The edits of parts by transaction and combo, in their order."""
    found: defaultdict[tuple[int, bytes], list[Edit]] = defaultdict(list)
    for each in edits:
        if each.row in parts:
            found[each.at, getattr(parts[each.row], combo)].append(each)
    for (_at, key), of in sorted(found.items(), key=lambda entry: entry[0]):
        yield key, of


def _wrong(
    declared: ComboParts, choices: Mapping[bytes, _Choice], combo: Any, parts: Sequence[Creation]
) -> list[Creation]:
    """The parts that are choices of another combo, fill a slot again, or are more or fewer than the first part."""
    found, filled = [], set[bytes]()
    for each in parts:
        choice = choices.get(getattr(each.values, declared.choice))
        if choice is None:
            continue  # it lacks a parent, and waits
        number = getattr(each.values, declared.quantity)
        if (
            choice.item != getattr(combo, declared.of)
            or choice.slot in filled
            or number != getattr(parts[0].values, declared.quantity)
        ):
            found.append(each)
        filled.add(choice.slot)
    return found


def _adds_up(
    batch: Batch,
    organization: bytes,
    histories: Histories,
    declared: ComboParts,
    choices: Mapping[bytes, _Choice],
    combo: Any,
    parts: Sequence[Creation],
) -> bool:
    """Whether a combo says that its choices add what they add, or ever added."""
    extra = getattr(combo, declared.extra)
    named = [key for each in parts if (key := getattr(each.values, declared.choice)) in choices]
    if extra == sum(choices[key].adds for key in named):
        return True
    rows = [((declared.choices, key), choices[key].stamps, {declared.adds: choices[key].adds}) for key in set(named)]
    ever = timelines(batch.door, organization, histories, rows)
    said = (set(ever[declared.choices, key][declared.adds].values) for key in named)
    return any(extra == sum(each) for each in islice(product(*said), MOST_SUMS))


def _choices(
    batch: Batch, organization: bytes, declared: ComboParts, parts: Sequence[Creation]
) -> Mapping[bytes, _Choice]:
    """The choices that parts name, with the item whose slot they are for. Slots never move to another item."""
    key = batch.door.key(organization)
    asked = sorted({getattr(each.values, declared.choice) for each in parts})
    rows = batch.door.among(
        f"SELECT id, {declared.slot}, {declared.adds}, stamps FROM {declared.choices}"  # noqa: S608 names of our own metadata
        " WHERE organization_id = ? AND id {keys}",
        asked,
        key,
    )
    slots = batch.door.among(
        f"SELECT id, {declared.item} FROM {declared.slots} WHERE organization_id = ? AND id {{keys}}",  # noqa: S608 as above
        sorted({row[1] for row in rows}),
        key,
    )
    item_of = {row[0]: row[1] for row in slots}
    return {row[0]: _Choice(row[1], item_of[row[1]], row[2], bytes(row[3])) for row in rows}
