"""The cloud's verdicts: for each transaction that it voids it writes a row in its own stream of that branch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from cloud.replication.stream_owners import StreamOwners
from shared.kernel.permissions import SYSTEM
from shared.kernel.records import Scope
from sync.author import Author
from sync.door import Door
from sync.feed import Feed, joined
from sync.fold import Objection
from sync.log import Transaction
from sync.tables import Values
from sync.verdicts import VERDICTS, verdict_id
from sync.writing import OwnWriting, values_of, wire_fields

VERDICTS_A_UNIT = 1_000
"""A unit of work is sent whole; so many verdicts are far below the limit of its size."""


class CloudVerdicts:
    """Implements `sync.fold.VoidWriter` for one organization.

    Args:
        author: the cloud.
    """

    def __init__(self, author: Author, owners: StreamOwners) -> None:
        self._author = author
        self._owners = owners

    def write(self, door: Door, voided: Sequence[tuple[Transaction, Objection]]) -> Feed:
        """Write a verdict for each voided transaction of a device's branch stream. Returns the feed of these rows."""
        owners = self._owners.of(door, {transaction.stream for transaction, _objection in voided})
        by_branch: defaultdict[bytes, list[tuple[Transaction, Objection]]] = defaultdict(list)
        for transaction, objection in voided:
            owner = owners[transaction.stream]
            if owner.scope is Scope.BRANCH and owner.device != self._author.device_id.bytes:
                by_branch[owner.scope_id].append((transaction, objection))
        feed: Feed = {}
        for branch, of_branch in sorted(by_branch.items()):
            for begin in range(0, len(of_branch), VERDICTS_A_UNIT):
                verdicts = [self._verdict(branch, *void) for void in of_branch[begin : begin + VERDICTS_A_UNIT]]
                joined(feed, OwnWriting(door, self._author, SYSTEM).write_created(verdicts))
        return feed

    def _verdict(self, branch: bytes, transaction: Transaction, objection: Objection) -> Any:
        table = self._author.tables[VERDICTS]
        fields = {
            "branch_id": UUID(bytes=branch),
            "stream_id": UUID(bytes=transaction.stream),
            "first_seq": transaction.first,
            "last_seq": transaction.last,
            "reason": objection.reason,
            "params": dict(objection.params),
            "judged_at": self._author.clock.now(),
        }
        given = wire_fields(table, fields)
        values: Values = values_of(table, given)
        return table, verdict_id(transaction.stream, transaction.first, transaction.last).bytes, values, given
