"""The folder of a device: a configuration that a technician can read, its database and its secrets.

The configuration is read before the log-in screen is painted, so nothing heavy is imported here. `sealing.py`, which
keeps the secrets, is imported when it is needed.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.printers.settings import PrinterSettings, settings_of
from terminal.identity import Identity
from terminal.scale.port import ScaleSettings, scale_settings

if TYPE_CHECKING:
    from terminal.sealing import Secrets

CONFIGURATION = "device.toml"
SEALED = "secrets.sealed"
DATABASE = "store.db"
LANGUAGE = "language"
LOCK_AFTER_SECONDS = 3 * 60
"""Longer than a guest chooses while somebody waits at the till, shorter than a walk to the kitchen and back."""
COUNTER = "counter"
"""The service of a till where guests pay and wait: a sale is always open, and what is paid is handed over by number."""
ROOM = "room.held"
ROOM_BYTES = 1 << 20
"""Disk space reserved during enrolment. Keys, configuration and a new database need less."""


class DeviceError(DomainError):
    """The device's folder cannot be used.

    Codes: DEVICE_NOT_ENROLLED, DEVICE_CONFIGURATION_WRONG, DEVICE_SECRETS_MISSING, DEVICE_SECRETS_SEALED,
    DEVICE_KEYRING_MISSING.
    """


class KeysAtBoot(StrEnum):
    """Where a device finds its keys when the machine starts."""

    SEALED = "sealed"
    WITH_PHRASE = "with_phrase"
    """In the sealed file, with the pass phrase of the environment."""
    IN_KEYRING = "in_keyring"
    """Nowhere but in the keyring of a session."""


def home() -> Path:
    """The folder of all devices: COMANDA_HOME, or `.comanda` in the user's home."""
    return Path(os.environ.get("COMANDA_HOME", "") or Path.home() / ".comanda")


@dataclass(frozen=True, slots=True)
class Configuration:
    """Content of `device.toml`.

    Attributes:
        cloud: base URL of the cloud.
        cloud_key: public key of what the cloud signs (Ed25519); without it nothing is checked.
        authority: file of a certificate authority to trust instead of the machine's, or empty.
        language: of the screens; empty for the organization's language.
        lock_after_seconds: time without a key or tap after which the screen locks; 0 for never.
        printers: by name an address (`tcp://192.168.1.50:9100`, or a file), or all settings of a printer.
        receipt_printer, kitchen_printer: names of the printers for each; empty for none.
        kitchen_printers: printer name by station id, for stations with their own printer.
        service: `counter` for a counter; empty for tables.
        scanner_prefix: key that the scanner sends before each code (`ctrl+b` for STX), so that short codes and slow
            scanners are told from typing, too; empty if it sends none.
        scale: the scale on a serial line; None if there is none.
    """

    identity: Identity
    name: str
    kind: str
    cloud: str
    cloud_key: bytes = b""
    authority: str = ""
    language: str = ""
    lock_after_seconds: int = LOCK_AFTER_SECONDS
    printers: Mapping[str, str | PrinterSettings] = field(default_factory=dict)
    receipt_printer: str = ""
    kitchen_printer: str = ""
    kitchen_printers: Mapping[str, str] = field(default_factory=dict)
    scanner_prefix: str = ""
    service: str = ""
    scale: ScaleSettings | None = None

    @property
    def printer_settings(self) -> dict[str, PrinterSettings]:
        """The settings of the printers in it, by name. They are this device's."""
        found = {}
        for name, said in self.printers.items():
            settings = said if isinstance(said, PrinterSettings) else PrinterSettings(name, said)
            own = self.identity.device_id if settings.is_of_a_device else None
            found[name] = replace(settings, device_id=own)
        return found


