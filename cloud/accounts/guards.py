"""Who may call a route. Every route names one guard (a test checks it):

    @get("/reports", guards=[people(Permission.SEE_REPORTS)])    people whose role has all of these
    @post("/sync", guards=[devices])                             enrolled devices
    @post("/session", guards=[anyone])                           everybody, on purpose

and gets the caller from the dependencies `person`, `device` and `organization_id`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from cloud.accounts.identity import EnrolledDevice, Person
from cloud.accounts.own_branches import OwnBranches
from cloud.accounts.tokens import DeviceClaims, PersonClaims, TokenError, Tokens
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission, Role

Connection = ASGIConnection[Any, Any, Any, Any]
COOKIE = "comanda_session"
SECURE_COOKIE = "__Host-comanda_session"
"""Browsers take this name only over TLS, for the whole host and from no subdomain."""
ORGANIZATION_HEADER = "comanda-organization"
ORGANIZATION_COOKIE = "comanda_organization"
SECURE_ORGANIZATION_COOKIE = "__Host-comanda_organization"
"""By which a super admin says whose affairs a request is about: programs in the header, pages in the cookie."""
_HARMLESS_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_HELD = "comanda_identity"
_UNNAMED = "comanda_branches_unnamed"
"""Whether the token does not name the caller's branches."""
_PORTS = {"http": 80, "https": 443}


class Guard:
    """Decides who may call a route. The test on all routes looks for this type."""

    async def __call__(self, connection: Connection, _handler: BaseRouteHandler) -> None:
        """Raise a problem unless the caller may go on."""


class People(Guard):
    """People whose role has all of some permissions."""

    def __init__(self, permissions: frozenset[Permission]) -> None:
        self._permissions = permissions

    async def __call__(self, connection: Connection, _handler: BaseRouteHandler) -> None:
        """Raise PEOPLE_ONLY or NOT_PERMITTED unless the caller may go on."""
        somebody = identify(connection)
        if not isinstance(somebody, Person):
            raise DomainError("PEOPLE_ONLY")
        for permission in sorted(self._permissions):
            if not somebody.may(permission):
                raise DomainError("NOT_PERMITTED", permission=permission)


class Devices(Guard):
    """Enrolled devices."""

    async def __call__(self, connection: Connection, _handler: BaseRouteHandler) -> None:
        """Raise DEVICES_ONLY unless the caller may go on."""
        if not isinstance(identify(connection), EnrolledDevice):
            raise DomainError("DEVICES_ONLY")


def people(*permissions: Permission) -> Guard:
    """People whose role has all of these permissions."""
    return People(frozenset(permissions))


devices: Guard = Devices()
"""Enrolled devices."""
anyone: Guard = Guard()
"""Everybody, also without a token."""


def identify(connection: Connection) -> Person | EnrolledDevice:
    """The sender of a request, by their bearer token or by a browser's cookie.

    Raises:
        DomainError: NOT_SIGNED_IN, or FOREIGN_PAGE when another site's page sends our cookie.
    """
    held: Person | EnrolledDevice | None = connection.scope["state"].get(_HELD)
    if held is not None:
        return held
    tokens: Tokens = connection.app.state.tokens
    try:
        claims = tokens.read(_token(connection))
    except TokenError:
        raise DomainError("NOT_SIGNED_IN") from None
    somebody = EnrolledDevice.of(claims) if isinstance(claims, DeviceClaims) else Person.of(claims)
    connection.scope["state"][_UNNAMED] = isinstance(claims, PersonClaims) and claims.branches is None
    connection.scope["state"][_HELD] = somebody
    return somebody


def identified(connection: Connection) -> Person | None:
    """The person whom a guard has already found; None if it is no person, or was not asked for."""
    held = connection.scope["state"].get(_HELD)
    return held if isinstance(held, Person) else None


async def provide_person(request: Connection) -> Person:
    """The calling person with their branches, under the name `person`."""
    somebody = identify(request)
    if not isinstance(somebody, Person):
        raise DomainError("PEOPLE_ONLY")
    if request.scope["state"].get(_UNNAMED):
        own_branches: OwnBranches = request.app.state.own_branches
        return replace(somebody, branches=await own_branches.of(somebody.account_id))
    return somebody


async def provide_device(request: Connection) -> EnrolledDevice:
    """The calling device, under the name `device`."""
    somebody = identify(request)
    if not isinstance(somebody, EnrolledDevice):
        raise DomainError("DEVICES_ONLY")
    return somebody


async def provide_organization_id(request: Connection) -> UUID:
    """The tenant of the request, under the name `organization_id`.

    Raises:
        DomainError: ORGANIZATION_MISSING, when a super admin named none in the header `comanda-organization` and
            chose none on the page for it.
    """
    somebody = identify(request)
    if somebody.organization_id is not None:
        return somebody.organization_id
    assert isinstance(somebody, Person)
    assert somebody.role is Role.SUPER_ADMIN
    secure = request.app.state.settings.secure
    kept = request.cookies.get(SECURE_ORGANIZATION_COOKIE if secure else ORGANIZATION_COOKIE, "")
    try:
        return UUID(request.headers.get(ORGANIZATION_HEADER, kept))
    except ValueError:
        raise DomainError("ORGANIZATION_MISSING", header=ORGANIZATION_HEADER) from None


def _token(connection: Connection) -> str:
    kind, _, token = connection.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return token.strip()
    secure = connection.app.state.settings.secure
    cookie = connection.cookies.get(SECURE_COOKIE if secure else COOKIE)
    if cookie is None:
        raise TokenError
    if connection.scope.get("method", "GET") not in _HARMLESS_METHODS or "websocket" in connection.scope["type"]:
        refuse_foreign_page(connection)
    return cookie


def refuse_foreign_page(connection: Connection) -> None:
    """Refuse a request that another site's page sends: cookies and forms count only from our own pages.

    Ours is the public address of the settings, whatever `Host` a proxy passes on; and the host that was asked.

    Raises:
        DomainError: FOREIGN_PAGE (params: ours, the public address, or the host that was asked).
    """
    public = connection.app.state.settings.public_url
    host = connection.headers.get("host", "")
    origin = connection.headers.get("origin")
    if origin is None:
        same = connection.headers.get("sec-fetch-site") in ("same-origin", "none")
    else:
        named = _origin_of(origin)
        asked = _origin_of(f"{origin.partition('://')[0]}://{host}")
        same = named is not None and named in (asked, _origin_of(public) if public else None)
    if not same:
        raise DomainError("FOREIGN_PAGE", ours=public or host)


def _origin_of(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of an address: `https://a` and `https://A:443/x` are one origin."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname else None
