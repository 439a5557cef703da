"""Every golden log folds into the rows that its own program made of it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from shared.kernel.records import SCHEMA_EPOCH
from tests.freeze import RUN
from tests.golden.logs import folded, golden_logs, path_of, read


@pytest.mark.parametrize("path", golden_logs(), ids=lambda path: path.stem)
def test_a_golden_log_folds_into_the_rows_of_its_own_program(path: Path) -> None:
    log = read(path)
    sums = folded(log.frames, log.known)
    assert [name for name in log.known if sums.get(name) != log.sums.get(name)] == [], RUN


def test_there_is_a_golden_log_of_this_format() -> None:
    log = read(path_of(SCHEMA_EPOCH))
    assert {"orders", "order_lines", "kitchen_tickets", "payments", "receipts", "items"} <= log.sums.keys()
    assert len({(frame.device, frame.scope) for frame in log.frames}) >= 3, "of the cloud and of two devices"


def test_a_changed_log_is_seen() -> None:
    log = read(path_of(SCHEMA_EPOCH))
    first = log.frames[0]
    shorter = msgspec.structs.replace(first, bodies=first.bodies[: len(first.bodies) // 2])
    with pytest.raises(AssertionError):
        assert folded([shorter, *log.frames[1:]], log.known) == log.sums