class DeviceFolder:
    """The folder of one device.

    Args:
        root: path of the folder, made at enrolment.
        use_keyring: look for keys in the machine's keyring, too (demo and tests do not).
    """

    def __init__(self, root: Path, *, use_keyring: bool = True) -> None:
        self.root = root
        self._use_keyring = use_keyring

    @property
    def database(self) -> Path:
        """The store's file."""
        return self.root / DATABASE

    @property
    def enrolled(self) -> bool:
        """Whether the folder holds an enrolled device."""
        return (self.root / CONFIGURATION).exists()

    @contextmanager
    def reserved(self) -> Iterator[Path]:
        """Make the folder and reserve disk space in it for the block. It is removed if no device was enrolled.

        Raises:
            OSError: the folder cannot be written.
        """
        new = not self.root.exists()
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        room = self.root / ROOM
        try:
            _replace(room, os.urandom(ROOM_BYTES))
            yield room
        finally:
            for path in (room, room.with_suffix(".new")):
                path.unlink(missing_ok=True)
            if new and not self.enrolled:
                with suppress(OSError):
                    self.root.rmdir()

    def write(self, configuration: Configuration, secrets: Secrets, *, in_keyring: bool = False) -> None:
        """Write a new device. The configuration comes last, so that a half-written folder is not enrolled.

        Args:
            in_keyring: keep the keys in the machine's keyring alone: the device opens only where that is open.

        Raises:
            DeviceError: DEVICE_KEYRING_MISSING.
        """
        from terminal.sealing import put_in_keyring, seal

        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        text = secrets.encoded()
        if not in_keyring:
            _replace(self.root / SEALED, seal(text))
        elif put_in_keyring(configuration.identity.device_id, text):
            (self.root / SEALED).unlink(missing_ok=True)
        else:
            raise DeviceError("DEVICE_KEYRING_MISSING")
        _replace(self.root / CONFIGURATION, _as_toml(configuration).encode())

    def move_to(self, cloud: str) -> None:
        """Write another address of the cloud."""
        self.rewrite(replace(self.configuration(), cloud=cloud))

    def rewrite(self, configuration: Configuration) -> None:
        """Write another configuration of the device that is enrolled here."""
        _replace(self.root / CONFIGURATION, _as_toml(configuration).encode())

    def last_language(self) -> str:
        """The last language of this device's screens. Empty if it is not known."""
        try:
            return (self.root / LANGUAGE).read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            return ""

    def remember_language(self, language: str) -> None:
        """Write down the language of the screens. The next start needs it before the database is open."""
        if language != self.last_language():
            with suppress(OSError):
                _replace(self.root / LANGUAGE, language.encode())

    def configuration(self) -> Configuration:
        """Read `device.toml`.

        Raises:
            DeviceError: DEVICE_NOT_ENROLLED, DEVICE_CONFIGURATION_WRONG (params: path, reason).
        """
        path = self.root / CONFIGURATION
        try:
            raw = tomllib.loads(path.read_text(encoding="utf-8"))
            identity = Identity(UUID(raw["organization"]), UUID(raw["branch"]), UUID(raw["device"]))
            return Configuration(
                identity=identity,
                name=str(raw.get("name", "")),
                kind=str(raw.get("kind", "till")),
                cloud=str(raw["cloud"]),
                cloud_key=bytes.fromhex(str(raw.get("cloud_key", ""))),
                authority=self._lasting(str(raw.get("authority", ""))),
                language=str(raw.get("language", "")),
                lock_after_seconds=_seconds(raw.get("lock_after_seconds", LOCK_AFTER_SECONDS)),
                printers={str(name): _printer(str(name), said) for name, said in raw.get("printers", {}).items()},
                receipt_printer=str(raw.get("receipt_printer", "")),
                kitchen_printer=str(raw.get("kitchen_printer", "")),
                kitchen_printers={str(UUID(at)): str(name) for at, name in raw.get("kitchen_printers", {}).items()},
                scanner_prefix=str(raw.get("scanner_prefix", "")),
                service=_service(raw.get("service", "")),
                scale=scale_settings(raw["scale"]) if "scale" in raw else None,
            )
        except FileNotFoundError:
            raise DeviceError("DEVICE_NOT_ENROLLED", path=str(self.root)) from None
        except DomainError as error:
            raise DeviceError("DEVICE_CONFIGURATION_WRONG", path=str(path), reason=error) from error
        except OSError as error:
            raise DeviceError("DEVICE_CONFIGURATION_WRONG", path=str(path), reason=error.strerror) from error
        except (tomllib.TOMLDecodeError, KeyError, ValueError, TypeError, AttributeError) as error:
            raise DeviceError("DEVICE_CONFIGURATION_WRONG", path=str(path), reason=str(error)) from error

    def _lasting(self, path: str) -> str:
        """A path of the configuration, from this folder on: the folder in which a program is started is another one at
        boot."""
        return str(self.root.absolute() / path) if path else ""

    def secrets(self, device_id: UUID) -> Secrets:
        """The device's secrets.

        Raises:
            DeviceError: DEVICE_SECRETS_MISSING, DEVICE_SECRETS_SEALED.
        """
        from terminal.sealing import SealBroken, Secrets, find_in_keyring, unseal

        try:
            return Secrets.decoded(unseal((self.root / SEALED).read_bytes()))
        except FileNotFoundError:
            missing = DeviceError("DEVICE_SECRETS_MISSING", path=str(self.root))
        except SealBroken:
            missing = DeviceError("DEVICE_SECRETS_SEALED", path=str(self.root))
        text = find_in_keyring(device_id) if self._use_keyring else None
        if text is None:
            raise missing
        return Secrets.decoded(text)

    def keys_at_boot(self) -> KeysAtBoot:
        """Whether the keys can be found when the machine starts, without anybody's session."""
        from terminal.sealing import SealBroken, needs_phrase, unseal

        try:
            sealed = (self.root / SEALED).read_bytes()
            unseal(sealed)
        except (OSError, SealBroken):
            return KeysAtBoot.IN_KEYRING
        return KeysAtBoot.WITH_PHRASE if needs_phrase(sealed) else KeysAtBoot.SEALED


