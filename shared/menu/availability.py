"""Saying what is sold out or how much of it is left, and counting down with each portion that is ordered.

What was said holds for its business day, on every device of the branch alike; what is dated later holds already, since
the clock of who said it may be ahead. A portion that was called off before anybody began it is there again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from shared.kernel.columns import Instant, Key
from shared.kernel.errors import DomainError, NotFound
from shared.kernel.instants import BusinessDate
from shared.kernel.permissions import Permission
from shared.kernel.quantity import format_quantity
from shared.kernel.records import Base
from shared.kernel.work import Work
from shared.menu.availability_records import Availability, AvailabilityKind
from shared.menu.branch_records import BranchItem
from shared.menu.records import Item, Modifier
from shared.truth.family import LINES, VOIDS, compare
from shared.truth.portions import modifiers_of, portions_of
from shared.truth.reading import Reader, RowsOfFamily, rows_of_families

MOST_LEFT_MILLI = 9_999_000
"""Nobody counts more than this; it is a slip of the finger."""
_A_DAY = timedelta(days=1)
_EARLIEST = date(1970, 1, 4)
CLOCKS_DIFFER = timedelta(days=1)
"""So far the clocks of two devices may differ, and the lines of one day are still found."""


class Left(NamedTuple):
    """What is left of a dish or a modifier of which somebody said so.

    Attributes:
        left_milli: in thousandths of a portion. Below nothing, more was sold than there was.
        is_counted: it counts down; else it is simply sold out.
        said_at, said_by: when and by whom it was said.
    """

    subject_id: UUID
    row_id: UUID
    name: str
    left_milli: int
    is_counted: bool
    said_at: datetime
    said_by: str

    @property
    def is_out(self) -> bool:
        """Whether nothing is left."""
        return self.left_milli <= 0


async def set_out(work: Work, subject_id: UUID) -> Availability:
    """Say that a dish or a modifier is sold out, until somebody says otherwise or the next business day begins.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND.
    """
    return await _say(work, subject_id, AvailabilityKind.OUT)


async def set_left(work: Work, subject_id: UUID, pieces_milli: int) -> Availability:
    """Say how many portions are left (or how much, of what is weighed). Each that is ordered counts down.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, LEFT_NOT_SENSIBLE.
    """
    if not 0 <= pieces_milli <= MOST_LEFT_MILLI:
        raise DomainError("LEFT_NOT_SENSIBLE", most=format_quantity(MOST_LEFT_MILLI))
    return await _say(work, subject_id, AvailabilityKind.COUNT, pieces_milli)


async def set_back(work: Work, subject_id: UUID) -> Availability:
    """Say that a dish or a modifier can be sold again, without counting.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND.
    """
    return await _say(work, subject_id, AvailabilityKind.BACK)


async def require_left(work: Work, item: UUID | None, modifiers: Iterable[UUID], quantity_milli: int) -> None:
    """Raise if less is left of a dish, or of one of its modifiers, than is to be ordered. A key press waits for it.

    Args:
        item: None: only the modifiers are asked about.
        modifiers: as often as each is chosen for one portion.

    Raises:
        DomainError: ITEM_SOLD_OUT, FEWER_LEFT (params: item, left).
    """
    wanted = Counter(modifiers)
    if item is not None:
        wanted[item] += 1
    if quantity_milli > 0:
        await require_left_in_all(work, {subject: count * quantity_milli for subject, count in wanted.items()})


async def require_left_in_all(work: Work, wanted: Mapping[UUID, int]) -> None:
    """The same for several lines together: so much (in thousandths) of each dish and modifier in all.

    Raises:
        DomainError: ITEM_SOLD_OUT, FEWER_LEFT (params: item, left).
    """
    if not wanted or work.place.branch_id is None:
        return
    connection = await work.session.connection()  # reading through the session takes twice as long
    said = await _said(connection, work.organization_id, (work.branch_id,), work.business_date, wanted.keys())
    for left in await _left_of(work.session, work.organization_id, said):
        if left.is_out:
            raise DomainError("ITEM_SOLD_OUT", item=left.name)
        if wanted[left.subject_id] > left.left_milli:
            raise DomainError("FEWER_LEFT", item=left.name, left=format_quantity(left.left_milli))


async def availability(
    reader: Reader, organization_id: UUID, branch_id: UUID, day: BusinessDate
) -> Mapping[UUID, Left]:
    """What is sold out or counted in a branch on a business day, by item or modifier; one statement if nothing is."""
    said = await _said(reader, organization_id, (branch_id,), day)
    return {left.subject_id: left for left in await _left_of(reader, organization_id, said)}


class Oversold(NamedTuple):
    """More was sold of something than there was. `row_id` is what somebody said of it."""

    row_id: UUID
    branch_id: UUID
    name: str
    over_milli: int
    said_at: datetime
    said_by: str


async def oversold(reader: Reader, organization_id: UUID, branch_ids: Collection[UUID]) -> list[Oversold]:
    """What was oversold on the last business day on which some branches said anything."""
    rows = (await reader.execute(_statements().last, _given(organization_id, branch_ids, date.max))).all()
    found = []
    for branch_id in sorted({row.branch_id for row in rows}):
        said = _missing(_newest(row for row in rows if row.branch_id == branch_id))
        found += [
            Oversold(left.row_id, branch_id, left.name, -left.left_milli, left.said_at, left.said_by)
            for left in await _left_of(reader, organization_id, said)
            if left.left_milli < 0
        ]
    return found


async def _say(work: Work, subject_id: UUID, kind: AvailabilityKind, pieces_milli: int = 0) -> Availability:
    work.require(Permission.SET_AVAILABILITY)
    name, is_modifier = await _named(work, subject_id)
    await work.session.flush()  # the row that it replaces may be of this unit of work
    here = work.organization_id, (work.branch_id,)
    said = await work.session.execute(
        _statements().of_subjects, {**_given(*here, work.business_date), "subjects": [subject_id]}
    )
    holds = _newest(said).get(subject_id)
    day = await _day(work, work.business_date if holds is None else holds.business_date)
    given = _given(*here, day)
    known = await _ordered(work.session, work.organization_id, given, [subject_id], [subject_id] if is_modifier else [])
    return work.add(
        Availability(
            organization_id=work.organization_id,
            branch_id=work.branch_id,
            id=work.ids.new(),
            subject_id=subject_id,
            is_modifier=is_modifier,
            name=name,
            replaces_id=None if holds is None else holds.id,
            kind=kind,
            pieces_milli=pieces_milli,
            known_milli=max(0, known[subject_id]),
            business_date=day,
            said_at=work.now,
            said_by=work.actor.name,
        )
    )


async def _day(work: Work, spoken_of: date) -> BusinessDate:
    """The business day for which something is said: the device's own, or a later one on which the house sells already.

    So a display whose clock is behind says it for the day of the others.

    Args:
        spoken_of: the day of what it answers, however far the clock of the device is behind it.
    """
    own = work.business_date
    latest = max(own + _A_DAY, spoken_of)
    given = {"organization": work.organization_id, "branch": work.branch_id, "latest": latest}
    selling: date | None = await work.session.scalar(_statements().selling, given)
    return own if selling is None else BusinessDate(max(own, selling))


async def _named(work: Work, subject_id: UUID) -> tuple[str, bool]:
    """The name of an item, a dish of the branch or a modifier, and whether it is a modifier."""
    key = (work.organization_id, subject_id)
    dish: Item | BranchItem | None = await work.session.get(Item, key)
    dish = dish or await work.session.get(BranchItem, key)
    if dish is not None:
        return dish.name, False
    modifier = await work.session.get(Modifier, key)
    if modifier is None:
        raise NotFound(Item.__tablename__, subject_id)
    return modifier.name, True


async def _said(
    reader: Reader,
    organization_id: UUID,
    branch_ids: Collection[UUID],
    day: BusinessDate,
    subjects: Collection[UUID] | None = None,
) -> Sequence[Any]:
    """What was said last of each dish and modifier on a business day, without what can be sold again."""
    given = _given(organization_id, branch_ids, day)
    if subjects is None:
        rows = await reader.execute(_statements().of_day, given)
    else:
        rows = await reader.execute(_statements().of_subjects, {**given, "subjects": sorted(subjects)})
    return _missing(_newest(rows))


def _newest(rows: Iterable[Any]) -> Mapping[UUID, Any]:
    """The row of each subject that holds: of several that no other row replaces the one that was said last."""
    return {row.subject_id: row for row in sorted(rows, key=lambda row: (row.said_at, row.id))}


def _missing(newest: Mapping[UUID, Any]) -> Sequence[Any]:
    """What is sold out or counted: all but what can be sold again."""
    return [row for row in newest.values() if row.kind is not AvailabilityKind.BACK]


async def _left_of(reader: Reader, organization_id: UUID, said: Sequence[Any]) -> list[Left]:
    """What is left, from what was said in one branch."""
    ordered: Counter[UUID] = Counter()
    for day in {row.business_date for row in said}:
        rows = [row for row in said if row.business_date == day]
        given = _given(organization_id, (rows[0].branch_id,), day)
        modifiers = {row.subject_id for row in rows if row.is_modifier}
        ordered |= await _ordered(reader, organization_id, given, [row.subject_id for row in rows], modifiers)
    return [
        Left(
            row.subject_id,
            row.id,
            row.name,
            _left_milli(row, ordered[row.subject_id] - row.known_milli),
            row.kind is AvailabilityKind.COUNT,
            row.said_at,
            row.said_by,
        )
        for row in said
    ]


def _left_milli(row: Any, ordered_since: int) -> int:
    """What is left after so much was ordered since. Of what is sold out nothing comes back by itself."""
    left: int = row.pieces_milli - ordered_since
    return left if row.kind is AvailabilityKind.COUNT else min(0, left)


async def _ordered(
    reader: Reader,
    organization_id: UUID,
    given: Mapping[str, Any],
    subjects: Collection[UUID],
    modifiers: Collection[UUID],
) -> Counter[UUID]:
    """Portions that orders of a business day and the one before have of dishes and modifiers, voided after they were
    begun, too.

    Args:
        given: the branch and the day.
        modifiers: which of the subjects are modifiers.
    """
    found: Counter[UUID] = Counter()
    items = sorted(set(subjects) - set(modifiers))
    if items:
        for row in await reader.execute(_statements().ordered, {**given, "items": items}):
            found[row.item_id] += int(row.ordered or 0)
        voided = {row.root_id: row for row in await reader.execute(_statements().voided, {**given, "items": items})}
        for root, rows in (await rows_of_families(reader, organization_id, voided)).items():
            found[voided[root].item_id] -= max(0, int(voided[root].held)) - _ordered_of(root, rows)
    for modifier in modifiers:
        found[modifier] = await _of_modifier(reader, organization_id, given, modifier)
    return found


def _ordered_of(root: UUID, rows: RowsOfFamily) -> int:
    """Portions of a family that are not there again: those that stand, and those that were made all the same."""
    made = sum(each.good + each.gone for each in compare(root, rows).cooking.values())
    return max(made, sum(_standing(root, rows).values()))


def _standing(root: UUID, rows: RowsOfFamily) -> Mapping[UUID, int]:
    """Portions by line, those that were voided after somebody began them among them."""
    called_off = [void for void in rows[VOIDS].values() if not void.begun]
    return portions_of(root, rows[LINES], called_off).live


async def _of_modifier(reader: Reader, organization_id: UUID, given: Mapping[str, Any], modifier_id: UUID) -> int:
    """Portions of a modifier: those of the lines that have it, as often as they have it. Few are ever counted."""
    text = str(modifier_id)
    roots = (await reader.execute(_statements().with_modifier, {**given, "text": f"%{text}%"})).scalars()
    ordered = 0
    for root, rows in (await rows_of_families(reader, organization_id, roots)).items():
        for line_id, live in _standing(root, rows).items():
            times = sum(each["id"] == text for each in modifiers_of(line_id, rows[LINES]))
            ordered += live * times
    return ordered


def _given(organization_id: UUID, branch_ids: Collection[UUID], day: date) -> dict[str, Any]:
    before = max(day, _EARLIEST) - _A_DAY
    begins = datetime.combine(before, time(), UTC) - CLOCKS_DIFFER
    branches = sorted(branch_ids)
    return {"organization": organization_id, "branches": branches, "day": day, "before": before, "since": begins}


class _Statements(NamedTuple):
    of_day: sa.Select[Any]
    of_subjects: sa.Select[Any]
    selling: sa.Select[Any]
    last: sa.Select[Any]
    ordered: sa.CompoundSelect[Any]
    voided: sa.Select[Any]
    with_modifier: sa.Select[Any]


@cache
def _statements() -> _Statements:
    """Built once: building one takes longer than running it."""
    said = Availability.__table__
    lines, orders, voids = (Base.metadata.tables[name] for name in (LINES, "orders", VOIDS))
    organization: sa.BindParameter[UUID] = sa.bindparam("organization", type_=Key())
    branches: sa.BindParameter[Any] = sa.bindparam("branches", expanding=True, type_=Key())
    items: sa.BindParameter[Any] = sa.bindparam("items", expanding=True, type_=Key())
    subjects: sa.BindParameter[Any] = sa.bindparam("subjects", expanding=True, type_=Key())
    here = sa.and_(said.c.organization_id == organization, said.c.branch_id.in_(branches))
    later = said.alias("later")
    stands = ~sa.exists().where(later.c.organization_id == organization, later.c.replaces_id == said.c.id)
    of_day = sa.select(said).where(here, said.c.business_date >= sa.bindparam("day"), stands)
    last_days = (
        sa.select(said.c.branch_id, sa.func.max(said.c.business_date).label("day"))
        .where(here)
        .group_by(said.c.branch_id)
        .subquery()
    )
    last = sa.select(said).join(
        last_days,
        sa.and_(said.c.branch_id == last_days.c.branch_id, said.c.business_date == last_days.c.day),
    )
    of_order = sa.and_(orders.c.organization_id == lines.c.organization_id, orders.c.id == lines.c.order_id)
    of_this_day = sa.and_(
        lines.c.organization_id == organization,
        lines.c.branch_id.in_(branches),
        lines.c.added_at >= sa.bindparam("since", type_=Instant()),
        orders.c.business_date.in_((sa.bindparam("before"), sa.bindparam("day"))),
    )
    held = sa.func.sum(lines.c.quantity_milli + lines.c.more_milli).label("held")
    families = (
        sa.select(lines.c.item_id, lines.c.root_id, held)
        .join(orders, of_order)
        .where(of_this_day, lines.c.item_id.in_(items))
        .group_by(lines.c.item_id, lines.c.root_id)
        .subquery()
    )
    portions = sa.case((families.c.held > 0, families.c.held), else_=0)
    combos, part = Base.metadata.tables["order_combos"], lines.alias("part")
    of_combo = sa.and_(part.c.organization_id == combos.c.organization_id, part.c.combo_id == combos.c.id)
    # A combo is as many as its parts, which grow and go together; one that was voided is not sold again by itself.
    ordered_combos = (
        sa.select(combos.c.item_id, combos.c.id, sa.func.max(part.c.quantity_milli + part.c.more_milli).label("held"))
        .join_from(combos, part, of_combo)
        .join(orders, sa.and_(orders.c.organization_id == combos.c.organization_id, orders.c.id == combos.c.order_id))
        .where(
            combos.c.organization_id == organization,
            combos.c.branch_id.in_(branches),
            combos.c.added_at >= sa.bindparam("since", type_=Instant()),
            orders.c.business_date.in_((sa.bindparam("before"), sa.bindparam("day"))),
            combos.c.item_id.in_(items),
        )
        .group_by(combos.c.item_id, combos.c.id)
        .subquery()
    )
    of_items = sa.select(families.c.item_id, sa.func.sum(portions).label("ordered")).group_by(families.c.item_id)
    of_combos = sa.select(ordered_combos.c.item_id, sa.func.sum(ordered_combos.c.held)).group_by(
        ordered_combos.c.item_id
    )
    return _Statements(
        of_day=of_day,
        of_subjects=of_day.where(said.c.subject_id.in_(subjects)),
        selling=sa.select(sa.func.max(orders.c.business_date)).where(
            orders.c.organization_id == organization,
            orders.c.branch_id == sa.bindparam("branch", type_=Key()),
            orders.c.business_date <= sa.bindparam("latest"),
        ),
        last=last.where(here, stands),
        ordered=sa.union_all(of_items, of_combos),
        voided=sa.select(families).where(
            sa.exists().where(
                voids.c.organization_id == organization,
                voids.c.root_id == families.c.root_id,
                sa.not_(voids.c.lifted),
            )
        ),
        with_modifier=sa.select(lines.c.root_id)
        .distinct()
        .join(orders, of_order)
        .where(of_this_day, sa.cast(lines.c.modifiers, sa.Text).like(sa.bindparam("text"))),
    )
