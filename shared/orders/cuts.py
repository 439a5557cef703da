"""How a line was cut: in which order its parts lie, and how much of it each stands for. Pure; thousandths.

What was cut off a line lies right behind what is left of it. So to cut a part once more moves the ends of no other
part, and whatever is shared along that order stays what it was for all others (`share_in_order`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import lcm
from typing import Any, NamedTuple

from shared.kernel.quantity import cut_of

Id = Any
"""A UUID or its sixteen bytes; all ids of one line are of one kind."""


class Cut(NamedTuple):
    """Portions of a line, and the line that it was cut off."""

    line_id: Id
    part_of: Id | None
    quantity_milli: int


def laid_out(cuts: Sequence[Cut], whole_milli: int) -> list[tuple[int, int]]:
    """The places of some parts of one line in the order in which they lie, each with its weight.

    A third counts as a third, though it is written as 333 or 334 thousandths.

    Args:
        cuts: in the order in which they were made; those of one line id lie in it, too.
        whole_milli: what was cut, as it was.
    """
    of: defaultdict[Id, list[int]] = defaultdict(list)
    for at, cut in enumerate(cuts):
        of[cut.line_id].append(at)
    parent = {cut.line_id: cut.part_of for cut in cuts if cut.part_of in of and cut.part_of != cut.line_id}
    order = _in_order(of, parent)
    exact = _exact(
        order, parent, {line: sum(cuts[at].quantity_milli for at in of[line]) for line in order}, whole_milli
    )
    found: list[tuple[int, Fraction]] = []
    for line in order:
        left = exact[line]
        for at in of[line][:-1]:
            part = min(left, cut_of(cuts[at].quantity_milli, whole_milli))
            found.append((at, part))
            left -= part
        found.append((of[line][-1], left))
    scale = lcm(*(weight.denominator for _at, weight in found))
    return [(at, int(weight * scale)) for at, weight in found]


def _in_order(lines: Mapping[Id, Any], parent: Mapping[Id, Id]) -> list[Id]:
    """Each line before those that were cut off it, of which the newest comes first."""
    children: defaultdict[Id, list[Id]] = defaultdict(list)
    for line in lines:
        if line in parent:
            children[parent[line]].append(line)
    order: dict[Id, None] = {}
    roots = [line for line in lines if line not in parent]
    for first in (*roots, *lines):  # hostile parts may be cut off each other
        stack = [first]
        while stack:
            line = stack.pop()
            if line not in order:
                order[line] = None
                stack.extend(children[line])
    return list(order)


def _exact(
    order: Sequence[Id], parent: Mapping[Id, Id], portions: Mapping[Id, int], whole_milli: int
) -> dict[Id, Fraction]:
    """What each line stands for: the cut that was made of it, less those that were made of it in turn."""
    place = {line: at for at, line in enumerate(order)}
    total = dict(portions)
    for line in reversed(order):
        above = parent.get(line)
        if above is not None and place[above] < place[line]:
            total[above] += total[line]
    exact = {line: cut_of(total[line], whole_milli) for line in order}
    own = dict(exact)
    for line in order:
        above = parent.get(line)
        if above is not None and place[above] < place[line]:
            own[above] -= exact[line]
    return {line: own[line] if own[line] > 0 else Fraction(portions[line]) for line in order}
