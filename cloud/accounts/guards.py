"""Who may call a route. Every route names one guard (a test checks it); that of an operation follows from what it
declares (`edge/operation.py`):

    @get("/reports", guards=[people(Permission.SEE_REPORTS)])    people whose role has all of these
    @post("/news", guards=[devices])                             enrolled devices
    @get("/profile", guards=[account_holders])                   people who are logged in, whatever they may
    @post("/session", guards=[anyone])                           everybody, on purpose

and gets the caller from the dependencies `person`, `device`, `holder` and `organization_id`. Programs send a token,
browsers the cookie of their session, which opens pages and nothing of the API. An API key is a token, too: it opens the
routes of people whose scope it has (`scopes.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from cloud.accounts.api_keys import ApiKeys, is_key
from cloud.accounts.identity import EnrolledDevice, Person
from cloud.accounts.limits import GROUP, RateLimited
from cloud.accounts.scopes import SCOPE
from cloud.accounts.sessions import Sessions, SessionSeen
from cloud.accounts.standings import Standing, Standings
from cloud.accounts.tokens import DeviceClaims, TokenError, Tokens
from cloud.control.audit import Doer, doing
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission, Role

Connection = ASGIConnection[Any, Any, Any, Any]
COOKIE = "comanda_session"
SECURE_COOKIE = "__Host-comanda_session"
"""Browsers take this name only over TLS, for the whole host and from no subdomain."""
ORGANIZATION_HEADER = "comanda-organization"
"""By which the program of a super admin says whose affairs a request is about."""
ADMINISTRATORS = frozenset({Role.SUPER_ADMIN, Role.ORGANIZATION_ADMIN})
"""Of whom a second factor may be demanded."""
API_PREFIX = "/api/"
"""No cookie opens what is below it, and no token a page."""
PROOF_LASTS = timedelta(minutes=15)
"""So long after a password or code somebody may do what is risky without giving it again."""
RENEWAL_HEADER = "comanda-renewal"
"""What a page asks for by itself says so, and does not keep its session alive."""
MADE_FOR = "made_for"
"""By which the address of a form says for which organization its page was made. The renewal of a page says so in its
header."""
_HARMLESS_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
COUNTED = "comanda_counted"
"""Under which the state of a request has what its caller has left (`limits.Counted`)."""
_HELD = "comanda_identity"
_HELD_SESSION = "comanda_log_in_session"
_PORTS = {"http": 80, "https": 443}


class Guard:
    """Decides who may call a route. The test on all routes looks for this type."""

    async def __call__(self, connection: Connection, _handler: BaseRouteHandler) -> None:
        """Raise a problem unless the caller may go on. This one lets everybody, and notes from where they come."""
        doing(Doer("", _way_of(connection), place=connection.app.state.address_of(connection)))


class People(Guard):
    """People whose role has all of some permissions."""

    def __init__(self, permissions: frozenset[Permission]) -> None:
        self._permissions = permissions

    async def __call__(self, connection: Connection, handler: BaseRouteHandler) -> None:
        """Raise PEOPLE_ONLY, KEY_LACKS_SCOPE or NOT_PERMITTED unless the caller may go on."""
        somebody = await identify(connection)
        if not isinstance(somebody, Person):
            raise DomainError("PEOPLE_ONLY")
        await _count(connection, handler, somebody.key.id if somebody.key is not None else somebody.account_id)
        if somebody.key is not None:
            _require_scope(handler, somebody)
        for permission in sorted(self._permissions):
            if not somebody.may(permission):
                raise DomainError("NOT_PERMITTED", permission=permission)


class Devices(Guard):
    """Enrolled devices."""

    async def __call__(self, connection: Connection, handler: BaseRouteHandler) -> None:
        """Raise DEVICES_ONLY unless the caller may go on."""
        somebody = await identify(connection)
        if not isinstance(somebody, EnrolledDevice):
            raise DomainError("DEVICES_ONLY")
        await _count(connection, handler, somebody.device_id)


class AccountHolders(Guard):
    """People whose browser is logged in, also in no organization, or in one that lets them do nothing."""

    async def __call__(self, connection: Connection, _handler: BaseRouteHandler) -> None:
        """Raise NOT_SIGNED_IN unless the caller may go on."""
        await identify_holder(connection)


def people(*permissions: Permission) -> Guard:
    """People whose role has all of these permissions."""
    return People(frozenset(permissions))


devices: Guard = Devices()
"""Enrolled devices."""
account_holders: Guard = AccountHolders()
"""People whose browser is logged in."""
anyone: Guard = Guard()
"""Everybody, also without a token."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose browser is logged in."""

    account_id: UUID
    session: SessionSeen


