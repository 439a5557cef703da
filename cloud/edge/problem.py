"""Errors of the API: problem details (RFC 9457) with our code and parameters.

`code` and `params` are for programs and never change; `detail` is a sentence for a person, in the language that they
asked for. Commands raise `DomainError`s; here they are turned into responses, with the status that `statuses` names.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from cloud.database.away import may_be_tried_again
from cloud.edge.faults import faults_of
from cloud.edge.operation import operation_of
from cloud.edge.preferences import language_of
from cloud.edge.statuses import headers_of, status_of
from cloud.kernel.unavailable import Unavailable
from shared.kernel.errors import DomainError
from shared.kernel.language import Texts

MEDIA_TYPE = "application/problem+json"

HTTP_CODES: Mapping[int, str] = MappingProxyType(
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


def texts_of(request: Request[Any, Any, Any]) -> Texts:
    """The sentences of all rooms in the language of a request."""
    texts: Texts = request.app.state.texts[language_of(request)]
    return texts


def domain_error(request: Request[Any, Any, Any], error: DomainError) -> Response[Any]:
    """The response to the `DomainError` of a command."""
    status = status_of(error.code)
    return _answer(request, error.code, status, error.params, headers_of(status, error.params))


def unreadable(request: Request[Any, Any, Any]) -> Response[Any]:
    """The response to a request whose address is no text."""
    return _answer(request, "INVALID_REQUEST", HTTPStatus.BAD_REQUEST, {})


def http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """The response to an error of the framework: an unknown path, a body that does not fit the schema."""
    code = HTTP_CODES.get(error.status_code, "INVALID_REQUEST")
    if isinstance(error.__cause__, msgspec.ValidationError) and not isinstance(error, ValidationException):
        # The framework takes a wrong field for a wrong dependency where both have one name; ours are never validated.
        return _answer(request, "INVALID_REQUEST", HTTPStatus.BAD_REQUEST, {})
    if error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return unexpected_error(request, error)
    params: dict[str, Any] = {}
    if isinstance(error, ValidationException) and isinstance(error.extra, list):
        params["fields"] = faults_of(request, error.extra, texts_of(request))
    return _answer(request, code, error.status_code, params, dict(error.headers or {}))


def database_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """The response when the database is away or overloaded, or has aborted this transaction: try again soon."""
    if not may_be_tried_again(error):
        return unexpected_error(request, error)
    _log.warning("database unavailable: %s", type(getattr(error, "orig", None) or error).__name__)
    return domain_error(request, Unavailable())


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
    texts = texts_of(request)
    given = {name: value if isinstance(value, (int, list)) else str(value) for name, value in params.items()}
    body = {
        "type": f"urn:comanda:problem:{code.lower().replace('_', '-')}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": texts(code, **given),
        "instance": request.url.path,
        "code": code,
        "params": given,
    }
    answered = {"Content-Language": texts.language.value, "Cache-Control": "no-store", **(headers or {})}
    if (handler := request.scope.get("route_handler")) and (declared := operation_of(handler)):
        answered |= declared.headers
    if status == HTTPStatus.UNAUTHORIZED:
        answered.setdefault("WWW-Authenticate", "Bearer")
    return Response(body, status_code=status, headers=answered, media_type=MEDIA_TYPE)
