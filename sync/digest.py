"""Additive digests of merged tables: equal vectors must mean equal digests, whatever the order of arrival.

A digest detects; the log repairs. A mismatch is an alarm and a re-fold, never a choice of sides.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.records import Scope
from sync.tables import TableSpec

_MODULUS = 1 << 64


async def digest(
    connection: AsyncConnection,
    organization_id: UUID,
    specs: Mapping[str, TableSpec],
    scope: Scope,
    scope_id: UUID,
) -> dict[str, int]:
    """For each table of a scope, the sum of its rows' 64-bit hashes (row id and field values), modulo 2^64."""
    digests: dict[str, int] = {}
    for name, spec in specs.items():
        if spec.scope is not scope:
            continue
        query = sa.select(spec.table.c.id, *(known.column for known in spec.fields.values())).where(
            spec.table.c.organization_id == organization_id
        )
        if scope is Scope.BRANCH:
            query = query.where(spec.table.c.branch_id == scope_id)
        wires = [known.wire.to_wire for known in spec.fields.values()]
        total = 0
        for row in await connection.execute(query):
            values = [to_wire(value) for to_wire, value in zip(wires, row[1:], strict=True)]
            encoded = msgspec.msgpack.encode([row[0].bytes, values], order="deterministic")
            total += int.from_bytes(hashlib.blake2b(encoded, digest_size=8).digest(), "big")
        digests[name] = total % _MODULUS
    return digests