def _seconds(value: object) -> int:
    if not isinstance(value, int) or value < 0:
        msg = f"lock_after_seconds = {value!r}: seconds, or 0 for never"
        raise ValueError(msg)
    return value


def _service(value: object) -> str:
    if value not in ("", COUNTER):
        msg = f'service = {value!r}: "{COUNTER}", or "" for tables'
        raise ValueError(msg)
    return str(value)


def _printer(name: str, said: object) -> PrinterSettings:
    """A printer as the file says it, checked, so that a mistake is found now and not during a sale."""
    return settings_of(name, said if isinstance(said, dict) else {"address": said})


_PLAIN_SETTINGS = (
    "name",
    "kind",
    "cloud",
    "authority",
    "language",
    "receipt_printer",
    "kitchen_printer",
    "scanner_prefix",
)


def _as_toml(configuration: Configuration) -> str:
    identity = configuration.identity
    lines = [
        "# A device of Comanda. Names, language and printers may be edited; the identity may not.",
        f"organization = {_quoted(identity.organization_id)}",
        f"branch = {_quoted(identity.branch_id)}",
        f"device = {_quoted(identity.device_id)}",
        f"cloud_key = {_quoted(configuration.cloud_key.hex())}",
        *(f"{name} = {_quoted(getattr(configuration, name))}" for name in _PLAIN_SETTINGS),
        '# Empty for tables; "counter" where guests pay and wait: a sale is always open.',
        f"service = {_quoted(configuration.service)}",
        "# Seconds without a key after which the screen locks; 0: never. A kitchen display never locks.",
        f"lock_after_seconds = {configuration.lock_after_seconds}",
        "",
        "[printers]",
        *(f"{_quoted(name)} = {_printer_as_toml(each)}" for name, each in configuration.printer_settings.items()),
        "",
        "[kitchen_printers]",
        *(f"{_quoted(name)} = {_quoted(at)}" for name, at in configuration.kitchen_printers.items()),
    ]
    return "\n".join((*lines, *_scale_lines(configuration.scale))) + "\n"


def _printer_as_toml(settings: PrinterSettings) -> str:
    """A printer's address, or a table of it and of what is not as usual."""
    usual, said = PrinterSettings(settings.name, settings.address), []
    for each in fields(PrinterSettings):
        value = getattr(settings, each.name)
        if each.name in ("name", "address", "device_id") or value == getattr(usual, each.name):
            continue
        said.append(f"{each.name} = {_quoted(value) if isinstance(value, str | UUID) else str(value).lower()}")
    address = _quoted(settings.address)
    return f"{{ address = {address}, {', '.join(said)} }}" if said else address


def _scale_lines(scale: ScaleSettings | None) -> list[str]:
    if scale is None:
        return []
    line = scale.line
    return [
        "",
        "[scale]",
        f"port = {_quoted(line.port)}",
        f"speed = {line.speed}",
        f"bits = {line.bits}",
        f"parity = {_quoted(line.parity)}",
        f"stop_bits = {line.stop_bits}",
        f"ask = {_quoted(scale.ask)}",
        f"unit = {_quoted(scale.unit)}",
    ]


def _quoted(value: object) -> str:
    """Write a TOML basic string. JSON's escapes are a subset of TOML's."""
    import json

    return json.dumps(str(value), ensure_ascii=False)


def _replace(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, as a whole or not at all."""
    beside = path.with_suffix(".new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
