"""The frame around a page: where its reader is, where they may go, and how they like to read.

Navigation has only what the reader may open. The branch is part of the address (`?branch=centro`), so that a link says
the whole of what it shows; links of the navigation take it along.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from litestar import Request
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from cloud.accounts.branches import BranchSeen, branch_called, called
from cloud.accounts.guards import MADE_FOR
from cloud.accounts.identity import Person
from cloud.database.control_records import Account, Membership
from cloud.database.transaction import Database, ReadSession
from cloud.edge.room import Group, Link
from cloud.lookups.houses import House, Houses
from cloud.pages.addresses import Address
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Role
from shared.kernel.text import clean

CHOOSE_BRANCH_PATH = "/choose-branch"
BRANCHES_AT_ONCE = 8
"""Branches that the menu shows by itself; a search finds the others."""


GROUP_TITLES = {
    Group.DAY: "page.group.day",
    Group.HOUSE: "page.group.house",
    Group.PEOPLE: "page.group.people",
    Group.DEVICES: "page.group.devices",
}


class Moved(Exception):
    """A page is asked for by a former short name; `to` is its address now."""

    def __init__(self, to: str) -> None:
        super().__init__(to)
        self.to = to


@dataclass(frozen=True, slots=True)
class Item:
    """A place to go to.

    Attributes:
        current: of `aria-current`: `page` for the page itself, `true` for one below it, else empty.
    """

    href: str
    title: str
    current: str


@dataclass(frozen=True, slots=True)
class Reader:
    """The person who reads a page. `organizations`: in how many they work; `has_code`: a second factor is set up."""

    name: str
    email: str
    organizations: int = 1
    has_code: bool = False


class Frame:
    """What a page shows around its content, for one reader.

    Attributes:
        organization: its name.
        house: what else is known of it.
        branches: those that the reader may see, by name.
        branch: the one that the address names; None: all of them.
    """

    def __init__(self, request: Request[Any, Any, Any], person: Person, house: House, reader: Reader) -> None:
        self._path = request.url.path
        self._query = dict(request.query_params.items())
        self.person = person
        self.reader = reader
        self.organization = clean(house.name)
        self.house = house
        self.branches: Sequence[BranchSeen] = house.seen_by(person)
        try:
            self.branch = branch_called(self.branches, self._query.get("branch", ""))
        except DomainError:
            self.branch = None  # the page says it

    @property
    def moved_to(self) -> str:
        """The address of this page by the branch's present short name, if the reader used a former one; else empty."""
        used = self._query.get("branch", "").lower()
        if self.branch is None or used not in self.branch.former_slugs or used == self.branch_text:
            return ""
        return str(Address(self._path, {**self._query, "branch": self.branch_text}))

    @property
    def place(self) -> str:
        """Where the reader is: the branch, or the organization."""
        only = self.branches[0] if len(self.branches) == 1 else None
        here = self.branch or only
        return clean(here.name) if here is not None else ""

    @property
    def zone(self) -> str:
        """By whose clock what is of no branch is told: that of the first branch; UTC, while there is none."""
        return self.branches[0].zone if self.branches else "UTC"

    @property
    def has_choice(self) -> bool:
        """Whether there is another branch or organization to go to."""
        return len(self.branches) > 1 or self.may_change_organization

    @property
    def may_change_organization(self) -> bool:
        """Whether the reader may go to another organization."""
        return self.person.role is Role.SUPER_ADMIN or self.reader.organizations > 1

    def visit_minutes(self, now: datetime) -> int | None:
        """How many minutes a super admin is still here, begun ones counted; None for people of the organization."""
        if self.person.organization_id is None:
            return None
        visit = self.person.visit(self.person.organization_id, now)
        return None if visit is None else ceil((visit.ends_at - now) / timedelta(minutes=1))

    def days_without_code(self, now: datetime) -> int | None:
        """In how many days an administrator without a second factor is out; None: nobody demands one of the reader."""
        since = self.house.admins_need_code_from
        if since is None or self.reader.has_code or self.person.role is not Role.ORGANIZATION_ADMIN:
            return None
        return max(0, ceil((since - now) / timedelta(days=1)))

    @property
    def branch_text(self) -> str:
        """The branch as addresses name it; empty for all."""
        return called(self.branches, self.branch)

    @property
    def here(self) -> str:
        """The address of this page without its branch and its part of a list, to come back to with another branch."""
        return str(Address(self._path, self._query).without(("branch", "after", MADE_FOR)))

    @property
    def choose_path(self) -> str:
        """Where all branches are found, and lead back here."""
        return self.choose_path_to(self.here)

    def choose_path_to(self, onward: str) -> str:
        """Where all branches are found, and lead on to a page."""
        return str(Address(CHOOSE_BRANCH_PATH, {"next": onward}))

    @property
    def some_branches(self) -> list[Item]:
        """The first branches, and how this page is reached for each of them."""
        return [self.item_of(branch, self.here) for branch in self.branches[:BRANCHES_AT_ONCE]]

    def item_of(self, branch: BranchSeen | None, onward: str, all_of_them: str = "") -> Item:
        """The way to a page for one branch, or for all of them."""
        path, _, query = onward.partition("?")
        given = called(self.branches, branch)
        extra = str(Address("", {"branch": given})).lstrip("?")
        joined = "&".join(part for part in (query, extra) if part)
        title = clean(branch.name) if branch is not None else all_of_them
        return Item(f"{path}?{joined}" if joined else path, title, "true" if branch == self.branch else "")


