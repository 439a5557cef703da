"""The refusals and the log-ins in the OpenAPI document: every answer that a route may give stands there.

An operation names the codes of its own refusals, `problems="BRANCH_UNKNOWN PERIOD_BACKWARDS"`. What its guard, its
body and its address add, and what may befall every request, is added here, by the table of `statuses`.
"""

from __future__ import annotations

from collections import defaultdict
from http import HTTPStatus
from typing import Any

from litestar.exceptions import ImproperlyConfiguredException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Components, SecurityScheme
from litestar.plugins import ReceiveRoutePlugin
from litestar.routes import BaseRoute, HTTPRoute
from pydantic import BaseModel, Field

from cloud.accounts.guards import API_PREFIX, Devices, People
from cloud.accounts.limits import LIMITS
from cloud.edge.operation import operation_of
from cloud.edge.problem import HTTP_CODES, MEDIA_TYPE
from cloud.edge.statuses import status_of

_ALWAYS = "INVALID_REQUEST SERVER_ERROR DATABASE_UNAVAILABLE"
_GUARDED = "NOT_SIGNED_IN"
_OF_PEOPLE = (
    "PEOPLE_ONLY KEY_LACKS_SCOPE NOT_PERMITTED ORGANIZATION_MISSING ORGANIZATION_SUSPENDED"
    " ORGANIZATION_CLOSED SECOND_FACTOR_MISSING"
)
_OF_DEVICES = "DEVICES_ONLY DEVICE_REVOKED"
_OF_BODIES = "REQUEST_TOO_LARGE"
_STATUS_OF_FRAMEWORK = {code: HTTPStatus(status) for status, code in HTTP_CODES.items()} | {
    "SERVER_ERROR": HTTPStatus.INTERNAL_SERVER_ERROR
}


class ProblemShown(BaseModel):
    """Why a request was refused (RFC 9457). Programs read `code` and `params`, which keep their meaning."""

    type: str = Field(description="urn:comanda:problem: and the code")
    title: str = Field(description="phrase of the status")
    status: int
    detail: str = Field(description="a sentence for a person, in the language that was asked for")
    instance: str = Field(description="path of the request")
    code: str
    params: dict[str, Any]


class DocumentedPlugin(ReceiveRoutePlugin):
    """Adds refusals and security to each route that the app takes on."""

    def receive_route(self, route: BaseRoute) -> None:
        """Document the handlers of a route.

        Raises:
            ImproperlyConfiguredException: it is part of the API, and no operation.
        """
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                if route.path.startswith(API_PREFIX) and not _is_declared(handler):
                    raise ImproperlyConfiguredException(f"{route.path} is no operation (`edge/operation.py`)")
                if handler.resolve_include_in_schema():
                    handler.responses = {**_responses(route, handler), **(handler.responses or {})}
                    handler.security = _security(handler)


def security_components() -> Components:
    """The ways to log in, as the document names them."""
    return Components(
        security_schemes={
            "person": SecurityScheme(type="http", scheme="bearer", description="token of POST /api/v1/session"),
            "api_key": SecurityScheme(
                type="http",
                scheme="bearer",
                description="key of POST /api/v1/api-keys, with the scope that is named",
            ),
            "device": SecurityScheme(type="http", scheme="bearer", description="token of POST /api/v1/devices/token"),
        }
    )


def _is_declared(handler: HTTPRouteHandler) -> bool:
    return operation_of(handler) is not None or handler.http_methods == {"OPTIONS"}  # which the framework adds


def _responses(route: HTTPRoute, handler: HTTPRouteHandler) -> dict[int, ResponseSpec]:
    codes: defaultdict[HTTPStatus, list[str]] = defaultdict(list)
    for code in _codes(route, handler).split():
        status = _STATUS_OF_FRAMEWORK.get(code) or status_of(code)
        if code not in codes[status]:
            codes[status].append(code)
    answers = {
        int(status): ResponseSpec(
            ProblemShown, generate_examples=False, description=", ".join(of_status), media_type=MEDIA_TYPE
        )
        for status, of_status in sorted(codes.items())
    }
    if handler.status_code == HTTPStatus.NO_CONTENT:
        answers[HTTPStatus.NO_CONTENT] = ResponseSpec(None, generate_examples=False, description="done")
    return answers


def _codes(route: HTTPRoute, handler: HTTPRouteHandler) -> str:
    guards, declared = handler.guards or (), operation_of(handler)
    codes = [_ALWAYS, *(declared.problems if declared else ())]
    if any(isinstance(guard, People) for guard in guards):
        codes += [_GUARDED, _OF_PEOPLE]
    if any(isinstance(guard, Devices) for guard in guards):
        codes += [_GUARDED, _OF_DEVICES]
    if (
        declared is not None
        and declared.limit.value in LIMITS
        and any(isinstance(guard, People | Devices) for guard in guards)
    ):
        codes.append("RATE_LIMITED")
    if route.path_parameters:
        codes.append("NO_SUCH_PAGE")
    if handler.http_methods & {"POST", "PUT", "PATCH"}:
        codes.append(_OF_BODIES)
    return " ".join(codes)


def _security(handler: HTTPRouteHandler) -> list[dict[str, list[str]]] | None:
    guards = handler.guards or ()
    if any(isinstance(guard, Devices) for guard in guards):
        return [{"device": []}]
    if not any(isinstance(guard, People) for guard in guards):
        return None
    declared = operation_of(handler)
    return [{"person": []}, *([{"api_key": [declared.scope]}] if declared and declared.scope else [])]