async def identify(connection: Connection) -> Person | EnrolledDevice:
    """The sender of a request, by their bearer token or by the session of a browser, as things stand now.

    Raises:
        DomainError: NOT_SIGNED_IN, CODE_NEEDED, or FOREIGN_PAGE when another site's page sends our cookie;
            ORGANIZATION_MISSING, when somebody has chosen none; ORGANIZATION_SUSPENDED (params: why);
            ORGANIZATION_CLOSED; SECOND_FACTOR_MISSING, when the organization demands one of this person;
            ORGANIZATION_CHANGED, when a page of another organization asks than the one that is chosen now.
    """
    held: Person | EnrolledDevice | None = connection.scope["state"].get(_HELD)
    if held is not None:
        return held
    kind, _, token = connection.headers.get("authorization", "").partition(" ")
    is_program = kind.lower() == "bearer" and connection.scope["path"].startswith(API_PREFIX)
    somebody = await _by_token(connection, token.strip()) if is_program else await _by_session(connection)
    connection.scope["state"][_HELD] = somebody
    doing(_doer(connection, somebody))
    return somebody


def _doer(connection: Connection, somebody: Person | EnrolledDevice) -> Doer:
    """The sender of a request, for the audit."""
    place = connection.app.state.address_of(connection)
    if isinstance(somebody, EnrolledDevice):
        return Doer(str(somebody.device_id)[:8], "device", place=place)
    return Doer(somebody.name, _way_of(connection), somebody.account_id, somebody.role is Role.SUPER_ADMIN, place)


def _way_of(connection: Connection) -> str:
    return "api" if connection.scope["path"].startswith(API_PREFIX) else "page"


def identified(connection: Connection) -> Person | None:
    """The person whom a guard has already found; None if it is no person, or was not asked for."""
    held = connection.scope["state"].get(_HELD)
    return held if isinstance(held, Person) else None


async def identify_holder(connection: Connection, *, may_await_code: bool = False) -> Holder:
    """The person whose browser is logged in, whether they have an organization or not.

    Args:
        may_await_code: also if the second factor is still missing.

    Raises:
        DomainError: NOT_SIGNED_IN, CODE_NEEDED, FOREIGN_PAGE.
    """
    held: Holder | None = connection.scope["state"].get(_HELD_SESSION)
    if held is None:
        held = connection.scope["state"][_HELD_SESSION] = await _holder(connection)
        place = connection.app.state.address_of(connection)
        doing(Doer("", _way_of(connection), held.account_id, held.session.is_operator, place))
    if held.session.awaits_code and not may_await_code:
        raise DomainError("CODE_NEEDED")
    return held


async def provide_person(request: Connection) -> Person:
    """The calling person with their branches, under the name `person`."""
    somebody = await identify(request)
    if not isinstance(somebody, Person):
        raise DomainError("PEOPLE_ONLY")
    return somebody


async def provide_holder(request: Connection) -> Holder:
    """The person whose browser is logged in, under the name `holder`."""
    return await identify_holder(request)


async def provide_device(request: Connection) -> EnrolledDevice:
    """The calling device, under the name `device`."""
    somebody = await identify(request)
    if not isinstance(somebody, EnrolledDevice):
        raise DomainError("DEVICES_ONLY")
    return somebody


async def provide_organization_id(request: Connection) -> UUID:
    """The tenant of the request, under the name `organization_id`.

    Raises:
        DomainError: ORGANIZATION_MISSING, when a super admin named none in the header `comanda-organization` and
            visits none on the pages; VISIT_NEEDED, when they named one in which they are not.
    """
    somebody = await identify(request)
    if somebody.organization_id is not None:
        return somebody.organization_id
    assert isinstance(somebody, Person)
    assert somebody.role is Role.SUPER_ADMIN
    try:
        named = UUID(request.headers.get(ORGANIZATION_HEADER, ""))
    except ValueError:
        raise DomainError("ORGANIZATION_MISSING", header=ORGANIZATION_HEADER) from None
    if somebody.visit(named, request.app.state.clock.now()) is None:
        raise DomainError("VISIT_NEEDED")
    return named


async def require_fresh_proof(connection: Connection) -> None:
    """Refuse what is risky unless the person gave their password or a code within 15 minutes, in this browser.

    Raises:
        DomainError: PROOF_NEEDED.
    """
    holder, clock = await identify_holder(connection), connection.app.state.clock
    is_token = connection.headers.get("authorization", "") != ""  # it may be another person's than the browser is
    if is_token or abs(clock.now() - holder.session.proved_at) >= PROOF_LASTS:
        raise DomainError("PROOF_NEEDED")


async def _count(connection: Connection, handler: BaseRouteHandler, caller_id: UUID) -> None:
    """Count a request against the limit of its route's group, and note what is left for the answer.

    Raises:
        DomainError: RATE_LIMITED (params: seconds).
    """
    group, limits = handler.opt.get(GROUP), connection.app.state.get("limits")
    if group is None or limits is None:
        return
    try:
        counted = await limits.take(group, caller_id)
    except RateLimited as refused:
        connection.scope["state"][COUNTED] = refused.counted
        raise
    if counted is not None:
        connection.scope["state"][COUNTED] = counted


