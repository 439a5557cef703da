"""What the screens' tests share: a voice at a fixed instant, and a hostile text for every name."""

from __future__ import annotations

import pytest

from terminal.screens.voice import Voice
from tests.terminal.screens.paper_desk import PaperDesk


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")


@pytest.fixture
def desk() -> PaperDesk:
    return PaperDesk()


@pytest.fixture
def voice(desk: PaperDesk) -> Voice:
    return Voice.of(desk)
