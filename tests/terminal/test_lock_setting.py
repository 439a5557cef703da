"""`lock_after_seconds` in `device.toml`: when a device locks by itself."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import UUID

import pytest

from terminal.device import CONFIGURATION, LOCK_AFTER_SECONDS, Configuration, DeviceError, DeviceFolder
from terminal.identity import Identity
from terminal.sealing import Secrets

IDENTITY = Identity(UUID(int=1), UUID(int=2), UUID(int=3))


@pytest.fixture
def folder(tmp_path: Path) -> DeviceFolder:
    folder = DeviceFolder(tmp_path, use_keyring=False)
    folder.write(Configuration(IDENTITY, "Caja", "till", "http://x"), Secrets(b"p" * 32, b"d" * 32, b"q" * 32))
    return folder


def put(folder: DeviceFolder, line: str) -> None:
    path = folder.root / CONFIGURATION
    path.write_text(re.sub(r"(?m)^lock_after_seconds.*\n", line, path.read_text(encoding="utf-8")), encoding="utf-8")


def test_a_new_device_says_when_it_locks_and_a_file_that_says_nothing_means_the_same(folder: DeviceFolder) -> None:
    assert f"lock_after_seconds = {LOCK_AFTER_SECONDS}" in (folder.root / CONFIGURATION).read_text(encoding="utf-8")
    put(folder, "")
    assert folder.configuration().lock_after_seconds == LOCK_AFTER_SECONDS


@pytest.mark.parametrize("seconds", [0, 45])
def test_another_time_and_never_are_read_and_kept(folder: DeviceFolder, seconds: int) -> None:
    put(folder, f"lock_after_seconds = {seconds}\n")
    folder.move_to("http://y")
    assert folder.configuration().lock_after_seconds == seconds


@pytest.mark.parametrize("wrong", ["-1", '"soon"', "2.5"])
def test_what_is_no_number_of_seconds_is_said(folder: DeviceFolder, wrong: str) -> None:
    put(folder, f"lock_after_seconds = {wrong}\n")
    with pytest.raises(DeviceError, match="lock_after_seconds"):
        folder.configuration()