def _require_scope(handler: BaseRouteHandler, person: Person) -> None:
    """Refuse a key that lacks the scope of a route, or at one that takes none.

    Raises:
        DomainError: KEY_LACKS_SCOPE (params: scope).
    """
    scope = str(handler.opt.get(SCOPE, ""))
    if not person.has_scope(scope):
        raise DomainError("KEY_LACKS_SCOPE", scope=scope or "-")


async def _by_token(connection: Connection, token: str) -> Person | EnrolledDevice:
    if is_key(token):
        return await _by_key(connection, token)
    tokens: Tokens = connection.app.state.tokens
    try:
        claims = tokens.read(token)
    except TokenError:
        raise DomainError("NOT_SIGNED_IN") from None
    if isinstance(claims, DeviceClaims):
        return EnrolledDevice.of(claims)
    standings: Standings = connection.app.state.standings
    standing = await standings.of(claims.sub, claims.organization)
    if standing is None or claims.ver != (standing.account_version, standing.membership_version):
        raise DomainError("NOT_SIGNED_IN")
    return Person.of(claims.sub, claims.organization, _in_use(connection, standing))


async def _by_key(connection: Connection, token: str) -> Person:
    """A program with an API key, in the rights of whoever made it."""
    keys: ApiKeys = connection.app.state.api_keys
    key = await keys.of(token) if connection.scope["path"].startswith(API_PREFIX) else None
    standings: Standings = connection.app.state.standings
    standing = await standings.of(key.account_id, key.organization_id) if key is not None else None
    if key is None or standing is None:
        raise DomainError("NOT_SIGNED_IN")
    return Person.of(key.account_id, key.organization_id, _in_use(connection, standing), key=key)


async def _by_session(connection: Connection) -> Person:
    seen = (await identify_holder(connection)).session
    _refuse_other_organization(connection, seen.organization_id)
    if not seen.is_operator and seen.organization_id is None:
        raise DomainError("ORGANIZATION_MISSING", header=ORGANIZATION_HEADER)
    standings: Standings = connection.app.state.standings
    standing = await standings.of(seen.account_id, None if seen.is_operator else seen.organization_id)
    if standing is None:
        raise DomainError("ORGANIZATION_MISSING", header=ORGANIZATION_HEADER)
    if standing.reopened_at is not None and seen.made_at < standing.reopened_at:
        raise DomainError("NOT_SIGNED_IN")
    chosen = seen.organization_id
    if seen.is_operator and chosen is not None and standing.visit(chosen, _now(connection)) is None:
        chosen = None
    return Person.of(seen.account_id, chosen, _in_use(connection, standing), seen.id)


def _refuse_other_organization(connection: Connection, chosen: UUID | None) -> None:
    """Refuse what a page of another organization sends: its reader has chosen this one in another window since.

    Raises:
        DomainError: ORGANIZATION_CHANGED.
    """
    if made_for(connection) not in (None, chosen):
        raise DomainError("ORGANIZATION_CHANGED")


def made_for(connection: Connection) -> UUID | None:
    """The organization for which the page was made that asks; None: it names none."""
    try:
        return UUID(hex=connection.query_params.get(MADE_FOR, "") or connection.headers.get(RENEWAL_HEADER, ""))
    except ValueError:
        return None


def _now(connection: Connection) -> datetime:
    now: datetime = connection.app.state.clock.now()
    return now


def _in_use(connection: Connection, standing: Standing) -> Standing:
    if standing.is_closed:
        raise DomainError("ORGANIZATION_CLOSED")
    if standing.is_suspended:
        raise DomainError("ORGANIZATION_SUSPENDED", why=standing.why)
    since = standing.admins_need_code_from
    is_demanded = connection.app.state.settings.admins_need_code or (since is not None and since <= _now(connection))
    if is_demanded and standing.role in ADMINISTRATORS and not standing.has_code:
        raise DomainError("SECOND_FACTOR_MISSING")
    return standing


async def _holder(connection: Connection) -> Holder:
    token = session_token(connection)
    if token is None or connection.scope["path"].startswith(API_PREFIX):
        raise DomainError("NOT_SIGNED_IN")
    if connection.scope.get("method", "GET") not in _HARMLESS_METHODS or "websocket" in connection.scope["type"]:
        refuse_foreign_page(connection)
    sessions: Sessions = connection.app.state.sessions
    seen = await sessions.of(token, is_use=RENEWAL_HEADER not in connection.headers)
    if seen is None:
        raise DomainError("NOT_SIGNED_IN")
    return Holder(seen.account_id, seen)


def session_token(connection: Connection) -> str | None:
    """What the cookie of a session holds."""
    secure = connection.app.state.settings.secure
    return connection.cookies.get(SECURE_COOKIE if secure else COOKIE)


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
