"""Planted bugs of the ledgers: how portions, receipts and the kitchen are compared."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any
from unittest.mock import patch
from uuid import UUID

from shared.kernel.ids import derived_id
from shared.kernel.totals import Counted
from shared.kitchen import commands as kitchen
from shared.kitchen import sending
from shared.kitchen.sending import Sending
from shared.orders import commands as orders
from shared.payments import commands as payments
from shared.payments import refunding
from shared.truth import covering, family, portions
from shared.truth.cooking import cooking_of

# -- portions ----------------------------------------------------------------------------------------------------------


@contextmanager
def parts_by_themselves() -> Iterator[None]:
    """Too little in one part is not made up for by another."""
    with patch.object(portions, "within", dict):
        yield


@contextmanager
def part_beside_its_line() -> Iterator[None]:
    """What a part takes, the line it was split off keeps."""

    def held(root: Any, lines: Mapping[Any, Any]) -> Counter[Any]:
        found = Counter({root: 0})
        for line_id, line in lines.items():
            found[line_id] += line.taken_milli + line.quantity_milli + line.more_milli
        return found

    with patch.object(portions, "_held", held):
        yield


@contextmanager
def void_takes_the_unseen() -> Iterator[None]:
    """A void takes portions, too, that its author did not see."""
    with _voids_changed(lambda void: Row(void, seen_milli=1 << 40)):
        yield


@contextmanager
def lifted_voids_count() -> Iterator[None]:
    """A void that was a mistake still takes its portions."""
    with _voids_changed(lambda void: Row(void, lifted=False)):
        yield


@contextmanager
def one_more_is_not_there() -> Iterator[None]:
    """What "one more" added is not counted."""
    honest = portions._held

    def held(root: Any, lines: Mapping[Any, Any]) -> Counter[Any]:
        return honest(root, {line_id: Row(line, more_milli=0) for line_id, line in lines.items()})

    with patch.object(portions, "_held", held):
        yield


@contextmanager
def kitchen_hears_no_notes() -> Iterator[None]:
    """Lines with other notes are cooked alike."""
    honest = portions.content_id

    def content_id(item_id: Any, modifiers: tuple[str, ...], _notes: str) -> Any:
        return honest(item_id, modifiers, "")

    with patch.object(portions, "content_id", content_id):
        yield


@contextmanager
def part_says_nothing_of_its_line() -> Iterator[None]:
    """A part has only what somebody set on itself."""

    def said(line_id: Any, lines: Mapping[Any, Any], field: str) -> Any:
        return getattr(lines[line_id], field)

    with _everywhere("said", said, portions, family, orders, kitchen):
        yield


# -- receipts ----------------------------------------------------------------------------------------------------------


@contextmanager
def receipts_by_part() -> Iterator[None]:
    """What receipts cover too much of one part is owed of another."""
    with patch.object(covering, "within", dict):
        yield


@contextmanager
def paid_is_paid() -> Iterator[None]:
    """However many receipts cover a portion, the greatest counts, and nothing is to give back."""
    honest = covering.covering_of

    def covering_of(live: Any, receipt_lines: Any, refund_lines: Any) -> Any:
        found = honest(live, receipt_lines, refund_lines)
        lines = {row_id: each._replace(spare=0) for row_id, each in found.lines.items()}
        return found._replace(lines=lines)

    with patch.object(family, "covering_of", covering_of):
        yield


@contextmanager
def newest_receipt_is_the_sale() -> Iterator[None]:
    """Of two receipts for one portion the later is the sale."""

    def from_the_end(rows: Any) -> list[Any]:
        return sorted(rows, reverse=True)

    with patch.object(covering, "sorted", from_the_end, create=True):
        yield


@contextmanager
def settled_takes_nothing() -> Iterator[None]:
    """Of a line that a receipt covers nothing is owed, whatever came later."""
    honest = covering.covering_of

    def covering_of(live: Any, receipt_lines: Any, refund_lines: Any) -> Any:
        found = honest(live, receipt_lines, refund_lines)
        gap = {line: min(0, portions) if found.net[line] else portions for line, portions in found.gap.items()}
        return found._replace(gap=gap)

    with patch.object(family, "covering_of", covering_of):
        yield


@contextmanager
def refunds_forgotten() -> Iterator[None]:
    """A refunded portion is still covered by its receipt."""
    honest = covering.covering_of

    def covering_of(live: Any, receipt_lines: Any, _refund_lines: Any) -> Any:
        return honest(live, receipt_lines, ())

    with patch.object(family, "covering_of", covering_of):
        yield


@contextmanager
def refund_voids_nothing() -> Iterator[None]:
    """What is given back is owed again."""
    with patch.object(refunding, "add_void", lambda *_given, **_options: None):
        yield


# -- the kitchen -------------------------------------------------------------------------------------------------------


@contextmanager
def told_by_the_sender() -> Iterator[None]:
    """A ticket line belongs to who sent it, not to what it says."""

    def its_own(*fact: Any) -> UUID:
        return _some_id() if fact[0] == "told" else derived_id(*fact)

    with patch.object(sending, "derived_id", its_own):
        yield


@contextmanager
def check_of_the_opener() -> Iterator[None]:
    """A check for what is added to a paid one belongs to who opened it, not to its order."""
    with patch.object(payments, "derived_id", lambda *_parts: _some_id()):
        yield


@contextmanager
def thrown_is_told() -> Iterator[None]:
    """What was thrown away of one content is what the last void says, not what all say."""
    with _cooking_changed(voids=lambda voids: list({void.content_id: void for void in voids}.values())):
        yield


@contextmanager
def thrown_is_still_there() -> Iterator[None]:
    """What was thrown away is still with the kitchen."""
    with _cooking_changed(voids=lambda _voids: ()):
        yield


@contextmanager
def nothing_is_withdrawn() -> Iterator[None]:
    """What the kitchen was told and nobody wants is not shown to it."""
    with _each_cooking(lambda each: each._replace(withdraw=0)):
        yield


@contextmanager
def made_whatever_is_told() -> Iterator[None]:
    """The kitchen makes what it was told, also what nobody wants any more."""
    with _each_cooking(lambda each: each._replace(to_make=max(0, each.expected - each.good))):
        yield


@contextmanager
def sent_whatever_is_wanted() -> Iterator[None]:
    """What was told is told again."""
    with _each_cooking(lambda each: each._replace(to_send=each.wanted if each.wanted > each.expected else 0)):
        yield


@contextmanager
def waste_is_what_is_withdrawn() -> Iterator[None]:
    """All that is taken back is waste, made or not."""
    honest = kitchen._take_back

    def take_back(row: Any, each: Any) -> int:
        return honest(row, each._replace(good=each.wanted + each.withdraw))

    with patch.object(kitchen, "_take_back", take_back):
        yield


@contextmanager
def gone_twice_is_gone_twice() -> Iterator[None]:
    """A portion that two people noted as gone swallows one that is told later."""
    honest = Sending.tell

    async def tell(self: Any, found: Any, content: UUID, *given: Any) -> None:
        cooking = {each: of._replace(rest=of.expected) for each, of in found.family.cooking.items()}
        await honest(self, found._replace(family=found.family._replace(cooking=cooking)), content, *given)

    with patch.object(Sending, "tell", tell):
        yield


@contextmanager
def recalled_is_still_done() -> Iterator[None]:
    """A recall begins no new round, so that the bump outranks it."""
    with patch.object(Counted, "again", lambda self, _total=0: self):
        yield


@contextmanager
def confirmed_is_not_told() -> Iterator[None]:
    """Confirming a change takes back, and forgets to note it."""
    with patch.object(kitchen, "_take_back", lambda _row, _each: 0):
        yield


# -- how they are planted ----------------------------------------------------------------------------------------------


class Row:
    """A row of which some fields say something else."""

    def __init__(self, row: Any, **fields: Any) -> None:
        self._row = row
        self.__dict__.update(fields)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, name)


_ids = random.Random("planted")


def _some_id() -> UUID:
    return UUID(bytes=_ids.randbytes(16))


def _voids_changed(change: Callable[[Any], Any]) -> AbstractContextManager[Any]:
    honest = portions.portions_of

    def portions_of(root: Any, lines: Any, voids: Any) -> Any:
        return honest(root, lines, [change(void) for void in voids])

    return patch.object(family, "portions_of", portions_of)


def _cooking_changed(voids: Callable[[Any], Any]) -> AbstractContextManager[Any]:
    honest = cooking_of

    def changed(wanted: Any, ticket_lines: Any, of_family: Any, **how: Any) -> Any:
        return honest(wanted, ticket_lines, voids(of_family), **how)

    return patch.object(family, "cooking_of", changed)


def _each_cooking(change: Callable[[Any], Any]) -> AbstractContextManager[Any]:
    honest = cooking_of

    def changed(*given: Any, **how: Any) -> Any:
        return {content: change(each) for content, each in honest(*given, **how).items()}

    return patch.object(family, "cooking_of", changed)


@contextmanager
def _everywhere(name: str, instead: Any, *modules: Any) -> Iterator[None]:
    with ExitStack() as stack:
        for module in modules:
            if hasattr(module, name):
                stack.enter_context(patch.object(module, name, instead))
        yield