def navigation(
    person: Person, links: Sequence[Link], titles: Mapping[str, str], path: str, branch: str = ""
) -> dict[Group, list[Item]]:
    """The places that somebody may go to, by group, in the order of the rooms.

    Args:
        titles: the names by their keys.
        path: of the page that is shown.
        branch: as addresses name it.
    """
    groups: dict[Group, list[Item]] = {group: [] for group in Group}
    for link in links:
        if all(person.may(permission) for permission in link.needs):
            below = "true" if path.startswith(f"{link.path}/") else ""
            href = str(Address(link.path, {"branch": branch} if link.has_branch else {}))
            groups[link.group].append(Item(href, titles[link.title], "page" if path == link.path else below))
    return {group: items for group, items in groups.items() if items}


async def frame_of(
    request: Request[Any, Any, Any], person: Person, organization_id: UUID, houses: Houses, read: ReadSession
) -> Frame:
    """The frame of a page of an organization."""
    house = await houses.of(organization_id, read)
    works_in = sa.select(sa.func.count()).where(Membership.account_id == Account.id, Membership.closed_at.is_(None))
    query = sa.select(
        Account.name,
        Account.email,
        works_in.scalar_subquery().label("organizations"),
        Account.totp_sealed.is_not(None).label("has_code"),
    )
    row = (await read.execute(query.where(Account.id == person.account_id))).first()
    if row is None:
        return Frame(request, person, house, Reader("", ""))
    reader = Reader(clean(row.name or row.email), clean(row.email), row.organizations, row.has_code)
    return Frame(request, person, house, reader)


async def provide_frame(
    request: Request[Any, Any, Any],
    person: NamedDependency[SkipValidation[Person]],
    organization_id: NamedDependency[UUID],
    houses: NamedDependency[SkipValidation[Houses]],
    read: NamedDependency[SkipValidation[ReadSession]],
) -> Frame:
    """The frame, under the name `frame`, read in the transaction of the page."""
    frame = await frame_of(request, person, organization_id, houses, read)
    if request.method == "GET" and frame.moved_to:
        raise Moved(frame.moved_to)
    return frame


class Again:
    """Shows the page of a form again, to whoever sent it, with what is wrong: handlers read in their own transactions.

    It is the dependency `again`: `async with again.shown() as (frame, read):`.
    """

    def __init__(
        self, request: Request[Any, Any, Any], person: Person, organization_id: UUID, houses: Houses, database: Database
    ) -> None:
        self._request = request
        self._person = person
        self._organization_id = organization_id
        self._houses = houses
        self._database = database

    async def frame(self) -> Frame:
        """The frame alone."""
        async with self.shown() as (frame, _read):
            return frame

    @asynccontextmanager
    async def shown(self) -> AsyncIterator[tuple[Frame, ReadSession]]:
        """The frame, and a transaction to read what stands in it."""
        async with self._database.read(self._organization_id) as read:
            yield await frame_of(self._request, self._person, self._organization_id, self._houses, read), read


async def provide_again(
    request: Request[Any, Any, Any],
    person: NamedDependency[SkipValidation[Person]],
    organization_id: NamedDependency[UUID],
    houses: NamedDependency[SkipValidation[Houses]],
    database: NamedDependency[SkipValidation[Database]],
) -> Again:
    """How the page of a form is shown again, under the name `again`."""
    return Again(request, person, organization_id, houses, database)
