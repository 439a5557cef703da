"""A full disk: the command says so, nothing acknowledged is lost, and selling goes on when there is room again."""

from __future__ import annotations

import os
import random
import resource
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.kernel.language import Language, Texts
from terminal.desks.desk import ROOMS, Desk
from terminal.store.errors import StoreError
from tests.faults.books import Acknowledged, violations
from tests.faults.selling import sell
from tests.faults.till_on_disk import TillOnDisk

TURNS = 2
MOST_SALES = 400
NO_ROOM = {"STORE_DISK_FULL", "STORE_FAILED"}
"""A file-size limit answers a write that fits in part with "full", and one that fits not at all with an I/O error."""


@dataclass
class SmallDisk:
    """A folder with little room; `grow` gives it more."""

    folder: Path
    grow: Callable[[], object]
    codes: set[str]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """A disk of three megabytes: a real one if we may mount it, else a limit on the size of files."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() == 0 and mounted(folder, "size=3m"):
        try:
            yield SmallDisk(folder, lambda: mounted(folder, "remount,size=24m"), {"STORE_DISK_FULL"})
        finally:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
        return
    with file_size_limit(1_500_000) as lift:
        yield SmallDisk(folder, lift, NO_ROOM)


def mounted(folder: Path, options: str) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


@contextmanager
def file_size_limit(size: int) -> Iterator[Callable[[], None]]:
    """No file of this process may grow beyond `size` bytes. (Python ignores SIGXFSZ, so that writes fail instead.)"""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def lift() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield lift
    finally:
        lift()


class NoRoom(Exception):
    """The till said that the disk is full, in so many words."""


@asynccontextmanager
async def opened(till: TillOnDisk, disk: SmallDisk) -> AsyncIterator[Desk]:
    try:
        async with till.desk() as desk:
            yield desk
    except StoreError as error:
        if error.code in disk.codes:
            raise NoRoom from error
        raise


async def sell_until_it_fails(desk: Desk, said: Acknowledged, chance: random.Random) -> StoreError:
    for _sale in range(MOST_SALES):
        try:
            await sell(desk, chance, lambda *step: said.hear(*(heard(word) for word in step)))
        except StoreError as error:
            return error
    raise AssertionError("the disk never filled")


def heard(word: object) -> object:
    return word if isinstance(word, int) else str(word)


async def test_a_full_disk_loses_nothing_and_selling_goes_on_when_there_is_room(
    disk: SmallDisk, another_till: Callable[[Path], TillOnDisk]
) -> None:
    till, said, chance = another_till(disk.folder / "till"), Acknowledged(), random.Random(7)
    async with till.desk() as desk:
        for _again in range(TURNS):
            # Again and again at the full disk: the second try must fail as clearly as the first.
            error = await sell_until_it_fails(desk, said, chance)
            assert error.code in disk.codes
            said.lives += 1
            for language, safe in ((Language.SPANISH, "guard"), (Language.ENGLISH, "saved")):
                sentence = Texts(language, ROOMS)(error.code, **error.params)
                assert safe in sentence
                assert "{" not in sentence
        paid_before = len(said.paid)
        disk.grow()
        for _sale in range(3):
            await sell(desk, chance, lambda *step: said.hear(*(heard(word) for word in step)))
        assert len(said.paid) == paid_before + 3
    assert await violations(till, said) == []


async def test_a_till_opens_on_a_full_disk_or_says_so(
    disk: SmallDisk, another_till: Callable[[Path], TillOnDisk]
) -> None:
    till, said, chance = another_till(disk.folder / "till"), Acknowledged(), random.Random(8)
    async with till.desk() as desk:
        await sell_until_it_fails(desk, said, chance)
        said.lives += 1
    with suppress(NoRoom):
        async with opened(till, disk) as desk:
            assert desk.orders.keys() - said.paid.keys() == said.orders - said.paid.keys()
    disk.grow()
    async with till.desk() as desk:
        await sell(desk, chance, lambda *step: said.hear(*(heard(word) for word in step)))
    assert await violations(till, said) == []
