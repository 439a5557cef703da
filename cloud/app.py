"""The ASGI application: its routes and their dependencies. Wiring only, no rules and no SQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.types import ControllerRouterHandler

from cloud.accounts.choosing import choose_organization, organizations_page
from cloud.accounts.guards import provide_device, provide_organization_id, provide_person
from cloud.accounts.pages import enter, leave, log_in_page
from cloud.accounts.routes import close_session, open_session
from cloud.composition import Parts
from cloud.database.transaction import provide_read, provide_write
from cloud.enrolment.routes import challenge, enroll, open_pairing, revoke, token
from cloud.exceptions.pages import exceptions_page, settle_on_page
from cloud.exceptions.routes import exceptions, settle, void
from cloud.health import health
from cloud.kernel.problem import EXCEPTION_HANDLERS
from cloud.pages.assets import icon, stylesheet
from cloud.pages.routes import home
from cloud.replication.routes import exchange
from cloud.reports.pages import sales_page
from cloud.reports.routes import sales

LARGEST_BODY_BYTES = 1024 * 1024
"""Of ordinary requests; a route that takes more (sync frames, uploads) says so itself."""
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
}


def create_app(parts: Parts, routes: Sequence[ControllerRouterHandler] = (), *, folds: bool = False) -> Litestar:
    """The server as an ASGI application.

    Args:
        parts: see `composition.assemble`. The app closes their database when it ends.
        routes: further routes.
        folds: run the fold worker for as long as the app runs.
    """
    accounts = [open_session, close_session]
    enrolment = [open_pairing, enroll, challenge, token, revoke]
    inbox = [exceptions_page, settle_on_page]
    pages = [home, log_in_page, enter, leave, organizations_page, choose_organization, sales_page, stylesheet, icon]
    api = Router("/api/v1", route_handlers=[*accounts, *enrolment, exchange, sales, exceptions, settle, void])
    return Litestar(
        route_handlers=[health, api, *pages, *inbox, *routes],
        state=State({"settings": parts.settings, "tokens": parts.tokens}),
        dependencies={
            "clock": _always(parts.clock),
            "ids": _always(parts.ids),
            "database": _always(parts.database),
            "fold_worker": _always(parts.fold_worker),
            "log_in": _always(parts.log_in),
            "enrolment": _always(parts.enrolment),
            "responder": _always(parts.responder),
            "revocation": _always(parts.revocation),
            "settling": _always(parts.settling),
            "person": Provide(provide_person),
            "device": Provide(provide_device),
            "organization_id": Provide(provide_organization_id),
            "write": Provide(provide_write),
            "read": Provide(provide_read),
        },
        exception_handlers=EXCEPTION_HANDLERS,
        lifespan=[_fold_worker_running(parts)] if folds else [],
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


def _fold_worker_running(parts: Parts) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    """Run the fold worker as long as the app runs."""

    @asynccontextmanager
    async def lifespan(_app: Litestar) -> AsyncIterator[None]:
        task = asyncio.create_task(parts.fold_worker.run())
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
