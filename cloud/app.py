"""The ASGI application: its routes and their dependencies. Wiring only, no rules and no SQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.types import ControllerRouterHandler

from cloud.accounts.guards import provide_device, provide_organization_id, provide_person
from cloud.database.transaction import provide_read, provide_write
from cloud.edge.problem import EXCEPTION_HANDLERS
from cloud.edge.room import Room, Work
from cloud.pages.rendering import Pages
from cloud.parts import Parts
from cloud.rooms import ROOMS, TEXT_ROOMS
from shared.kernel.language import Language, Texts

LARGEST_BODY_BYTES = 1024 * 1024
"""Of ordinary requests; a route that takes more (sync frames, uploads) says so itself."""
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
    works: bool = False,
) -> Litestar:
    """The server as an ASGI application.

    Args:
        parts: see `composition.assemble`. The app closes their database when it ends.
        routes: further routes.
        rooms: what it serves.
        works: run the works of the rooms for as long as the app runs.
    """
    provided = {name: thing for room in rooms for name, thing in room.provide(parts).items()}
    api = Router("/api/v1", route_handlers=[route for room in rooms for route in room.routes])
    pages = [page for room in rooms for page in room.pages]
    state = {
        "settings": parts.settings,
        "tokens": parts.tokens,
        "texts": {language: Texts(language, TEXT_ROOMS) for language in Language},
        "pages": Pages(rooms),
    }
    return Litestar(
        route_handlers=[api, *pages, *routes],
        state=State(state),
        dependencies={
            "clock": _always(parts.clock),
            "ids": _always(parts.ids),
            "database": _always(parts.database),
            **{name: _always(thing) for name, thing in provided.items()},
            "person": Provide(provide_person),
            "device": Provide(provide_device),
            "organization_id": Provide(provide_organization_id),
            "write": Provide(provide_write),
            "read": Provide(provide_read),
        },
        exception_handlers=EXCEPTION_HANDLERS,
        lifespan=[_working(work, provided) for room in rooms for work in room.works] if works else [],
        on_shutdown=[parts.database.dispose],
        openapi_config=OpenAPIConfig(
            title="Comanda", version=program_version(), path="/schema", render_plugins=[JsonRenderPlugin()]
        ),
        request_max_body_size=LARGEST_BODY_BYTES,
        response_headers=dict(SECURITY_HEADERS),
    )


def program_version() -> str:
    """The version of the installed program."""
    try:
        return version("comanda")
    except PackageNotFoundError:
        return "0"


def _working(work: Work, provided: Mapping[str, object]) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    """Run a work as long as the app runs."""

    @asynccontextmanager
    async def lifespan(_app: Litestar) -> AsyncIterator[None]:
        task = asyncio.create_task(work(provided))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    return lifespan


def _always(value: Any) -> Provide:
    """A dependency that gives every request the same object."""

    def give() -> Any:
        return value

    return Provide(give, sync_to_thread=False)
