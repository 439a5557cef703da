"""The words of the printing room in a document's own language, which need not be the screen's.

The sentences are in `texts/es.toml` and `texts/en.toml` beside this file, under `printing.`.
"""

from __future__ import annotations

from functools import cache

from shared.kernel.language import Language, Texts

ROOM = "terminal.printing"
"""To be named among the rooms of a screen's `Texts` if it shows printer faults."""


def words(language: str) -> Texts:
    """The sentences of a language; a language that does not ship speaks Spanish."""
    return _words(Language(language) if language in tuple(Language) else Language.SPANISH)


def payment_method(text: Texts, method: str) -> str:
    """What people call a payment method; one that has no sentence keeps its own name."""
    code = f"printing.method.{method}"
    return text(code) if text.has(code) else method


def fault_sentence(language: str, code: str, printer: str) -> str:
    """What happened to a printer, what is safe and what to do, for the person who stands before it."""
    return words(language)(f"printing.fault.{code}", printer=printer)


@cache
def _words(language: Language) -> Texts:
    return Texts(language, (ROOM,))
