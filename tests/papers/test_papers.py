"""A short run of the crashes; the long one is `make papers`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from terminal.printing.claims import PrintClaims
from terminal.printing.records import IN_HAND, State, print_job
from tests.papers.crashes import Crashes

CRASHES = 40


async def test_no_paper_is_lost_and_none_comes_twice_unmarked_however_the_program_dies(tmp_path: Path) -> None:
    outcome = await Crashes(tmp_path / "device.sqlite", seed=7).until(CRASHES)
    assert outcome.jobs > CRASHES / 4
    assert (outcome.lost, outcome.twice) == ([], [])


async def test_a_queue_that_sends_again_what_it_was_sending_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def sends_again(_self: object, connection: Any, which: Any) -> None:
        left = update(print_job).where(which, print_job.c.state.in_(IN_HAND))
        await connection.execute(left.values(state=State.QUEUED))

    monkeypatch.setattr(PrintClaims, "_recover", sends_again)
    outcome = await Crashes(tmp_path / "device.sqlite", seed=7).until(CRASHES)
    assert outcome.twice
