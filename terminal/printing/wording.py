"""Sentences of the printing room in a document's language, which may differ from the screen's language.

They are in `texts/es.toml` and `texts/en.toml` beside this file, under `printing.`.
"""

from __future__ import annotations

from functools import cache

from shared.kernel.language import Language, Texts

NAMES = "shared.payments"
"""The room of the names of discounts and service charges."""
ALLERGENS = "shared.menu"
"""The room of the names of allergens."""
ROOM = "terminal.printing"
"""A screen that shows printer faults names this room in its `Texts`."""


def words(language: str) -> Texts:
    """The sentences of a language, or the Spanish ones if we have none in that language."""
    return _words(Language(language) if language in tuple(Language) else Language.SPANISH)


def payment_method(text: Texts, method: str) -> str:
    """Name of a payment method. A method without a sentence keeps its own name."""
    code = f"printing.method.{method}"
    return text(code) if text.has(code) else method


def printer_title(text: Texts, name: str) -> str:
    """What people call a printer: the usual two by what they print, any other by its own name."""
    code = f"printing.printer.{name}"
    return text(code) if text.has(code) else name


def fault_sentence(language: str, code: str, printer: str) -> str:
    """The sentence of a fault: what happened to the printer, what is safe and what to do."""
    return words(language)(f"printing.fault.{code}", printer=printer)


@cache
def _words(language: Language) -> Texts:
    return Texts(language, (ROOM, NAMES, ALLERGENS))
