"""Changing roles, by the commands of the domain; and amounts as people type them."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID

from cloud.accounts.identity import Person
from cloud.replication.units import CloudUnits
from shared.countries.currencies import currency
from shared.kernel.errors import DomainError
from shared.kernel.ids import IdSource
from shared.kernel.permissions import Rights, Role
from shared.staff.role_commands import found_role, rename_role, retire_role, say_rights
from shared.staff.rules import RoleKey

_TYPED = re.compile(r"(\d{1,12})(?:[.,](\d{1,4}))?")


class Roles:
    """Changes roles.

    Args:
        told: tells the workers that something of an organization is to be folded.
    """

    def __init__(self, units: CloudUnits, ids: IdSource, told: Callable[[UUID], None]) -> None:
        self._units = units
        self._ids = ids
        self._told = told

    async def found(self, person: Person, organization_id: UUID, name: str, job: Role) -> UUID:
        """Found a role of the organization's own. Returns its id.

        Raises:
            DomainError: those of `role_commands.found_role`.
        """
        role_id = self._ids.new()
        async with self._units.work(organization_id, person.actor()) as work:
            await found_role(work, role_id, name, job)
        self._told(organization_id)
        return role_id

    async def say(self, person: Person, organization_id: UUID, role: RoleKey, name: str, rights: Rights) -> None:
        """Say what a role may do, and the name of one of the organization's own.

        Raises:
            DomainError: those of `role_commands.say_rights` and `rename_role`.
        """
        async with self._units.work(organization_id, person.actor()) as work:
            if role.own_role_id is not None:
                await rename_role(work, role.own_role_id, name)
            await say_rights(work, role, rights)
        self._told(organization_id)

    async def retire(self, person: Person, organization_id: UUID, role: RoleKey) -> None:
        """Take a role of the organization's own out of the lists.

        Raises:
            DomainError: those of `role_commands.retire_role`; ROLE_UNKNOWN: it is one of the program's.
        """
        if role.own_role_id is None:
            raise DomainError("ROLE_UNKNOWN")
        async with self._units.work(organization_id, person.actor()) as work:
            await retire_role(work, role.own_role_id)
        self._told(organization_id)


def typed_minor(text: str, code: str) -> int:
    """An amount as somebody typed it, `50`, `50.00` or `50,00`, in minor units of a currency.

    Raises:
        DomainError: LIMIT_NOT_SENSIBLE: it is none, or has more decimals than the currency.
    """
    exponent = currency(code).exponent
    found = _TYPED.fullmatch(text.strip())
    decimals = (found[2] or "") if found is not None else ""
    if found is None or len(decimals) > exponent:
        raise DomainError("LIMIT_NOT_SENSIBLE")
    return int(found[1] + decimals.ljust(exponent, "0"))
