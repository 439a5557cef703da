"""A demo is a sample: one that another program made is made anew, and nobody reads a traceback about its database."""

from __future__ import annotations

import shutil
from io import StringIO
from pathlib import Path
from typing import cast

import pytest
from rich.console import Console

from shared.kernel.language import Language, Texts
from terminal.demo.cli import ROOMS
from terminal.demo.house import DemoHouse
from terminal.demo.plan import SHIPPED
from terminal.demo.program import program
from terminal.demo.welcome import show_welcome


@pytest.mark.parametrize(("made_by", "is_ready"), [(None, False), ("", False), ("another", False), (program(), True)])
def test_a_house_of_another_program_is_not_ready(tmp_path: Path, made_by: str | None, is_ready: bool) -> None:
    if made_by is not None:
        (tmp_path / "ready").write_text(made_by)
    assert DemoHouse(tmp_path, Language.SPANISH).ready is is_ready


@pytest.mark.parametrize("language", list(Language))
def test_every_pin_is_in_sight_on_a_terminal_of_24_lines(tmp_path: Path, language: Language) -> None:
    house = DemoHouse(tmp_path / "demo", language)
    house.root.mkdir()
    shutil.copy(SHIPPED, house.root / SHIPPED.name)
    texts = Texts(language, ROOMS)
    console = Console(file=StringIO(), width=80, height=24)

    show_welcome(console, texts, house, tmp_path)

    page = cast("StringIO", console.file).getvalue().splitlines()
    in_sight = "\n".join([*page, texts("demo.enter_opens", name="Caja")][-23:])  # the cursor's line is the last
    assert all(f"{person.pin}   {person.name}" in in_sight for person in house.plan.people)
