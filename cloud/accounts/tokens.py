"""Access tokens: signed JWTs of 15 minutes, for people and for devices.

There is one algorithm, and nothing in a token's header chooses it; `kid` names one of our own keys. What a person's
token says of role and branches is for the program that has it: who may do what is decided by what holds now, in
`guards.py`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

import jwt
import msgspec

from cloud.kernel.keys import Keys
from shared.kernel.instants import Clock
from shared.kernel.permissions import Role

ALGORITHM = "EdDSA"
LIFETIME = timedelta(minutes=15)
ISSUER: Final = "comanda-cloud"
AUDIENCE: Final = "comanda-api"
MOST_BRANCHES_NAMED = 50
"""With more the token names none: look them up."""
LONGEST_TOKEN_CHARACTERS = 4_096
"""The longest has about 3,200."""
CLOCK_SKEW = timedelta(seconds=30)
"""How far the clocks of two servers of one cloud may differ."""


class PersonClaims(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="typ", tag="access"):
    """What a person's token says.

    Attributes:
        branches: None if there are too many: look them up. Never all, and never none.
        ver: the versions of account and membership when it was given. Another one ends it.
    """

    sub: UUID
    role: Role
    organization: UUID | None
    branches: tuple[UUID, ...] | None
    ver: tuple[int, int]
    iss: Literal["comanda-cloud"]
    aud: Literal["comanda-api"]
    iat: int
    exp: int


class DeviceClaims(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="typ", tag="device"):
    """What a device's token says."""

    sub: UUID
    organization: UUID
    branch: UUID
    iss: Literal["comanda-cloud"]
    aud: Literal["comanda-api"]
    iat: int
    exp: int


class TokenError(Exception):
    """A token that is malformed, not ours, for another audience, or not valid now. Callers do not learn which."""


class Tokens:
    """Issues and reads tokens."""

    def __init__(self, keys: Keys, clock: Clock) -> None:
        self._private = keys.token_signing
        self._key = keys.token_key
        self._verifying = keys.token_verifying
        self._clock = clock

    def for_person(
        self,
        account_id: UUID,
        role: Role,
        organization_id: UUID | None,
        branches: Collection[UUID],
        versions: tuple[int, int],
    ) -> tuple[str, datetime]:
        """A token for somebody who has just logged in, and when it ends.

        Args:
            versions: of their account and membership.
        """
        issued, ends = self._span()
        named = tuple(sorted(branches)) if len(branches) <= MOST_BRANCHES_NAMED else None
        claims = PersonClaims(account_id, role, organization_id, named, versions, ISSUER, AUDIENCE, issued, ends)
        return self._signed(claims), self._end(ends)

    def for_device(self, device_id: UUID, organization_id: UUID, branch_id: UUID) -> tuple[str, datetime]:
        """A token for a device that has just proved itself, and when it ends."""
        issued, ends = self._span()
        claims = DeviceClaims(device_id, organization_id, branch_id, ISSUER, AUDIENCE, issued, ends)
        return self._signed(claims), self._end(ends)

    def read(self, token: str) -> PersonClaims | DeviceClaims:
        """What a token says, if it is ours and valid now.

        Raises:
            TokenError: otherwise.
        """
        if len(token) > LONGEST_TOKEN_CHARACTERS:
            raise TokenError
        try:
            header = jwt.get_unverified_header(token)
            public = self._verifying.get(str(header.get("kid")))
            if public is None or header != {"alg": ALGORITHM, "typ": "JWT", "kid": header["kid"]}:
                raise TokenError
            # Times are checked below by our own clock, the other claims by the types they are read into.
            plain = jwt.decode(token, public, algorithms=[ALGORITHM], options=_SIGNATURE_ONLY)
            claims = msgspec.convert(plain, PersonClaims | DeviceClaims)
        except (jwt.PyJWTError, msgspec.ValidationError, ValueError) as error:
            raise TokenError from error
        now = int(self._clock.now().timestamp())
        skew, lifetime = int(CLOCK_SKEW.total_seconds()), int(LIFETIME.total_seconds())
        if not (claims.iat <= now + skew and now < claims.exp <= claims.iat + lifetime):
            raise TokenError
        return claims

    def _span(self) -> tuple[int, int]:
        now = self._clock.now()
        return int(now.timestamp()), int((now + LIFETIME).timestamp())

    def _end(self, seconds: int) -> datetime:
        return datetime.fromtimestamp(seconds, self._clock.now().tzinfo)

    def _signed(self, claims: PersonClaims | DeviceClaims) -> str:
        return jwt.encode(msgspec.to_builtins(claims), self._private, algorithm=ALGORITHM, headers={"kid": self._key})


_SIGNATURE_ONLY: Any = {
    "verify_signature": True,
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
}
