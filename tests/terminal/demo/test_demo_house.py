"""A demo is a sample: one that another program made is made anew, and nobody reads a traceback about its database."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.kernel.language import Language
from terminal.demo.house import DemoHouse
from terminal.demo.program import program


@pytest.mark.parametrize(("made_by", "is_ready"), [(None, False), ("", False), ("another", False), (program(), True)])
def test_a_house_of_another_program_is_not_ready(tmp_path: Path, made_by: str | None, is_ready: bool) -> None:
    if made_by is not None:
        (tmp_path / "ready").write_text(made_by)
    assert DemoHouse(tmp_path, Language.SPANISH).ready is is_ready
