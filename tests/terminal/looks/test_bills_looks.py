"""Looks of discounts, of a bill that was asked for, and of splits."""

from __future__ import annotations

import pytest

from shared.kernel.language import Language
from tests.terminal.screens.paper_desk import PaperDesk
from tests.terminal.screens.till import PlayedApp

ORDERED = "3333\n7\nlom\n2*chm\ncau\n"
SCRIPTS = {
    "discount": ORDERED + "<ctrl+k><ctrl+d>",
    "discount-rate": ORDERED + "<ctrl+d>1\n12.5",
    "asked": ORDERED + "<ctrl+b>",
    "split": ORDERED + "<f9><f7>",
    "split-dishes": ORDERED + "<f9><f7>12<up>//",
    "split-part": ORDERED + "<f9><f7>3",
}
SIZES = [(80, 24), (120, 36), (200, 60)]


@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.parametrize("size", SIZES)
async def test_a_bill_looks_as_it_did(name, size, look) -> None:
    await look(PlayedApp(PaperDesk(), script=SCRIPTS[name]), size, f"screen-bill-{name}")


@pytest.mark.parametrize(
    ("name", "size"), [("discount", (80, 24)), ("split", (120, 36)), ("split-dishes", (80, 24)), ("asked", (200, 60))]
)
async def test_an_english_bill_looks_as_it_did(name, size, look) -> None:
    desk = PaperDesk(language=Language.ENGLISH)
    await look(PlayedApp(desk, script=SCRIPTS[name]), size, f"screen-english-bill-{name}")
