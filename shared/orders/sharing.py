"""Sharing an amount of a whole bill among its lines, and what each line bears among its parts. Pure; minor units."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from operator import add
from typing import Any, NamedTuple

from shared.kernel.money import share, share_in_order

Id = Any
"""A UUID or its sixteen bytes; all ids of one bill are of one kind."""
Group = list[int]
"""The places of the parts of one line, in the order in which they lie (`cuts.py`)."""
Given = Sequence[int | None]
"""What receipts gave of an amount, by place. None: the part is owed."""


class Lines(NamedTuple):
    """The parts of a bill, line by line.

    Attributes:
        ids: of the order line of which each part is, by place.
        groups: the parts of each line.
        plain: whether each line is one part, and owed: there is nothing to share within it.
    """

    ids: Sequence[Id]
    groups: Sequence[Group]
    plain: bool = False

    def among(self, members: Sequence[int]) -> Lines:
        """Some of the parts alone."""
        chosen = set(members)
        found = ([at for at in of if at in chosen] for of in self.groups)
        return self._replace(groups=[of for of in found if of])

    def hand_out(self, amount: int, weights: Sequence[int], given: Given, *, within: bool = True) -> dict[int, int]:
        """Share an amount among the lines by largest remainder, and then as `to_parts` does."""
        if self.plain:
            of_lines = share(amount, [weights[at] for (at,) in self.groups])
        else:
            of_lines = share(amount, [sum(weights[at] for at in of) for of in self.groups])
        return self.to_parts(of_lines, weights, given, within=within)

    def to_parts(self, amounts: Sequence[int], weights: Sequence[int], given: Given, *, within: bool) -> dict[int, int]:
        """Share what each line bears among its parts, by place.

        What receipts gave stays. Lines on which they gave more or less than they should make up for it together.

        Args:
            within: whether no part bears more than its weight.
        """
        if self.plain:
            return self.apart(amounts, weights, given)
        came = [sum(given[at] or 0 for at in of) for of in self.groups]
        owed = [sum(weights[at] for at in of if given[at] is None) for of in self.groups]
        most = owed if within else [sum(amounts) if weight else 0 for weight in owed]
        rests = _fitted([amount - gave for amount, gave in zip(amounts, came, strict=True)], most)
        return self.apart(list(map(add, came, rests)), weights, given, within=within)

    def apart(
        self, amounts: Sequence[int], weights: Sequence[int], given: Given, *, within: bool = False
    ) -> dict[int, int]:
        """As `to_parts`, but no line makes up for another."""
        found: dict[int, int] = {}
        for of, amount in zip(self.groups, amounts, strict=True):
            if len(of) == 1 and given[of[0]] is None:
                found[of[0]] = amount
            else:
                ruled = share_in_order(amount, [weights[at] for at in of])
                found |= self._of_line(dict(zip(of, ruled, strict=True)), of, weights, given, within=within)
        return found

    def ruled(self, shares: Sequence[int], weights: Sequence[int], given: Given) -> dict[int, int]:
        """As `apart`, where it is known what lies between the ends of each part."""
        found: dict[int, int] = {}
        for of in self.groups:
            if len(of) == 1 and given[of[0]] is None:
                found[of[0]] = shares[of[0]]
            else:
                found |= self._of_line({at: shares[at] for at in of}, of, weights, given, within=False)
        return found

    def _of_line(
        self, ruled: Mapping[int, int], of: Group, weights: Sequence[int], given: Given, *, within: bool
    ) -> dict[int, int]:
        """Share what a line bears among its parts, each as much as lies between its ends (`ruled`, by place).

        What is owed of an order line is what receipts left of its share. What they gave too much or too little of one
        of which nothing is owed, the others make up for.
        """
        left: Counter[Id] = Counter()
        for at in of:
            left[self.ids[at]] += ruled[at] - (given[at] or 0)
        amount = sum(ruled[at] for at in of)
        found = {at: given[at] or 0 for at in of if given[at] is not None}
        owed = [at for at in of if given[at] is None]
        parts = [left[self.ids[at]] for at in owed]
        lacks = max(0, amount - sum(found.values())) - sum(parts)
        if lacks:
            parts = list(map(add, parts, share_in_order(lacks, [weights[at] for at in owed])))
        most = [weights[at] if within else amount if weights[at] else 0 for at in owed]
        found.update(zip(owed, _fitted(parts, most), strict=True))
        return found


def _fitted(parts: Sequence[int], most: Sequence[int]) -> list[int]:
    """The same sum in parts that are neither below nothing nor above their most; or as near to it as can be."""
    found = [min(max(0, part), limit) for part, limit in zip(parts, most, strict=True)]
    lacks = max(0, sum(parts)) - sum(found)
    for at, limit in enumerate(most):
        more = max(-found[at], min(lacks, limit - found[at]))
        found[at] += more
        lacks -= more
    return found
