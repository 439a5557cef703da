"""Derived rows: how a domain declares rows that follow from rows of a lower domain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from shared.kernel.records import BranchRecord


@dataclass(frozen=True, slots=True)
class Derivation:
    """Declares that each new row of one table (the fact) leads to a row of another.

    The derived row is written in the transaction of the fact and needs no right of its own. Its id is computed from the
    fact's: two replicas that both derive it make one row.

    Attributes:
        fact: the record whose new rows lead to derived rows.
        derived: the record of the derived rows.
        derive: makes a derived row from the fact's id, organization and branch.
    """

    fact: type[BranchRecord]
    derived: type[BranchRecord]
    derive: Callable[[UUID, UUID, UUID], BranchRecord]
