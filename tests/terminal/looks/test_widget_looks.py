from __future__ import annotations

import pytest

from terminal.theme.palette import DARK
from tests.terminal.looks.gallery import GALLERY

TILL_SIZES = ((80, 24), (120, 36))
KITCHEN_SIZES = ((49, 14), (73, 21), (99, 28), (120, 36))
LOOKS = [
    *((name, size) for name in ("order", "tables", "pin", "payment") for size in TILL_SIZES),
    *(("wall", size) for size in KITCHEN_SIZES),
]


@pytest.mark.parametrize(("name", "size"), LOOKS)
async def test_the_sample_looks_as_it_did(name, size, look) -> None:
    await look(GALLERY[name](DARK), size, name)
