"""Sentences that say what to do can be read whole on 80 columns, in both languages, where they are shown."""

from __future__ import annotations

import pytest

from shared.kernel.language import Language, Texts
from terminal.snapshots.keeping import ROOMS
from terminal.widgets.text_cells import width_of, wrap

LINE, TYPED, DIALOG, PIN_PAD = (77, 1), (72, 1), (66, 1), (30, 2)
"""Cells and rows: the message above the keys, the answer beside a typed text, a form or an amount, the log-in pad."""
SHOWN = {
    "CARD_NUMBER": DIALOG,
    "NOT_SO_MANY": DIALOG,
    "PIN_INCOMPLETE": PIN_PAD,
    "payment.four_digits": DIALOG,
    "order.code_unknown": TYPED,
    "till.nothing_typed": TYPED,
    "payment.again": LINE,
    "payment.next_check": LINE,
    "payment.more_checks": LINE,
    "payment.opens_drawer": LINE,
    "payment.change_asked": LINE,
    "payment.taken_back": LINE,
    "payment.no_method": LINE,
    "payment.nothing_left": LINE,
    "payment.overpaid": LINE,
    "payment.changed": LINE,
    "payment.last": LINE,
    "payment.no_money": LINE,
    "payment.not_here": LINE,
    "split.not_less": DIALOG,
    "shift.all_finished": LINE,
}
PARAMS = {
    "text": "lomo",
    "item": "Lomo saltado",
    "left": "S/ 1,285.00",
    "method": "Efectivo",
    "change": "S/ 115.00",
    "receipt": "A-00000123",
    "number": "A-123",
    "amount": "S/ 1,285.00",
    "due": "S/ 1,285.00",
}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("code", SHOWN)
def test_a_sentence_is_not_cut(code: str, language: Language) -> None:
    texts = Texts(language, ROOMS)
    assert texts.has(code)
    said, (cells, rows) = texts(code, **PARAMS), SHOWN[code]
    assert all(width_of(row) <= cells for row in wrap(said, cells, rows))
    assert " ".join(wrap(said, cells, rows)) == said
