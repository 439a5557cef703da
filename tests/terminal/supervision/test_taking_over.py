"""Two programs of one device: one prints and syncs, and when it ends, however it ends, the other one does."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

import pytest

from terminal.printing.emulator.reader import read_papers
from tests.faults.till_on_disk import TillOnDisk
from tests.terminal.supervision.programs import PATIENCE_SECONDS, Program

Start = Callable[[], Program]


def papers_with(till: TillOnDisk, number: str) -> int:
    """How many papers name a receipt."""
    raw = till.papers.read_bytes() if till.papers.exists() else b""
    return sum(number in paper.text for paper in read_papers(raw))


def is_printed(till: TillOnDisk, number: str) -> bool:
    """Wait for the paper of a receipt."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if papers_with(till, number):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("end", [Program.kill, Program.close], ids=["killed", "closed"])
def test_what_the_second_program_sells_is_printed_though_the_first_one_has_ended(
    end: Callable[[Program], None], till: TillOnDisk, start: Start
) -> None:
    """Slow: real programs of the device, which import and open the store."""
    display = start()
    display.owns()
    pos = start()
    assert pos.hears("owner")[1:3] == [False, display.pid], "the screen knows who prints"
    pos.ask("sell")
    assert is_printed(till, pos.hears("sold")[1]), "the first program prints what the second one sells"
    end(display)
    pos.owns()
    pos.ask("sell")
    number = pos.hears("sold")[1]
    assert is_printed(till, number)
    assert papers_with(till, number) == 1


def test_who_waits_says_that_the_owner_does_not_answer_and_both_never_own(till: TillOnDisk, start: Start) -> None:
    """Slow: an owner counts as silent after seconds."""
    display = start()
    display.owns()
    pos = start()
    display.signal(signal.SIGSTOP)
    try:
        pos.hears("owner", lambda said: "silent" in said[4])
        assert not any(said[0] == "owner" and said[1] for said in pos.said)
    finally:
        display.signal(signal.SIGCONT)
    pos.hears("owner", lambda said: said[4] == [] and not said[1])
    display.kill()
    pos.owns()


def test_a_program_that_starts_while_the_owner_dies_owns(till: TillOnDisk, start: Start) -> None:
    """Slow: three programs, one after the other."""
    for _generation in range(3):
        program = start()
        program.owns()
        program.kill()


def test_whatever_is_deleted_in_the_folder_two_programs_never_own_it(till: TillOnDisk, start: Start) -> None:
    """Slow: real programs."""
    display = start()
    display.owns()
    for path in (*till.folder.root.glob("agent.*"), *till.folder.root.glob("*.lock")):
        path.unlink()
    pos = start()
    pos.ask("sell")
    assert is_printed(till, pos.hears("sold")[1])
    display.kill()
    pos.owns()
    assert not any(said[0] == "owner" and said[1] for said in pos.said[:-1])
