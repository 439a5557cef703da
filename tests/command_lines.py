"""Wrong command lines of our programs: how a test runs them, and what each of them must say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import pytest

from shared.kernel.language import Language

Run = Callable[..., tuple[int, str]]
"""Runs a program with arguments, in a `language`. Returns its exit code and what it said."""
WRONG_USE = 2
"""The exit code of a command line that nobody understands."""


class WrongLine(NamedTuple):
    """A command line that is wrong, and words of the one sentence that it ends with."""

    arguments: tuple[str, ...]
    spanish: str
    english: str


def run_in(
    language: Language,
    main: Callable[[Sequence[str]], object],
    arguments: Sequence[str],
    monkeypatch: pytest.MonkeyPatch,
    captured: pytest.CaptureFixture[str],
) -> tuple[int, str]:
    """Run a program that must end by itself; its exit code and what it said."""
    monkeypatch.setenv("COMANDA_LANGUAGE", language)
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    said = captured.readouterr()
    return int(ended.value.code or 0), said.out + said.err


def assert_said_in_one_sentence(line: WrongLine, run: Run) -> None:
    """Hold a wrong command line against what it says, in both languages."""
    for language, wanted in ((Language.SPANISH, line.spanish), (Language.ENGLISH, line.english)):
        code, said = run(*line.arguments, language=language)
        assert code == WRONG_USE
        assert wanted in said
        assert said.count("\n") == 1
