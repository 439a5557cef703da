"""What a check says of what it saw, at once or in the end."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from shared.kernel.language import Language, Texts
from terminal.demo import patience
from terminal.demo.cli import ROOMS
from terminal.demo.findings import Findings, NotHeld
from terminal.demo.progress import Progress


@pytest.fixture
def output() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def findings(output: io.StringIO) -> Findings:
    texts = Texts(Language.ENGLISH, ROOMS)
    return Findings(texts, Progress(texts, Console(file=output, width=200, highlight=False)))


async def test_what_comes_late_holds_when_it_has_come(findings: Findings, output: io.StringIO) -> None:
    looks = iter([(2, 0), (1, 1), (0, 2)])
    await findings.becomes("till_noticed", lambda: next(looks), (0, 2))
    assert output.getvalue().startswith("✓ ")
    assert list(looks) == []


async def test_what_never_comes_fails_with_what_was_seen_last(
    findings: Findings, output: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PATIENCE_SECONDS", 0.0)
    with pytest.raises(NotHeld):
        await findings.becomes("till_noticed", lambda: (1, 1), (0, 2))
    assert "✗" in output.getvalue()
    assert "expected: (0, 2)" in output.getvalue()
    assert "(1, 1)" in output.getvalue()
