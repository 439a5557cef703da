"""Planted bugs of what commands write of the ledgers, and of the sums with their short cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch
from uuid import UUID

from shared.books import sums
from shared.kernel.errors import DomainError
from shared.orders import commands as orders
from shared.orders import correcting
from shared.orders.records import OrderLine
from shared.payments import refunding, repricing
from shared.truth import plain, shares
from shared.truth.family import LINES, VOIDS, compare
from shared.truth.reading import look
from tests.simulation.truth_mutants import Row


class Whatever:
    """Equal to everything: a check against it is no check."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, _other: object) -> bool:
        return True

    def __ne__(self, _other: object) -> bool:
        return False


@contextmanager
def discounts_not_compared() -> Iterator[None]:
    """A discount that is given while another device takes the money is nobody's business."""
    with patch.object(sums, "_adjusted", lambda _rows: ()):
        yield


@contextmanager
def given_meanwhile_is_given_later() -> Iterator[None]:
    """Whoever gives a discount knows all receipts."""
    with patch.object(repricing._Receipt, "_is_new", lambda _self, _key, _row: False):
        yield


# -- commands ----------------------------------------------------------------------------------------------------------


@contextmanager
def one_more_for_everybody() -> Iterator[None]:
    """One more raises the total of whoever wrote the line: two devices that press it count one."""
    honest = look
    anybody = type("Anybody", (Whatever,), {})()

    async def seen(work: Any, line_id: UUID) -> Any:
        row, found, part = await honest(work, line_id)
        return Row(row, author=anybody), found, part

    with patch.object(orders, "_live", _live_through(seen)):
        yield


@contextmanager
def part_keeps_a_copy() -> Iterator[None]:
    """A part says itself, from the start, what its line said first."""
    honest = correcting.split_line

    async def split_line(work: Any, line_id: UUID, part_id: UUID, quantity_milli: int) -> Any:
        part = await honest(work, line_id, part_id, quantity_milli)
        part.notes = ""
        return part

    with patch.object(correcting, "split_line", split_line):
        yield


@contextmanager
def void_sees_nothing() -> Iterator[None]:
    """A void does not say what its author saw, so that it takes nothing."""
    honest = correcting.add_void

    def add_void(work: Any, line: Any, found: Any, *given: Any, **options: Any) -> Any:
        return honest(work, line, found._replace(ordered=0), *given, **options)

    with patch.object(correcting, "add_void", add_void), patch.object(refunding, "add_void", add_void):
        yield


@contextmanager
def typed_is_what_was_typed() -> Iterator[None]:
    """A typed number takes the place of what "one more" and splitting made of the line."""

    async def hold(work: Any, line_id: UUID, _part: Any, quantity_milli: int) -> Any:
        line = await work.get(OrderLine, line_id)
        line.quantity_milli = quantity_milli
        return line

    with patch.object(orders, "_hold", hold):
        yield


# -- the short cut and the sums ----------------------------------------------------------------------------------------


@contextmanager
def plain_whatever_was_told() -> Iterator[None]:
    """The short cut of the sums is taken though the kitchen was told another content."""
    with patch.object(plain, "content_of", lambda *_arguments: Whatever()):
        yield


@contextmanager
def plain_at_any_price() -> Iterator[None]:
    """The short cut of the sums is taken though the price is another than on the receipt."""
    with patch.object(shares, "unit_price", lambda *_arguments: Whatever()):
        yield


@contextmanager
def plain_with_voids() -> Iterator[None]:
    """The short cut of the sums is taken though something was voided."""
    honest = compare

    def changed(root: Any, rows: Any) -> Any:
        return honest(root, {**rows, VOIDS: {}} if len(rows[LINES]) == 1 else rows)

    with patch.object(shares, "compare", changed):
        yield


@contextmanager
def all_on_one_check() -> Iterator[None]:
    """The sums put all parts of a family on the check of its root."""
    honest = shares._of_checks

    def of_checks(found: Any, rows: Any) -> Any:
        home = found.parts[found.root].check_id
        parts = {line: part._replace(check_id=home) for line, part in found.parts.items()}
        return honest(found._replace(parts=parts), rows)

    with patch.object(shares, "_of_checks", of_checks):
        yield


@contextmanager
def refunds_are_no_sales() -> Iterator[None]:
    """The sums of sales do not hear of refunds."""
    honest = shares._of_sales

    def of_sales(found: Any, rows: Any) -> Any:
        return [share for share in honest(found, rows) if min(share[2]) >= 0]

    with patch.object(shares, "_of_sales", of_sales):
        yield


def _live_through(seen: Callable[..., Any]) -> Any:
    async def live(work: Any, line_id: UUID) -> Any:
        found = await seen(work, line_id)
        if not found[2].live:
            raise DomainError("LINE_IS_GONE", item=found[0].item_name)
        return found

    return live
