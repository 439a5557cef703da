"""A database that cannot be used: each trouble has its own code, its sentence in both languages, and loses nothing."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlcipher3 import dbapi2
from textual.pilot import Pilot

from shared.kernel.errors import DomainError
from shared.kernel.language import Language, Texts
from shared.orders.records import OrderKind
from shared.records import metadata
from sync.records import changes
from sync.tables import specs
from terminal.app import ComandaApp
from terminal.cli import ROOMS, main
from terminal.error_sentence import opening_sentence
from terminal.store.errors import StoreError
from terminal.store.schema import STEPS
from terminal.store.store import Store
from terminal.store.write_back import DUE_COMMITS
from tests.faults.books import Acknowledged, violations
from tests.faults.selling import sell
from tests.faults.test_full_disk import mounted
from tests.faults.till_on_disk import IDENTITY, SECRETS, TillOnDisk
from tests.terminal.looks.picture import text_grid

PAGE_BYTES = 4_096
PLACE_WIDTH = 38
"""Columns that the log-in screen of 80 has for what stands beside the pad."""
SOON = 0.2
"""Seconds that a test waits for a locked database; a till waits five."""


@contextmanager
def another_program(path: Path) -> Iterator[dbapi2.Connection]:
    """A second program with the database open."""
    connection = dbapi2.connect(str(path), isolation_level=None, timeout=0)
    connection.execute(f"PRAGMA key = \"x'{SECRETS.database_key.hex()}'\"")
    try:
        yield connection
    finally:
        connection.close()


def flip(path: Path, offset: int) -> None:
    """One bit of a file."""
    raw = bytearray(path.read_bytes())
    raw[offset] ^= 1
    path.write_bytes(raw)


async def use(till: TillOnDisk) -> None:
    async with till.desk(busy_seconds=SOON) as desk:
        await sell(desk, random.Random(1), lambda *_step: None)


async def everything(till: TillOnDisk) -> set[tuple[Any, ...]]:
    """All rows of the log and of the restaurant's tables."""
    tables = [changes, *(spec.table for spec in specs(metadata).values())]
    async with till.store() as store, store.reading() as connection:
        return {(table.name, *map(repr, row)) for table in tables for row in await connection.execute(sa.select(table))}


def too_new(till: TillOnDisk) -> None:
    with another_program(till.folder.database) as connection:
        connection.execute("PRAGMA user_version = 999")
        connection.execute("PRAGMA application_id = 999")


def damaged(till: TillOnDisk) -> None:
    for offset in range(PAGE_BYTES, till.folder.database.stat().st_size, PAGE_BYTES):
        flip(till.folder.database, offset + 100)


def of_another_key(till: TillOnDisk) -> None:
    with another_program(till.folder.database) as connection:
        connection.execute(f"PRAGMA rekey = \"x'{'ab' * 32}'\"")


def no_database(till: TillOnDisk) -> None:
    till.folder.database.write_bytes(b"Not a database, but a note that somebody saved here.\n" * 100)


TROUBLES = {
    "STORE_TOO_NEW": [too_new],
    "STORE_DAMAGED": [damaged],
    "STORE_WRONG_KEY": [of_another_key, no_database],
}
SPOILED = [pytest.param(code, spoil, id=spoil.__name__) for code, spoils in TROUBLES.items() for spoil in spoils]


@pytest.mark.parametrize(("code", "spoil"), SPOILED)
async def test_a_spoiled_database_has_its_own_code(
    code: str, spoil: Callable[[TillOnDisk], None], till: TillOnDisk
) -> None:
    spoil(till)
    before = till.folder.database.read_bytes()
    with pytest.raises(StoreError) as raised:
        await use(till)
    assert raised.value.code == code
    assert till.folder.database.read_bytes() == before


async def test_wherever_a_bit_flips_the_till_never_sells_from_damaged_pages(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        await sell(desk, random.Random(2), lambda *_step: None)
    raw = till.folder.database.read_bytes()
    before, seen = await everything(till), set()
    for offset in range(0, len(raw), 7 * PAGE_BYTES):
        till.folder.database.write_bytes(raw)
        flip(till.folder.database, offset + 300)
        try:
            await use(till)
            after = await everything(till)
        except StoreError as error:
            seen.add(error.code)
        else:
            assert before <= after, "the flip was not noticed, and something is not what it was"
        till.folder.database.with_name("store.db-wal").unlink(missing_ok=True)
        till.folder.database.with_name("store.db-shm").unlink(missing_ok=True)
    assert seen == {"STORE_DAMAGED", "STORE_WRONG_KEY"}


async def test_a_command_says_that_another_program_holds_the_database_and_works_afterwards(till: TillOnDisk) -> None:
    said = Acknowledged()

    def note(*step: object) -> None:
        said.hear(*(word if isinstance(word, int) else str(word) for word in step))

    async with till.desk(busy_seconds=SOON) as desk:
        await sell(desk, random.Random(3), note)
        with another_program(till.folder.database) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError, match="STORE_LOCKED"):
                await desk.open_order(OrderKind.TAKEOUT)
            assert desk.orders.keys() <= said.paid.keys()
        await sell(desk, random.Random(4), note)
    assert await violations(till, said) == []


