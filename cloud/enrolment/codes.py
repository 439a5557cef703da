"""Pairing codes: twelve characters that a person reads from one screen and types on another."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from hashlib import sha256

ALPHABET = "ACDEFGHJKMNPQRTVWXY34679"
"""Without characters that look alike (0 O, 1 I L, 2 Z, 5 S, 8 B, U V)."""
LENGTH = 12
"""24**12 is 3.7 * 10**16: with a thousand codes open at a time, a guesser with a hundred thousand addresses, each held
to the throttle of `commands.py`, needs centuries for one. So there is no limit over all addresses, which one guesser
could use up for everybody."""
_GROUP = 4


def new_code(random_below: Callable[[int], int]) -> str:
    """A fresh code.

    Args:
        random_below: `secrets.randbelow`.
    """
    return "".join(ALPHABET[random_below(len(ALPHABET))] for _ in range(LENGTH))


def shown(code: str) -> str:
    """A code as people read it: XXXX-XXXX-XXXX."""
    return "-".join(code[at : at + _GROUP] for at in range(0, LENGTH, _GROUP))


def typed(text: str) -> str | None:
    """The code that somebody typed, with or without separators; None if it cannot be one."""
    code = "".join(character for character in text.upper() if character not in " -_.")
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else None


def digest(key: bytes, code: str) -> bytes:
    """What is stored of a code. It needs a key, because a short secret is soon tried."""
    return hmac.digest(key, code.encode(), sha256)
