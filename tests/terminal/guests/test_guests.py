"""What a guest reads: the lines of their check, what it comes to, and the change; and nothing that is not theirs."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from shared.kernel.language import Language
from terminal.dialogs.questions import Qr
from terminal.guests.app import GuestApp
from terminal.guests.view import GuestFile, GuestLine, GuestView, Moment
from tests.terminal.looks.picture import text_grid
from tests.terminal.screens.paper_desk import busy_desk
from tests.terminal.screens.till import driven

SIZES = [(80, 24), (120, 36), (200, 60)]
CHECK = GuestView(
    Moment.ORDERING,
    house="Sabores del Rímac S.A.C.",
    language="es",
    lines=(GuestLine("2", "Lomo saltado", "S/ 76.00", ("+ Papas fritas",)), GuestLine("1", "Chicha", "S/ 9.00")),
    total="S/ 85.00",
)


@pytest.fixture
def file(tmp_path: Path) -> GuestFile:
    return GuestFile(tmp_path)


def said(folder: Path) -> GuestView:
    return GuestFile(folder).read()


async def test_a_guest_sees_the_lines_the_total_and_the_change(tmp_path: Path, file: GuestFile) -> None:
    async with driven(busy_desk(), script="1234\n7\n", guests=file) as till:
        view = said(tmp_path)
        assert view.moment is Moment.ORDERING
        assert [line.name for line in view.lines] == [
            "Lomo saltado", "Pollo a la brasa entero con papas y ensalada", "Chicha morada",
        ]  # fmt: skip
        assert view.total == "S/ 175.00"
        await till.press("f9")
        assert said(tmp_path).moment is Moment.PAYING
        assert len(said(tmp_path).lines) == 3, "the check stands there while it is paid"
        await till.type("200")
        assert (said(tmp_path).given, said(tmp_path).change) == ("S/ 200.00", "S/ 25.00")
        await till.press("enter")
        assert (said(tmp_path).moment, said(tmp_path).change) == (Moment.PAID, "S/ 25.00")


async def test_a_guest_who_pays_reads_the_lines_of_that_check_and_no_others(tmp_path: Path, file: GuestFile) -> None:
    desk = busy_desk()
    async with driven(desk, script="1234\n7\n", guests=file) as till:
        await till.press("escape")
        paid = next(each for each in desk.orders.values() if each.takes_money and each.table_name not in ("", "7"))
        await till.type(paid.table_name)
        await till.press("f9")
        view = said(tmp_path)
        assert view.moment is Moment.PAYING
        assert [line.name for line in view.lines] == [line.item_name for line in paid.lines if line.owed_milli]
        assert view.total == desk.money(paid.bill.total_minor)


def test_the_display_stays_with_the_program_that_shows_a_check_until_it_is_idle(tmp_path: Path) -> None:
    first, second, other = GuestFile(tmp_path), GuestFile(tmp_path), GuestView(Moment.ORDERING, total="S/ 300.00")
    first.write(CHECK)
    second.write(other)
    second.write(GuestView())
    assert said(tmp_path) == CHECK
    first.write(GuestView())
    second.write(other)
    first.write(CHECK)
    assert said(tmp_path) == other


def test_a_till_that_was_killed_shows_the_welcome_of_its_house(tmp_path: Path) -> None:
    show = "import sys; from pathlib import Path; from terminal.guests.view import GuestFile, GuestView, Moment\n"
    show += "GuestFile(Path(sys.argv[1])).write(GuestView(Moment.PAYING, 'Chifa', 'es', total='S/ 9.00'))\n"
    show += "print('shown', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", show, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as till:
        assert till.stdout is not None
        till.stdout.readline()
        assert said(tmp_path).total == "S/ 9.00"
        till.kill()
    assert said(tmp_path) == GuestView(house="Chifa", language="es")


@pytest.mark.parametrize("script", ["", "1234\n", "1234\n7\n<ctrl+l>"], ids=["log-in", "floor", "locked"])
async def test_nothing_of_other_guests_is_shown(script, tmp_path: Path, file: GuestFile) -> None:
    async with driven(busy_desk(), script=script, guests=file):
        view = said(tmp_path)
    assert view.moment is Moment.IDLE
    assert not view.lines
    assert view.house


async def test_a_note_for_the_kitchen_is_no_business_of_the_display(tmp_path: Path, file: GuestFile) -> None:
    async with driven(busy_desk(), script="1234\n7\n", guests=file):
        assert "alergia" not in (tmp_path / "guest.json").read_text(encoding="utf-8")


async def test_the_code_to_pay_with_is_shown(tmp_path: Path, file: GuestFile) -> None:
    async def paid(_answer: bool) -> None:
        """Nothing more."""

    async def printed() -> None:
        """Nothing."""

    async with driven(busy_desk(), script="1234\n7\n", guests=file) as till:
        await till.app.ask(Qr("Yape", "https://pay.example/7", printed), paid)
        till.app.show_guests()
        assert said(tmp_path).code == "https://pay.example/7"
        await till.press("escape")
        assert said(tmp_path).code == ""


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"moment": "flying"}', '{"moment": "idle", "more": 1}', '{"moment": "ordering", "total": 12}'],
)
def test_a_file_of_another_program_is_an_idle_display(content: str, tmp_path: Path) -> None:
    (tmp_path / "guest.json").write_text(content)
    assert said(tmp_path) == GuestView()


def test_the_file_is_read_again_when_it_has_changed(tmp_path: Path, file: GuestFile) -> None:
    reader = GuestFile(tmp_path)
    assert reader.read() == GuestView()
    file.write(CHECK)
    assert reader.read() == CHECK
    file.write(GuestView())
    assert reader.read() == GuestView()


async def shown(view: GuestView, folder: Path, size: tuple[int, int]) -> str:
    till = GuestFile(folder)
    till.write(view)
    app = GuestApp(GuestFile(folder), Language.ENGLISH)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        return text_grid(app.export_screenshot())


@pytest.mark.parametrize("size", SIZES)
async def test_the_display_shows_all_of_it_in_the_houses_language(size, tmp_path: Path) -> None:
    grid = await shown(CHECK, tmp_path, size)
    assert "Lomo saltado" in grid
    assert "Papas fritas" in grid
    assert "TOTAL" in grid
    assert "█" in grid


async def test_an_idle_display_welcomes_in_the_name_of_the_house(tmp_path: Path) -> None:
    grid = await shown(GuestView(house="Chifa", language="es"), tmp_path, (80, 24))
    assert "Bienvenidos" in grid
    assert "█" in grid


async def test_a_name_in_other_letters_is_written_out(tmp_path: Path) -> None:
    assert "مطعم" in await shown(GuestView(house="مطعم", language="es"), tmp_path, (80, 24))


async def test_a_code_without_room_is_said_to_be_elsewhere(tmp_path: Path) -> None:
    view = replace(CHECK, moment=Moment.PAYING, code="0002" * 46)
    assert "pantalla de la caja" in await shown(view, tmp_path, (80, 24))
