"""Guests' phones: a token of 256 bits in a cookie of the guests' addresses alone, of which the hash is kept.

A phone that only reads has none: it gets one with its first deed.
"""

from __future__ import annotations

import hmac
import os
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from litestar import Request
from litestar.datastructures import Cookie

from cloud.database.guest_records import GuestPhone
from cloud.database.transaction import Database, ReadSession
from cloud.guests.doors import Door
from shared.guests.sessions import TableSession, session_of_phone, sessions_at
from shared.kernel.errors import DomainError
from shared.kernel.ids import IdSource
from shared.kernel.instants import Clock

COOKIE = "comanda_guest"
TOKEN_BYTES = 32
KEPT_FOR = timedelta(days=30)
MOST_PHONES_AN_HOUR = 60
"""New phones at one table; nobody else's table is slowed by them."""


AnyRequest = Request[Any, Any, Any]


def own_cookie(request: AnyRequest, name: str, value: str, *, seconds: int) -> Cookie:
    """A cookie of guests: it is sent to their addresses alone, where managers' cookies have nothing to do."""
    secure: bool = request.app.state.settings.secure
    options: dict[str, Any] = {"path": "/g", "httponly": True, "samesite": "lax", "secure": secure}
    return Cookie(key=_named(request, name), value=value, max_age=seconds, **options)


def kept_in(request: AnyRequest, name: str) -> str:
    """What a cookie of guests holds; empty: there is none."""
    return request.cookies.get(_named(request, name), "")


def _named(request: AnyRequest, name: str) -> str:
    return f"__Secure-{name}" if request.app.state.settings.secure else name


@dataclass(frozen=True, slots=True)
class Guest:
    """A phone at a table.

    Attributes:
        phone_id: None: it has done nothing yet.
        session: the table's order to which it was admitted, if that is not over.
        at_table: the parties that sit at the table whose code it read.
    """

    door: Door
    table_id: UUID
    table_name: str
    phone_id: UUID | None
    session: TableSession | None
    at_table: tuple[TableSession, ...] = ()

    @property
    def cart_id(self) -> UUID | None:
        """Whose cart it fills: the table's, once it is admitted."""
        return self.session.order_id if self.session is not None else self.phone_id


class Phones:
    """Knows phones by their cookies."""

    def __init__(self, database: Database, ids: IdSource, clock: Clock) -> None:
        self._database = database
        self._ids = ids
        self._clock = clock

    async def known(self, read: ReadSession, door: Door, request: AnyRequest) -> UUID | None:
        """The phone of a request, if its token is one of this branch."""
        phone_id, _, secret = kept_in(request, COOKIE).partition(".")
        try:
            key = UUID(hex=phone_id)
        except ValueError:
            return None
        row = await read.get(GuestPhone, key)
        if row is None or row.branch_id != door.branch_id:
            return None
        return key if hmac.compare_digest(row.token_hash, sha256(secret.encode()).digest()) else None

    async def made(self, request: AnyRequest, door: Door, table_id: UUID) -> tuple[UUID, Cookie]:
        """A phone that does something for the first time, and the cookie by which it is known.

        Raises:
            DomainError: GUEST_TABLE_BUSY: too many new phones at this table.
        """
        now, key, secret = self._clock.now(), self._ids.new(), os.urandom(TOKEN_BYTES).hex()
        async with self._database.write(door.organization_id) as session:
            since = now - timedelta(hours=1)
            at_table = sa.select(sa.func.count()).where(GuestPhone.table_id == table_id, GuestPhone.made_at > since)
            if int(await session.scalar(at_table) or 0) >= MOST_PHONES_AN_HOUR:
                raise DomainError("GUEST_TABLE_BUSY")
            whose = {"organization_id": door.organization_id, "branch_id": door.branch_id, "table_id": table_id}
            session.add(GuestPhone(id=key, token_hash=sha256(secret.encode()).digest(), made_at=now, **whose))
        cookie = own_cookie(request, COOKIE, f"{key.hex}.{secret}", seconds=int(KEPT_FOR.total_seconds()))
        return key, cookie

    async def at(
        self, read: ReadSession, door: Door, table_id: UUID, table_name: str, phone_id: UUID | None, today: date
    ) -> Guest:
        """A phone with its session, as the branch's rows say it."""
        here = (read, door.organization_id, door.branch_id)
        session = await session_of_phone(*here, phone_id) if phone_id is not None else None
        there = tuple(await sessions_at(*here, table_id, today))
        return Guest(door, table_id, table_name, phone_id, session, there)
