"""The secrets of a device, and how they are kept on its machine: in its keyring, or sealed in a file.

Where the machine has no keyring (a headless till), the secrets lie in a file that only its owner may read, sealed with
a key made from the machine's id and, if it is set, the pass phrase in COMANDA_SEAL. The seal ties a copied folder to
its machine; only the pass phrase protects against somebody who has the whole disk.
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
    """What was sealed does not open on this machine with this pass phrase, or was damaged."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """What must not be read by others: 32 bytes each.

    Attributes:
        private_key: Ed25519, proves the device and signs its frames.
        database_key: of the encrypted store.
        pepper: the organization's, for PINs.
    """

    private_key: bytes = field(repr=False)
    database_key: bytes = field(repr=False)
    pepper: bytes = field(repr=False)

    @property
    def signer(self) -> Ed25519PrivateKey:
        """The device's key, ready to sign."""
        return Ed25519PrivateKey.from_private_bytes(self.private_key)

    def encoded(self) -> str:
        """The secrets as one text."""
        return json.dumps({name: getattr(self, name).hex() for name in ("private_key", "database_key", "pepper")})

    @classmethod
    def decoded(cls, text: str) -> Secrets:
        """The secrets of such a text."""
        return cls(**{name: bytes.fromhex(value) for name, value in json.loads(text).items()})


def seal(text: str) -> bytes:
    """A text that only this machine, with the same pass phrase, can read again."""
    salt, nonce = os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES)
    return salt + nonce + AESGCM(_sealing_key(salt)).encrypt(nonce, text.encode(), None)


def unseal(sealed: bytes) -> str:
    """The text that was sealed.

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
    """Keep a device's secrets in the machine's keyring; False if it has none that works."""
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(_SERVICE, str(device_id), text)
        return keyring.get_password(_SERVICE, str(device_id)) == text
    except (KeyringError, RuntimeError):
        return False


def find_in_keyring(device_id: UUID) -> str | None:
    """What the machine's keyring holds for a device, None if nothing."""
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
