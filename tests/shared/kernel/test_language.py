"""Every error that the restaurant's rules can raise is told in both languages, with the same particulars.

Its sentence stands in the folder of its domain, or of one below.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import shared
import sync
from shared.domains import DOMAINS, TEXT_ROOMS
from shared.kernel.errors import AboveLimit, NotFound, NotPermitted
from shared.kernel.language import Language, Texts, _flat, by_lines, catalogue

ROOT = Path(shared.__path__[0]).parent
FROM_THE_KERNEL = {
    NotPermitted("x").code: {"permission"},
    AboveLimit("x", 2, 1).code: {"permission", "limit_minor"},
    NotFound("x", 1).code: {"kind", "id"},
}
OF_SHEETS = {"ROW_TWICE", "CATEGORY_UNKNOWN"}
"""Told of a row of a sheet, beside those of the commands; nobody raises them (`menu/importing.py`)."""
THE_SAME = {"allergen.gluten"}
"""Words that both languages share."""


def raised() -> Iterator[tuple[Path, str, set[str]]]:
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
                    yield path, code.value, given


RAISED = list(raised())


def parameters(sentence: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in Formatter().parse(sentence) if name}


def test_the_search_finds_the_errors() -> None:
    assert {"ORDER_CLOSED", "LEDGER_IS_WRITTEN_ONCE", "ALREADY_PAID"} <= {code for _where, code, _given in RAISED}


def rooms_for(file: Path) -> tuple[str, ...]:
    """The rooms whose sentences an error of this file may have: of a domain its own and those below it."""
    names = [domain.name for domain in DOMAINS]
    below = DOMAINS[: names.index(file.parent.name) + 1] if file.parent.name in names else ()
    return ("shared.kernel", *(domain.package for domain in below if domain.has_texts))


def sentences_of(rooms: tuple[str, ...], language: Language) -> dict[str, str]:
    return {code: text for room in rooms for code, text in catalogue(room, language).items()}


@pytest.mark.parametrize("language", Language)
def test_every_error_has_a_sentence_whose_particulars_are_given(language: Language) -> None:
    for file, code, given in RAISED:
        sentences = sentences_of(rooms_for(file), language)
        assert code in sentences, f"{file}: {code} has no sentence in {language}, in its domain or below"
        assert parameters(sentences[code]) <= given, f"{file}: {code} does not say all that its sentence tells"
    for code, given in FROM_THE_KERNEL.items():
        assert parameters(catalogue("shared.kernel", language)[code]) <= given


@pytest.mark.parametrize("room", TEXT_ROOMS)
def test_both_languages_say_the_same_things_with_the_same_particulars(room: str) -> None:
    spanish, english = (catalogue(room, language) for language in (Language.SPANISH, Language.ENGLISH))
    assert spanish.keys() == english.keys()
    for code, sentence in spanish.items():
        assert parameters(sentence) == parameters(english[code]), code
        assert sentence != english[code] or code in THE_SAME, f"{code} was not translated"


@pytest.mark.parametrize("path", sorted(ROOT.glob("*/**/texts/*.toml")), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_catalogue_is_read_by_lines_as_toml_reads_it(path: Path) -> None:
    """Two sentences with one code are a TOML error, which reading by lines would not see."""
    text = path.read_text(encoding="utf-8")
    assert by_lines(text) == _flat(tomllib.loads(text), "")


def test_a_code_has_its_sentence_in_one_room() -> None:
    codes = [code for room in TEXT_ROOMS for code in catalogue(room, Language.ENGLISH)]
    assert sorted(codes) == sorted(set(codes))


def test_no_sentence_is_kept_for_an_error_that_nobody_raises() -> None:
    known = {code for _where, code, _given in RAISED} | FROM_THE_KERNEL.keys() | OF_SHEETS
    assert {code for code in sentences_of(TEXT_ROOMS, Language.ENGLISH) if "." not in code} <= known


def test_an_unknown_code_or_a_missing_particular_is_shown_instead_of_raising() -> None:
    texts = Texts(Language.SPANISH, TEXT_ROOMS)
    assert texts("NO_SUCH_CODE", item="x") == "NO_SUCH_CODE"
    assert texts("ITEM_SOLD_OUT") == "{item} está agotado."
    assert texts("ITEM_SOLD_OUT", item="{0.__class__} {x}") == "{0.__class__} {x} está agotado."


def test_one_of_something_has_a_sentence_of_its_own() -> None:
    texts = Texts(Language.SPANISH, ("terminal",))
    assert texts("floor.orders", count=1) == "1 pedido"
    assert texts("floor.orders", count=2) == "2 pedidos"
