"""Which device `comanda pos` and `comanda kds` show: the demo's only where no other is enrolled."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from terminal.commands.screen import DEMO, find_device
from terminal.device import Configuration, DeviceError, DeviceFolder
from terminal.identity import Identity
from terminal.sealing import Secrets


def enrolled(folder: Path, kind: str) -> None:
    identity = Identity(UUID(int=1), UUID(int=2), UUID(int=3))
    secrets = Secrets(bytes(32), bytes(32), bytes(32))
    DeviceFolder(folder, use_keyring=False).write(Configuration(identity, folder.name, kind, "http://x"), secrets)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    enrolled(tmp_path / DEMO / "caja", "till")
    enrolled(tmp_path / DEMO / "cocina", "kitchen")
    enrolled(tmp_path / DEMO / "caja-arequipa", "till")
    return tmp_path


def test_the_kitchen_display_of_the_demo_needs_no_name(home: Path) -> None:
    assert find_device(home, None, "kitchen").root == home / DEMO / "cocina"


def test_two_tills_are_named_as_they_must_be_typed(home: Path) -> None:
    with pytest.raises(DeviceError) as told:
        find_device(home, None, "till")

    names = told.value.params["names"].split(", ")
    assert names == [f"{DEMO}/caja", f"{DEMO}/caja-arequipa"]
    assert find_device(home, names[1], "till").configuration().name == "caja-arequipa"


def test_a_device_of_ones_own_hides_the_demo(home: Path) -> None:
    enrolled(home / "till", "till")

    assert find_device(home, None, "till").root == home / "till"
    assert find_device(home, None, "kitchen").root == home / "till"
