"""Writing dayparts and price rules. Run on the cloud."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.money import FULL_RATE, price_is_sensible
from shared.kernel.permissions import Permission
from shared.kernel.text import clean
from shared.kernel.work import Work
from shared.pricing.records import LAST_WEEKDAY, MINUTES_A_DAY, Daypart, PriceRule

MAX_NAME = 60


@dataclass(frozen=True, slots=True)
class Hours:
    """For what something holds, and when: see `records.Daypart`."""

    starts: int
    ends: int
    weekdays: Collection[int] = ()
    items: Collection[UUID] = ()
    categories: Collection[UUID] = ()
    only_branch: UUID | None = None

    def checked(self) -> dict[str, Any]:
        """The columns that say it.

        Raises:
            DomainError: WINDOW_NOT_SENSIBLE, RULE_NOT_SENSIBLE (it names nothing).
        """
        minutes = all(0 <= each < MINUTES_A_DAY for each in (self.starts, self.ends))
        if not minutes or not all(1 <= day <= LAST_WEEKDAY for day in self.weekdays):
            raise DomainError("WINDOW_NOT_SENSIBLE")
        if not (self.items or self.categories):
            raise DomainError("RULE_NOT_SENSIBLE")
        return {
            "starts": self.starts,
            "ends": self.ends,
            "weekdays": sorted(set(self.weekdays)),
            "items": sorted(each.hex for each in set(self.items)),
            "categories": sorted(each.hex for each in set(self.categories)),
            "only_branch": self.only_branch,
        }


async def add_daypart(work: Work, name: str, hours: Hours, daypart_id: UUID | None = None) -> Daypart:
    """Sell items only in a part of the day; several dayparts may name one item.

    Raises:
        DomainError: NOT_PERMITTED, NAME_MISSING, WINDOW_NOT_SENSIBLE, RULE_NOT_SENSIBLE.
    """
    named = _named(work, name)
    return work.add(
        Daypart(organization_id=work.organization_id, id=daypart_id or work.ids.new(), name=named, **hours.checked())
    )


async def add_price_rule(
    work: Work,
    name: str,
    hours: Hours,
    price_minor: int | None = None,
    rate_millionths: int = 0,
    kinds: Iterable[str] = (),
    rule_id: UUID | None = None,
) -> PriceRule:
    """Sell items at another price for some hours.

    Args:
        price_minor: of one, without modifiers; None: the listed price less `rate_millionths`.
        kinds: words of kinds of order; none: all of them.

    Raises:
        DomainError: NOT_PERMITTED, NAME_MISSING, PRICE_NOT_SENSIBLE, WINDOW_NOT_SENSIBLE, RULE_NOT_SENSIBLE.
    """
    named = _named(work, name)
    if price_minor is not None and not price_is_sensible(price_minor):
        raise DomainError("PRICE_NOT_SENSIBLE")
    if (price_minor is None) == (rate_millionths == 0) or not 0 <= rate_millionths <= FULL_RATE:
        raise DomainError("RULE_NOT_SENSIBLE")
    return work.add(
        PriceRule(
            organization_id=work.organization_id,
            id=rule_id or work.ids.new(),
            name=named,
            kinds=sorted(set(kinds)),
            price_minor=price_minor,
            rate_millionths=rate_millionths,
            **hours.checked(),
        )
    )


async def end_price_rule(work: Work, rule_id: UUID) -> None:
    """Let a price rule hold no more. What was ordered by it keeps its price.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND.
    """
    work.require(Permission.EDIT_MENU)
    (await work.get(PriceRule, rule_id)).active = False


def _named(work: Work, name: str) -> str:
    work.require(Permission.EDIT_MENU)
    cleaned = clean(name, MAX_NAME)
    if not cleaned:
        raise DomainError("NAME_MISSING")
    return cleaned
