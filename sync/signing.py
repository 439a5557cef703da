"""Whose signature a frame bears. Its author signs (stream, seq, chain value) at the end of a frame, and so all that
comes before, so that anybody may relay it.

A device signs what it pushes, and every replica keeps the signature as a seal at that place of the log; the cloud signs
what it sends of its own streams, with a key that is not in its database.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sync.change import decode_raw
from sync.door import Door
from sync.messages import Frame, signed_bytes

Sign = Callable[[UUID, int, bytes], bytes]
"""Signs (stream, last seq, last chain value)."""
_PUBLIC_KEY = "SELECT public_key FROM devices WHERE organization_id = ? AND id = ?"


def signs_with(key: Ed25519PrivateKey) -> Sign:
    """Sign the ends of frames with a private key."""
    return lambda stream, seq, chain: key.sign(signed_bytes(stream, seq, chain))


def is_signed(public_key: bytes, frame: Frame, chains: Sequence[bytes]) -> bool:
    """Whether the frame bears the signature of this key.

    Args:
        chains: the chain values of the frame.
    """
    chain = chains[-1] if chains else frame.previous
    try:
        key = Ed25519PublicKey.from_public_bytes(public_key)
        key.verify(frame.signature, signed_bytes(frame.key.id, frame.last, chain))
    except (InvalidSignature, ValueError):
        return False
    return True


def enrolled_key(door: Door, organization: bytes, device: bytes) -> bytes | None:
    """The public key of a device as the merged tables know it; None if they do not."""
    found = door.value(_PUBLIC_KEY, door.key(organization), door.key(device))
    return bytes.fromhex(found) if found else None


def in_parts(frame: Frame, chains: Sequence[bytes], limit: int) -> list[tuple[Frame, Sequence[bytes]]]:
    """Cut a frame whose signature was checked into parts of whole transactions, each with its chain values.

    A replica that keeps people from waiting stores them one by one. Only the last part bears the signature.
    """
    parts: list[tuple[Frame, Sequence[bytes]]] = []
    begin = 0
    for at, body in enumerate(frame.bodies, start=1):
        if at == len(frame.bodies) or (at - begin >= limit and decode_raw(body).last):
            previous = chains[begin - 1] if begin else frame.previous
            part = msgspec.structs.replace(
                frame,
                first=frame.first + begin,
                previous=previous,
                bodies=frame.bodies[begin:at],
                signature=frame.signature if at == len(frame.bodies) else b"",
            )
            parts.append((part, chains[begin:at]))
            begin = at
    return parts
