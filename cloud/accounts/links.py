"""Mailed links, each for once: to choose another password, and to accept an invitation.

Whoever asks for a link gets the same answer after the same work whether there is an account or not: the row is written
in either case, and a job looks who it is and sends. The secret of a link is made as it is sent; only its hash is kept.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cloud.accounts.opening import account_of, checked_account, checked_email, create_account, end_what_was_given, join
from cloud.accounts.own_events import note_own
from cloud.accounts.passwords import Passwords, normal_email, refuse_weak
from cloud.accounts.sessions import hash_of
from cloud.accounts.throttle import Allowance, Attempt, Throttle
from cloud.control.audit import doer_now, note
from cloud.database.control_records import Account, ControlOrganization, LinkKind, MailedLink, Membership
from cloud.database.transaction import ControlSession, Database
from cloud.jobs.kinds import JobKind
from cloud.jobs.queue import Asked, enqueue
from shared.kernel.errors import DomainError
from shared.kernel.ids import IdSource
from shared.kernel.instants import Clock
from shared.staff.records import StaffMember
from shared.tenancy.records import Organization

RESET_LASTS = timedelta(hours=1)
INVITATION_LASTS = timedelta(days=7)
BY_ADDRESS = Allowance("link asked for from an address", 10, timedelta(seconds=60))
BY_EMAIL = Allowance("link to an e-mail address", 5, timedelta(minutes=12))
"""So that nobody fills a stranger's mailbox. Whoever uses it up keeps nobody out: each link that went out holds for an
hour, so that one of those in the mailbox holds."""
BY_INVITED = Allowance("invitation of an organization to an address", 5, timedelta(minutes=12))
"""Apart from what strangers ask for: nobody keeps an organization from inviting somebody."""
BY_LINK = Allowance("password for an invitation", 5, timedelta(minutes=1))
"""Of the link, not of the address: who asks for links to an address must not keep its person from accepting."""
LONGEST_LINK_CHARACTERS = 64
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class LinkSeen:
    """A link that holds.

    Attributes:
        has_account: whether who accepts an invitation has an account already, whose password they give.
    """

    kind: LinkKind
    email: str
    organization: str
    has_account: bool


@dataclass(frozen=True, slots=True)
class ToSend:
    """What a job mails.

    Attributes:
        language: of the account, else of the organization that invites; empty: nobody said.
        organization: into which somebody is invited.
    """

    kind: LinkKind
    email: str
    token: str
    language: str
    organization: str
    invited_by: str


class Links:
    """Asks for, sends and takes links.

    Args:
        sending: the kind of the job that mails; its argument `link` is the id of the row.
    """

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        throttle: Throttle,
        ids: IdSource,
        clock: Clock,
        sending: JobKind,
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._throttle = throttle
        self._ids = ids
        self._clock = clock
        self._sending = sending

    async def ask_reset(self, email: str, address: str, *, is_known: bool = False) -> None:
        """Have a link mailed with which the person of that account chooses another password.

        Args:
            is_known: they have logged in from there before: no guest who shares their address keeps them out.

        Raises:
            DomainError: TOO_MANY_TRIES (params: seconds), from this network address.
        """
        email = normal_email(email)[:254]
        if not is_known:
            await self._throttle.take([Attempt(BY_ADDRESS, address)])
        try:
            await self._throttle.take([Attempt(BY_EMAIL, email)])
        except DomainError:
            return  # the answer is the same; a link from before still holds
        now = self._clock.now()
        async with self._database.control() as session:
            await self._add(session, LinkKind.RESET, email, now + RESET_LASTS)

    async def reset_link(self, email: str) -> str:
        """Make a link for an operator to hand over.

        Raises:
            DomainError: ACCOUNT_UNKNOWN (params: email).
        """
        async with self._database.control() as session:
            account = await account_of(session, email)
            if account is None or account.closed_at is not None:
                raise DomainError("ACCOUNT_UNKNOWN", email=email)
            token = secrets.token_urlsafe(_TOKEN_BYTES)
            link = self._row(LinkKind.RESET, account.email, self._clock.now() + RESET_LASTS)
            link.token_hash, link.account_id, link.account_version = hash_of(token), account.id, account.version
            session.add(link)
        return token

    async def invite(
        self, session: ControlSession, email: str, organization_id: UUID, staff_id: UUID, made_by: UUID | None
    ) -> None:
        """Have an invitation mailed to become a member of staff of an organization.

        Earlier ones for the same member of staff do not count any more.

        Raises:
            DomainError: EMAIL_WRONG, TOO_MANY_TRIES (params: seconds).
        """
        email = checked_email(email)
        await self._throttle.take([Attempt(BY_INVITED, f"{organization_id}\0{email}")])
        await lock(session, staff_id)
        await withdraw_invitations(session, staff_id, self._clock.now())
        await self._add(
            session,
            LinkKind.INVITATION,
            email,
            self._clock.now() + INVITATION_LASTS,
            organization_id=organization_id,
            staff_id=staff_id,
            made_by=made_by,
        )

    async def to_send(self, link_id: UUID) -> ToSend | None:
        """Make the secret of a link that is to be mailed now; None, if nobody is to get it."""
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        async with self._database.control() as session:
            link = await session.get(MailedLink, link_id, with_for_update=True)
            if link is None or link.used_at is not None or link.ends_at <= self._clock.now():
                return None
            account = await account_of(session, link.email)
            if account is not None and account.closed_at is not None:
                return None
            if link.kind is LinkKind.RESET:
                if account is None:
                    return None
                link.account_id, link.account_version = account.id, account.version
            link.token_hash = hash_of(token)
            inviter = await session.get(Account, link.made_by) if link.made_by is not None else None
            organization = await _organization_name(session, link.organization_id)
            language = account.language if account is not None else ""
            organization_id = link.organization_id
            invited_by = inviter.name if inviter is not None else ""
            kind, email = link.kind, link.email
        language = language or await self._language_of(organization_id)
        return ToSend(kind, email, token, language, organization, invited_by)

    async def _language_of(self, organization_id: UUID | None) -> str:
        """The language of an organization; empty for none, or before its restaurant is founded."""
        if organization_id is None:
            return ""
        async with self._database.read(organization_id) as read:
            query = sa.select(Organization.language).where(Organization.organization_id == organization_id)
            return await read.scalar(query) or ""

    async def seen(self, token: str, kind: LinkKind) -> LinkSeen:
        """What a link is for.

        Raises:
            DomainError: LINK_UNKNOWN.
        """
        async with self._database.control() as session:
            link = await self._held(session, token, kind)
            if kind is LinkKind.RESET:
                await self._account(session, link)
            organization = await _organization_name(session, link.organization_id)
            return LinkSeen(link.kind, link.email, organization, await account_of(session, link.email) is not None)

    async def reset(self, token: str, password: str) -> Account:
        """Set another password, and end all sessions and tokens. Uses the link up.

        Raises:
            DomainError: LINK_UNKNOWN, PASSWORD_SHORT (params: least), PASSWORD_COMMON.
        """
        async with self._database.control() as session:
            account = await self._account(session, await self._held(session, token, LinkKind.RESET))
        refuse_weak(password, (account.email, account.name))
        password_hash = await self._passwords.hashed(password)
        async with self._database.control() as session:
            link = await self._held(session, token, LinkKind.RESET)
            account = await self._account(session, link)
            link.used_at = self._clock.now()
            account.password_hash = password_hash
            await end_what_was_given(session, account, self._clock.now())
            await note_own(session, self._clock.now(), account, "account.reset")
        return account

    async def accept(self, token: str, name: str, password: str, language: str) -> Account:
        """Accept an invitation: with the password of the account that there is, else with that of a new one.

        Raises:
            DomainError: LINK_UNKNOWN, WRONG_EMAIL_OR_PASSWORD, TOO_MANY_TRIES (params: seconds), PASSWORD_SHORT
                (params: least), PASSWORD_COMMON, and those of `opening.join`.
        """
        async with self._database.control() as session:
            link = await self._held(session, token, LinkKind.INVITATION)
            known = await account_of(session, link.email)
            email, link_id = link.email, link.id
        if known is not None:
            await self._throttle.take([Attempt(BY_LINK, str(link_id))])
            if not await self._passwords.matches(known.password_hash, password) or known.closed_at is not None:
                raise DomainError("WRONG_EMAIL_OR_PASSWORD")
        assert link.organization_id is not None
        await self._require_working(link.organization_id, link.staff_id)
        async with self._database.control() as session:
            link = await self._held(session, token, LinkKind.INVITATION)
            account = await checked_account(session, known.id, known.version) if known is not None else None
            account = account or await create_account(
                session,
                self._passwords,
                self._ids,
                self._clock,
                email=email,
                name=name,
                password=password,
                language=language,
            )
            assert link.organization_id is not None
            assert link.staff_id is not None
            await self._refuse_closed_since(session, link, account)
            await join(session, account, link.organization_id, link.staff_id, self._clock.now())
            await withdraw_invitations(session, link.staff_id, self._clock.now())
            note(
                session,
                self._clock.now(),
                "member.accept",
                organization_id=link.organization_id,
                subject_id=link.staff_id,
                subject=account.email,
                doer=replace(doer_now(), name=account.name or account.email, account_id=account.id),
            )
        return account

    async def _require_working(self, organization_id: UUID, staff_id: UUID | None) -> None:
        """Refuse an invitation of somebody who was dismissed meanwhile."""
        async with self._database.read(organization_id) as read:
            active = sa.select(StaffMember.active).where(
                StaffMember.organization_id == organization_id, StaffMember.id == staff_id
            )
            if not await read.scalar(active):
                raise DomainError("LINK_UNKNOWN")

    async def _refuse_closed_since(self, session: ControlSession, link: MailedLink, account: Account) -> None:
        """Refuse an invitation that would open what an administrator has closed after it was made."""
        held = await session.get(Membership, (link.organization_id, account.id), with_for_update=True)
        if held is not None and held.closed_at is not None and held.closed_at >= link.made_at:
            raise DomainError("LINK_UNKNOWN")

    async def _add(
        self, session: ControlSession, kind: LinkKind, email: str, ends_at: datetime, **more: UUID | None
    ) -> None:
        link = self._row(kind, email, ends_at, **more)
        session.add(link)
        await session.flush()
        await enqueue(session, Asked(self._sending, args={"link": str(link.id)}))

    def _row(self, kind: LinkKind, email: str, ends_at: datetime, **more: UUID | None) -> MailedLink:
        return MailedLink(
            id=self._ids.new(), kind=kind, email=email, made_at=self._clock.now(), ends_at=ends_at, **more
        )

    async def _held(self, session: ControlSession, token: str, kind: LinkKind) -> MailedLink:
        if not 0 < len(token) <= LONGEST_LINK_CHARACTERS:
            raise DomainError("LINK_UNKNOWN")
        wanted = sa.select(MailedLink).where(
            MailedLink.token_hash == hash_of(token),
            MailedLink.kind == kind,
            MailedLink.used_at.is_(None),
            MailedLink.ends_at > self._clock.now(),
            MailedLink.made_at < self._clock.now() + RESET_LASTS,  # else it was made while the clock was wrong
        )
        link = await session.scalar(wanted.with_for_update())
        if link is None:
            raise DomainError("LINK_UNKNOWN")
        if link.organization_id is not None:
            organization = await session.get_one(ControlOrganization, link.organization_id)
            if organization.closed_at is not None or organization.suspended_at is not None:
                raise DomainError("LINK_UNKNOWN")
        return link

    async def _account(self, session: ControlSession, link: MailedLink) -> Account:
        account = await session.get_one(Account, link.account_id, with_for_update=True)
        if account.closed_at is not None or account.version != link.account_version:
            raise DomainError("LINK_UNKNOWN")
        return account


async def withdraw_invitations(session: AsyncSession, staff_id: UUID, now: datetime) -> None:
    """Let no invitation count any more that waits for a member of staff. Without one it changes nothing."""
    waiting = sa.update(MailedLink).where(
        MailedLink.staff_id == staff_id, MailedLink.kind == LinkKind.INVITATION, MailedLink.used_at.is_(None)
    )
    await session.execute(waiting.values(used_at=now))


async def lock(session: AsyncSession, what: UUID) -> None:
    """Wait until no other transaction does the same about the same: to look and to write would else be two moments."""
    await session.execute(sa.text("select pg_advisory_xact_lock(:key)"), {"key": what.int % 2**63})


async def _organization_name(session: ControlSession, organization_id: UUID | None) -> str:
    organization = await session.get(ControlOrganization, organization_id) if organization_id is not None else None
    return organization.name if organization is not None else ""
