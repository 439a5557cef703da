"""Cursors of the API: where a part of a list begins. They are ours alone: a made or changed one is refused.

One belongs to a list with its filters, in an organization. It holds the place of the last row that was given, so that
rows which come or go shift nothing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from shared.kernel.errors import DomainError

LONGEST_CURSOR_CHARACTERS = 200
_TAG_BYTES = 12
_ID_BYTES = 16


class Cursors:
    """Makes and reads cursors.

    Args:
        key: of 32 bytes, the same for all processes.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, organization_id: UUID, listed: str, filters: Mapping[str, Any], row_id: UUID, sorted_by: Any) -> str:
        """The cursor behind a row."""
        value = b"" if sorted_by is None else sorted_by.isoformat().encode()
        place = row_id.bytes + value
        tag = self._tag(organization_id, listed, filters, place)
        return base64.urlsafe_b64encode(tag + place).decode().rstrip("=")

    def read(
        self, organization_id: UUID, listed: str, filters: Mapping[str, Any], cursor: str, kind: type[date] | None
    ) -> tuple[UUID, Any]:
        """The row that a cursor stands behind, and what it is sorted by.

        Args:
            kind: of what the list is sorted by; None: by id alone.

        Raises:
            DomainError: CURSOR_WRONG: it is none of ours, or of another list.
        """
        try:
            if len(cursor) > LONGEST_CURSOR_CHARACTERS:
                raise ValueError
            raw = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
            tag, place = raw[:_TAG_BYTES], raw[_TAG_BYTES:]
            if not hmac.compare_digest(tag, self._tag(organization_id, listed, filters, place)):
                raise ValueError
            value = place[_ID_BYTES:].decode()
            return UUID(bytes=place[:_ID_BYTES]), None if kind is None else kind.fromisoformat(value)
        except (ValueError, binascii.Error):
            raise DomainError("CURSOR_WRONG") from None

    def _tag(self, organization_id: UUID, listed: str, filters: Mapping[str, Any], place: bytes) -> bytes:
        about = msgspec.json.encode([str(organization_id), listed, sorted(filters.items())])
        digest = hashlib.blake2b(about, key=self._key, digest_size=_TAG_BYTES)
        digest.update(place)
        return digest.digest()