async def test_opening_says_that_another_program_holds_the_database(till: TillOnDisk) -> None:
    with another_program(till.folder.database) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="STORE_LOCKED"):
            await use(till)


@contextmanager
def unwritable(folder: Path) -> Iterator[None]:
    """For root, whom permissions do not stop, the folder's disk is mounted read-only."""
    if os.geteuid() == 0:
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        try:
            yield
        finally:
            subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)
        return
    for path in (*folder.iterdir(), folder):
        path.chmod(0o500 if path.is_dir() else 0o400)
    try:
        yield
    finally:
        folder.chmod(0o700)


@pytest.fixture
def till_on_a_disk(another_till: Callable[[Path], TillOnDisk], tmp_path: Path) -> Iterator[TillOnDisk]:
    """A till whose folder can be made read-only."""
    folder = tmp_path / "home" / "caja"
    folder.mkdir(parents=True)
    root = os.geteuid() == 0
    if root and not mounted(folder, "size=8m"):
        pytest.skip("root may not mount here")
    try:
        yield another_till(folder)
    finally:
        if root:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


async def test_a_read_only_folder_has_its_own_code(till_on_a_disk: TillOnDisk) -> None:
    with unwritable(till_on_a_disk.folder.root), pytest.raises(StoreError, match="STORE_READ_ONLY"):
        await use(till_on_a_disk)


async def test_a_new_store_in_a_folder_that_is_not_there_has_its_own_code(tmp_path: Path, till: TillOnDisk) -> None:
    async with till.store() as store:
        clock, ids = store.clock, store.ids
    with pytest.raises(StoreError, match="STORE_READ_ONLY"):
        await Store.open(tmp_path / "nowhere" / "store.db", SECRETS.database_key, IDENTITY, clock, ids)


# -- at the command line ---------------------------------------------------------------------------------------------


@dataclass
class Ended:
    """What `comanda pos` said before it ended with exit code 1.

    Attributes:
        screen: what stood beside the PIN pad, if it came to that; its words without line ends.
        sentence: on standard error.
    """

    screen: str
    sentence: str


