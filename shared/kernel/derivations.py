"""Rows that follow from facts: how a domain declares what it derives from a row of a lower domain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from shared.kernel.records import BranchRecord


@dataclass(frozen=True, slots=True)
class Derivation:
    """A row that follows from each new row of a table.

    It is written in the transaction of the fact, needs no right of its own, and has an id computed from the fact: two
    replicas that both derive it have derived one row.

    Attributes:
        fact: whose new rows lead to a derived row.
        derived: what kind of row that is.
        derive: makes it from the fact's id, organization and branch.
    """

    fact: type[BranchRecord]
    derived: type[BranchRecord]
    derive: Callable[[UUID, UUID, UUID], BranchRecord]
