"""What the papers of this device told the kitchen, so that a later paper can say what has changed since. Local tables.

A line stands here if this device printed the ticket that it is on: then its papers say what becomes of it, whoever
changes it. `kitchen_paper_due` names the families of which something changed and that nobody has looked at yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Index, LargeBinary, String, Table

from sync.door import Door
from sync.feed import RowChange
from terminal.store.local import metadata

kitchen_paper = Table(
    "kitchen_paper",
    metadata,
    Column("ticket_line_id", LargeBinary(16), primary_key=True),
    Column("printer", String, primary_key=True),
    Column("root_id", LargeBinary(16), nullable=False),
    Column("ticket_id", LargeBinary(16), nullable=False),
    Column("notes", String, comment="the order's note that a later paper told; null: as its ticket was sent with it"),
    Column("off_milli", BigInteger, nullable=False, comment="portions that papers called off, less those asked again"),
    Index("kitchen_paper_by_root", "root_id"),
    Index("kitchen_paper_by_ticket", "ticket_id"),
)
kitchen_paper_due = Table(
    "kitchen_paper_due",
    metadata,
    Column("root_id", LargeBinary(16), primary_key=True),
)

CHANGES_PAPER = ("order_lines", "line_voids", "ticket_lines")
"""The tables whose rows change what a printed ticket should say of a dish. What it says of all is in `orders`."""
_NOTE = "INSERT OR IGNORE INTO kitchen_paper_due SELECT DISTINCT root_id FROM kitchen_paper WHERE root_id {keys}"
_NOTED = (
    "INSERT OR IGNORE INTO kitchen_paper_due SELECT DISTINCT root_id FROM kitchen_paper WHERE ticket_id IN"
    " (SELECT id FROM kitchen_tickets WHERE order_id {keys})"
)
_ANY = sa.select(kitchen_paper_due.c.root_id).limit(1)


class PaperFollows:
    """Implements `sync.feed.Listener`: notes the families on printed tickets of which something changes.

    In the transaction of the change, so that no crash loses it, whoever made the change.
    """

    def prepare(self, door: Door, feed: Mapping[str, Sequence[RowChange]]) -> None:
        """Read nothing."""

    def write(self, door: Door, feed: Mapping[str, Sequence[RowChange]]) -> None:
        """Note them. No statement for new orders, which are on no ticket yet."""
        roots: set[bytes] = set()
        for table in CHANGES_PAPER:
            for row, before, after in feed.get(table, ()):
                values = after if after is not None else before
                root = values.root_id  # type: ignore[union-attr]
                if table != "order_lines" or before is not None or root != row:
                    roots.add(root)
        if roots:
            door.among(_NOTE + " RETURNING root_id", sorted(roots))
        noted = {
            row
            for row, before, after in feed.get("orders", ())
            if before is not None and after is not None and before.notes != after.notes
        }
        if noted:
            door.among(_NOTED + " RETURNING root_id", sorted(noted))
