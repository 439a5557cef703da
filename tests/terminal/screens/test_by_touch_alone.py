"""A day at the till by a finger alone: from a till without a shift to its Z, with nothing but taps on what is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from textual.pilot import Pilot

from shared.drawers.records import DrawerSession
from shared.kitchen.records import KitchenTicket
from shared.payments.records import Payment
from shared.shifts.records import ZReport
from terminal.desks.desk import Desk
from terminal.widgets.key_pad import ACCEPT, KeyPad
from tests.faults.till_on_disk import PIN, TillOnDisk
from tests.terminal.looks.picture import text_grid
from tests.terminal.screens.till import PlayedApp


@dataclass
class Finger:
    """Somebody who sees the screen and taps it."""

    app: PlayedApp
    desk: Desk
    pilot: Pilot[None]

    async def see(self) -> str:
        await self.pilot.pause()
        await self.app.settled()
        await self.pilot.pause()
        return text_grid(self.app.export_screenshot())

    async def tap(self, *words: str) -> str:
        """Tap on words where they stand last on the screen: keys stand below what tells of them."""
        for word in words:
            rows = (await self.see()).splitlines()
            found = [(row.rindex(word), at) for at, row in enumerate(rows) if word in row]
            assert found, f"{word} is not there to be tapped:\n" + "\n".join(rows)
            column, row = found[-1]
            await self.pilot.click(offset=(column + len(word) // 2, row))
        return await self.see()

    async def pad(self, *keys: str) -> str:
        """Tap keys of the pad that is shown."""
        for key in keys:
            await self.see()
            await self.pilot.click(offset=self._key(key))
        return await self.see()

    def _key(self, key: str) -> tuple[int, int]:
        for pad in (each for each in self.app.screen.query(KeyPad) if each.display):
            for row, of_row in enumerate(pad._keys):
                if key in of_row:
                    height, width = pad.region.height // len(pad._keys), pad.region.width // len(of_row)
                    x, y = pad.region.x + of_row.index(key) * width, pad.region.y + row * height
                    return x + width // 2, y + height // 2
        raise AssertionError(f"no pad shows {key}")

    async def rows(self, kind: Any) -> list[Any]:
        async with self.desk.store.reading() as connection:
            return list(await connection.execute(sa.select(kind.__table__)))


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_from_an_empty_till_to_a_closed_shift_by_taps_alone(till: TillOnDisk, size: tuple[int, int]) -> None:
    async with till.desk() as desk:
        app = PlayedApp(desk)  # type: ignore[arg-type]
        async with app.run_test(size=size) as pilot:
            finger = Finger(app, desk, pilot)
            await finger.pad(*PIN, ACCEPT)
            assert "Sin turno" in await finger.see(), "who begins at the floor sees it before the first payment"
            assert "No hay turno abierto" in await finger.tap("F8 Más", "Turno y caja")
            await finger.tap("Abrir turno")
            await finger.pad("1", "0", "0")
            assert "Turno abierto con S/ 100.00." in await finger.tap("F5 Abrir turno")
            (session,) = await finger.rows(DrawerSession)
            assert session.declared
            assert "Sin turno" not in await finger.tap("F2 Mesas")
            await _sell(finger)
            await _close(finger)
            (z,) = await finger.rows(ZReport)
            assert (z.difference_minor, z.checks, z.total_minor) == (0, 1, 4_250)


async def _sell(finger: Finger) -> None:
    await finger.pilot.click(offset=_of_table_one(finger))
    await finger.tap("Ceviche", "F5 Enviar")
    assert len(await finger.rows(KitchenTicket)) == 1
    await finger.tap("F9 Cobrar", "Efectivo", "Exacto")
    if not await finger.rows(Payment):
        await finger.tap("Enter Cobrar")
    (payment,) = await finger.rows(Payment)
    assert payment.amount_minor == 4_250
    assert "Recibo A-00000001" in await finger.tap("Enter Siguiente")


def _of_table_one(finger: Finger) -> tuple[int, int]:
    tiles = finger.app.screen.tiles.region  # type: ignore[attr-defined]
    return tiles.x + 3, tiles.y + 1


async def _close(finger: Finger) -> None:
    assert "Turno" in await finger.tap("F8 Más", "Turno y caja")
    assert "Antes de cerrar" in await finger.tap("F9 Cerrar")
    await finger.tap("Enter")
    await finger.pad("1", "4", "2", ".", "5", "0")
    assert "Cuadra" in await finger.tap("Enter")
    assert "Turno cerrado: A-Z00000001." in await finger.tap("Enter")


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_an_evening_of_full_service_by_taps_alone(till: TillOnDisk, size: tuple[int, int]) -> None:
    """Allergy before the first dish, seats, a course that waits, a bill for each guest, cash and card."""
    async with till.desk() as desk:
        app = PlayedApp(desk)  # type: ignore[arg-type]
        async with app.run_test(size=size) as pilot:
            finger = Finger(app, desk, pilot)
            await finger.pad(*PIN, ACCEPT)
            await finger.tap("F8 Más", "Turno y caja", "Abrir turno")
            await finger.pad("1", "0", "0")
            assert "Sentada, todavía no pide" in await finger.tap("F5 Abrir turno", "F2 Mesas", "= Signos")
            await finger.tap("Cerrar")
            await finger.tap("F2 Mesa")
            await pilot.click(offset=_of_table_one(finger))
            assert "2 personas sentadas" in await finger.tap("Sentar", "2 Personas")
            await pilot.click(offset=_of_table_one(finger))
            assert "ALERGIA: maní" in await finger.tap("Mesa 1", "Alergia", "maní"), "three taps, before any dish"
            await finger.tap("Ceviche", "1  Ceviche", "Asiento", "Asiento 1")
            await finger.tap("1  Ceviche", "Tiempo", "1.er")
            await finger.tap("Bebidas", "Chicha", "1  Chicha", "Asiento", "Asiento 2")
            await finger.tap("1  Chicha", "Tiempo", "2.º")
            assert "en espera: 2.º tiempo" in await finger.tap("F5 Enviar")
            assert "en marcha" in await finger.tap("F5 Marchar", "2.º")
            assert "2 cuentas, una por asiento" in await finger.tap("Mesa 1", "Dividir", "S Por")
            assert "Asiento" in await finger.tap("F9 Cobrar"), "whose bill it is"
            await finger.tap("Exacto", "Enter Siguiente")
            await finger.tap("Visa", "Enter Cobrar", "Enter Siguiente")
            assert len({payment.method_id for payment in await finger.rows(Payment)}) == 2
            assert not any(order.is_owed for order in desk.orders.values())
