"""What must hold of guests' orders when all have met: each was cooked once, as it was ordered, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.guests.records import AnswerStatus
from shared.kernel.states import ROUND
from shared.orders.records import PROPOSED_OF_LINE
from tests.simulation.observer import Broken

Rows = Mapping[tuple[str, bytes], Mapping[str, Any]]
CHANGEABLE = frozenset({"unit_price_minor", "quantity_milli", "modifiers", "notes"})
LEDGERS = tuple(name for name in PROPOSED_OF_LINE if name not in CHANGEABLE)
"""What nobody changes afterwards."""


def guests_got_what_was_accepted(rows: Rows) -> None:
    """Hold the orders of guests against the lines of orders.

    Raises:
        Broken: an accepted dish is missing, is there twice, or is another one; or one that nobody accepted is there.
    """
    accepted = {
        fields["guest_order_id"]
        for (table, _row), fields in rows.items()
        if table == "guest_answers" and fields["status"] % ROUND == AnswerStatus.ACCEPTED
    }
    proposed = {row: fields for (table, row), fields in rows.items() if table == "guest_order_lines"}
    ordered = {
        row: fields for (table, row), fields in rows.items() if table == "order_lines" and fields.get("guest_order_id")
    }
    for row, fields in proposed.items():
        is_there = row in ordered
        if is_there != (fields["guest_order_id"] in accepted):
            raise Broken(f"a guest's line {row.hex()} is accepted: {not is_there}, and ordered: {is_there}")
        if is_there and any(ordered[row].get(name) != fields.get(name) for name in LEDGERS):
            raise Broken(f"a guest's line {row.hex()} is not as it was ordered")
    strange = ordered.keys() - proposed.keys()
    if strange:
        raise Broken(f"nobody ordered the guest's line {min(strange).hex()}")
