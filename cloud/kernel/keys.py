"""The server's keys. All are derived from the secrets of its settings, each for one purpose only.

The first secret signs and seals. Those behind it still verify and open, until what was made with them is gone: so a
secret is replaced by writing a new one before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_KEY_NAME_BYTES = 8


class Keys:
    """The keys derived from the secrets. None of them can be computed from another.

    Args:
        secret: the one that signs and seals.
        older: those that still verify and open.

    Attributes:
        token_signing: signs access tokens of people and devices (Ed25519), under the name `token_key`.
        token_verifying: the public halves for all secrets, by the name that stands as `kid` in a token.
        pairing: keys the digests of pairing codes, so that a stolen table does not give the codes away.
        challenge: authenticates the challenges that devices answer.
        throttle: keys the digests of e-mail and network addresses in the throttle's table.
        refreshing: by which the next refresh token of a program follows from the one before it.
        recovery: keys the digests of recovery codes, for all secrets.
        frame_signing: signs what the cloud writes into the change log (Ed25519). Devices know its public half from
            their enrolment, so that a restored cloud can take back from them what it once wrote. It is of the oldest
            secret, which therefore stays in the list as long as those devices are in use.
        guests: keys the words with which guests let each other in.
        wrapping: wraps the keys of sealed fields, so that a dump of the database opens none of them; for all secrets.
        codes: seals the secrets of one-time codes.
        cursors: keys the tags of the API's cursors.
    """

    def __init__(self, secret: bytes, *older: bytes) -> None:
        secrets = (secret, *older)
        signing = [Ed25519PrivateKey.from_private_bytes(_derive(each, b"token signing")) for each in secrets]
        self.token_signing = signing[0]
        self.token_key = _name(signing[0].public_key())
        self.token_verifying: Mapping[str, Ed25519PublicKey] = {
            _name(each.public_key()): each.public_key() for each in signing
        }
        self.pairing = _derive(secret, b"pairing codes")
        self.challenge = _derive(secret, b"device challenges")
        self.throttle = _derive(secret, b"throttle")
        self.refreshing = _derive(secret, b"refresh tokens")
        self.recovery = tuple(_derive(each, b"recovery codes") for each in secrets)
        self.frame_signing = Ed25519PrivateKey.from_private_bytes(_derive(secrets[-1], b"frame signing"))
        self.guests = _derive(secret, b"words of tables")
        self.wrapping = tuple(_derive(each, b"keys of persons") for each in secrets)
        self.cursors = _derive(secret, b"cursors")
        self.codes = Sealing([_derive(each, b"one-time codes") for each in secrets])


class Sealing:
    """Encrypts short secrets for the database: with the first key, and opens with any."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._ciphers = [AESSIV(key) for key in keys]

    def seal(self, secret: bytes, owner: bytes) -> bytes:
        """Encrypt a secret of that owner: under another one it does not open."""
        return self._ciphers[0].encrypt(secret, [owner])

    def open(self, sealed: bytes, owner: bytes) -> bytes | None:
        """The secret; None if no key opens it."""
        for cipher in self._ciphers:
            try:
                return cipher.decrypt(sealed, [owner])
            except InvalidTag:
                continue
        return None


def _name(public: Ed25519PublicKey) -> str:
    digest = Hash(SHA256())
    digest.update(public.public_bytes_raw())
    return digest.finalize()[:_KEY_NAME_BYTES].hex()


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), length=32, salt=b"comanda cloud v1", info=purpose).derive(secret)
