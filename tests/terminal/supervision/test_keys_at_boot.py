"""What was enrolled in somebody's session opens at boot: keys, folder and variables are there without that session."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import NoKeyringError

from terminal import sealing
from terminal.device import SEALED, DeviceError, DeviceFolder, KeysAtBoot
from terminal.supervision import boot
from terminal.supervision.boot import at_boot
from tests.faults.till_on_disk import IDENTITY, SECRETS, TillOnDisk


class Session(KeyringBackend):
    """The keyring of a desktop: there while somebody is logged in."""

    priority = 5

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.is_over = False

    def get_password(self, service: str, username: str) -> str | None:
        self._require()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._require()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._require()
        del self.kept[service, username]

    def _require(self) -> None:
        if self.is_over:
            raise NoKeyringError("no bus at boot")


@pytest.fixture
def session() -> Iterator[Session]:
    before, made = keyring.get_keyring(), Session()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


@pytest.fixture
def folder(till: TillOnDisk) -> DeviceFolder:
    """A folder as at enrolment, before any keys are in it."""
    (till.folder.root / SEALED).unlink()
    return DeviceFolder(till.folder.root)


def enrol(folder: DeviceFolder, *, in_keyring: bool = False) -> None:
    folder.write(folder.configuration(), SECRETS, in_keyring=in_keyring)


def test_a_device_that_was_enrolled_in_a_session_opens_without_it(folder: DeviceFolder, session: Session) -> None:
    enrol(folder)
    session.is_over = True
    assert folder.secrets(IDENTITY.device_id) == SECRETS
    assert folder.keys_at_boot() is KeysAtBoot.SEALED
    assert session.kept == {}, "nothing of it lies in the session"


def test_keys_are_in_a_keyring_alone_only_when_somebody_asks_and_that_is_said(
    folder: DeviceFolder, session: Session
) -> None:
    enrol(folder)
    enrol(folder, in_keyring=True)
    assert not (folder.root / SEALED).exists()
    assert folder.secrets(IDENTITY.device_id) == SECRETS
    assert [(note.code, note.is_fatal) for note in at_boot(folder, {})] == [("keyring", True)]
    session.is_over = True
    with pytest.raises(DeviceError, match="DEVICE_SECRETS_MISSING"):
        folder.secrets(IDENTITY.device_id)


def test_a_keyring_that_does_not_work_is_found_before_the_code_is_spent(folder: DeviceFolder, session: Session) -> None:
    assert sealing.keyring_works()
    assert session.kept == {}, "nothing stays of the try"
    session.is_over = True
    assert not sealing.keyring_works()
    with pytest.raises(DeviceError, match="DEVICE_KEYRING_MISSING"):
        enrol(folder, in_keyring=True)


def test_a_pass_phrase_of_the_session_is_named(folder: DeviceFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMANDA_SEAL", "siete llaves")
    enrol(folder)
    assert [note.code for note in at_boot(folder, {})] == ["phrase"]
    monkeypatch.delenv("COMANDA_SEAL")
    with pytest.raises(DeviceError, match="DEVICE_SECRETS_SEALED"):
        DeviceFolder(folder.root, use_keyring=False).secrets(IDENTITY.device_id)
    assert [note.code for note in at_boot(folder, {})] == ["keyring"]


def test_a_phrase_that_nothing_was_sealed_with_is_not_asked_for(
    folder: DeviceFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrol(folder)
    monkeypatch.setenv("COMANDA_SEAL", "siete llaves")
    with pytest.raises(DeviceError, match="DEVICE_SECRETS_SEALED"):
        DeviceFolder(folder.root, use_keyring=False).secrets(IDENTITY.device_id)


def test_an_id_of_the_machine_that_passes_with_its_start_seals_nothing(
    folder: DeviceFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os.path, "ismount", lambda path: str(path).endswith("machine-id"))
    enrol(folder)
    monkeypatch.setattr(Path, "read_bytes", _with_another_machine(Path.read_bytes))
    assert folder.secrets(IDENTITY.device_id) == SECRETS


def test_keys_of_another_machine_do_not_open(folder: DeviceFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "_machines", lambda: [b"this machine"])
    enrol(folder)
    monkeypatch.setattr(sealing, "_machines", lambda: [b"another machine", b""])
    with pytest.raises(DeviceError, match="DEVICE_SECRETS_SEALED"):
        DeviceFolder(folder.root, use_keyring=False).secrets(IDENTITY.device_id)


def test_variables_of_the_session_are_named(till: TillOnDisk) -> None:
    (note,) = at_boot(till.folder, {"COMANDA_HOME": "/srv/tills", "https_proxy": "http://proxy:3128", "TERM": "xterm"})
    assert (note.code, note.params) == ("environment", {"names": "COMANDA_HOME, HTTPS_PROXY"})


@pytest.mark.parametrize(
    ("mount", "told"),
    [
        ("/dev/sda1 / ext4", []),
        ("tmpfs {root} tmpfs", [("fleeting", True)]),
        ("server:/tills {root} nfs4", [("mounted", False)]),
        ("/dev/sdb1 /media/stick ext4", []),
        ("gocryptfs {root} fuse.gocryptfs", [("mounted", False)]),
    ],
)
def test_a_folder_that_may_be_missing_at_boot_is_named(
    mount: str, told: list[tuple[str, bool]], till: TillOnDisk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "mounts"
    table.write_text(f"/dev/sda1 / ext4 rw 0 0\n{mount.format(root=till.folder.root.resolve())} rw 0 0\n")
    found = boot._mount_of(till.folder.root, table)
    monkeypatch.setattr(boot, "_mount_of", lambda _root: found)
    assert [(note.code, note.is_fatal) for note in at_boot(till.folder, {})] == told


def test_a_certificate_is_found_from_whatever_folder_the_program_starts(
    till: TillOnDisk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    till.configure(authority="root.pem")
    monkeypatch.chdir(tmp_path)
    assert till.folder.configuration().authority == str(till.folder.root / "root.pem")


def _with_another_machine(read: object) -> object:
    def reading(path: Path) -> bytes:
        return b"another id\n" if path.name == "machine-id" else read(path)  # type: ignore[operator, no-any-return]

    return reading
