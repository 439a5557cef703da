"""A device that is opened behind its log-in screen, on its real store: from the first key to the exit code."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
import sqlalchemy as sa
from textual.pilot import Pilot

from shared.kernel.language import Language
from terminal import opening
from terminal.app import ComandaApp
from terminal.commands.screen import first_language, show_screen
from terminal.desks.closed import ClosedDesk
from terminal.device import DeviceError
from terminal.store.attempts import pin_attempts
from tests.faults.test_cloud_troubles import until
from tests.faults.till_on_disk import PIN, TillOnDisk

Person = Callable[[Pilot[None]], Awaitable[None]]


Show = Callable[..., Awaitable[int]]


@pytest.fixture
def show(till: TillOnDisk, monkeypatch: pytest.MonkeyPatch) -> Show:
    """Shows the till's screen to somebody until they have done what they came for; the exit code."""
    run_async = ComandaApp.run_async

    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")

    async def shown_to(person: Person, start: str = "pos") -> int:
        async def come_and_go(pilot: Pilot[None]) -> None:
            try:
                await person(pilot)
            finally:
                pilot.app.exit(return_code=pilot.app.return_code or 0)

        async def run(app: ComandaApp) -> None:
            await run_async(app, headless=True, size=(80, 24), auto_pilot=come_and_go)

        monkeypatch.setattr(ComandaApp, "run_async", run)
        return await show_screen(till.folder, start, online=False, light=False)

    return shown_to


def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys without waiting for what they do."""
    for key in keys:
        pilot.app.simulate_key(key)


def place(pilot: Pilot[None]) -> str:
    return str(pilot.app.screen.screen_name)


@pytest.mark.parametrize(("start", "arrives"), [("pos", "floor"), ("kds", "kitchen")])
async def test_a_pin_typed_before_the_store_is_open_logs_in(
    start: str, arrives: str, till: TillOnDisk, show: Show
) -> None:
    async def person(pilot: Pilot[None]) -> None:
        assert isinstance(pilot.app.desk, ClosedDesk)
        press(pilot, *PIN, "enter")
        await until(lambda: place(pilot) == arrives, "the PIN is checked")

    assert await show(person, start) == 0
    assert till.folder.last_language() == "es"


async def test_a_wrong_pin_typed_early_is_one_attempt_in_the_store(till: TillOnDisk, show: Show) -> None:
    async def person(pilot: Pilot[None]) -> None:
        press(pilot, *"9999", "enter", "enter", "enter")
        await until(lambda: not isinstance(pilot.app.desk, ClosedDesk), "the store is open")
        await pilot.app.settled()
        assert place(pilot) == "login"

    assert await show(person) == 0
    async with till.store() as store, store.reading() as connection:
        assert (await connection.execute(sa.select(pin_attempts.c.failures))).scalars().all() == [1]


async def test_what_kept_the_store_closed_may_be_put_right_while_the_screen_stands(
    till: TillOnDisk, show: Show
) -> None:
    sealed = till.folder.root / "secrets.sealed"
    away = sealed.rename(sealed.with_suffix(".away"))

    async def person(pilot: Pilot[None]) -> None:
        await until(lambda: bool(pilot.app.desk.failure), "it is said")
        assert pilot.app.desk.failure.startswith("No se encuentran las claves")
        away.rename(sealed)
        press(pilot, *PIN, "enter")
        await until(lambda: place(pilot) == "floor", "Enter tried again, and the PIN was checked")

    assert await show(person) == 0


async def test_leaving_a_device_that_could_not_be_opened_raises_what_kept_it_closed(
    till: TillOnDisk, show: Show
) -> None:
    (till.folder.root / "secrets.sealed").unlink()

    async def person(pilot: Pilot[None]) -> None:
        await pilot.app.desk.settled()

    with pytest.raises(DeviceError, match="DEVICE_SECRETS_MISSING"):
        await show(person)


async def test_a_fault_of_the_program_ends_the_app_for_its_supervisor(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "HEAVY", ("terminal.left_out_of_the_package",))

    async def person(pilot: Pilot[None]) -> None:
        await until(lambda: pilot.app.return_code == 1, "the app ends by itself")

    with pytest.raises(ModuleNotFoundError):
        await show(person)


def test_the_first_screen_speaks_the_language_that_the_last_one_spoke(till: TillOnDisk) -> None:
    folder = till.folder
    assert first_language(folder, folder.configuration(), Language.ENGLISH) is Language.ENGLISH
    folder.remember_language("es")
    assert first_language(folder, folder.configuration(), Language.ENGLISH) is Language.SPANISH
    till.configure(language="en")
    assert first_language(folder, folder.configuration(), Language.SPANISH) is Language.ENGLISH


@pytest.mark.parametrize("wanted", list(Language))
async def test_an_enrolled_device_speaks_as_its_file_says_whatever_the_commands_speak(
    wanted: Language, till: TillOnDisk, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    till.configure(language=wanted)
    other = next(each for each in Language if each is not wanted)
    monkeypatch.setenv("COMANDA_LANGUAGE", other)

    async def person(pilot: Pilot[None]) -> None:
        await until(lambda: not isinstance(pilot.app.desk, ClosedDesk), "the store is open")
        assert pilot.app.desk.language is wanted

    assert await show(person) == 0


@pytest.mark.parametrize("spoiled", [b"", b"fr\n", b"\xff\xfe", b"es\x00"])
def test_a_spoiled_note_of_the_language_is_no_language(spoiled: bytes, till: TillOnDisk) -> None:
    (till.folder.root / "language").write_bytes(spoiled)
    assert first_language(till.folder, till.folder.configuration(), Language.ENGLISH) is Language.ENGLISH
