"""An operation: what a program may ask of the API, declared once where it is carried out.

    @query("get_sales", "/reports/sales", area=Area.REPORTS, rights=Permission.SEE_REPORTS, summary="Sales of a period")
    async def sales(...) -> SalesReport: ...

    @command("settle_exception", "POST /exceptions/{exception_id:uuid}/settle", area=Area.EXCEPTIONS, ...)

Its route with its guard, its place in the OpenAPI document (`documented.py`), the scope that an API key needs, the
limit that it counts against and its rows in the isolation matrix follow from that. A route below `/api/` without one
does not start. What it takes and gives says the signature of the function, as everywhere in Litestar.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from litestar.datastructures import ResponseHeader
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler, delete, get, patch, post, put
from litestar.openapi import spec

from cloud.accounts.guards import Guard, anyone, devices, people
from cloud.accounts.limits import GROUP
from cloud.accounts.scopes import READ, SCOPE, WRITE
from shared.kernel.permissions import Permission

OPERATION = "operation"
"""Name of the option of a route with its operation."""
LEAST_NOTICE = timedelta(days=365)
"""Between the day on which a route is retired and the one on which it is gone."""
Document = Callable[[spec.Operation], None]
"""Adds to what the document says of an operation what its signature cannot."""
_MAKERS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {"GET": get, "POST": post, "PUT": put, "PATCH": patch, "DELETE": delete}
)


class Kind(StrEnum):
    """Whether an operation changes anything."""

    QUERY = "query"
    COMMAND = "command"


class Who(StrEnum):
    """Whose token an operation takes."""

    ANYONE = "anyone"
    PERSON = "person"
    DEVICE = "device"


class Reach(StrEnum):
    """Whose affairs an operation is about."""

    NOBODY = "nobody"
    """There is no tenant yet: log-in, enrolment."""
    SELF = "self"
    """The caller's own."""
    BRANCH = "branch"
    """Of branches: callers see what belongs to theirs."""
    ORGANIZATION = "organization"
    """Of the organization: whoever has the right sees all of it."""


class Area(StrEnum):
    """What an operation is about: the tag in the document, and the first half of the scope of an API key."""

    ACCOUNTS = "accounts"
    ORGANIZATION = "organization"
    STAFF = "staff"
    MENU = "menu"
    FLOOR = "floor"
    RESERVATIONS = "reservations"
    ORDERS = "orders"
    PAYMENTS = "payments"
    KITCHEN = "kitchen"
    DRAWERS = "drawers"
    REPORTS = "reports"
    EXCEPTIONS = "exceptions"
    PRINTERS = "printers"
    DEVICES = "devices"
    SYNC = "sync"


class LimitGroup(StrEnum):
    """Operations that share one limit of requests for each caller."""

    ENTER = "enter"
    """Log-in and enrolment; tries are counted besides (`accounts/throttle.py`)."""
    READ = "read"
    REPORT = "report"
    """Reads many rows for one answer."""
    WRITE = "write"
    BULK = "bulk"
    EXCHANGE = "exchange"
    """Messages of devices, which have a budget of bytes instead (`edge/budget.py`)."""


class Again(StrEnum):
    """What the same request does when it comes again."""

    SAME = "same"
    """Nothing more, and the answer is the same: queries, and what follows from its own ids."""
    ANEW = "anew"
    """It is done again."""
    KEY_FOR_A_DAY = "key for a day"
    """Nothing more within a day, if it has the same idempotency key."""
    KEY_FOR_EVER = "key for ever"
    """Nothing more ever, if it has the same idempotency key: money moves, and the fact's id follows from the key."""


class Stability(StrEnum):
    """Whether an operation keeps its shape."""

    STABLE = "stable"
    """It may get new fields, and loses none."""
    TRIAL = "trial"
    """It may change with a release; its description says so."""


@dataclass(frozen=True, slots=True)
class Retired:
    """When an operation was retired, and when it will be gone: a year later at the earliest.

    Attributes:
        instead: the name of the operation that took its place; empty if there is none.

    Raises:
        ValueError: the notice is too short.
    """

    on: date
    gone_on: date
    instead: str = ""

    def __post_init__(self) -> None:
        if self.gone_on - self.on < LEAST_NOTICE:
            msg = f"retired on {self.on}, and gone within a year"
            raise ValueError(msg)

    @property
    def headers(self) -> dict[str, str]:
        """What each answer says of it (RFC 9745, RFC 8594)."""
        return {"Deprecation": f"@{int(_midnight(self.on).timestamp())}", "Sunset": _http_date(self.gone_on)}


@dataclass(frozen=True, slots=True)
class Example:
    """A request that the document shows.

    Attributes:
        body: as JSON.
    """

    body: Mapping[str, Any] | None = None
    query: Mapping[str, Any] = field(default_factory=dict)


