"""The ASGI application: its routes and their dependencies. Wiring only, no rules and no SQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, cast

from litestar import Litestar, Request, Response, Router
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.types import ControllerRouterHandler

from cloud.accounts.guards import provide_device, provide_holder, provide_organization_id, provide_person
from cloud.database.transaction import Database, provide_read, provide_write
from cloud.edge.caller import caller_address
from cloud.edge.documented import DocumentedPlugin, security_components
from cloud.edge.front import Asked, Front
from cloud.edge.idempotency import OnceADay
from cloud.edge.problem import EXCEPTION_HANDLERS, unreadable
from cloud.edge.room import Room, Work
from cloud.pages.frame import provide_again, provide_frame
from cloud.pages.rendering import PAGE_EXCEPTION_HANDLERS, Pages
from cloud.parts import Parts
from cloud.rooms import ROOMS, TEXT_ROOMS
from cloud.works import NO_DUTIES, Duties, at_work, provided_by, works_of
from shared.kernel.command_line import program_version
from shared.kernel.language import Language, Texts

LARGEST_BODY_BYTES = 1024 * 1024
"""Of ordinary requests; a route that takes more (sync frames, uploads) says so itself."""
LEAST_COMPRESSED_BYTES = 1_000
API_PATH = "/api/v1"
SYNC_PATH = f"{API_PATH}/sync"
"""Its messages are compressed already, and by the devices' own rules."""
GUEST_MENUS = "^/g/[^/]+/[^/]+$"
"""They are compressed once for all guests."""
ONLY_BY_TLS = {"Strict-Transport-Security": "max-age=63072000"}
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
}


def create_app(
    parts: Parts,
    routes: Sequence[ControllerRouterHandler] = (),
    *,
    rooms: Sequence[Room] = ROOMS,
    duties: Duties = NO_DUTIES,
) -> Litestar:
    """The server as an ASGI application.

    Args:
        parts: see `composition.assemble`. The app closes their database when it ends.
        routes: further routes.
        rooms: what it serves.
        duties: run the works of the rooms that these take for as long as the app runs.
    """
    given = dict(_given_by(parts, rooms))
    routed = [route for room in rooms for route in room.routes]
    api = Router(API_PATH, route_handlers=routed, middleware=[OnceADay()])
    pages = [page for room in rooms for page in room.pages]
    app = Litestar(
        route_handlers=[api, *pages, *routes],
        state=State({"pages": Pages(rooms), "rooms": rooms, "given": given}),
        dependencies={
            **{name: _from(given, name) for name in given},
            "person": Provide(provide_person),
            "holder": Provide(provide_holder),
            "device": Provide(provide_device),
            "organization_id": Provide(provide_organization_id),
            "write": Provide(provide_write),
            "read": Provide(provide_read),
            "frame": Provide(provide_frame),
            "again": Provide(provide_again),
        },
        plugins=[DocumentedPlugin()],
        request_class=Asked,
        exception_handlers={kind: _to_reader(kind) for kind in EXCEPTION_HANDLERS},
        lifespan=[_working(works_of(rooms, duties), given)],
        on_shutdown=[_leave_the_database],
        logging_config=None,  # `kernel/logs.py` does it for all programs alike
        openapi_config=OpenAPIConfig(
            title="Comanda",
            version=program_version(),
            path="/schema",
            render_plugins=[JsonRenderPlugin()],
            components=security_components(),
            use_handler_docstrings=True,
        ),
        request_max_body_size=LARGEST_BODY_BYTES,
        compression_config=CompressionConfig(
            backend="gzip", minimum_size=LEAST_COMPRESSED_BYTES, exclude=[SYNC_PATH, GUEST_MENUS]
        ),
    )
    app.asgi_handler = Front(app.asgi_handler, unreadable)
    supply(app, parts)
    return app


def supply(app: Litestar, parts: Parts) -> None:
    """Give an app that serves nobody these parts instead of those with which it was made.

    To make the routes takes half a second, which a test that wants parts of its own need not wait for.
    """
    given: dict[str, object] = app.state["given"]
    given.update(_given_by(parts, app.state["rooms"]))
    app.state.update(
        {
            "settings": parts.settings,
            "tokens": parts.tokens,
            "standings": parts.standings,
            "sessions": parts.sessions,
            "api_keys": parts.api_keys,
            "limits": parts.limits,
            "clock": parts.clock,
            "address_of": caller_address,
            "database": parts.database,
            "houses": parts.houses,
            "texts": {language: Texts(language, TEXT_ROOMS) for language in Language},
        }
    )
    front = cast("Front", app.asgi_handler)
    front.say(SECURITY_HEADERS | (ONLY_BY_TLS if parts.settings.secure else {}))


def _given_by(parts: Parts, rooms: Sequence[Room]) -> Mapping[str, object]:
    """What handlers are given by name, the same object at every request."""
    return {
        "clock": parts.clock,
        "ids": parts.ids,
        "database": parts.database,
        "houses": parts.houses,
        "sessions": parts.sessions,
        "api_keys": parts.api_keys,
        "standings": parts.standings,
        "refreshing": parts.refreshing,
        "second_factor": parts.second_factor,
        "visits": parts.visits,
        **provided_by(parts, rooms),
    }


async def _leave_the_database(app: Litestar) -> None:
    database: Database = app.state["database"]
    await database.dispose()


def _to_reader(kind: int | type[Exception]) -> Callable[[Request[Any, Any, Any], Any], Response[Any]]:
    """How an error of that kind is told: a browser gets a page, a program problem details."""
    as_problem, as_page = EXCEPTION_HANDLERS[kind], PAGE_EXCEPTION_HANDLERS[kind]

    def tell(request: Request[Any, Any, Any], error: Any) -> Response[Any]:
        reads_pages = "text/html" in request.headers.get("accept", "")
        is_page = reads_pages and not request.url.path.startswith(API_PATH)
        told: Response[Any] = (as_page if is_page else as_problem)(request, error)
        return told

    return tell


def _working(
    works: Sequence[Work], provided: Mapping[str, object]
) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    """Run works as long as the app runs."""

    @asynccontextmanager
    async def lifespan(_app: Litestar) -> AsyncIterator[None]:
        async with at_work(works, provided):
            yield

    return lifespan


def _from(given: Mapping[str, object], name: str) -> Provide:
    """A dependency that gives every request the same object."""

    def give() -> Any:
        return given[name]

    return Provide(give, sync_to_thread=False)
