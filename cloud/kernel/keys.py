"""The server's keys. All are derived from the one secret of its settings, each for one purpose only."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Keys:
    """The keys derived from the secret. None of them can be computed from another.

    Attributes:
        token_signing: signs access tokens of people and devices (Ed25519).
        pairing: keys the digests of pairing codes, so that a stolen table does not give the codes away.
        challenge: authenticates the challenges that devices answer.
        throttle: keys the digests of e-mail and network addresses in the throttle's table.
        frame_signing: signs what the cloud writes into the change log (Ed25519). Devices know its public half from
            their enrolment, so that a restored cloud can take back from them what it once wrote.
        wrapping: wraps the keys of sealed fields, so that a dump of the database opens none of them.
    """

    def __init__(self, secret: bytes) -> None:
        self.token_signing = Ed25519PrivateKey.from_private_bytes(_derive(secret, b"token signing"))
        self.pairing = _derive(secret, b"pairing codes")
        self.challenge = _derive(secret, b"device challenges")
        self.throttle = _derive(secret, b"throttle")
        self.frame_signing = Ed25519PrivateKey.from_private_bytes(_derive(secret, b"frame signing"))
        self.wrapping = _derive(secret, b"keys of persons")


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), length=32, salt=b"comanda cloud v1", info=purpose).derive(secret)
