"""Keeps the secrets of a device on its machine: in the keyring, or sealed in a file.

On a machine without a keyring (a headless till), the secrets are in a file that only its owner may read. It is sealed
with a key made from the machine's id and, if it is set, the pass phrase in COMANDA_SEAL. Because of the seal a copied
folder opens only on its machine; only the pass phrase protects against somebody who has the whole disk.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_SERVICE = "comanda"
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
    return salt + nonce + AESGCM(_sealing_key(salt)).encrypt(nonce, text.encode(), None)


def unseal(sealed: bytes) -> str:
    """Read a sealed text.

    Raises:
        SealBroken: see there.
    """
    salt, nonce = sealed[:_SALT_BYTES], sealed[_SALT_BYTES : _SALT_BYTES + _NONCE_BYTES]
    if len(nonce) < _NONCE_BYTES:
        raise SealBroken
    try:
        return AESGCM(_sealing_key(salt)).decrypt(nonce, sealed[_SALT_BYTES + _NONCE_BYTES :], None).decode()
    except InvalidTag:
        raise SealBroken from None


def put_in_keyring(device_id: UUID, text: str) -> bool:
    """Put a device's secrets into the machine's keyring. Returns False if no keyring works."""
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(_SERVICE, str(device_id), text)
        return keyring.get_password(_SERVICE, str(device_id)) == text
    except (KeyringError, RuntimeError):
        return False


def find_in_keyring(device_id: UUID) -> str | None:
    """Read a device's secrets from the machine's keyring. None if it has none."""
    import keyring
    from keyring.errors import KeyringError

    try:
        found: Any = keyring.get_password(_SERVICE, str(device_id))
    except (KeyringError, RuntimeError):
        return None
    return None if found is None else str(found)


def _sealing_key(salt: bytes) -> bytes:
    machine = b""
    for path in (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id")):
        if path.exists():
            machine = path.read_bytes().strip()
            break
    phrase = os.environ.get("COMANDA_SEAL", "").encode()
    return HKDF(hashes.SHA256(), 32, salt, b"comanda-seal").derive(machine + b"\x00" + phrase + b"\x00")
