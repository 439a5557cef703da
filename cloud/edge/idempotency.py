"""Requests that are done once: the header `Idempotency-Key`, which a program makes up and sends again with each try.

Where an order is made or money moves a key holds for ever: `claim_for_ever`, in the transaction of the fact, whose id
follows from the key (`fact_of`). So even a cloud that lost the row in a restore makes no second fact of it. Elsewhere
(`Again.KEY_FOR_A_DAY`) the answer is kept for a day, and given again: `OnceADay`. The same key with another request is
refused. Two at once: one does it, the other waits for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any, cast
from uuid import UUID

import sqlalchemy as sa
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.params import HeaderParameter
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from sqlalchemy.ext.asyncio import AsyncSession

from cloud.accounts.guards import identify, provide_organization_id
from cloud.accounts.identity import Person
from cloud.database.control_records import IdempotencyKey
from cloud.database.transaction import Database
from cloud.edge.front import Asked
from cloud.edge.operation import Again, operation_of
from shared.kernel.errors import DomainError
from shared.kernel.ids import derived_id
from shared.kernel.instants import Clock

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
"""Header of an answer that an earlier request got."""
LONGEST_KEY_CHARACTERS = 255
KEPT_FOR = timedelta(hours=24)
LEFT_AFTER = timedelta(seconds=60)
"""A request that has not ended by then has died with its process, and may be done by another one."""
WAIT_SECONDS = 10.0
"""So long the second of two at once waits for the first."""
_LOOK_SECONDS = 0.1
_SWEPT_ROWS = 100
_SECONDS_AGAIN = 5
_SERVER_ERRORS = 500
_NOT_KEPT = frozenset({401, 403, 408, 429})
"""Answers about the caller and not about the request: the next try may get another one."""
_KEPT_HEADERS = frozenset({b"content-type", b"location", b"content-language", b"etag"})

KeyGiven = Annotated[
    str,
    HeaderParameter(
        name=HEADER,
        min_length=1,
        max_length=LONGEST_KEY_CHARACTERS,
        pattern=r"^[!-~]+$",
        description="made up by the caller, anew for each thing that is wanted; the same again does it once",
    ),
]


def fact_of(kind: str, organization_id: UUID, caller_id: UUID, key: str) -> UUID:
    """The id of what is made by a request with a key."""
    return derived_id(kind, organization_id, caller_id, key)


async def claim_for_ever(
    session: AsyncSession, organization_id: UUID, caller_id: UUID, key: str, body: bytes, now: datetime
) -> bool:
    """Claim a key in the transaction that does what it is for. False: that has been done.

    Whoever claims the same key at once waits for the end of this transaction.

    Raises:
        DomainError: IDEMPOTENCY_KEY_REUSED: it was another request.
    """
    named = {"organization": organization_id, "caller": caller_id, "key": sha256(key.encode()).digest()}
    digest = sha256(body).digest()
    connection = await session.connection()
    claimed = await connection.execute(_CLAIM, named | {"body": digest, "now": now})
    if claimed.first() is not None:
        return True
    held = (await connection.execute(_HELD, named)).one()
    if bytes(held.body_hash) != digest:
        raise DomainError("IDEMPOTENCY_KEY_REUSED")
    return False


@dataclass(slots=True)
class _Answer:
    """What an operation answers, as it is sent or kept."""

    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""


class OnceADay(ASGIMiddleware):
    """Keeps the answers of operations whose keys hold for a day. The app's state has database and clock."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Answer from what is kept, or let the operation answer and keep it."""
        operation = operation_of(scope["route_handler"])
        request = Asked(scope, receive, send)
        key = request.headers.get(HEADER, "")
        if operation is None or operation.again is not Again.KEY_FOR_A_DAY or not key:
            await next_app(scope, receive, send)
            return
        if len(key) > LONGEST_KEY_CHARACTERS or not (key.isascii() and key.isprintable()):
            raise DomainError("IDEMPOTENCY_KEY_WRONG", most=LONGEST_KEY_CHARACTERS)
        who = await _caller(request)
        if who is None:
            await next_app(scope, receive, send)  # which refuses it
            return
        url = request.url
        digest = sha256(f"{request.method} {url.path}?{url.query}\n".encode() + await request.body()).digest()
        named = {"organization": who[0], "caller": who[1], "key": sha256(key.encode()).digest()}
        kept = await _begin(request, named, digest)
        if kept is not None:
            await _give(kept, send)
            return
        answer = _Answer()
        try:
            await next_app(scope, receive, _into(answer))
        except BaseException:
            await _end(request, named, None)
            raise
        is_kept = answer.status < _SERVER_ERRORS and answer.status not in _NOT_KEPT
        await _end(request, named, answer if is_kept else None)
        await _give(answer, send)


