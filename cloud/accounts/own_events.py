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


async def note_own(session: ControlSession, now: datetime, account: Account, act: str) -> None:
    """Note what changes an account, in the audit of each organization in which it works.

    Of a super admin in the operators' own.
    """
    if account.is_operator:
        note_own_in(session, now, account, None, act)
        return
    for each in await workplaces_of(session, account.id):
        note_own_in(session, now, account, each.organization_id, act)


def note_own_in(
    session: ControlSession,
    now: datetime,
    account: Account,
    organization_id: UUID | None,
    act: str,
    details: Mapping[str, Any] = NOTHING,
) -> None:
    """Note what somebody does in one organization: no other learns when and from where they work there.

    Of somebody who has chosen none yet nothing is noted; of a super admin it is the operators' own affair. Who asks
    without being logged in (a log-in, a mailed link) has just shown that the account is theirs.
    """
    if organization_id is None and not account.is_operator:
        return
    note(
        session,
        now,
        act,
        organization_id=None if account.is_operator else organization_id,
        subject_id=account.id,
        subject=account.email,
        details=details,
        doer=named(account),
    )


def named(account: Account) -> Doer:
    """Who acts on an account: its owner, by name, if they ask; whoever else asks, as they are."""
    asked = doer_now()
    by_themselves = asked.account_id == account.id or (asked.account_id is None and asked.via in ("page", "api"))
    name = account.name or account.email
    return Doer(name, asked.via, account.id, account.is_operator, asked.place) if by_themselves else asked
