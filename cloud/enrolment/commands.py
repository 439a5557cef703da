"""Enrolling a device: a manager opens a pairing, the device claims it with its key and proves that key from then on."""

from __future__ import annotations

import os
import secrets
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from cloud.accounts.throttle import Allowance, Attempt, Throttle
from cloud.accounts.tokens import Tokens
from cloud.control.audit import Doer, doing, note
from cloud.control.closing import refuse_closed
from cloud.control.plans import Counted, require_room
from cloud.database.control_records import ControlOrganization, DeviceKey, Pairing
from cloud.database.transaction import ControlSession, Database, WriteSession, enter_organization
from cloud.enrolment import challenge as challenges
from cloud.enrolment import codes
from cloud.enrolment.ports import RegisterDevice, RevokeDevice
from cloud.kernel.keys import Keys
from cloud.replication.device_rows import NewDevice
from shared.kernel.errors import DomainError
from shared.kernel.ids import IdSource
from shared.kernel.instants import Clock
from shared.kernel.text import clean
from shared.tenancy.records import Branch, DeviceKind

PAIRING_LIFETIME = timedelta(minutes=10)
MOST_ATTEMPTS = 5
"""Of enrolments that know the code and fail all the same."""
BY_ADDRESS = Allowance("enrolment from an address", 5, timedelta(minutes=2))


@dataclass(frozen=True, slots=True)
class MoveProof:
    """Which device says that it moves, and its signature (`challenge.py`)."""

    device_id: UUID
    signature: str


@dataclass(frozen=True, slots=True)
class OpenedPairing:
    """A pairing that waits for its device. The code is stored nowhere, only its digest."""

    pairing_id: UUID
    code: str
    expires_at: datetime


