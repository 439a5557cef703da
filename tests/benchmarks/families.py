"""What it costs to compare a family of lines: what every touched line costs a transaction, once."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time
from types import SimpleNamespace
from typing import Any

from shared.truth.family import compare
from shared.truth.portions import content_id
from shared.truth.shares import shares_of
from tests.benchmarks.figures import Figure

ROUNDS = 15
TIMES = 400
MOST_MICROSECONDS = 100.0
ROOT, BRANCH, CHECK, ITEM, TICKET, STATION = (name.encode() for name in ("root", "branch", "check", "item", "t", "s"))
SAID = {"root_id": ROOT, "branch_id": BRANCH, "item_id": ITEM, "item_name": "Lomo", "category_name": "", "currency": ""}
AMOUNTS = dict.fromkeys(("gross_minor", "discount_minor", "service_minor", "tax_minor", "total_minor"), 1_000)


def family(parts: int, *, paid: bool) -> dict[str, dict[bytes, Any]]:
    """A line of `parts` portions with as many parts, sent and made, perhaps paid."""
    ids = [ROOT, *(f"part {at}".encode() for at in range(1, parts))]
    lines = {
        each: SimpleNamespace(
            **SAID,
            part_of_id=None if each == ROOT else ROOT,
            check_id=CHECK,
            quantity_milli=parts * 1_000 if each == ROOT else 0,
            more_milli=0,
            taken_milli=0 if each == ROOT else 1_000,
            unit_price_minor=1_000 if each == ROOT else None,
            modifiers=[] if each == ROOT else None,
            notes="" if each == ROOT else None,
            held=0,
            fired=0,
        )
        for each in ids
    }
    totals = {
        "told_milli": parts * 1_000,
        "back_milli": 0,
        "wasted_milli": 0,
        "made": parts * 1_000,
        "served_milli": 0,
        "returned_milli": 0,
    }
    told = SimpleNamespace(
        content_id=content_id(ITEM, (), ""), station_id=STATION, ticket_id=TICKET, **totals, also_of_id=None
    )
    when = {"business_date": "2026-11-29", "local_hour": 13}
    of_receipt = {"check_id": CHECK, "quantity_milli": 1_000, "unit_price_minor": 1_000, **AMOUNTS, **when}
    receipts = {b"r" + each: SimpleNamespace(**SAID, order_line_id=each, **of_receipt) for each in ids if paid}
    return {
        "order_lines": lines,
        "line_voids": {},
        "ticket_lines": {b"told": told},
        "receipt_lines": receipts,
        "refund_lines": {},
    }


def microseconds(act: Callable[[], object]) -> float:
    """The CPU time of one call, the best of some rounds."""
    best = float("inf")
    for _round in range(ROUNDS):
        begun = process_time()
        for _time in range(TIMES):
            act()
        best = min(best, (process_time() - begun) / TIMES * 1e6)
    return best


def figures() -> list[Figure]:
    """Measure."""
    one = family(1, paid=True)
    short = microseconds(lambda: list(shares_of(one)))
    found = []
    for parts, paid in ((1, False), (1, True), (5, False), (5, True)):
        rows = family(parts, paid=paid)
        cost = microseconds(lambda rows=rows: compare(ROOT, rows))  # type: ignore[misc]
        found.append(
            Figure(
                f"comparing a family of {parts}, {'paid' if paid else 'open'}",
                f"{cost:.1f} us",
                f"the short cut, with its shares, of one paid line: {short:.1f} us",
                cost / short,
                f"at most {MOST_MICROSECONDS:.0f} us",
                cost <= MOST_MICROSECONDS,
            )
        )
    return found
