"""Errors of the API: problem details (RFC 9457) with our code and parameters.

`code` and `params` are for programs and never change; `detail` is a sentence for a person, in the language that they
asked for. Routes and rules raise the exceptions; here they are turned into responses.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared import domains
from shared.kernel.errors import DomainError
from shared.kernel.language import Language, Texts

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5
TEXT_ROOMS = (*domains.TEXT_ROOMS, "cloud")

_DOMAIN_STATUS: Mapping[str, int] = MappingProxyType({"NOT_PERMITTED": 403, "NOT_FOUND": 404})
_DOMAIN_STATUS_ELSE = 409
"""Status of a `DomainError`: the request was well formed, the state does not allow it."""
_HTTP_CODES: Mapping[int, str] = MappingProxyType(
    {
        400: "INVALID_REQUEST",
        401: "NOT_SIGNED_IN",
        403: "NOT_PERMITTED",
        404: "NO_SUCH_PAGE",
        405: "METHOD_NOT_ALLOWED",
        413: "REQUEST_TOO_LARGE",
        415: "WRONG_MEDIA_TYPE",
        429: "TOO_MANY_TRIES",
    }
)

_log = logging.getLogger(__name__)


class Problem(DomainError):
    """A request that cannot be served.

    Args:
        code: key of a sentence in `cloud/texts`.
        status: HTTP status.
        headers: of the response, such as Retry-After.
        params: plain values for the sentence, also given to the caller.
    """

    def __init__(self, code: str, status: int, *, headers: Mapping[str, str] | None = None, **params: Any) -> None:
        super().__init__(code, **params)
        self.status = status
        self.headers = dict(headers or {})


def language_of(request: Request[Any, Any, Any]) -> Language:
    """The best of our languages for the Accept-Language of a request, else the server's own."""
    default: Language = request.app.state.settings.language
    wishes: list[tuple[float, int, str]] = []
    for position, part in enumerate(request.headers.get("accept-language", "").split(",")[:20]):
        name, _, weight = part.strip().partition(";q=")
        try:
            wishes.append((-float(weight or 1), position, name.strip().lower().partition("-")[0]))
        except ValueError:
            continue
    for weight_below_zero, _, name in sorted(wishes):
        if weight_below_zero < 0 and name in set(Language):
            return Language(name)
    return default


def domain_error(request: Request[Any, Any, Any], error: DomainError) -> Response[Any]:
    """The response to the `DomainError` of a command."""
    if isinstance(error, Problem):
        return _answer(request, error.code, error.status, error.params, error.headers)
    return _answer(request, error.code, _DOMAIN_STATUS.get(error.code, _DOMAIN_STATUS_ELSE), error.params)


def http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """The response to an error of the framework: an unknown path, a body that does not fit the schema."""
    code = _HTTP_CODES.get(error.status_code, "INVALID_REQUEST")
    if error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return unexpected_error(request, error)
    params: dict[str, Any] = {}
    if isinstance(error, ValidationException) and isinstance(error.extra, list):
        params["fields"] = [
            {"field": fault.get("key", ""), "reason": fault.get("message", "")} for fault in error.extra
        ]
    return _answer(request, code, error.status_code, params, dict(error.headers or {}))


def database_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """The response when the database is away or overloaded, or has aborted this transaction: try again soon."""
    if not isinstance(error, (OperationalError, InterfaceError, PoolTimeout)) and not (
        isinstance(error, DBAPIError) and error.connection_invalidated
    ):
        return unexpected_error(request, error)
    _log.warning("database unavailable: %s", type(getattr(error, "orig", None) or error).__name__)
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return _answer(request, "DATABASE_UNAVAILABLE", 503, {"seconds": RETRY_AFTER_SECONDS}, headers)


def unexpected_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """The response to a defect of the program: a number to quote. The log holds the traceback under that number."""
    number = secrets.token_hex(4)
    _log.error("defect %s in %s %s", number, request.method, request.url.path, exc_info=error)
    return _answer(request, "SERVER_ERROR", 500, {"number": number})


EXCEPTION_HANDLERS: dict[int | type[Exception], Any] = {
    DomainError: domain_error,
    HTTPException: http_error,
    DBAPIError: database_error,
    PoolTimeout: database_error,
    Exception: unexpected_error,
}


def _answer(
    request: Request[Any, Any, Any],
    code: str,
    status: int,
    params: Mapping[str, Any],
    headers: Mapping[str, str] | None = None,
) -> Response[Any]:
    language = language_of(request)
    given = {name: value if isinstance(value, (int, list)) else str(value) for name, value in params.items()}
    body = {
        "type": f"urn:comanda:problem:{code.lower().replace('_', '-')}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": Texts(language, TEXT_ROOMS)(code, **given),
        "instance": request.url.path,
        "code": code,
        "params": given,
    }
    answered = {"Content-Language": language.value, "Cache-Control": "no-store", **(headers or {})}
    if status == HTTPStatus.UNAUTHORIZED:
        answered.setdefault("WWW-Authenticate", "Bearer")
    return Response(body, status_code=status, headers=answered, media_type=MEDIA_TYPE)
