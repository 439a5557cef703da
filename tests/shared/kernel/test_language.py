"""Every error that the restaurant's rules can raise is told in both languages, with the same particulars."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import shared
import sync
from shared.kernel.errors import NotFound, NotPermitted
from shared.kernel.language import Language, Texts, catalogue

FROM_THE_KERNEL = {NotPermitted("x").code: {"permission"}, NotFound("x", 1).code: {"kind", "id"}}


def raised() -> Iterator[tuple[str, str, set[str] | None]]:
    """(file, code, names of its parameters) of each `DomainError("CODE", ...)` in the rooms."""
    for room in (shared, sync):
        folder = Path(room.__path__[0])
        for path in sorted(folder.rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                    continue
                if node.func.id == "DomainError" and node.args:
                    code = node.args[0]
                    assert isinstance(code, ast.Constant), f"{path}:{node.lineno}: a code is written out, to be found"
                    given = {keyword.arg for keyword in node.keywords if keyword.arg}
                    yield f"{path.name}:{node.lineno}", code.value, given


RAISED = list(raised())


def parameters(sentence: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in Formatter().parse(sentence) if name}


def test_the_search_finds_the_errors() -> None:
    assert {"ORDER_CLOSED", "LEDGER_IS_WRITTEN_ONCE", "ALREADY_PAID"} <= {code for _where, code, _given in RAISED}


@pytest.mark.parametrize("language", Language)
def test_every_error_has_a_sentence_whose_particulars_are_given(language: Language) -> None:
    sentences = catalogue("shared", language)
    for where, code, given in RAISED:
        assert code in sentences, f"{where}: {code} has no sentence in {language}"
        assert parameters(sentences[code]) <= given, f"{where}: {code} does not say all that its sentence tells"
    for code, given in FROM_THE_KERNEL.items():
        assert parameters(sentences[code]) <= given


def test_both_languages_say_the_same_things_with_the_same_particulars() -> None:
    spanish, english = (catalogue("shared", language) for language in (Language.SPANISH, Language.ENGLISH))
    assert spanish.keys() == english.keys()
    for code, sentence in spanish.items():
        assert parameters(sentence) == parameters(english[code]), code
        assert sentence != english[code], f"{code} was not translated"


def test_no_sentence_is_kept_for_an_error_that_nobody_raises() -> None:
    known = {code for _where, code, _given in RAISED} | FROM_THE_KERNEL.keys()
    assert {code for code in catalogue("shared", Language.ENGLISH) if code.isupper()} <= known


def test_an_unknown_code_or_a_missing_particular_is_shown_instead_of_raising() -> None:
    texts = Texts(Language.SPANISH)
    assert texts("NO_SUCH_CODE", item="x") == "NO_SUCH_CODE"
    assert texts("ITEM_SOLD_OUT") == "{item} está agotado."
    assert texts("ITEM_SOLD_OUT", item="{0.__class__} {x}") == "{0.__class__} {x} está agotado."