async def _begin(request: Asked, named: Mapping[str, Any], digest: bytes) -> _Answer | None:
    """Claim the key; or give the kept answer, once there is one.

    Raises:
        DomainError: IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_KEY_BUSY (params: seconds).
    """
    database: Database = request.app.state.database
    clock: Clock = request.app.state.clock
    for _look in range(int(WAIT_SECONDS / _LOOK_SECONDS)):
        now = clock.now()
        lasting = {"now": now, "ends": now + KEPT_FOR, "left": now - LEFT_AFTER, "body": digest}
        async with database.write(named["organization"]) as session:
            if (await session.execute(_BEGIN, {**named, **lasting})).first() is not None:
                await session.execute(_SWEEP, {**named, "now": now, "rows": _SWEPT_ROWS})
                return None
            held = (await session.execute(_HELD, named)).first()
        if held is not None:
            if bytes(held.body_hash) != digest:
                raise DomainError("IDEMPOTENCY_KEY_REUSED")
            if held.status is not None:
                headers = [(name.encode(), value.encode()) for name, value in held.headers or ()]
                headers.append((REPLAYED.lower().encode(), b"true"))
                return _Answer(held.status, headers, bytes(held.answer or b""))
        await asyncio.sleep(_LOOK_SECONDS)
    raise DomainError("IDEMPOTENCY_KEY_BUSY", seconds=_SECONDS_AGAIN)


async def _end(request: Asked, named: Mapping[str, Any], answer: _Answer | None) -> None:
    """Keep an answer; without one the key is free again."""
    of_key = sa.and_(
        IdempotencyKey.organization_id == named["organization"],
        IdempotencyKey.caller_id == named["caller"],
        IdempotencyKey.key_hash == named["key"],
        IdempotencyKey.status.is_(None),
    )
    database: Database = request.app.state.database
    async with database.write(named["organization"]) as session:
        if answer is None:
            await session.execute(sa.delete(IdempotencyKey).where(of_key))
            return
        headers = [[name.decode(), value.decode()] for name, value in answer.headers if name in _KEPT_HEADERS]
        kept = {"status": answer.status, "answer": answer.body, "headers": headers}
        await session.execute(sa.update(IdempotencyKey).where(of_key).values(**kept))


async def _caller(request: Asked) -> tuple[UUID, UUID] | None:
    """Organization and id of who calls; None if that is nobody who may."""
    try:
        somebody = await identify(request)
        if not isinstance(somebody, Person):
            return None
        return await provide_organization_id(request), somebody.actor_id
    except DomainError:
        return None


def _into(answer: _Answer) -> Send:
    async def take(message: Message) -> None:
        said = cast("dict[str, Any]", message)
        if said["type"] == "http.response.start":
            answer.status = said["status"]
            answer.headers = [(name.lower(), value) for name, value in said["headers"]]
        else:
            answer.body += said.get("body", b"")

    return take


async def _give(answer: _Answer, send: Send) -> None:
    headers = [pair for pair in answer.headers if pair[0] != b"content-length"]
    headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})


_CLAIM = sa.text(
    """
    insert into control.idempotency_key (organization_id, caller_id, key_hash, body_hash, made_at)
    values (:organization, :caller, :key, :body, :now) on conflict do nothing returning true"""
)
_BEGIN = sa.text(
    """
    insert into control.idempotency_key as held (organization_id, caller_id, key_hash, body_hash, made_at, ends_at)
    values (:organization, :caller, :key, :body, :now, :ends)
    on conflict (organization_id, caller_id, key_hash) do update
    set body_hash = excluded.body_hash, made_at = excluded.made_at, ends_at = excluded.ends_at, status = null,
        answer = null, headers = null
    where held.ends_at <= :now
        or (held.status is null and held.made_at <= :left and held.body_hash = excluded.body_hash)
    returning true"""
)
_HELD = sa.text(
    """
    select body_hash, status, answer, headers from control.idempotency_key
    where organization_id = :organization and caller_id = :caller and key_hash = :key"""
)
_SWEEP = sa.text(
    """
    delete from control.idempotency_key where organization_id = :organization and (caller_id, key_hash) in (
        select caller_id, key_hash from control.idempotency_key
        where organization_id = :organization and ends_at <= :now limit :rows for update skip locked)"""
)
