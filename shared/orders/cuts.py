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

Id = Any
"""A UUID or its sixteen bytes; all ids of one line are of one kind."""


class Cut(NamedTuple):
    """A part of a line, and the line that it was cut off.

    Attributes:
        weight: the thousandths that it stands for, exactly.
    """

    line_id: Id
    part_of: Id | None
    weight: Fraction


def laid_out(cuts: Sequence[Cut]) -> list[tuple[int, int]]:
    """The places of some parts of one line in the order in which they lie, each with its weight.

    Args:
        cuts: in the order in which they were made; those of one line id lie in it, too.
    """
    of: defaultdict[Id, list[int]] = defaultdict(list)
    for at, cut in enumerate(cuts):
        of[cut.line_id].append(at)
    parent = {cut.line_id: cut.part_of for cut in cuts if cut.part_of in of and cut.part_of != cut.line_id}
    scale = lcm(*(cut.weight.denominator for cut in cuts))
    return [(at, int(cuts[at].weight * scale)) for line in _in_order(of, parent) for at in of[line]]


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