@pytest.fixture
def pos(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[[Path, Language], Ended]:
    """Runs `comanda pos` and leaves it as soon as it says that the store cannot be opened."""
    screens = []

    async def read_and_leave(pilot: Pilot[None]) -> None:
        await pilot.app.desk.settled()
        await pilot.pause()
        beside_the_pad = [line[:PLACE_WIDTH] for line in text_grid(pilot.app.export_screenshot()).splitlines()[1:]]
        screens.append(" ".join(" ".join(beside_the_pad).split()))
        await pilot.press("f10", "f10")

    async def show(app: ComandaApp) -> None:
        await run_async(app, headless=True, size=(80, 24), auto_pilot=read_and_leave)

    run_async = ComandaApp.run_async
    monkeypatch.setattr(ComandaApp, "run_async", show)

    def run(home: Path, language: Language) -> Ended:
        monkeypatch.setenv("COMANDA_HOME", str(home))
        monkeypatch.setenv("COMANDA_LANGUAGE", language)
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
        for stream in (sys.stdin, sys.stdout):
            monkeypatch.setattr(stream, "isatty", lambda: True)
        with pytest.raises(SystemExit) as ended:
            main(["pos", "--offline"])
        captured = capfd.readouterr()
        assert ended.value.code == 1
        assert captured.out == ""
        assert captured.err.count("\n") == 1, captured.err
        return Ended("".join(screens), captured.err.strip())

    return run


Run = Callable[[Path, Language], Ended]
TRIED_AGAIN = {Language.SPANISH: "Se intenta de nuevo", Language.ENGLISH: "It is tried again"}


@pytest.mark.parametrize(("code", "spoil"), SPOILED)
@pytest.mark.parametrize("language", list(Language))
def test_the_log_in_says_it_and_the_command_line_in_one_sentence(
    code: str, spoil: Callable[[TillOnDisk], None], language: Language, till: TillOnDisk, pos: Run
) -> None:
    spoil(till)
    params = {"path": str(till.folder.database), "found": 999, "known": len(STEPS)}
    ended = pos(till.folder.root.parent, language)
    assert ended.sentence == Texts(language, ROOMS)(code, **params)
    shown = opening_sentence(DomainError(code, **params), Texts(language, ROOMS))
    end = " ".join(shown.split()[-3:])
    assert f"{end} {TRIED_AGAIN[language]}" in ended.screen


def test_a_read_only_folder_is_said_in_one_sentence(till_on_a_disk: TillOnDisk, pos: Run) -> None:
    with unwritable(till_on_a_disk.folder.root):
        ended = pos(till_on_a_disk.folder.root.parent, Language.ENGLISH)
    assert "permis" in ended.sentence
    assert "permis" in ended.screen


def break_configuration(till: TillOnDisk) -> None:
    (till.folder.root / "device.toml").write_text("cloud = \nnot toml", encoding="utf-8")


def forget_the_identity(till: TillOnDisk) -> None:
    (till.folder.root / "device.toml").write_text('cloud = "http://x"\n', encoding="utf-8")


def save_in_another_encoding(till: TillOnDisk) -> None:
    (till.folder.root / "device.toml").write_bytes('name = "Caja de Ñuñoa"\n'.encode("latin-1"))


def put_a_folder_in_its_place(till: TillOnDisk) -> None:
    (till.folder.root / "device.toml").unlink()
    (till.folder.root / "device.toml").mkdir()


def name_a_printer_that_is_none(till: TillOnDisk) -> None:
    till.configure(printers={"papers": "usb://1234"})


def name_a_station_that_is_none(till: TillOnDisk) -> None:
    till.configure(kitchen_printers={"cocina": "papers"})


def lose_the_secrets(till: TillOnDisk) -> None:
    (till.folder.root / "secrets.sealed").unlink()


def cut_the_secrets(till: TillOnDisk) -> None:
    path = till.folder.root / "secrets.sealed"
    path.write_bytes(path.read_bytes()[:20])


def seal_otherwise(till: TillOnDisk) -> None:
    os.environ["COMANDA_SEAL"] = "another phrase"
    try:
        till.configure()
    finally:
        del os.environ["COMANDA_SEAL"]


BROKEN = {
    "DEVICE_CONFIGURATION_WRONG": [
        break_configuration,
        forget_the_identity,
        save_in_another_encoding,
        put_a_folder_in_its_place,
        name_a_printer_that_is_none,
        name_a_station_that_is_none,
    ],
    "DEVICE_SECRETS_MISSING": [lose_the_secrets],
    "DEVICE_SECRETS_SEALED": [cut_the_secrets, seal_otherwise],
}


@pytest.mark.parametrize(
    ("code", "spoil"), [pytest.param(code, each, id=each.__name__) for code, all_ in BROKEN.items() for each in all_]
)
@pytest.mark.parametrize("language", list(Language))
def test_a_broken_device_folder_is_said_in_one_sentence(
    code: str, spoil: Callable[[TillOnDisk], None], language: Language, till: TillOnDisk, pos: Run
) -> None:
    spoil(till)
    ended = pos(till.folder.root.parent, language)
    begins = Texts(language, ROOMS)(code, path="\0", reason="\1").split("\0")[0]
    assert ended.sentence.startswith(begins)
    assert str(till.folder.root) in ended.sentence
    on_screen = code != "DEVICE_CONFIGURATION_WRONG"  # without it nobody knows which device this is
    assert (TRIED_AGAIN[language] in ended.screen) == on_screen


def test_no_device_at_all_is_said_in_one_sentence(tmp_path: Path, pos: Run) -> None:
    assert "comanda enroll" in pos(tmp_path, Language.ENGLISH).sentence


@pytest.mark.slow
def test_a_locked_database_is_said_in_one_sentence(till: TillOnDisk, pos: Run) -> None:
    """Slow: the till waits its five seconds for the other program."""
    with another_program(till.folder.database) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        ended = pos(till.folder.root.parent, Language.ENGLISH)
    assert "Close it" in ended.sentence
    assert "Close it" in ended.screen


async def test_a_store_writes_its_log_back_beside_its_commits(till: TillOnDisk) -> None:
    file = till.folder.database
    async with till.desk() as desk:
        before = file.stat().st_mtime_ns
        for _commit in range(DUE_COMMITS):
            await desk.open_order(OrderKind.TAKEOUT)
        async with asyncio.timeout(30):
            while file.stat().st_mtime_ns == before:  # noqa: ASYNC110 a file tells nobody
                await asyncio.sleep(0.01)
