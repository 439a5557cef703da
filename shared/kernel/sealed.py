"""Sealed columns: what says who a person is, encrypted with a key of that person that can be deleted.

Log, rows and digests hold only ciphertext. It is the value: no replica encrypts it again, so it merges like any other.
Sealing is deterministic (AES-SIV), so the same text in the same field is the same value. A ciphertext begins with the
name of its key, and is bound to its organization, table, row and field.

The keys (`sealed_keys`) lie beside the log and in no change. `sealed_subjects` remembers who is forgotten, so that no
replica takes a key of theirs again. What is found by a sealed text is found by a local digest (`sealed_lookups`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Protocol
from uuid import UUID

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from msgspec import Meta
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import MappedColumn, mapped_column

from shared.kernel.columns import Flag, Key, Wired
from shared.kernel.errors import DomainError
from shared.kernel.records import NAMING, Merge, register

if TYPE_CHECKING:
    from shared.kernel.work import Work

SECRET_BYTES = 64
"""AES-256 in SIV mode: one half authenticates, the other encrypts."""
NAME_BYTES = 16
TAG_BYTES = 16
FORGETS = "forgets"
"""Mark of the column that names who is forgotten, in its `info`."""

sealed_metadata = sa.MetaData(naming_convention=NAMING)
"""The tables of the keys. They are local: nothing of them is in a change."""

sealed_subjects = sa.Table(
    "sealed_subjects",
    sealed_metadata,
    sa.Column("organization_id", Key(), primary_key=True),
    sa.Column("scope_id", Key(), primary_key=True),
    sa.Column("id", Key(), primary_key=True),
    sa.Column("forgotten", Flag(), nullable=False),
)
"""Persons (or orders, where there is no customer) with a key, or forgotten. Whoever writes a key locks this row, so
that no key comes in beside the transaction that forgets."""

sealed_keys = sa.Table(
    "sealed_keys",
    sealed_metadata,
    sa.Column("organization_id", Key(), primary_key=True),
    sa.Column("id", Key(), primary_key=True),
    sa.Column("scope_id", Key(), nullable=False),
    sa.Column("subject_id", Key(), nullable=False),
    sa.Column("secret", sa.LargeBinary, nullable=False),
    sa.Index("ix_sealed_keys_subject_id", "subject_id", "organization_id"),
)
"""Written once. `id` is the key's name. Two devices that both begin a person have two keys; each is needed for what it
sealed. `secret`: as `KeyWrapping` stores it."""


sealed_lookups = sa.Table(
    "sealed_lookups",
    sealed_metadata,
    sa.Column("organization_id", Key(), primary_key=True),
    sa.Column("row_id", Key(), primary_key=True),
    sa.Column("field", sa.String(32), primary_key=True),
    sa.Column("scope_id", Key(), nullable=False),
    sa.Column("subject_id", Key(), nullable=False),
    sa.Column("source", sa.LargeBinary, nullable=False),
    sa.Column("digest", sa.LargeBinary(16), nullable=False),
    sa.Index("ix_sealed_lookups_digest", "digest", "organization_id"),
    sa.Index("ix_sealed_lookups_subject_id", "subject_id", "organization_id"),
)
"""Keyed digests of sealed texts, by which this replica finds them. In the log a digest could be guessed for ever: a
phone number has few digits. `source`: the ciphertext that it was made of; with another one it is made anew."""


class SealBroken(ValueError):
    """A ciphertext that this key does not open in this place."""


class KeyWrapping(Protocol):
    """How a replica stores the secrets of keys."""

    def wrap(self, name: bytes, secret: bytes) -> bytes:
        """The stored form of a secret."""
        ...

    def unwrap(self, name: bytes, stored: bytes) -> bytes:
        """The secret of its stored form.

        Raises:
            SealBroken: it was stored with another wrapping.
        """
        ...


class Unwrapped:
    """Implements `KeyWrapping` where the whole database is encrypted, as on a device."""

    def wrap(self, name: bytes, secret: bytes) -> bytes:
        """The secret itself."""
        return secret

    def unwrap(self, name: bytes, stored: bytes) -> bytes:
        """The secret itself."""
        return stored


UNWRAPPED = Unwrapped()


class WrappedWith:
    """Implements `KeyWrapping` with secrets from outside the database: a dump of it opens nothing.

    Args:
        secret: wraps.
        older: still unwrap what was wrapped before there was the first.
    """

    def __init__(self, secret: bytes, *older: bytes) -> None:
        self._ciphers = [
            AESSIV(hashlib.blake2b(each, digest_size=64, person=b"comanda-wrapping").digest())
            for each in (secret, *older)
        ]

    def wrap(self, name: bytes, secret: bytes) -> bytes:
        """The secret, sealed under the key's name."""
        return self._ciphers[0].encrypt(secret, [name])

    def unwrap(self, name: bytes, stored: bytes) -> bytes:
        """See `KeyWrapping`."""
        for cipher in self._ciphers:
            try:
                return cipher.decrypt(stored, [name])
            except InvalidTag:
                continue
        raise SealBroken


