"""Notes what people do with their accounts: log in and out, another password, a second factor."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from cloud.accounts.memberships import workplaces_of
from cloud.control.audit import NOTHING, Doer, doer_now, note
from cloud.database.control_records import Account
from cloud.database.transaction import ControlSession


async def note_own(
    session: ControlSession, now: datetime, account: Account, act: str, details: Mapping[str, Any] = NOTHING
) -> None:
    """Note it in the audit of each organization in which the account works; of a super admin in the operators' own.

    Who asks without being logged in (a log-in, a mailed link) has just shown that the account is theirs.
    """
    asked = doer_now()
    by_themselves = asked.account_id == account.id or (asked.account_id is None and asked.via in ("page", "api"))
    name = account.name or account.email
    doer = Doer(name, asked.via, account.id, account.is_operator, asked.place) if by_themselves else asked
    if account.is_operator:
        houses: list[UUID | None] = [None]
    else:
        houses = [each.organization_id for each in await workplaces_of(session, account.id)]
    for organization_id in houses:
        note(
            session,
            now,
            act,
            organization_id=organization_id,
            subject_id=account.id,
            subject=account.email,
            details=details,
            doer=doer,
        )
