"""Keeps the secrets of a device on its machine: sealed in a file, or, where somebody asked for it, in the keyring.

A device must open at boot as it did when it was enrolled, so its keys are in a file that only its owner may read, and
not in a keyring that belongs to the session of whoever enrolled it. The file is sealed with a key made from the
machine's id and, if it is set, the pass phrase in COMANDA_SEAL. Because of the seal a copied folder opens only on its
machine; only the pass phrase protects against somebody who has the whole disk.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SEAL_PHRASE = "COMANDA_SEAL"
_SERVICE = "comanda"
_NO_ID_YET = b"uninitialized"
"""What systemd writes before the first start of an image."""
_SALT_BYTES, _NONCE_BYTES = 16, 12


class SealBroken(Exception):
    """The seal does not open on this machine with this pass phrase, or the file is damaged."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """The secrets of a device, 32 bytes each.

    Attributes:
        private_key: Ed25519; authenticates the device and signs its frames.
        database_key: of the encrypted store.
        pepper: the organization's, for PINs.
    """

    private_key: bytes = field(repr=False)
    database_key: bytes = field(repr=False)
    pepper: bytes = field(repr=False)

    @property
    def signer(self) -> Ed25519PrivateKey:
        """The private key as an object that signs."""
        return Ed25519PrivateKey.from_private_bytes(self.private_key)

    def encoded(self) -> str:
        """The secrets as one text."""
        return json.dumps({name: getattr(self, name).hex() for name in ("private_key", "database_key", "pepper")})

    @classmethod
    def decoded(cls, text: str) -> Secrets:
        """Read the secrets from such a text."""
        return cls(**{name: bytes.fromhex(value) for name, value in json.loads(text).items()})


def seal(text: str) -> bytes:
    """Seal a text, so that only this machine can read it, with the same pass phrase."""
    salt, nonce = os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES)
    key = _sealing_key(salt, _machines()[0], _phrase())
    return salt + nonce + AESGCM(key).encrypt(nonce, text.encode(), None)


def unseal(sealed: bytes, phrase: bytes | None = None) -> str:
    """Read a sealed text.

    Args:
        phrase: the pass phrase; None for that of the environment.

    Raises:
        SealBroken: see there.
    """
    salt, nonce = sealed[:_SALT_BYTES], sealed[_SALT_BYTES : _SALT_BYTES + _NONCE_BYTES]
    if len(nonce) < _NONCE_BYTES:
        raise SealBroken
    for machine in _machines():
        key = _sealing_key(salt, machine, _phrase() if phrase is None else phrase)
        with suppress(InvalidTag):
            return AESGCM(key).decrypt(nonce, sealed[_SALT_BYTES + _NONCE_BYTES :], None).decode()
    raise SealBroken


def needs_phrase(sealed: bytes) -> bool:
    """Whether a sealed text opens here only with the pass phrase of the environment."""
    with suppress(SealBroken):
        unseal(sealed, b"")
        return False
    return bool(_phrase())


def put_in_keyring(device_id: UUID, text: str) -> bool:
    """Put a device's secrets into the machine's keyring. Returns False if no keyring works."""
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(_SERVICE, str(device_id), text)
        return keyring.get_password(_SERVICE, str(device_id)) == text
    except (KeyringError, RuntimeError):
        return False


def keyring_works() -> bool:
    """Whether this machine has a keyring that keeps something. Asked before a pairing code is spent."""
    import keyring
    from keyring.errors import KeyringError

    probe = "probe"
    try:
        keyring.set_password(_SERVICE, probe, probe)
        works = keyring.get_password(_SERVICE, probe) == probe
        keyring.delete_password(_SERVICE, probe)
    except (KeyringError, RuntimeError):
        return False
    return works


def find_in_keyring(device_id: UUID) -> str | None:
    """Read a device's secrets from the machine's keyring. None if it has none."""
    import keyring
    from keyring.errors import KeyringError

    try:
        found: Any = keyring.get_password(_SERVICE, str(device_id))
    except (KeyringError, RuntimeError):
        return None
    return None if found is None else str(found)


def _machines() -> list[bytes]:
    """Ids of this machine, the one to seal with first: it outlasts a restart. Empty: the machine has no such id.

    A system that starts from an image may get another id at each start, mounted over the file. What was sealed with
    such an id by an earlier program still opens until then.
    """
    lasting: list[bytes] = []
    passing: list[bytes] = []
    for path in (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id")):
        found = path.read_bytes().strip() if path.exists() else b""
        if found and found != _NO_ID_YET:
            (passing if os.path.ismount(path) else lasting).append(found)
    return list(dict.fromkeys([*lasting, b"", *passing]))


def _phrase() -> bytes:
    return os.environ.get(SEAL_PHRASE, "").encode()


def _sealing_key(salt: bytes, machine: bytes, phrase: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt, b"comanda-seal").derive(machine + b"\x00" + phrase + b"\x00")
