"""How many portions of a line there are: ordered against voided. Pure; quantities in thousandths.

A *family* is a line (its *root*) and all *parts* that were split off it. A part takes its portions from the line that
it was split off, and says itself only what differs: its price, modifiers and notes are None until somebody sets them.
Rows are records, rows of a statement or wire rows: whatever has the fields. Ids are UUIDs or their sixteen bytes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from shared.kernel.ids import derived_id
from shared.kernel.quantity import FINE

Id = Any
"""A UUID or its sixteen bytes; all ids of one family are of one kind. Both sort alike."""


class Portions(NamedTuple):
    """What a family comes to, by line.

    Attributes:
        ordered: all portions that were ever ordered.
        voided: those of voids that were not lifted.
        live: portions by line that are there and not voided.
    """

    ordered: int
    voided: int
    live: dict[Id, int]


def within(parts: Mapping[Id, int]) -> dict[Id, int]:
    """Let too much in one part make up for too little in another: the same sum, and all parts of its sign.

    Portions go to the parts in the order of their ids.
    """
    total = sum(parts.values())
    sign, rest = (1, total) if total >= 0 else (-1, -total)
    result = {}
    for part in sorted(parts):
        kept = min(max(0, sign * parts[part]), rest)
        result[part], rest = sign * kept, rest - kept
    return result


def portions_of(root: Id, lines: Mapping[Id, Any], voids: Iterable[Any]) -> Portions:
    """Count the portions of a family.

    A void takes nothing that its author did not see: what it would take beyond the portions that it saw stays, and
    belongs to the root.
    """
    held = _held(root, lines)
    standing = [void for void in voids if not void.lifted and void.line_id in held]
    voided: Counter[Id] = Counter()
    for void in standing:
        voided[void.line_id] += void.quantity_milli
    ordered, off = sum(held.values()), sum(voided.values())
    left = {line: portions - voided[line] for line, portions in held.items()}
    left[root] += off - _taken(standing)
    return Portions(ordered, off, {line: max(0, rest) for line, rest in within(left).items()})


def _taken(voids: Iterable[Any]) -> int:
    """Portions that voids take together: none beyond those that it saw, and a later one takes what they left."""
    taken = 0
    for seen, quantity in sorted((void.seen_milli, void.quantity_milli) for void in voids):
        taken += max(0, min(quantity, seen - taken))
    return taken


def _held(root: Id, lines: Mapping[Id, Any]) -> Counter[Id]:
    """The portions of each line by its own word; what a part takes, the line it was split off loses."""
    held: Counter[Id] = Counter({root: 0})
    for line_id, line in lines.items():
        held[line_id] += line.taken_milli + line.quantity_milli + line.more_milli
        if line.part_of_id in lines:
            held[line.part_of_id] -= line.taken_milli
    return held


class Gone(NamedTuple):
    """What was taken off a line.

    Attributes:
        id: of the void; None: it was removed before the kitchen heard of it.
        exact: the thousandths that it stood for.
    """

    id: Id | None
    at: datetime | None
    exact: Fraction


class Stake(NamedTuple):
    """What a line of a family stands for, exactly.

    Attributes:
        scale: what one thousandth of it is. Of 334 thousandths that are a third it is 1,000/1,002.
        gone: nobody owes that, and it keeps its place beside others.
    """

    scale: Fraction
    gone: tuple[Gone, ...]


def stakes_of(lines: Mapping[Id, Any], voids: Iterable[Any], settled: Mapping[Id, int]) -> dict[Id, Stake]:
    """The stakes of the lines of a family that was parted.

    A part has what was cut off for it, and the line that it was cut off has the rest: whatever is voided, removed or
    refunded of one of them, the others stand for what they stood for. Cuts and voids are read in the order of their
    times: a wrong clock moves less than a thousandth.

    Args:
        settled: the thousandths of lines that were paid at another price than the line has now. They stand for as many,
            whatever the rest was cut into since: it has another price, so nothing could make up for a share of theirs.
    """
    written = Counter({key: max(0, line.quantity_milli + line.more_milli) for key, line in lines.items()})
    exact = {key: Fraction(portions) for key, portions in written.items()}
    gone: defaultdict[Id, list[Gone]] = defaultdict(list)
    cuts = [(line.added_at, key, line) for key, line in lines.items() if line.part_of_id in lines]
    taken_off = [(void.voided_at, void.id, void) for void in voids if not void.lifted and void.line_id in lines]
    for at, key, row in sorted(
        (*cuts, *taken_off), key=lambda each: (each[0] is not None, each[0], each[1] not in lines, each[1])
    ):
        if key in lines:
            taken = row.taken_milli + Fraction(row.taken_fine, FINE)
            written.update({key: row.taken_milli, row.part_of_id: -row.taken_milli})
            exact[key] += taken
            exact[row.part_of_id] -= taken
        else:
            of = row.line_id
            portions = min(row.quantity_milli, max(0, written[of]))
            gone[of].append(Gone(key, at, portions * _scale(written[of], exact[of])))
            written[of] -= portions
            exact[of] -= gone[of][-1].exact
    found = {}
    for key, line in lines.items():
        paid = settled.get(key, 0)
        scale = _scale(written[key] - paid, exact[key] - paid)
        removed = max(0, -(line.quantity_milli + line.more_milli))
        if removed:
            gone[key].append(Gone(None, None, removed * scale))
        found[key] = Stake(scale, tuple(gone[key]))
    return found


def _scale(written_milli: int, exact_milli: Fraction) -> Fraction:
    """What one thousandth of a line is; 1 where it was parted on two devices at once beyond what there is."""
    return exact_milli / written_milli if written_milli > 0 and exact_milli > 0 else Fraction(1)


def said(line_id: Id, lines: Mapping[Id, Any], field: str) -> Any:
    """A field of a line; what a part does not say itself, the line that it was split off says. None: nobody says it."""
    for _step in lines:  # no chain is longer; hostile parts may be split off each other
        line = lines.get(line_id)
        if line is None:
            break
        value = getattr(line, field)
        if value is not None:
            return value
        line_id = line.part_of_id
    return None


def is_held(root: Any) -> bool:
    """Whether the family of a root waits for its course: the kitchen is not told of it yet."""
    return bool(root.held > root.fired)


def modifiers_of(line_id: Id, lines: Mapping[Id, Any]) -> list[Mapping[str, Any]]:
    """The modifiers of a line. What is none, whoever wrote it, is left out."""
    found = said(line_id, lines, "modifiers")
    return [each for each in found if is_modifier(each)] if isinstance(found, list) else []


KITCHEN_NAME = "kitchen_name"
"""What a modifier is called in the kitchen, where that is another name."""


def kitchen_name_of(modifier: Mapping[str, Any]) -> str:
    """What walls and kitchen papers call a modifier."""
    own = modifier.get(KITCHEN_NAME)
    return own if isinstance(own, str) and own else str(modifier["name"])


def is_modifier(said_so: Any) -> bool:
    """Whether something is {id: text, name: text, price_delta_minor: whole number}."""
    return (
        isinstance(said_so, dict)
        and isinstance(said_so.get("id"), str)
        and isinstance(said_so.get("name"), str)
        and type(said_so.get("price_delta_minor")) is int
    )


def content_of(line_id: Id, lines: Mapping[Id, Any]) -> Id:
    """The id of what is cooked for a line: dish, modifiers and notes, all that changes the cooking.

    Seat, table and check are an address, and no part of it.
    """
    chosen = tuple(sorted(each["id"] for each in modifiers_of(line_id, lines)))
    return content_id(lines[line_id].item_id, chosen, said(line_id, lines, "notes") or "")


@lru_cache(maxsize=8192)
def content_id(item_id: Id, modifiers: tuple[str, ...], notes: str) -> Id:
    """The id of a content, of the same kind as the item's id.

    Args:
        modifiers: their ids as text, sorted.
        notes: as they are stored, cleaned.
    """
    found = derived_id("content", item_id, len(modifiers), *modifiers, notes)
    return found if isinstance(item_id, UUID) else found.bytes
