"""Who writes into which stream: a device into its branch, the cloud into the organization and into every branch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast
from uuid import UUID

import sqlalchemy as sa

from shared.kernel.errors import DomainError
from shared.kernel.ids import derived_id
from shared.kernel.instants import Clock
from shared.kernel.records import BranchRecord, Record, Scope
from shared.kernel.stamps import HybridClock
from sync.change import StreamKey
from sync.tables import TableSpec, specs


@dataclass(frozen=True, slots=True)
class Author:
    """The identity under which a replica writes.

    Attributes:
        device_id: the device, or the cloud's own id within the organization.
        incarnation: raised whenever the device's history may have been cut (reinstalled, restored, cloned).
        writes_organization: only the cloud authors the organization's scope (DESIGN 5).
        metadata: the records whose tables are replicated.
        seen: moved by what others wrote, so that what is written after it is stamped after it.
    """

    organization_id: UUID
    device_id: UUID
    incarnation: int
    writes_organization: bool
    clock: Clock
    metadata: sa.MetaData
    seen: HybridClock = field(default_factory=HybridClock)

    def spec(self, record: Record) -> TableSpec:
        """What is known of the record's table."""
        return specs(self.metadata)[record.__tablename__]

    def stream_for(self, record: Record) -> StreamKey:
        """The stream that a change of this record goes into.

        Raises:
            DomainError: ORGANIZATION_IS_WRITTEN_BY_THE_CLOUD, WRONG_ORGANIZATION.
        """
        if record.organization_id != self.organization_id:
            raise DomainError("WRONG_ORGANIZATION")
        if self.spec(record).scope is Scope.BRANCH:
            return self.branch_stream(cast("BranchRecord", record).branch_id)
        if not self.writes_organization:
            raise DomainError("ORGANIZATION_IS_WRITTEN_BY_THE_CLOUD", table=record.__tablename__)
        return StreamKey(self.device_id, self.incarnation, Scope.ORGANIZATION, self.organization_id)

    def branch_stream(self, branch_id: UUID) -> StreamKey:
        """This author's stream in a branch."""
        return StreamKey(self.device_id, self.incarnation, Scope.BRANCH, branch_id)


def cloud_device(organization_id: UUID) -> UUID:
    """The id under which the cloud writes in an organization; every replica knows it."""
    return derived_id("cloud", organization_id)
