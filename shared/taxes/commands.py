"""Writing tax categories and their rates. Run on the cloud."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.money import FULL_RATE, price_is_sensible
from shared.kernel.permissions import Permission
from shared.kernel.text import clean
from shared.kernel.work import Work
from shared.taxes.records import TaxCategory, TaxRate


async def add_tax_category(work: Work, name: str, tax_category_id: UUID | None = None) -> TaxCategory:
    """Add a tax category. Without a rate it means that nothing is due.

    Raises:
        DomainError: NOT_PERMITTED, NAME_MISSING.
    """
    return work.add(
        TaxCategory(
            organization_id=work.organization_id, id=tax_category_id or work.ids.new(), name=_named(work, name, 60)
        )
    )


async def add_tax_rate(
    work: Work,
    tax_category_id: UUID,
    name: str,
    rate_millionths: int = 0,
    per_unit_minor: int = 0,
    *,
    included: bool = True,
    valid_from: date | None = None,
    valid_until: date | None = None,
    tax_rate_id: UUID | None = None,
) -> TaxRate:
    """Add a tax to a category: a rate, or an amount for each unit. From its first day it supersedes one of its name.

    Raises:
        DomainError: NOT_PERMITTED, NAME_MISSING, RATE_NOT_SENSIBLE, RATE_ENDS_BEFORE_IT_BEGINS.
    """
    amount_or_rate = rate_millionths == 0 or per_unit_minor == 0
    if not (0 <= rate_millionths <= FULL_RATE and price_is_sensible(per_unit_minor) and amount_or_rate):
        raise DomainError("RATE_NOT_SENSIBLE")
    if valid_from is not None and valid_until is not None and valid_until < valid_from:
        raise DomainError("RATE_ENDS_BEFORE_IT_BEGINS")
    return work.add(
        TaxRate(
            organization_id=work.organization_id,
            id=tax_rate_id or work.ids.new(),
            tax_category_id=tax_category_id,
            name=_named(work, name, 40),
            rate_millionths=rate_millionths,
            per_unit_minor=per_unit_minor,
            included=included,
            valid_from=valid_from,
            valid_until=valid_until,
        )
    )


def _named(work: Work, name: str, most_characters: int) -> str:
    work.require(Permission.EDIT_MENU)
    cleaned = clean(name, most_characters)
    if not cleaned:
        raise DomainError("NAME_MISSING")
    return cleaned
