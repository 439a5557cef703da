"""`service` in `device.toml`: tables, or a counter."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from terminal.device import CONFIGURATION, COUNTER, DeviceError
from tests.terminal.test_lock_setting import folder  # noqa: F401 a fixture


def put(root: Path, line: str) -> None:
    path = root / CONFIGURATION
    path.write_text(re.sub(r"(?m)^service.*\n", line, path.read_text(encoding="utf-8")), encoding="utf-8")


def test_a_new_device_serves_tables_and_so_does_a_file_that_says_nothing(folder) -> None:  # noqa: F811
    assert folder.configuration().service == ""
    put(folder.root, "")
    assert folder.configuration().service == ""


def test_a_counter_is_read_and_kept(folder) -> None:  # noqa: F811
    put(folder.root, f'service = "{COUNTER}"\n')
    folder.move_to("http://y")
    assert folder.configuration().service == COUNTER


@pytest.mark.parametrize("wrong", ['"mostrador"', "true", "1"])
def test_another_service_is_refused_with_what_works(folder, wrong: str) -> None:  # noqa: F811
    put(folder.root, f"service = {wrong}\n")
    with pytest.raises(DeviceError, match="counter"):
        folder.configuration()
