"""The audit as a file: CSV for a spreadsheet, or JSON lines with a chain and the cloud's signature, as a proof.

Both stream part by part; memory does not grow with what is asked for.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloud.audit.entries import Asked, Entry, entries
from cloud.audit.proof import first_hash, next_hash
from cloud.audit.telling import act_name, field_name, place_of, table_name
from cloud.control.audit import Audit, doer_now
from cloud.database.transaction import Database
from shared.kernel.language import Texts

AT_ONCE = 200
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""
COLUMNS = ("at", "heard_at", "who", "via", "what", "subject", "field", "before", "after", "reason", "id")


class Exporting:
    """Writes exports.

    Args:
        signing: the cloud's key for what it writes.
    """

    def __init__(self, database: Database, audit: Audit, signing: Ed25519PrivateKey) -> None:
        self._database = database
        self._audit = audit
        self._signing = signing

    async def note(self, organization_id: UUID, asked: Asked) -> None:
        """Note that somebody takes the audit along."""
        async with self._database.control() as session:
            self._audit.note(
                session,
                doer_now(),
                "audit.export",
                organization_id=organization_id,
                subject_id=None,
                subject=asked.kind,
                details={"from": asked.since.isoformat(), "to": asked.before.isoformat()},
            )

    async def csv(self, organization_id: UUID, asked: Asked, texts: Texts) -> AsyncIterator[str]:
        """Lines of a table, one a field that changed, the newest first. No cell begins a formula."""
        yield "\ufeff" + _row(COLUMNS)
        async for entry in self._all(organization_id, asked):
            what = act_name(texts, entry.act) if entry.act else ""
            head = [entry.at.isoformat(), entry.heard_at.isoformat(), entry.who, place_of(texts, entry)]
            tail = [entry.reason, entry.id]
            said = [(row, field) for row in entry.rows for field in row.fields]
            for row, field in said:
                subject = entry.subject or str(row.row_id)
                change = [field_name(texts, field.name), field.before, field.after]
                yield _row([*head, what or table_name(texts, row.table), subject, *change, *tail])
            if not said:
                yield _row([*head, what, entry.subject, "", "", "", *tail])

    async def signed(self, organization_id: UUID, asked: Asked, _texts: Texts) -> AsyncIterator[str]:
        """JSON lines: a head, an object for each entry, and the signature over the chain of all of them."""
        public_key = self._signing.public_key().public_bytes_raw().hex()
        said = {"from": asked.since.isoformat(), "to": asked.before.isoformat(), "kind": asked.kind}
        head = json.dumps({"audit_of": str(organization_id), "public_key": public_key, **said})
        chain = first_hash(head)
        yield head + "\n"
        async for entry in self._all(organization_id, asked):
            line = json.dumps(_object(entry), ensure_ascii=False)
            chain = next_hash(chain, line)
            yield line + "\n"
        yield json.dumps({"signature": self._signing.sign(chain).hex()}) + "\n"

    async def _all(self, organization_id: UUID, asked: Asked) -> AsyncIterator[Entry]:
        """All entries, read part by part, each in a transaction of its own: what comes in meanwhile is newer."""
        before = asked.before
        while True:
            async with self._database.read(organization_id) as read:
                found, following = await entries(read, organization_id, replace(asked, before=before), AT_ONCE)
            for entry in found:
                yield entry
            if following is None:
                return
            before = following


def _row(cells: Any) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([f"'{cell}" if str(cell).startswith(FORMULA) else cell for cell in cells])
    return line.getvalue()


def _object(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "at": entry.at.isoformat(),
        "heard_at": entry.heard_at.isoformat(),
        "who": entry.who,
        "via": entry.via,
        "place": entry.place,
        "branch": str(entry.branch_id) if entry.branch_id else None,
        "act": entry.act or None,
        "subject": entry.subject or None,
        "reason": entry.reason or None,
        "rows": [
            {
                "table": row.table,
                "row": str(row.row_id),
                "new": row.is_new,
                "fields": {field.name: [field.before, field.after] for field in row.fields},
            }
            for row in entry.rows
        ],
    }
