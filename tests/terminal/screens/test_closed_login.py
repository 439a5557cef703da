"""The log-in screen before the store is open: what is typed is kept and checked once, and a failure is said."""

from __future__ import annotations

import asyncio
import errno
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from shared.kernel.errors import DomainError
from shared.kernel.language import Language, Texts
from terminal.desks.closed import ROOMS, ClosedDesk
from terminal.error_sentence import _FILE_ERRORS, opening_sentence
from terminal.opening import BEHIND_THE_LOGIN
from terminal.opening import HEAVY as OPENS_THE_STORE
from tests.terminal.looks.picture import text_grid
from tests.terminal.screens.paper_desk import PaperDesk
from tests.terminal.screens.till import DrivenTill, PlayedApp

DOT, FOUR_DOTS = "●", "● ● ● ●"
STORE_CODES = ("DISK_FULL", "LOCKED", "DAMAGED", "WRONG_KEY", "TOO_NEW", "READ_ONLY", "SQLITE_TOO_OLD", "FAILED")
PATIENCE, LONG = 10.0, 60.0
WAITS = "Tu PIN se comprueba"


@dataclass
class OpeningTill(DrivenTill):
    """A till whose store a test opens, or lets fail."""

    closed: ClosedDesk

    async def open(self) -> None:
        self.app.use(self.desk)
        self.closed.opened()
        await self.settled()

    async def fail(self, code: str = "STORE_LOCKED") -> None:
        error = DomainError(code, path="/var/lib/comanda/caja-1/store.db")
        self.closed.failed(opening_sentence(error, self.closed.texts))
        self.app.desk_failed()
        await self.settled()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for a fact; a key that waits for the store keeps `settled` from ever returning."""
        async with asyncio.timeout(PATIENCE):
            while not holds():
                await self.pilot.pause()

    async def sees(self, *texts: str) -> str:
        """Wait until all of this is on the screen, however it is wrapped; the screen."""
        screen = ""

        def shown() -> bool:
            nonlocal screen
            screen = " ".join(text_grid(self.app.export_screenshot()).split())
            return all(text in screen for text in texts)

        await self.until(shown)
        return screen


@asynccontextmanager
async def opening(start: str = "pos", language: Language = Language.SPANISH) -> AsyncIterator[OpeningTill]:
    closed = ClosedDesk(language, "Caja 1")
    app = PlayedApp(closed, start)  # type: ignore[arg-type]
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        yield OpeningTill(app, PaperDesk(), pilot, closed)


async def test_digits_typed_before_the_store_is_open_are_dots_and_stay() -> None:
    async with opening() as till:
        till.press_ahead(*"1234")
        await till.sees(FOUR_DOTS, "Abriendo")
        await till.open()
        await till.sees(FOUR_DOTS, "Miraflores")
        assert till.desk.asked == []
        await till.press("enter")
        assert till.screen_name == "floor"


@pytest.mark.parametrize(("start", "place"), [("pos", "floor"), ("kds", "kitchen")])
async def test_enter_before_the_store_is_open_is_remembered(start: str, place: str) -> None:
    async with opening(start) as till:
        till.press_ahead(*"3333\n")
        await till.sees(WAITS, FOUR_DOTS)
        assert till.screen_name == "login"
        await till.open()
        await till.until(lambda: till.screen_name == place)
        assert till.desk.asked.count("log_in") == 1


async def test_what_is_typed_after_enter_goes_to_the_screen_that_the_pin_opens() -> None:
    async with opening() as till:
        till.press_ahead(*"1234\n7\n")
        await till.sees(WAITS)
        await till.open()
        await till.until(lambda: till.screen_name == "order")


async def test_a_wrong_pin_typed_early_counts_once_and_the_answer_stays_to_be_read() -> None:
    async with opening() as till:
        till.press_ahead(*"9999\n\n\n")
        await till.sees(WAITS)
        await till.open()
        await till.sees("PIN incorrecto")
        till.desk.publish("state")
        await till.settled()
        await till.sees("PIN incorrecto")
        assert till.desk.asked.count("log_in") == 1


@pytest.mark.parametrize(("language", "waits"), [(Language.SPANISH, WAITS), (Language.ENGLISH, "Your PIN is checked")])
async def test_a_pin_that_waits_keeps_its_sentence_and_its_digits(language: Language, waits: str) -> None:
    async with opening(language=language) as till:
        till.press_ahead(*"1234\n")
        await till.sees(waits)
        for _ in range(3):
            till.app._tick()
        await till.pilot.pause()
        await till.sees(waits, FOUR_DOTS)
        await till.open()
        await till.until(lambda: till.screen_name == "floor")


async def test_help_opens_and_closes_while_a_pin_waits_and_the_pin_is_checked_all_the_same() -> None:
    async with opening() as till:
        till.press_ahead(*"1234\n")
        await till.sees(WAITS)
        till.press_ahead("f1")
        await till.until(lambda: till.screen_name == "help")
        till.press_ahead("escape")
        await till.until(lambda: till.screen_name == "login")
        await till.sees(WAITS, FOUR_DOTS)
        await till.open()
        await till.until(lambda: till.screen_name == "floor")


async def test_a_tap_on_help_acts_while_a_pin_waits() -> None:
    async with opening() as till:
        till.press_ahead(*"1234\n")
        await till.sees(WAITS)
        till.app.screen.tap_action("help")
        await till.until(lambda: till.screen_name == "help")


@pytest.mark.parametrize("again", ["1234\n", "1234\n1234\n", "\n1234\n\n"])
async def test_a_pin_typed_again_before_it_is_checked_stays_off_the_floor(again: str) -> None:
    async with opening() as till:
        till.press_ahead(*"1234\n", *again, *"7\n")
        await till.sees(WAITS)
        await till.open()
        await till.until(lambda: till.screen_name == "order")
        assert till.desk.asked.count("log_in") == 1


async def test_a_pin_whose_second_typing_ends_after_the_log_in_is_not_shown() -> None:
    async with opening() as till:
        till.press_ahead(*"1234\n", *"123")
        await till.sees(WAITS)
        await till.open()
        await till.until(lambda: till.screen_name == "floor")
        await till.settled()
        assert "No hay" not in text_grid(till.app.export_screenshot())
        await till.type("4\n")
        assert till.screen_name == "floor"
        assert "1234" not in await till.grid()
        await till.type("88\n")
        await till.sees("No hay mesa ni pedido «88»")


async def test_what_is_no_repetition_of_the_pin_is_kept() -> None:
    async with opening() as till:
        till.press_ahead(*"1234\n9\n2*lom\n")
        await till.sees(WAITS)
        await till.open()
        await till.until(lambda: till.desk.asked[-1:] == ["add_line"])


async def test_a_store_that_cannot_be_opened_is_said_with_what_to_do() -> None:
    async with opening(language=Language.ENGLISH) as till:
        await till.fail()
        await till.sees("Could not be opened", "Another program is", "To leave, press Ctrl L")


TROUBLES = [DomainError(f"STORE_{code}", path="/p", reason="r", found="2", known="1") for code in STORE_CODES]
TROUBLES += [OSError(number, "r", "/p") for number in (*_FILE_ERRORS, errno.EIO)]


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("error", TROUBLES, ids=repr)
def test_a_store_that_does_not_open_asks_nobody_to_repeat_what_was_not_done(
    error: DomainError | OSError, language: Language
) -> None:
    said = opening_sentence(error, Texts(language, ROOMS))
    assert said.endswith(".")
    for command in ("repite", "repít", "repetir", "acción", "COMANDA_HOME", "repeat", "action", "{"):
        assert command not in said


async def test_an_enter_that_waited_for_a_store_that_failed_logs_nobody_in_later() -> None:
    async with opening() as till:
        till.press_ahead(*"1234\n7\n")
        await till.until(lambda: len(till.app.presses._waiting) == len("7\n"))
        await till.fail()
        assert DOT not in await till.sees("No se pudo abrir")
        await till.open()
        assert till.screen_name == "login"
        assert till.desk.asked == []
        await till.type("1234\n")
        assert till.screen_name == "floor"


async def test_enter_tries_again_at_once_and_the_pin_that_was_typed_is_checked() -> None:
    async with opening() as till:
        await till.fail()
        trying = asyncio.create_task(till.closed.time_to_try_again(LONG))
        till.press_ahead(*"1234\n")
        assert "No se pudo abrir" not in await till.sees(WAITS, "Abriendo este equipo")
        assert trying.done()
        await till.open()
        await till.until(lambda: till.screen_name == "floor")


async def test_the_failure_stays_on_the_screen_while_it_is_tried_again_by_itself() -> None:
    async with opening() as till:
        await till.fail()
        await till.closed.time_to_try_again(0)
        till.app._tick()
        await till.settled()
        await till.sees("No se pudo abrir")
        await till.open()
        assert "No se pudo abrir" not in await till.sees("Miraflores")


@pytest.mark.parametrize("keys", [["f10", "f10"], [*"1234\n", "f10", "f10"], [*"1234\n", "ctrl+c", "ctrl+c"]])
async def test_the_program_can_be_left_while_the_store_is_being_opened(keys: list[str]) -> None:
    async with opening() as till:
        till.press_ahead(*keys)
        await till.until(lambda: till.app._exit)


async def test_the_program_can_be_left_after_the_store_failed() -> None:
    async with opening() as till:
        await till.fail()
        till.press_ahead("f10", "f10")
        await till.until(lambda: till.app._exit)


async def test_help_can_be_read_before_the_store_is_open_and_says_the_failure() -> None:
    async with opening() as till:
        await till.fail("STORE_DAMAGED")
        await till.press("f1")
        await till.sees("está dañada")
        await till.open()
        await till.press("f1")
        await till.type("1234\n")
        assert till.screen_name == "floor"


LATER = {"httpx", "click", "escpos", "PIL", "psycopg", "pydantic", "litestar", "sqlalchemy.dialects.postgresql"}
"""What no first screen uses: the network's library and its command line, pictures and papers, the cloud's database."""


HEAVY = {"sqlalchemy", "aiosqlite", "sqlcipher3", "httpx", "websockets", "escpos", "PIL", "cryptography", "keyring"}


def test_what_paints_the_log_in_loads_no_database_no_network_and_no_printing() -> None:
    modules = "terminal.commands.screen, terminal.app, terminal.logs"
    said = f"import sys, {modules}; print(*sorted({{name.partition('.')[0] for name in sys.modules}} & {HEAVY}))"
    ran = subprocess.run([sys.executable, "-c", said], check=True, capture_output=True, text=True)
    assert ran.stdout.split() == []


def test_a_till_is_ready_for_a_dish_before_it_loads_network_and_printing() -> None:
    modules = ", ".join((*OPENS_THE_STORE, *BEHIND_THE_LOGIN["pos"]))
    said = f"import sys, {modules}; print(*sorted({LATER} & sys.modules.keys()))"
    ran = subprocess.run([sys.executable, "-c", said], check=True, capture_output=True, text=True)
    assert ran.stdout.split() == []