@dataclass(frozen=True)
class PersonKey:
    """A key of one person in one scope.

    Its name follows from the secret and from whose it is, so that nobody can file it under another person.
    """

    organization_id: UUID
    scope_id: UUID
    subject_id: UUID
    secret: bytes = field(repr=False)

    @cached_property
    def name(self) -> bytes:
        """Sixteen bytes that tell this key from every other and say nothing about its secret."""
        whose = self.organization_id.bytes + self.scope_id.bytes + self.subject_id.bytes
        return hashlib.blake2b(whose, key=self.secret, digest_size=NAME_BYTES, person=b"comanda-key").digest()

    @cached_property
    def _cipher(self) -> AESSIV:
        return AESSIV(self.secret)

    def seal(self, place: FieldPlace, text: str) -> bytes:
        """Encrypt a text for one field of one row."""
        return self.name + self._cipher.encrypt(text.encode(), place.bound)

    def open(self, place: FieldPlace, sealed: bytes) -> str:
        """Decrypt the value of one field of one row.

        Raises:
            SealBroken: sealed with another key or for another place, or damaged.
        """
        if sealed[:NAME_BYTES] != self.name:
            raise SealBroken
        try:
            return self._cipher.decrypt(sealed[NAME_BYTES:], place.bound).decode()
        except (InvalidTag, UnicodeDecodeError):
            raise SealBroken from None


@dataclass(frozen=True, slots=True)
class FieldPlace:
    """The one field of the one row that a ciphertext belongs to."""

    organization_id: UUID
    table: str
    row_id: UUID
    field: str

    @property
    def bound(self) -> list[bytes]:
        """What the ciphertext is authenticated with."""
        return [self.organization_id.bytes, self.table.encode(), self.row_id.bytes, self.field.encode()]


class Sealed(Wired, sa.TypeDecorator[bytes]):
    """The ciphertext of a text of at most `length` characters."""

    impl = sa.LargeBinary
    cache_ok = True

    def __init__(self, length: int) -> None:
        super().__init__()
        self.length = length
        self._least = NAME_BYTES + TAG_BYTES + 1
        self._most = NAME_BYTES + TAG_BYTES + 4 * length
        self.wire_type = Annotated[bytes, Meta(min_length=self._least, max_length=self._most)]

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> bytes | None:
        """What the driver gives to bytes."""
        return None if value is None else bytes(value)

    def to_wire(self, value: Any) -> bytes | None:
        """The ciphertext as it is.

        Raises:
            TypeError: a plain text. The message does not repeat it.
        """
        if value is not None and type(value) is not bytes:
            raise TypeError("a sealed field takes what `PersonKey.seal` made, and no plain text")
        return value

    def from_wire(self, value: Any) -> bytes | None:
        """The ciphertext as it is.

        Raises:
            ValueError: no ciphertext.
        """
        if value is None or self.accepts(value):
            return value  # type: ignore[no-any-return]  # bytes, as `accepts` has checked
        msg = "not a sealed text"
        raise ValueError(msg)

    def accepts(self, value: Any) -> bool:
        """Bytes of a possible length."""
        return type(value) is bytes and self._least <= len(value) <= self._most


