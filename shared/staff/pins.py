"""PINs: hashed slowly, keyed with the organization's pepper, found by a one-byte hint.

Whoever has both its hash and the pepper can guess a PIN of four digits, however slow the hash is. So devices keep the
pepper outside their database (`terminal/device.py`), and an attempt is counted before it is compared.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import NamedTuple

from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type, hash_secret, verify_secret

MIN_DIGITS = 4
MAX_DIGITS = 8
_TIME_COST, _MEMORY_KIB, _LANES = 2, 19 * 1024, 1
"""OWASP's lightest argon2id profile: about 30 ms on a till, which is what a log-in may cost."""
_MOST_MEMORY_KIB, _MOST_WORK, _MOST_LANES = 64 * 1024, 4 * _TIME_COST * _MEMORY_KIB, 4
"""What a hash may ask for. Another device may have written it: one that asks for hours would end the log-in."""
_ENCODED = re.compile(r"\$argon2id\$v=19\$m=(\d{1,6}),t=(\d{1,6}),p=(\d)\$[A-Za-z0-9+/]{11,64}\$[A-Za-z0-9+/]{22,86}")
_HINT = re.compile("[0-9a-f]{2}")


class HashedPin(NamedTuple):
    """A PIN as it is stored: the encoded argon2id hash and the hint that finds it."""

    encoded: str
    hint: str


def pin_is_well_formed(pin: str) -> bool:
    """Whether it is four to eight digits."""
    return pin.isascii() and pin.isdigit() and MIN_DIGITS <= len(pin) <= MAX_DIGITS


def hash_pin(pin: str, pepper: bytes, salt: bytes) -> str:
    """The encoded argon2id hash of a PIN. Takes tens of milliseconds: call it outside the event loop."""
    return hash_secret(_keyed(pin, pepper), salt, _TIME_COST, _MEMORY_KIB, _LANES, 32, Type.ID).decode()


NO_PIN = HashedPin("", "")
"""Of somebody who logs in at no device. No PIN matches it."""


def hashed_pin(pin: str, pepper: bytes, salt: bytes) -> HashedPin:
    """The hash and hint to store for a PIN. As slow as `hash_pin`."""
    return HashedPin(hash_pin(pin, pepper, salt), pin_hint(pin, pepper))


def is_hashed_pin(hashed: HashedPin) -> bool:
    """Whether it is the hash of a PIN with its hint, as this program or a somewhat later one makes it."""
    return _HINT.fullmatch(hashed.hint) is not None and _may_be_computed(hashed.encoded)


def pin_matches(encoded: str, pin: str, pepper: bytes) -> bool:
    """Whether this is the PIN. As slow as `hash_pin`; what is no hash of a PIN matches none."""
    if not _may_be_computed(encoded):
        return False
    try:
        return verify_secret(encoded.encode(), _keyed(pin, pepper), Type.ID)
    except (VerificationError, InvalidHashError):
        return False


def pin_hint(pin: str, pepper: bytes) -> str:
    """One byte of the PIN's keyed digest, as two hex digits: only hashes with the same hint need to be compared."""
    return hmac.new(pepper, b"hint" + pin.encode(), hashlib.sha256).hexdigest()[:2]


def _may_be_computed(encoded: str) -> bool:
    found = _ENCODED.fullmatch(encoded)
    if found is None:
        return False
    memory, rounds, lanes = map(int, found.groups())
    return memory <= _MOST_MEMORY_KIB and memory * rounds <= _MOST_WORK and lanes <= _MOST_LANES


def _keyed(pin: str, pepper: bytes) -> bytes:
    return hmac.new(pepper, b"pin" + pin.encode(), hashlib.sha256).digest()