_NO_EXAMPLE = Example()


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation of the API.

    Attributes:
        name: by which the document and made clients call it. It never changes.
        path: below the version, `/orders/{order_id:uuid}`.
        who: whose token it takes.
        rights: what a person must be allowed to do; all of them.
        reach: whose affairs it is about.
        is_for_keys: whether an API key with its scope may ask for it, too.
        again: what the same request does when it comes again.
        problems: the codes of its own refusals.
        status: of its answer when all is well.
    """

    name: str
    kind: Kind
    method: str
    path: str
    area: Area
    who: Who
    rights: frozenset[Permission]
    reach: Reach
    limit: LimitGroup
    is_for_keys: bool
    again: Again
    problems: tuple[str, ...]
    summary: str
    example: Example
    status: int
    stability: Stability
    retired: Retired | None

    @property
    def scope(self) -> str:
        """What an API key must have for it, such as `orders:read`; empty: no key opens it."""
        return f"{self.area}:{READ if self.kind is Kind.QUERY else WRITE}" if self.is_for_keys else ""

    @property
    def guard(self) -> Guard:
        """Who may call it."""
        if self.who is Who.PERSON:
            return people(*sorted(self.rights))
        return devices if self.who is Who.DEVICE else anyone

    @property
    def headers(self) -> dict[str, str]:
        """What each answer says, also a refusal."""
        return self.retired.headers if self.retired else {}


def query(
    name: str,
    path: str,
    *,
    area: Area,
    summary: str,
    rights: Permission | tuple[Permission, ...] = (),
    reach: Reach = Reach.BRANCH,
    limit: LimitGroup = LimitGroup.READ,
    is_for_keys: bool = True,
    problems: str = "",
    example: Example = _NO_EXAMPLE,
    stability: Stability = Stability.STABLE,
    retired: Retired | None = None,
    document: Document | None = None,
    **options: Any,
) -> Callable[[Any], HTTPRouteHandler]:
    """The decorator of a function that answers a GET of people, and of API keys. It changes nothing.

    Args:
        options: further ones of Litestar's route.
    """
    declared = Operation(
        name=name,
        kind=Kind.QUERY,
        method="GET",
        path=path,
        area=area,
        who=Who.PERSON,
        rights=_rights(rights),
        reach=reach,
        limit=limit,
        is_for_keys=is_for_keys,
        again=Again.SAME,
        problems=tuple(problems.split()),
        summary=summary,
        example=example,
        status=200,
        stability=stability,
        retired=retired,
    )
    return _route(declared, document, options)


def command(
    name: str,
    method_and_path: str,
    *,
    area: Area,
    summary: str,
    again: Again,
    who: Who = Who.PERSON,
    rights: Permission | tuple[Permission, ...] = (),
    reach: Reach = Reach.BRANCH,
    limit: LimitGroup = LimitGroup.WRITE,
    is_for_keys: bool = True,
    problems: str = "",
    example: Example = _NO_EXAMPLE,
    status: int = 200,
    stability: Stability = Stability.STABLE,
    retired: Retired | None = None,
    document: Document | None = None,
    **options: Any,
) -> Callable[[Any], HTTPRouteHandler]:
    """The decorator of a function that changes something: `POST /orders`.

    Args:
        options: further ones of Litestar's route.
    """
    method, _, path = method_and_path.partition(" ")
    declared = Operation(
        name=name,
        kind=Kind.COMMAND,
        method=method,
        path=path,
        area=area,
        who=who,
        rights=_rights(rights),
        reach=reach,
        limit=limit,
        is_for_keys=is_for_keys and who is Who.PERSON,
        again=again,
        problems=tuple(problems.split()),
        summary=summary,
        example=example,
        status=status,
        stability=stability,
        retired=retired,
    )
    return _route(declared, document, options)


def operation_of(handler: BaseRouteHandler) -> Operation | None:
    """The operation of a route; None for what is no part of the API."""
    found: Operation | None = handler.opt.get(OPERATION)
    return found


def _route(declared: Operation, document: Document | None, options: Mapping[str, Any]) -> Callable[[Any], Any]:
    made: Callable[[Any], Any] = _MAKERS[declared.method](
        declared.path,
        status_code=declared.status,
        guards=[declared.guard],
        name=declared.name,
        operation_id=declared.name,
        operation_class=_documenting(declared, document),
        summary=declared.summary,
        tags=[declared.area.value],
        deprecated=declared.retired is not None,
        response_headers=[ResponseHeader(name=name, value=value) for name, value in declared.headers.items()],
        opt={OPERATION: declared, SCOPE: declared.scope, GROUP: declared.limit.value},
        **options,
    )
    return made


def _documenting(declared: Operation, document: Document | None) -> type[spec.Operation]:
    """The class of what the document says of an operation: Litestar makes one, and it completes itself."""

    @dataclass
    class Documented(spec.Operation):
        def __post_init__(self) -> None:
            if document is not None:
                document(self)
            body = self.request_body
            if isinstance(body, spec.RequestBody) and declared.example.body is not None:
                for content in body.content.values():
                    content.example = dict(declared.example.body)
            for parameter in self.parameters or ():
                if isinstance(parameter, spec.Parameter) and parameter.name in declared.example.query:
                    parameter.example = declared.example.query[parameter.name]
            if declared.stability is Stability.TRIAL:
                self.description = f"{self.description or ''}\n\nOn trial: a release may change it.".strip()

    return Documented


def _rights(rights: Permission | tuple[Permission, ...]) -> frozenset[Permission]:
    return frozenset({rights} if isinstance(rights, Permission) else rights)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _http_date(day: date) -> str:
    return format_datetime(_midnight(day), usegmt=True)