class Enrolment:
    """Enrols devices and gives them tokens.

    Args:
        register_device: writes the replicated row of a new device.
        revoke_device: marks that of one that has moved.
        told: called with the organization after an enrolment, so that those who wait learn of the device.
        may_enrol: whether an account may enrol devices in a branch of an organization now.
    """

    def __init__(
        self,
        database: Database,
        keys: Keys,
        tokens: Tokens,
        throttle: Throttle,
        ids: IdSource,
        clock: Clock,
        register_device: RegisterDevice,
        revoke_device: RevokeDevice,
        told: Callable[[UUID], None],
        may_enrol: Callable[[UUID, UUID, UUID], Awaitable[bool]],
    ) -> None:
        self._told = told
        self._may_enrol = may_enrol
        self._database = database
        self._keys = keys
        self._tokens = tokens
        self._throttle = throttle
        self._ids = ids
        self._clock = clock
        self._register_device = register_device
        self._revoke_device = revoke_device

    async def open_pairing(
        self,
        session: WriteSession,
        *,
        organization_id: UUID,
        branch_id: UUID,
        kind: DeviceKind,
        name: str,
        created_by: UUID | None,
        moves_id: UUID | None = None,
    ) -> OpenedPairing:
        """Give out a code for one device of a branch. It works for ten minutes.

        Args:
            moves_id: the device that moves here (`moving.py`): it counts for the plan already.

        Raises:
            DomainError: BRANCH_UNKNOWN, NAME_MISSING, BRANCH_CLOSED, ORGANIZATION_CLOSED, PLAN_HAS_NO_MORE_DEVICES.
        """
        if not clean(name):
            raise DomainError("NAME_MISSING")
        known = select(Branch.id).where(Branch.organization_id == organization_id, Branch.id == branch_id)
        if await session.scalar(known) is None:
            raise DomainError("BRANCH_UNKNOWN")
        await refuse_closed(session, organization_id, branch_id)
        if moves_id is None:
            await require_room(session, organization_id, Counted.DEVICES, self._clock.now())
        now, code = self._clock.now(), codes.new_code(secrets.randbelow)
        pairing = Pairing(
            id=self._ids.new(),
            code_hash=codes.digest(self._keys.pairing, code),
            organization_id=organization_id,
            branch_id=branch_id,
            device_kind=kind,
            name=clean(name),
            created_by=created_by,
            created_at=now,
            expires_at=now + PAIRING_LIFETIME,
            attempts=0,
            moves_id=moves_id,
        )
        session.add(pairing)
        _note(session, now, "device.pair", organization_id, pairing.id, pairing.name)
        await session.flush()
        return OpenedPairing(pairing.id, code, pairing.expires_at)

    async def enrol(
        self,
        *,
        code: str,
        public_key: str,
        signature: str,
        kind: DeviceKind,
        name: str,
        address: str,
        moves: MoveProof | None = None,
    ) -> NewDevice:
        """Enrol the device that has the code and signs code and key (see `challenge.py`).

        A device that lost the answer may ask again with the same key and gets the same answer, until the code would
        have expired.

        Raises:
            DomainError: PAIRING_CODE_UNKNOWN, PAIRING_CODE_USED, PAIRING_CODE_EXPIRED, PAIRING_CODE_EXHAUSTED,
                PAIRING_CODE_MOVES (params: name): it moves that device, and another one brings it; PAIRING_CODE_NEW:
                it moves none; PAIRING_KIND_WRONG (params: kind), DEVICE_KEY_WRONG, DEVICE_KEY_TAKEN,
                DEVICE_NOT_PROVED, DEVICE_REVOKED (the one that moves), TOO_MANY_TRIES (params: seconds).
        """
        attempts = [Attempt(BY_ADDRESS, address)]
        await self._throttle.take(attempts)
        key = challenges.public_key_of(public_key)
        if key is None:
            raise DomainError("DEVICE_KEY_WRONG")
        if not challenges.enrolment_signed_by(key, code, signature):
            raise DomainError("DEVICE_NOT_PROVED")
        await self._require_maker(code)
        async with self._database.control() as session:
            # A problem is returned here, not raised: raising would roll back the attempt that it counts.
            pairing = await self._locked(session, code)
            first = pairing is not None and pairing.used_at is None
            refused = await self._refused_move(session, pairing, key, code, moves) if pairing and first else None
            outcome = refused or await self._claim(session, pairing, key, kind, clean(name), address)
        if isinstance(outcome, DomainError):
            raise outcome
        if first:  # only the first success gives it back: repeating it would pay for any number of guesses
            await self._throttle.give_back(attempts)
            self._told(outcome.organization_id)
        return outcome

    def challenge(self, device_id: UUID) -> str:
        """A challenge for that device to sign. The caller does not learn whether the device exists."""
        return challenges.new_challenge(self._keys.challenge, device_id, self._clock.now(), os.urandom)

    async def token(self, *, device_id: UUID, challenge: str, signature: str) -> tuple[str, datetime]:
        """A token for the device that signed its challenge, and when it ends.

        Raises:
            DomainError: DEVICE_NOT_PROVED (a wrong, old or replayed answer, or no such device), DEVICE_REVOKED,
                BRANCH_CLOSED, ORGANIZATION_CLOSED.
        """
        now = self._clock.now()
        asked = challenges.asked_at(self._keys.challenge, challenge, device_id, now)
        if asked is None:
            raise DomainError("DEVICE_NOT_PROVED")
        async with self._database.control() as session:
            device = await session.get(DeviceKey, device_id)
            if device is None or not challenges.signed_by(device.public_key, challenge, signature):
                raise DomainError("DEVICE_NOT_PROVED")
            if device.revoked_at is not None:
                raise DomainError("DEVICE_REVOKED")
            await enter_organization(session, device.organization_id)
            await refuse_closed(session, device.organization_id, device.branch_id)
            later = (DeviceKey.proved_at.is_(None)) | (DeviceKey.proved_at < asked)
            proof = update(DeviceKey).where(DeviceKey.id == device_id, later).values(proved_at=asked)
            if (await session.execute(proof.returning(DeviceKey.id))).first() is None:
                raise DomainError("DEVICE_NOT_PROVED")
        return self._tokens.for_device(device.id, device.organization_id, device.branch_id)

    async def _claim(
        self, session: ControlSession, pairing: Pairing | None, key: bytes, kind: DeviceKind, name: str, address: str
    ) -> NewDevice | DomainError:
        now = self._clock.now()
        if pairing is None:
            return DomainError("PAIRING_CODE_UNKNOWN")
        if pairing.used_at is not None:
            claimed = select(DeviceKey).where(DeviceKey.pairing_id == pairing.id, DeviceKey.public_key == key)
            earlier = await session.scalar(claimed.where(DeviceKey.revoked_at.is_(None)))
            again = earlier is not None and now < pairing.expires_at
            return await self._new_device(session, earlier) if earlier and again else DomainError("PAIRING_CODE_USED")
        if pairing.attempts >= MOST_ATTEMPTS:
            return DomainError("PAIRING_CODE_EXHAUSTED")
        if pairing.expires_at <= now:
            return DomainError("PAIRING_CODE_EXPIRED")
        if pairing.device_kind is not kind:
            pairing.attempts += 1
            return DomainError("PAIRING_KIND_WRONG", kind=pairing.device_kind.value)
        inserted = insert(DeviceKey).values(
            id=self._ids.new(),
            organization_id=pairing.organization_id,
            branch_id=pairing.branch_id,
            pairing_id=pairing.id,
            public_key=key,
            kind=kind,
            name=name or pairing.name,
            enrolled_at=now,
        )
        unique = inserted.on_conflict_do_nothing(index_elements=[DeviceKey.public_key]).returning(DeviceKey)
        device = await session.scalar(unique)
        if device is None:
            pairing.attempts += 1
            return DomainError("DEVICE_KEY_TAKEN")
        pairing.used_at = now
        doing(Doer(device.name, "device", place=address))
        _note(session, now, "device.enrol", pairing.organization_id, device.id, device.name)
        await session.flush()
        await enter_organization(session, pairing.organization_id)
        enrolled = await self._new_device(session, device)
        await self._register_device(session, enrolled)
        if pairing.moves_id is not None:
            await self._revoke_moved(session, pairing.moves_id, now)
        return enrolled

    async def _refused_move(
        self, session: ControlSession, pairing: Pairing, key: bytes, code: str, moves: MoveProof | None
    ) -> DomainError | None:
        """Why a code that moves a device, or a device that moves, is refused; None if it is not.

        What a code would revoke has sent all that it has, since only that device itself can bring it.
        """
        if pairing.moves_id is None:
            return DomainError("PAIRING_CODE_NEW") if moves is not None else None
        moved = await session.get_one(DeviceKey, pairing.moves_id, with_for_update=True)
        is_itself = moves is not None and moves.device_id == moved.id
        if moves is None or not (is_itself and challenges.move_signed_by(moved.public_key, key, code, moves.signature)):
            pairing.attempts += 1
            return DomainError("PAIRING_CODE_MOVES", name=moved.name)
        return DomainError("DEVICE_REVOKED") if moved.revoked_at is not None else None

    async def _revoke_moved(self, session: ControlSession, device_id: UUID, now: datetime) -> None:
        """Revoke the device that has just enrolled anew elsewhere."""
        moved = await session.get(DeviceKey, device_id, with_for_update=True)
        if moved is not None and moved.revoked_at is None:
            moved.revoked_at = now
            await session.flush()
            await self._revoke_device(session, moved.organization_id, moved.id)

    async def withdraw(self, session: WriteSession, organization_id: UUID, branch_ids: Collection[UUID]) -> int:
        """Let no code of these branches count any more that no device has used yet. Returns how many there were."""
        waiting = update(Pairing).where(
            Pairing.organization_id == organization_id,
            Pairing.branch_id.in_(list(branch_ids)),
            Pairing.used_at.is_(None),
            Pairing.expires_at > self._clock.now(),
        )
        found = await session.execute(waiting.values(expires_at=self._clock.now()).returning(Pairing.id))
        return len(found.all())

    async def _require_maker(self, text: str) -> None:
        """Refuse a code whose maker may not enrol devices there any more: it goes with their right to.

        Raises:
            DomainError: PAIRING_CODE_UNKNOWN.
        """
        code = codes.typed(text)
        if code is None:
            return
        wanted = select(Pairing.created_by, Pairing.organization_id, Pairing.branch_id)
        async with self._database.control() as session:
            found = await session.execute(wanted.where(Pairing.code_hash == codes.digest(self._keys.pairing, code)))
            row = found.one_or_none()
        if row is None or row.created_by is None:  # on the command line
            return
        if not await self._may_enrol(row.created_by, row.organization_id, row.branch_id):
            raise DomainError("PAIRING_CODE_UNKNOWN")

    async def _locked(self, session: ControlSession, text: str) -> Pairing | None:
        """The pairing of a code, locked to the end of the transaction: of two devices with one code one waits."""
        code = codes.typed(text)
        if code is None:
            return None
        wanted = select(Pairing).where(Pairing.code_hash == codes.digest(self._keys.pairing, code))
        found: Pairing | None = await session.scalar(wanted.with_for_update())
        return found

    async def _new_device(self, session: ControlSession, device: DeviceKey) -> NewDevice:
        organization = await session.get_one(ControlOrganization, device.organization_id)
        return NewDevice(
            device.organization_id,
            device.branch_id,
            device.id,
            device.kind,
            device.name,
            device.public_key,
            organization.pin_pepper,
            self._keys.frame_signing.public_key().public_bytes_raw(),
        )


def _note(session: WriteSession | ControlSession, at: datetime, act: str, house: UUID, id_: UUID, name: str) -> None:
    note(session, at, act, organization_id=house, subject_id=id_, subject=name)
