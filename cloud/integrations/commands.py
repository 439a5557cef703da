"""Making API keys for people: what a key may be about, in which branches, and who may make one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from cloud.accounts.api_keys import ApiKeys, MadeKey
from cloud.accounts.branches import chosen
from cloud.accounts.identity import Person
from cloud.accounts.own_account import OwnAccount
from cloud.accounts.second_factor import SecondFactor
from cloud.lookups.houses import House
from shared.kernel.errors import DomainError


class KeyMaking:
    """Makes keys in somebody's name."""

    def __init__(self, api_keys: ApiKeys, own_account: OwnAccount, second_factor: SecondFactor) -> None:
        self._api_keys = api_keys
        self._own_account = own_account
        self._second_factor = second_factor

    async def make(
        self,
        person: Person,
        house: House,
        organization_id: UUID,
        *,
        name: str,
        scopes: Collection[str],
        branches: Collection[UUID] | None,
        ends_at: datetime | None,
    ) -> MadeKey:
        """Make a key.

        Raises:
            DomainError: KEY_NEEDS_MEMBER (an operator's rights are no organization's), BRANCH_UNKNOWN, and those of
                `ApiKeys.make`.
        """
        if person.staff_id is None:
            raise DomainError("KEY_NEEDS_MEMBER")
        for branch_id in branches or ():
            chosen(house.seen_by(person), branch_id)
        return await self._api_keys.make(
            organization_id, person.account_id, name=name, scopes=scopes, branches=branches, ends_at=ends_at
        )

    async def prove(self, person: Person, proof: str) -> None:
        """Check the password of the person, or a code of their second factor, before something risky.

        Raises:
            DomainError: PEOPLE_ONLY (a key proves nothing), PASSWORD_WRONG, CODE_WRONG, TOO_MANY_TRIES.
        """
        if person.key is not None:
            raise DomainError("PEOPLE_ONLY")
        account = await self._own_account.read(person.account_id)
        if account.totp_sealed is not None and "".join(proof.split()).isdigit():
            await self._second_factor.check(person.account_id, proof)
        else:
            await self._own_account.prove(person.account_id, person.account_id, proof)
