"""The ways to pay: adding one, and what one asks of a tender: a right, a limit, no number of a card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from uuid import UUID

from shared.countries.currencies import is_code
from shared.kernel.errors import DomainError
from shared.kernel.money import price_is_sensible
from shared.kernel.permissions import Permission
from shared.kernel.text import clean
from shared.kernel.work import Work
from shared.payments.exchange import refuse_unknown_rate
from shared.payments.records import PaymentMethod
from shared.payments.rules import Asks, Tender, TenderKind, is_no_card_number

MAX_QR_CHARACTERS = 500


async def add_payment_method(
    work: Work,
    name: str,
    kind: TenderKind,
    position: int = 0,
    method_id: UUID | None = None,
    *,
    asks: Asks = Asks.LATER,
    qr_text: str = "",
    gives_change: bool = False,
    needs_right: Permission | None = None,
    most_minor: int = 0,
    currency: str = "",
    names: Mapping[str, str] = MappingProxyType({}),
) -> PaymentMethod:
    """A way to pay that the organization takes. Run on the cloud.

    Raises:
        DomainError: NOT_PERMITTED, NAME_MISSING, CURRENCY_UNKNOWN, LIMIT_NOT_SENSIBLE.
    """
    work.require(Permission.EDIT_BRANCH)
    if not clean(name):
        raise DomainError("NAME_MISSING")
    if currency and not is_code(currency):
        raise DomainError("CURRENCY_UNKNOWN", currency=clean(currency))
    if not price_is_sensible(most_minor):
        raise DomainError("LIMIT_NOT_SENSIBLE")
    return work.add(
        PaymentMethod(
            organization_id=work.organization_id,
            id=method_id or work.ids.new(),
            name=clean(name, 40),
            names={language: clean(said, 40) for language, said in names.items()},
            kind=kind,
            asks=asks,
            qr_text=qr_text[:MAX_QR_CHARACTERS],
            gives_change=gives_change,
            needs_right="" if needs_right is None else needs_right.value,
            most_minor=most_minor,
            currency=currency,
            position=position,
        )
    )


async def permit_tenders(work: Work, tenders: Sequence[Tender]) -> None:
    """Look whether each tender may be taken as its method says.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, CARD_NUMBER, ABOVE_METHOD (params: method, most_minor), ACCOUNT_MISSING,
            RATE_CHANGED.
    """
    for tender in tenders:
        if not is_no_card_number(tender.reference, tender.last_four, tender.authorization):
            raise DomainError("CARD_NUMBER")
        method = await work.get(PaymentMethod, tender.method_id)
        if method.needs_right in set(Permission):
            work.require(Permission(method.needs_right), tender.amount_minor)
        if method.most_minor and tender.amount_minor > method.most_minor:
            raise DomainError("ABOVE_METHOD", method=method.name, most_minor=method.most_minor)
        if tender.kind is TenderKind.ACCOUNT:
            work.require(Permission.CHARGE_ACCOUNT, tender.amount_minor)
            if tender.account_id is None:
                raise DomainError("ACCOUNT_MISSING")
        if tender.given_currency:
            await refuse_unknown_rate(work, tender.given_currency, tender.rate_millionths)
