"""In the food log nothing is done that somebody did not say so of."""

from __future__ import annotations

import pytest

from shared.kernel.errors import DomainError
from terminal.desks.safety import said_done


@pytest.mark.parametrize(
    ("word", "done"),
    [("", True), ("Sí", True), ("yes", True), ("No.", False), (" n ", False), ("0", False), ("1", True)],
)
def test_yes_and_no_are_understood(word: str, done: bool) -> None:
    assert said_done(word) is done


@pytest.mark.parametrize("word", ["nop", "aún", "10", "x"])
def test_a_word_that_is_neither_is_refused(word: str) -> None:
    with pytest.raises(DomainError, match="yes_or_no"):
        said_done(word)
