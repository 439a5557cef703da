"""Every trouble that the terminal can raise has its sentence, in both languages, with parameters that are given."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.domains import TEXT_ROOMS
from shared.kernel.language import Language, catalogue

ROOT = Path(__file__).parents[2]
ROOMS = (*TEXT_ROOMS, "terminal", "terminal.printing", "terminal.rehearsal", "terminal.demo")
CODE = re.compile(r"[A-Z]+(_[A-Z]+)+")
RAISED_BELOW = ("shared", "sync")
"""Rooms whose refusals a till shows, too."""
NOT_SAID = re.compile(
    r"(COMANDA|ESCPOS|PARSE)_\w+|LC_(ALL|CTYPE|MESSAGES)|TEXTUAL_DRIVER|CLOCK_(BOOTTIME|MONOTONIC)|(HTTPS?|ALL)_PROXY|SSL_CERT_\w+|WRONG_VERSION_NUMBER|RECORD_LAYER_FAILURE|UNKNOWN_PROTOCOL"
)
"""Names of environment variables, of the driver's constants and of OpenSSL's reasons."""
OPTIONS_OF_ERRORS = {"retry_after", "final"}
"""Keywords that are no parameters of the sentence."""
FOLDING = {f"sync/{name}.py" for name in ("causes", "fold", "folder", "guard", "refold", "verdicts")}
"""Their codes are reasons in verdicts and parked changes, which no screen of this version shows."""


@dataclass(frozen=True)
class Raised:
    """A code in the source, and the parameters that stand beside it (None: not to be seen there)."""

    code: str
    where: str
    params: frozenset[str] | None


def raised_in(room: str) -> Iterator[Raised]:
    for path in sorted((ROOT / room).rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = exported(tree)
        for node in ast.walk(tree):
            if node in names:
                continue
            where = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Call) and node.args and is_code(node.args[0]):
                yield Raised(node.args[0].value, where, given(node))  # type: ignore[attr-defined]
            elif is_code(node):
                yield Raised(node.value, where, None)  # type: ignore[attr-defined]


def exported(tree: ast.Module) -> set[ast.AST]:
    """The strings of `__all__`, which are names and no codes."""
    lists = [
        each.value for each in tree.body if isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == "__all__"
    ]
    return {node for each in lists for node in ast.walk(each)}


def is_code(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and CODE.fullmatch(node.value) is not None
        and NOT_SAID.fullmatch(node.value) is None
    )


def given(call: ast.Call) -> frozenset[str] | None:
    if any(keyword.arg is None for keyword in call.keywords):
        return None
    return frozenset(keyword.arg for keyword in call.keywords if keyword.arg) - OPTIONS_OF_ERRORS


@pytest.fixture(scope="module")
def sentences() -> dict[Language, dict[str, str]]:
    return {
        language: {code: text for room in ROOMS for code, text in catalogue(room, language).items()}
        for language in Language
    }


def parameters(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_both_languages_say_the_same_with_the_same_parameters(sentences: dict[Language, dict[str, str]]) -> None:
    spanish, english = sentences[Language.SPANISH], sentences[Language.ENGLISH]
    assert spanish.keys() == english.keys()
    differing = [code for code in spanish if parameters(spanish[code]) != parameters(english[code])]
    assert differing == []


def test_every_code_of_the_terminal_has_its_sentence(sentences: dict[Language, dict[str, str]]) -> None:
    areas = ("printing.fault.", "printing.notice.")
    known = {code.removeprefix(area) for area in areas for code in sentences[Language.SPANISH]}
    said = [raised for raised in raised_in("terminal") if raised.code not in known]
    assert said == []


def test_every_refusal_from_below_has_its_sentence(sentences: dict[Language, dict[str, str]]) -> None:
    known = sentences[Language.SPANISH]
    raised = [each for room in RAISED_BELOW for each in raised_in(room) if each.where.split(":")[0] not in FOLDING]
    assert [each for each in raised if each.code not in known] == []


def test_no_sentence_asks_for_a_parameter_that_its_code_does_not_give(
    sentences: dict[Language, dict[str, str]],
) -> None:
    lacking = []
    for room in ("terminal", *RAISED_BELOW):
        for raised in raised_in(room):
            if raised.params is None or raised.code not in sentences[Language.SPANISH]:
                continue
            asked = parameters(sentences[Language.SPANISH][raised.code])
            if not asked <= raised.params:
                lacking.append((raised.where, raised.code, asked - raised.params))
    assert lacking == []


def test_the_scan_sees_what_it_should() -> None:
    codes = {raised.code for raised in raised_in("terminal")}
    assert {"STORE_DISK_FULL", "STORE_TOO_NEW", "CLOUD_CERTIFICATE", "DEVICE_SECRETS_SEALED", "PIN_LOCKED"} <= codes
