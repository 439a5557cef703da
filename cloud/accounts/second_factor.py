"""The second factor: one-time codes of a telephone (TOTP, RFC 6238), and recovery codes for when it is lost.

The secret is sealed under the server's. A code is taken once: its time step is noted. Tries are counted by account.
"""

from __future__ import annotations

import base64
import hmac
import secrets
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha1, sha256
from urllib.parse import quote, urlencode
from uuid import UUID

import sqlalchemy as sa

from cloud.accounts.opening import checked_account, end_what_was_given
from cloud.accounts.own_events import note_own
from cloud.accounts.refusals import Refusals
from cloud.accounts.sessions import SessionSeen
from cloud.accounts.throttle import Allowance, Attempt, Throttle
from cloud.database.control_records import Account, RecoveryCode
from cloud.database.transaction import ControlSession, Database
from cloud.kernel.keys import Keys, Sealing
from shared.kernel.errors import DomainError
from shared.kernel.instants import Clock

STEP_SECONDS = 30
DIGITS = 6
STEPS_ASIDE = 1
"""So many steps a telephone's clock may go before or behind ours."""
SECRET_BYTES = 20
RECOVERY_CODES = 10
ISSUER = "Comanda"
BY_ACCOUNT = Allowance("one-time code of an account", 5, timedelta(seconds=30))
"""Who gets here has given the right password. 1 of 300,000 guesses would do (three steps hold at a time); so many take
three months, and the person sees the session."""
BY_PLACE = Allowance("one-time code of an account at a place of its person", 5, timedelta(seconds=30))
"""Of a session that is open, or of a browser in which its person came in before with all that is asked: who has the
password and no telephone keeps nobody out there."""
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""None of them is taken for another one."""
_RECOVERY_LETTERS = 10


@dataclass(frozen=True, slots=True)
class Offered:
    """A secret that somebody may take up: as text to type, and as address for a QR code."""

    secret: bytes

    @property
    def text(self) -> str:
        """In groups of four."""
        plain = base64.b32encode(self.secret).decode().rstrip("=")
        return " ".join(plain[at : at + 4] for at in range(0, len(plain), 4))

    def address(self, email: str) -> str:
        """What telephones read (otpauth)."""
        plain = base64.b32encode(self.secret).decode().rstrip("=")
        return f"otpauth://totp/{ISSUER}:{quote(email)}?{urlencode({'secret': plain, 'issuer': ISSUER})}"


class SecondFactor:
    """Sets up, checks and takes away second factors."""

    def __init__(self, database: Database, keys: Keys, clock: Clock, throttle: Throttle, refusals: Refusals) -> None:
        self._refusals = refusals
        self._database = database
        self._sealing: Sealing = keys.codes
        self._recovery: Sequence[bytes] = keys.recovery
        self._clock = clock
        self._throttle = throttle

    def offer(self) -> Offered:
        """Make a secret. It counts once somebody has shown a code of it."""
        return Offered(secrets.token_bytes(SECRET_BYTES))

    def sealed_offer(self, account_id: UUID, offered: Offered) -> str:
        """An offer as a form may carry it to the browser and back: nobody can read or replace it."""
        return base64.urlsafe_b64encode(self._sealing.seal(offered.secret, b"offer" + account_id.bytes)).decode()

    def opened_offer(self, account_id: UUID, sealed: str) -> Offered:
        """The offer that a form brought back.

        Raises:
            DomainError: CODE_WRONG: it is none of ours for this account.
        """
        try:
            secret = self._sealing.open(base64.urlsafe_b64decode(sealed.encode()), b"offer" + account_id.bytes)
        except ValueError:
            secret = None
        if secret is None:
            raise DomainError("CODE_WRONG")
        return Offered(secret)

    async def take_up(self, account_id: UUID, offered: Offered, code: str, seen: SessionSeen | None) -> list[str]:
        """Demand codes of this secret from now on. Ends every session and token but this. Returns the recovery codes.

        Raises:
            DomainError: NOT_SIGNED_IN (the session has ended meanwhile), CODE_WRONG, TOO_MANY_TRIES (params: seconds).
        """
        attempt = _attempt(account_id, str(seen.id) if seen is not None else "")
        await self._throttle.take([attempt])
        step = self._step_of(offered.secret, code)
        if step is None:
            raise DomainError("CODE_WRONG")
        async with self._database.control() as session:
            account = await _locked(session, account_id, seen)
            account.totp_sealed = self._sealing.seal(offered.secret, account_id.bytes)
            account.totp_step = step
            codes = await self._new_recovery_codes(session, account_id)
            await end_what_was_given(session, account, self._clock.now(), seen.id if seen is not None else None)
            await note_own(session, self._clock.now(), account, "account.factor_on")
        await self._throttle.forgive([attempt])
        return codes

    async def new_recovery_codes(self, account_id: UUID, seen: SessionSeen | None = None) -> list[str]:
        """Make other recovery codes; those before them do not count any more.

        Raises:
            DomainError: NOT_SIGNED_IN (the session has ended meanwhile).
        """
        async with self._database.control() as session:
            account = await _locked(session, account_id, seen)
            await note_own(session, self._clock.now(), account, "account.codes")
            return await self._new_recovery_codes(session, account_id)

    async def take_away(self, account_id: UUID, seen: SessionSeen | None = None) -> None:
        """Demand no codes of an account any more. Ends every session and token but this.

        Raises:
            DomainError: NOT_SIGNED_IN (the session has ended meanwhile).
        """
        async with self._database.control() as session:
            account = await _locked(session, account_id, seen)
            if account.totp_sealed is None:
                return
            account.totp_sealed = account.totp_step = None
            await session.execute(sa.delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
            await end_what_was_given(session, account, self._clock.now(), seen.id if seen is not None else None)
            await note_own(session, self._clock.now(), account, "account.factor_off")

    async def check(self, account_id: UUID, code: str, place: str = "") -> None:
        """Take a one-time code or a recovery code of an account: once.

        Args:
            place: a place that is the person's for sure, which has tries of its own; empty: they share those of all
                who know the password.

        Raises:
            DomainError: CODE_WRONG, TOO_MANY_TRIES (params: seconds).
        """
        attempt = _attempt(account_id, place)
        await self._throttle.take([attempt])
        plain = "".join(code.split()).replace("-", "").lower()
        async with self._database.control() as session:
            account = await session.get_one(Account, account_id, with_for_update=True)
            is_right = await self._take_step(account, plain) or await self._take_recovery(session, account_id, plain)
        if not is_right:
            await self._refusals.code(account_id)
            raise DomainError("CODE_WRONG")
        await self._throttle.forgive([attempt])

    async def recovery_codes_left(self, account_id: UUID) -> int:
        """How many recovery codes were not used yet."""
        left = sa.select(sa.func.count()).where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
        async with self._database.control() as session:
            return await session.scalar(left) or 0

    async def _take_step(self, account: Account, code: str) -> bool:
        if account.totp_sealed is None:
            return False
        secret = self._sealing.open(account.totp_sealed, account.id.bytes)
        step = self._step_of(secret, code) if secret is not None else None
        if secret is None or step is None or (account.totp_step is not None and step <= account.totp_step):
            return False
        account.totp_step = step
        account.totp_sealed = self._sealing.seal(secret, account.id.bytes)  # under the newest secret of the server
        return True

    async def _take_recovery(self, session: ControlSession, account_id: UUID, code: str) -> bool:
        hashes = [_recovery_hash(key, account_id, code) for key in self._recovery]
        used = (
            sa.update(RecoveryCode)
            .where(
                RecoveryCode.account_id == account_id,
                RecoveryCode.code_hash.in_(hashes),
                RecoveryCode.used_at.is_(None),
            )
            .values(used_at=self._clock.now())
            .returning(RecoveryCode.code_hash)
        )
        return (await session.execute(used)).first() is not None

    async def _new_recovery_codes(self, session: ControlSession, account_id: UUID) -> list[str]:
        await session.execute(sa.delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
        codes = ["".join(secrets.choice(_LETTERS) for _ in range(_RECOVERY_LETTERS)) for _ in range(RECOVERY_CODES)]
        session.add_all(
            RecoveryCode(account_id=account_id, code_hash=_recovery_hash(self._recovery[0], account_id, code))
            for code in codes
        )
        await session.flush()
        half = _RECOVERY_LETTERS // 2
        return [f"{code[:half]}-{code[half:]}" for code in codes]

    def _step_of(self, secret: bytes, code: str) -> int | None:
        """The newest time step near now of which this is the code."""
        now = int(self._clock.now().timestamp()) // STEP_SECONDS
        plain, found = "".join(code.split()), None
        for step in range(now - STEPS_ASIDE, now + STEPS_ASIDE + 1):
            if hmac.compare_digest(code_of(secret, step).encode(), plain.encode()):
                found = step
        return found


async def _locked(session: ControlSession, account_id: UUID, seen: SessionSeen | None) -> Account:
    """The account of a session as it was when the session was looked at; without one (an operator) as it is."""
    if seen is None:
        return await session.get_one(Account, account_id, with_for_update=True)
    return await checked_account(session, account_id, seen.account_version)


def _attempt(account_id: UUID, place: str) -> Attempt:
    return Attempt(BY_PLACE, f"{account_id}\0{place}") if place else Attempt(BY_ACCOUNT, str(account_id))


def code_of(secret: bytes, step: int) -> str:
    """The code of a time step (RFC 4226: HMAC-SHA-1, six digits)."""
    digest = hmac.digest(secret, struct.pack(">Q", step), sha1)
    offset = digest[-1] & 0xF
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def _recovery_hash(key: bytes, account_id: UUID, code: str) -> bytes:
    return hmac.digest(key, account_id.bytes + code.encode(), sha256)
