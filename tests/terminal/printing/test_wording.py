"""Both languages say the same things."""

from __future__ import annotations

import string

from shared.kernel.language import Language, catalogue
from terminal.printing.wording import ROOM, payment_method, words


def _blanks(sentence: str) -> set[str]:
    return {name for _text, name, _format, _conversion in string.Formatter().parse(sentence) if name}


def test_every_sentence_exists_in_both_languages_with_the_same_blanks() -> None:
    spanish, english = catalogue(ROOM, Language.SPANISH), catalogue(ROOM, Language.ENGLISH)
    assert spanish.keys() == english.keys()
    assert {key: _blanks(text) for key, text in spanish.items()} == {
        key: _blanks(text) for key, text in english.items()
    }


def test_a_payment_method_without_a_sentence_keeps_its_name() -> None:
    assert payment_method(words("es"), "cash") == "Efectivo"
    assert payment_method(words("es"), "Vale de consumo") == "Vale de consumo"
