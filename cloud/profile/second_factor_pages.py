"""/profile/second-factor: set up one-time codes with a QR code, see the recovery codes once, take all away again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import SkipValidation, URLEncodedBody
from litestar.response import Redirect
from pydantic import Field

from cloud.accounts.guards import Holder, require_fresh_proof
from cloud.accounts.own_account import OwnAccount
from cloud.accounts.second_factor import Offered, SecondFactor
from cloud.edge.body import Body
from cloud.edge.problem import texts_of
from cloud.pages.rendering import PROFILE_PATH, SECOND_FACTOR_PATH, page
from cloud.profile.pages import _PAGE, AnyRequest
from shared.kernel.errors import DomainError

QUIET_MODULES = 4
"""White around a QR code, which readers need."""


class TakeUpForm(Body):
    """What the form sends. `offer`: the secret, sealed, as the page gave it."""

    offer: str = Field(max_length=200)
    code: str = Field(max_length=20)


@get(SECOND_FACTOR_PATH, **_PAGE)
async def second_factor_page(
    request: AnyRequest,
    holder: NamedDependency[SkipValidation[Holder]],
    own_account: NamedDependency[SkipValidation[OwnAccount]],
    second_factor: NamedDependency[SkipValidation[SecondFactor]],
) -> Response[str]:
    """Offer a secret; or say that there is one, with what may be done about it."""
    await require_fresh_proof(request)
    account = await own_account.read(holder.account_id)
    if account.totp_sealed is not None:
        left = await second_factor.recovery_codes_left(holder.account_id)
        return page(request, "profile/factor_is_on.html", codes_left=left)
    return _offer(request, account.email, holder.account_id, second_factor, second_factor.offer())


@post(SECOND_FACTOR_PATH, **_PAGE)
async def take_up_factor(
    request: AnyRequest,
    data: URLEncodedBody[TakeUpForm],
    holder: NamedDependency[SkipValidation[Holder]],
    own_account: NamedDependency[SkipValidation[OwnAccount]],
    second_factor: NamedDependency[SkipValidation[SecondFactor]],
    tell_account: NamedDependency[SkipValidation[Callable[[UUID], None]]],
) -> Response[Any]:
    """Demand codes from now on, and show the recovery codes; or the offer again, with the reason."""
    await require_fresh_proof(request)
    offered = second_factor.opened_offer(holder.account_id, data.offer)
    try:
        codes = await second_factor.take_up(holder.account_id, offered, data.code, holder.session)
    except DomainError as problem:
        account = await own_account.read(holder.account_id)
        return _offer(request, account.email, holder.account_id, second_factor, offered, problem)
    tell_account(holder.account_id)
    return _codes(request, codes)


@post(f"{SECOND_FACTOR_PATH}/codes", **_PAGE)
async def renew_codes(
    request: AnyRequest,
    holder: NamedDependency[SkipValidation[Holder]],
    second_factor: NamedDependency[SkipValidation[SecondFactor]],
) -> Response[str]:
    """Show other recovery codes; those before them do not count any more."""
    await require_fresh_proof(request)
    return _codes(request, await second_factor.new_recovery_codes(holder.account_id, holder.session))


@post(f"{SECOND_FACTOR_PATH}/remove", **_PAGE)
async def remove_factor(
    request: AnyRequest,
    holder: NamedDependency[SkipValidation[Holder]],
    second_factor: NamedDependency[SkipValidation[SecondFactor]],
    tell_account: NamedDependency[SkipValidation[Callable[[UUID], None]]],
) -> Redirect:
    """Demand no codes any more."""
    await require_fresh_proof(request)
    await second_factor.take_away(holder.account_id, holder.session)
    tell_account(holder.account_id)
    return Redirect(f"{PROFILE_PATH}?done=removed", status_code=303)


def _offer(
    request: AnyRequest,
    email: str,
    account_id: UUID,
    second_factor: SecondFactor,
    offered: Offered,
    problem: DomainError | None = None,
) -> Response[str]:
    address = offered.address(email)
    size, dots = qr_dots(address)
    return page(
        request,
        "profile/factor.html",
        problem=problem,
        secret=offered.text,
        address_of_secret=address,
        offer=second_factor.sealed_offer(account_id, offered),
        qr_size=size,
        qr_dots=dots,
        sentence=texts_of(request)(problem.code, **problem.params) if problem is not None else "",
    )


def _codes(request: AnyRequest, codes: list[str]) -> Response[str]:
    return page(request, "profile/codes.html", codes=codes)


def qr_dots(text: str) -> tuple[int, str]:
    """A QR code as the size and the path of an SVG, one unit a module."""
    import qrcode  # 60 ms, and few people need it

    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=QUIET_MODULES)
    code.add_data(text)
    code.make(fit=True)
    modules = code.get_matrix()
    dots = "".join(
        f"M{column},{row}h1v1h-1z" for row, line in enumerate(modules) for column, is_dark in enumerate(line) if is_dark
    )
    return len(modules), dots
