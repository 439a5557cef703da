"""Who writes into which stream: a device into its branch, the cloud into the organization and into every branch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from shared.kernel.errors import DomainError
from shared.kernel.ids import derived_id
from shared.kernel.instants import Clock
from shared.kernel.permissions import DeviceKind
from shared.kernel.records import Record, Scope
from shared.kernel.sealed import UNWRAPPED, KeyWrapping
from shared.kernel.stamps import HybridClock
from sync.change import StreamKey
from sync.door import Door
from sync.feed import Listener
from sync.tables import TableSpec, Values, specs

DerivedRow = tuple[str, bytes, Values, Mapping[str, Any]]
"""Table, id, values, and the fields that the change names."""
Derivations = Callable[[str, bytes, Values | None, Values | None], Iterable[DerivedRow]]
"""What follows from a row (its table, its id, before, after), where the fact is written."""


def nobody_asks(_door: Door) -> None:
    """Do nothing: this replica folds after each of its own writes."""


def nothing_follows(_table: str, _row: bytes, _before: Values | None, _after: Values | None) -> Iterable[DerivedRow]:
    """Derive no rows."""
    return ()


@dataclass(frozen=True, slots=True)
class Author:
    """The identity under which a replica writes.

    Attributes:
        device_id: the device, or the cloud's own id within the organization.
        incarnation: raised whenever the device's history may have been cut (reinstalled, restored, cloned).
        writes_organization: only the cloud authors the organization's scope (DESIGN 5).
        metadata: the records whose tables are replicated.
        listeners: stand on the feed of what is written here.
        derived: the rows that follow from a row.
        kind: what the device is for; some tables are not written by every kind.
        seen: moved by what others wrote, so that what is written after it is stamped after it.
        wrapping: how this replica stores the keys of sealed fields.
        woken: asks for a fold, in the same transaction, of what waited for a row that is written here.
    """

    organization_id: UUID
    device_id: UUID
    incarnation: int
    writes_organization: bool
    clock: Clock
    metadata: sa.MetaData
    listeners: Sequence[Listener] = ()
    derived: Derivations = nothing_follows
    seen: HybridClock = field(default_factory=HybridClock)
    kind: DeviceKind = DeviceKind.TILL
    wrapping: KeyWrapping = UNWRAPPED
    woken: Callable[[Door], None] = nobody_asks

    @property
    def tables(self) -> Mapping[str, TableSpec]:
        """All replicated tables."""
        return specs(self.metadata)

    def spec(self, record: Record) -> TableSpec:
        """The specification of the record's table.

        Raises:
            DomainError: WRONG_ORGANIZATION.
        """
        if record.organization_id != self.organization_id:
            raise DomainError("WRONG_ORGANIZATION")
        return self.tables[record.__tablename__]

    def stream_of(self, table: TableSpec, branch_id: UUID | None) -> StreamKey:
        """The stream that a change of the table goes into.

        Raises:
            DomainError: ORGANIZATION_IS_WRITTEN_BY_THE_CLOUD.
        """
        if branch_id is not None:
            return self.branch_stream(branch_id)
        if not self.writes_organization:
            raise DomainError("ORGANIZATION_IS_WRITTEN_BY_THE_CLOUD", table=table.name)
        return self.stream_for(None)

    def stream_for(self, branch_id: UUID | None) -> StreamKey:
        """This author's stream in a branch, or in the organization."""
        if branch_id is None:
            return StreamKey(self.device_id, self.incarnation, Scope.ORGANIZATION, self.organization_id)
        return self.branch_stream(branch_id)

    def branch_stream(self, branch_id: UUID) -> StreamKey:
        """This author's stream in a branch."""
        return StreamKey(self.device_id, self.incarnation, Scope.BRANCH, branch_id)


def cloud_device(organization_id: UUID) -> UUID:
    """The id under which the cloud writes in an organization; every replica knows it."""
    return derived_id("cloud", organization_id)
