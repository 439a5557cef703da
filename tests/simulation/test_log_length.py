"""The log holds what people did and nothing beside it: the cloud writes down no acceptance."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.log_length import measure
from tests.simulation import virtual_time
from tests.simulation.founding import template


def test_taps_that_are_pushed_one_by_one_add_nothing_to_the_log_but_themselves(tmp_path: Path) -> None:
    template()  # made in a virtual time of its own
    lengths = virtual_time.run(measure(tmp_path, sales=2))
    assert lengths.made == lengths.log > 20
    assert lengths.verdicts == 0, "each would be one row more that every later fold reads"
