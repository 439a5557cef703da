"""Opening and closing accounts, and their memberships in organizations.

What is closed stays: who did something then is still somebody. A change that must end what was given out before raises
a version; the caller tells of it after the commit (`parts.tell_account`), so that all processes look again.
"""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from cloud.accounts.passwords import Passwords, normal_email, refuse_weak
from cloud.accounts.sessions import end_sessions
from cloud.database.control_records import Account, LogInSession, Membership, PageToken, RefreshFamily, Visit
from cloud.database.transaction import ControlSession
from shared.kernel.errors import DomainError
from shared.kernel.ids import IdSource
from shared.kernel.instants import Clock
from shared.kernel.text import clean

LONGEST_EMAIL_CHARACTERS = 254
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ADDRESS = re.compile(rf"[a-z0-9!#$%&'*+/=?^_`{{|}}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{{|}}~-]+)*@{_LABEL}(?:\.{_LABEL})+")
"""What every mail server takes (RFC 5321). One with other letters is refused in the form, where somebody sees it, and
not days later by a mail that nobody can write; a name of a domain with other letters has a form in these (xn--)."""


async def create_account(
    session: ControlSession,
    passwords: Passwords,
    ids: IdSource,
    clock: Clock,
    *,
    email: str,
    name: str,
    password: str,
    is_operator: bool = False,
    language: str = "",
) -> Account:
    """Make an account. It may nothing yet, unless it is an operator's: see `join`.

    Raises:
        DomainError: EMAIL_TAKEN, EMAIL_WRONG, PASSWORD_SHORT (params: least), PASSWORD_COMMON.
    """
    email = checked_email(email)
    refuse_weak(password, (email, name))
    if await account_of(session, email) is not None:
        raise DomainError("EMAIL_TAKEN")
    account = Account(
        id=ids.new(),
        email=email,
        name=clean(name),
        password_hash=await passwords.hashed(password),
        is_operator=is_operator,
        language=language,
        created_at=clock.now(),
    )
    session.add(account)
    try:
        await session.flush()
    except IntegrityError:  # somebody made one meanwhile: hashing takes its time
        raise DomainError("EMAIL_TAKEN") from None
    return account


async def join(
    session: ControlSession, account: Account, organization_id: UUID, staff_id: UUID, now: datetime
) -> Membership:
    """Let an account work in an organization as that member of its staff. Doing it again opens a closed membership.

    Raises:
        DomainError: ACCOUNT_IS_OPERATORS, MEMBER_ALREADY (it works there as somebody else), STAFF_HAS_ACCOUNT.
    """
    if account.is_operator:
        raise DomainError("ACCOUNT_IS_OPERATORS")
    other = await session.scalar(
        sa.select(Membership.account_id).where(
            Membership.organization_id == organization_id,
            Membership.staff_id == staff_id,
            Membership.account_id != account.id,
        )
    )
    if other is not None:
        raise DomainError("STAFF_HAS_ACCOUNT")
    held = await session.get(Membership, (organization_id, account.id), with_for_update=True)
    if held is None:
        held = Membership(
            organization_id=organization_id, account_id=account.id, staff_id=staff_id, version=1, created_at=now
        )
        session.add(held)
        try:
            await session.flush()
        except IntegrityError:  # by another invitation, at the same moment
            raise DomainError("MEMBER_ALREADY") from None
    elif held.staff_id != staff_id:
        raise DomainError("MEMBER_ALREADY")
    elif held.closed_at is not None:
        held.closed_at, held.reopened_at, held.version = None, now, held.version + 1
    await session.flush()
    return held


async def close_membership(session: ControlSession, organization_id: UUID, account_id: UUID, now: datetime) -> None:
    """End the work of an account in an organization. Doing it again changes nothing.

    Raises:
        DomainError: MEMBER_UNKNOWN.
    """
    held = await session.get(Membership, (organization_id, account_id), with_for_update=True)
    if held is None:
        raise DomainError("MEMBER_UNKNOWN")
    if held.closed_at is None:
        held.closed_at, held.version = now, held.version + 1
        await session.flush()


async def close_account(session: ControlSession, account: Account, now: datetime) -> None:
    """End an account everywhere. Doing it again changes nothing."""
    if account.closed_at is None:
        account.closed_at = now
        await end_what_was_given(session, account, now)
        visits = sa.update(Visit).where(Visit.account_id == account.id, Visit.ended_at.is_(None))
        await session.execute(visits.values(ended_at=now))


async def reopen_account(session: ControlSession, account: Account) -> None:
    """Open a closed account again. Doing it again changes nothing."""
    account.closed_at = None
    await session.flush()


async def end_what_was_given(
    session: ControlSession, account: Account, now: datetime, except_session: UUID | None = None
) -> None:
    """End all tokens and sessions of an account, but that of the browser in which its person does this."""
    account.version += 1
    await end_sessions(session, account.id, now, except_session)
    if except_session is not None:
        mine = sa.update(LogInSession).where(LogInSession.id == except_session)
        await session.execute(mine.values(account_version=account.version))
    families = sa.update(RefreshFamily).where(RefreshFamily.account_id == account.id, RefreshFamily.ended_at.is_(None))
    await session.execute(families.values(ended_at=now))
    await session.execute(sa.delete(PageToken).where(PageToken.account_id == account.id))
    await session.flush()


async def checked_account(session: ControlSession, account_id: UUID, version: int) -> Account:
    """Lock an account on which something is written that was checked before, at that version of it.

    What has ended since then ends this, too: nobody writes on with a password or a session that holds no more.

    Raises:
        DomainError: NOT_SIGNED_IN: its password or second factor is another one, or it was closed or logged out
            everywhere in the meantime.
    """
    account = await session.get(Account, account_id, with_for_update=True)
    if account is None or account.version != version or account.closed_at is not None:
        raise DomainError("NOT_SIGNED_IN")
    return account


async def account_of(session: ControlSession, email: str) -> Account | None:
    """The account with that e-mail address, closed or not."""
    return (await session.scalars(sa.select(Account).where(Account.email == normal_email(email)))).one_or_none()


def checked_email(email: str) -> str:
    """An e-mail address in the one spelling under which it is stored.

    Raises:
        DomainError: EMAIL_WRONG.
    """
    email = normal_email(email)
    if len(email) > LONGEST_EMAIL_CHARACTERS or _ADDRESS.fullmatch(email) is None:
        raise DomainError("EMAIL_WRONG")
    return email
