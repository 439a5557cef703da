"""Looks of the display that a guest reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.kernel.language import Language
from terminal.guests.app import GuestApp
from terminal.guests.view import GuestFile, GuestLine, GuestView, Moment

SIZES = [(80, 24), (120, 36), (200, 60)]
CHECK = GuestView(
    Moment.ORDERING,
    house="Sabores del Rímac S.A.C.",
    language="es",
    lines=(GuestLine("2", "Lomo saltado", "S/ 76.00", ("+ Papas fritas",)), GuestLine("1", "Chicha", "S/ 9.00")),
    total="S/ 85.00",
)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("moment", list(Moment))
async def test_the_display_looks_as_it_did(moment, size, tmp_path: Path, look) -> None:
    views = {
        Moment.IDLE: GuestView(house=CHECK.house, language="es"),
        Moment.ORDERING: CHECK,
        Moment.PAYING: GuestView(
            Moment.PAYING, CHECK.house, "es", CHECK.lines, CHECK.total, "S/ 100.00", "S/ 15.00", "https://pay.example/7"
        ),
        Moment.PAID: GuestView(Moment.PAID, CHECK.house, "en", (), CHECK.total, "", "S/ 15.00"),
    }
    GuestFile(tmp_path).write(views[moment])
    await look(GuestApp(GuestFile(tmp_path), Language.SPANISH), size, f"guest-{moment}")
