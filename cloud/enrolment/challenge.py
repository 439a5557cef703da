"""What devices sign with their Ed25519 keys: once their enrolment, and for each token a challenge.

At its enrolment a device signs the following, so that nobody can enrol another's key or repeat an enrolment:

    b"comanda-device-enrolment:v1:" + public key (32 bytes) + code (UTF-8, as it is sent)

A device that moves to another branch enrols anew, and signs with the key that it has had so far, so that a code does
not revoke another device than the one on which it is typed:

    b"comanda-device-move:v1:" + new public key (32 bytes) + code (UTF-8, as it is sent)

The server stores no challenge, and accepts each once. A challenge names its device and its instant and is
authenticated by the server's key. The device signs

    b"comanda-device-token:v1:" + challenge (ASCII)

The server accepts a challenge only if it is newer than the last one that it accepted from the device
(`DeviceKey.proved_at`). So a replay is refused, and nobody can fill the database by asking for challenges.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from shared.kernel.instants import from_microseconds, to_microseconds

SIGNED_PREFIX = b"comanda-device-token:v1:"
ENROLMENT_PREFIX = b"comanda-device-enrolment:v1:"
MOVE_PREFIX = b"comanda-device-move:v1:"
"""What a device signs begins with one of these, so that the signature means nothing anywhere else."""
CHALLENGE_LIFETIME = timedelta(seconds=60)
PUBLIC_KEY_BYTES = 32
_DEVICE, _INSTANT, _RANDOM, _TAG = 16, 8, 16, 32


def new_challenge(key: bytes, device_id: UUID, now: datetime, random_bytes: Callable[[int], bytes]) -> str:
    """A challenge for a device of that id, whether or not it exists."""
    body = device_id.bytes + to_microseconds(now).to_bytes(_INSTANT, "big") + random_bytes(_RANDOM)
    return to_text(body + hmac.digest(key, body, sha256))


def asked_at(key: bytes, challenge: str, device_id: UUID, now: datetime) -> datetime | None:
    """When we gave that challenge to that device; None if we did not give it, or if it has expired."""
    raw = from_text(challenge)
    if raw is None or len(raw) != _DEVICE + _INSTANT + _RANDOM + _TAG:
        return None
    body, tag = raw[:-_TAG], raw[-_TAG:]
    if not hmac.compare_digest(tag, hmac.digest(key, body, sha256)) or body[:_DEVICE] != device_id.bytes:
        return None
    asked = from_microseconds(int.from_bytes(body[_DEVICE : _DEVICE + _INSTANT], "big"))
    return asked if now - CHALLENGE_LIFETIME < asked <= now + CHALLENGE_LIFETIME else None


def signed_by(public_key: bytes, challenge: str, signature: str) -> bool:
    """Whether the owner of that key signed that challenge."""
    return _signed(public_key, SIGNED_PREFIX, challenge, signature)


def enrolment_signed_by(public_key: bytes, code: str, signature: str) -> bool:
    """Whether the owner of that key signed the enrolment of that key with that code."""
    return _signed(public_key, ENROLMENT_PREFIX + public_key, code, signature)


def move_signed_by(moving_key: bytes, new_key: bytes, code: str, signature: str) -> bool:
    """Whether the owner of the first key signed that it goes on under the second one with that code."""
    return _signed(moving_key, MOVE_PREFIX + new_key, code, signature)


def _signed(public_key: bytes, prefix: bytes, text: str, signature: str) -> bool:
    raw = from_text(signature)
    if raw is None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(raw, prefix + text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def public_key_of(text: str) -> bytes | None:
    """The raw Ed25519 key in a text, None if there is none."""
    raw = from_text(text)
    return raw if raw is not None and len(raw) == PUBLIC_KEY_BYTES else None


def to_text(raw: bytes) -> str:
    """URL-safe base64 without padding."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def from_text(text: str) -> bytes | None:
    """Bytes of URL-safe base64 with or without padding, None if it is none, or another spelling of the same bytes."""
    bare = text.rstrip("=")
    try:
        raw = urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
    except ValueError:
        return None
    return raw if to_text(raw) == bare else None