def sealed(length: int) -> MappedColumn[Any]:
    """A register of a sealed text of at most so many characters; None if there is none."""
    return register(Sealed(length), nullable=True)


def forgets() -> MappedColumn[Any]:
    """A ledger column that names a person: once a row with it is folded, every replica deletes that person's keys."""
    return mapped_column(Key(), nullable=False, info={"merge": Merge.LEDGER, FORGETS: True})


_LOCK = sa.text(
    "INSERT INTO sealed_subjects (organization_id, scope_id, id, forgotten)"
    " VALUES (:organization, :scope, :subject, :no)"
    " ON CONFLICT (organization_id, scope_id, id) DO UPDATE SET forgotten = sealed_subjects.forgotten"
    " RETURNING forgotten"
).bindparams(
    sa.bindparam("organization", type_=Key()),
    sa.bindparam("scope", type_=Key()),
    sa.bindparam("subject", type_=Key()),
    sa.bindparam("no", value=False, type_=Flag()),
)


async def key_of(work: Work, scope_id: UUID, subject_id: UUID) -> PersonKey:
    """The key of a person (or of an order), made if this replica has none.

    Raises:
        DomainError: PERSON_FORGOTTEN.
    """
    given = {"organization": work.organization_id, "scope": scope_id, "subject": subject_id}
    if (await work.session.execute(_LOCK, given)).scalar_one():
        raise DomainError("PERSON_FORGOTTEN")
    table = sealed_keys.c
    held = await work.session.execute(
        sa.select(table.id, table.secret)
        .where(
            table.organization_id == work.organization_id, table.subject_id == subject_id, table.scope_id == scope_id
        )
        .order_by(table.id)
    )
    for row in held:
        secret = _unwrapped(row, work.wrapping)
        if secret is not None:
            return PersonKey(work.organization_id, scope_id, subject_id, secret)
    key = PersonKey(work.organization_id, scope_id, subject_id, work.ids.secret(SECRET_BYTES))
    await work.session.execute(
        sealed_keys.insert().values(
            organization_id=work.organization_id,
            id=UUID(bytes=key.name),
            scope_id=scope_id,
            subject_id=subject_id,
            secret=work.wrapping.wrap(key.name, key.secret),
        )
    )
    return key


async def keys_named(
    reader: AsyncConnection | AsyncSession,
    organization_id: UUID,
    values: Collection[bytes | None],
    wrapping: KeyWrapping = UNWRAPPED,
) -> Mapping[bytes, PersonKey]:
    """The keys, by name, of these sealed values, as far as this replica has them; at most one statement."""
    names = {value[:NAME_BYTES] for value in values if value is not None}
    if not names:
        return {}
    table = sealed_keys.c
    found = await reader.execute(
        sa.select(table.id, table.scope_id, table.subject_id, table.secret).where(
            table.organization_id == organization_id, table.id.in_([UUID(bytes=name) for name in sorted(names)])
        )
    )
    keys: dict[bytes, PersonKey] = {}
    for row in found:
        secret = _unwrapped(row, wrapping)
        if secret is not None:
            keys[row.id.bytes] = PersonKey(organization_id, row.scope_id, row.subject_id, secret)
    return keys


def _unwrapped(row: Any, wrapping: KeyWrapping) -> bytes | None:
    """The secret of a key; None if it was stored under another secret of this server, which nobody has any more."""
    try:
        return wrapping.unwrap(row.id.bytes, bytes(row.secret))
    except SealBroken:
        return None
