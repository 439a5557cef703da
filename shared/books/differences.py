"""Differences between ledgers, as people are asked about them: of families, of the money of checks, of accounts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from shared.exceptions.rules import exception_id
from shared.payments.accounts import Account, account_balances
from shared.truth.balances import troubles_of
from shared.truth.family import BY_NOTE, Difference
from shared.truth.reading import Reader
from shared.truth.records import check_balances, differences, is_busy

CHARGED_OTHERWISE = frozenset({Difference.CHARGED_TOO_MUCH, Difference.CHARGED_TOO_LITTLE})
"""What receipts charge otherwise than discounts and service charges say."""
OF_ACCOUNTS = frozenset({Difference.ACCOUNT_ABOVE_LIMIT, Difference.ACCOUNT_OVERPAID})
"""What tills that did not know of each other put on the account of a person, or took for it, beyond what it allows."""


class OpenDifference(NamedTuple):
    """A difference that is there.

    Attributes:
        id: follows from kind and cause.
        subject_id: the root, receipt line, check or account that it is about.
        check_id: of an account, the account's id.
        size: portions in thousandths; minor units where it is about money.
        also: what else belongs to the cause: the new price of what was changed after paying.
    """

    id: UUID
    kind: Difference
    subject_id: UUID
    check_id: UUID
    size: int
    also: int
    branch_id: UUID

    @property
    def ends_by_note(self) -> bool:
        """Whether a note settles it, since it cannot be undone. Others end by an action."""
        return self.kind in BY_NOTE


async def open_differences(reader: Reader, organization_id: UUID, *branch_ids: UUID) -> list[OpenDifference]:
    """All differences of some branches, settled or not; three statements, which read no history."""
    found = await differences_of_families(reader, organization_id, branch_ids)
    busy = await busy_checks(reader, organization_id, branch_ids)
    found = what_is_ripe(found, {row.check_id: row for row in busy})
    for row in busy:
        found += differences_of_check(row)
    found += await differences_of_accounts(reader, organization_id, branch_ids)
    return sorted(found)


def what_is_ripe(found: Sequence[OpenDifference], sums: Mapping[UUID, Any]) -> list[OpenDifference]:
    """The differences without those that wait for others: what a check was charged too much or too little is known once
    nothing of it is owed or to be given back, since what is paid then makes up for it. What was paid twice, once by
    being written off, was paid after all.

    Args:
        sums: of the checks about which something is to be done.
    """
    waiting = {check for check, row in sums.items() if row.owed_milli or row.spare_milli}
    ripe = [each for each in found if each.kind not in CHARGED_OTHERWISE or each.check_id not in waiting]
    lost = {check for check, row in sums.items() if row.lost_minor}
    return [_after_all(each) if each.kind is Difference.PAID_TWICE and each.check_id in lost else each for each in ripe]


def _after_all(each: OpenDifference) -> OpenDifference:
    kind = Difference.PAID_AFTER_ALL
    return each._replace(id=exception_id(kind, each.subject_id, each.also), kind=kind)


async def differences_of_families(
    reader: Reader, organization_id: UUID, branch_ids: Collection[UUID]
) -> list[OpenDifference]:
    """What the comparisons of families found in some branches."""
    given = {"organization": organization_id, "branches": sorted(branch_ids)}
    found = []
    for row in await reader.execute(_statements().of_families, given):
        kind = Difference(row.kind)
        key = exception_id(kind, row.subject_id, row.also)
        found.append(OpenDifference(key, kind, row.subject_id, row.check_id, int(row.size), row.also, row.branch_id))
    return found


async def busy_checks(reader: Reader, organization_id: UUID, branch_ids: Collection[UUID]) -> Sequence[Any]:
    """The sums of all checks of some branches about which something is to be done."""
    given = {"organization": organization_id, "branches": sorted(branch_ids)}
    rows = await reader.execute(_statements().busy, given)
    return rows.all()


def differences_of_check(row: Any) -> list[OpenDifference]:
    """What the sums of one check say of its money."""
    return [
        OpenDifference(exception_id(kind, row.check_id, 0), kind, row.check_id, row.check_id, size, 0, row.branch_id)
        for kind, size in troubles_of(row).items()
    ]


async def differences_of_accounts(
    reader: Reader, organization_id: UUID, branch_ids: Collection[UUID]
) -> list[OpenDifference]:
    """People who owe more on account than their limit, or paid more than they owed; their debt is summed up already."""
    given = {"organization": organization_id, "branches": sorted(branch_ids)}
    found = []
    for row in await reader.execute(_statements().accounts, given):
        over = int(row.owed_minor) - row.most_minor
        kind = Difference.ACCOUNT_OVERPAID if row.owed_minor < 0 else Difference.ACCOUNT_ABOVE_LIMIT
        size = -int(row.owed_minor) if row.owed_minor < 0 else over
        key = exception_id(kind, row.id, 0)
        found.append(OpenDifference(key, kind, row.id, row.id, size, 0, row.branch_id))
    return found


class _Statements(NamedTuple):
    of_families: sa.Select[*tuple[Any, ...]]
    busy: sa.Select[*tuple[Any, ...]]
    accounts: sa.Select[*tuple[Any, ...]]


@cache
def _statements() -> _Statements:
    """Built once: building one takes longer than running it."""
    organization: sa.BindParameter[UUID] = sa.bindparam("organization")
    branches: sa.BindParameter[Any] = sa.bindparam("branches", expanding=True)
    of, sums = differences.c, check_balances.c
    return _Statements(
        sa.select(differences).where(
            of.organization_id == organization,
            of.branch_id.in_(branches),
            of.kind != str(Difference.DISCOUNT_LEFT_BEHIND),  # it is one only for parties that sit together
        ),
        sa.select(check_balances).where(
            sums.organization_id == organization, sums.branch_id.in_(branches), is_busy(sums)
        ),
        _accounts(organization, branches),
    )


def _accounts(organization: sa.BindParameter[UUID], branches: sa.BindParameter[Any]) -> sa.Select[*tuple[Any, ...]]:
    account, sums = Account.__table__, account_balances
    owed = sa.func.sum(sums.c.charged_minor - sums.c.paid_minor)
    same = sa.and_(sums.c.organization_id == account.c.organization_id, sums.c.account_id == account.c.id)
    keys = (account.c.id, account.c.branch_id, account.c.most_minor)
    return (
        sa.select(*keys, owed.label("owed_minor"))
        .join_from(account, sums, same)
        .where(account.c.organization_id == organization, account.c.branch_id.in_(branches))
        .group_by(*keys)
        .having(sa.or_(owed < 0, sa.and_(account.c.most_minor > 0, owed > account.c.most_minor)))
    )
