"""What stands before the routes: it refuses what no route could read, answers HEAD, and forbids keeping by default."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

from litestar import Request, Response
from litestar.enums import ScopeType
from litestar.exceptions import ClientException, InternalServerException
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from cloud.accounts.guards import COUNTED
from cloud.accounts.limits import Counted

Refuse = Callable[[Request[Any, Any, Any]], Response[Any]]
_NOT_KEPT = (b"cache-control", b"no-store")
_HOST = re.compile(rb"(|[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:\d{0,5})?")
_LARGEST_PORT = 65_535


class Front:
    """Wraps the router of the app.

    Args:
        refuse: the answer to a request whose address or host no route could read.
    """

    def __init__(self, inner: ASGIApp, refuse: Refuse) -> None:
        self._inner = inner
        self._refuse = refuse
        self._headers: list[tuple[bytes, bytes]] = []

    def say(self, headers: Mapping[str, str]) -> None:
        """Every answer carries these, unless it says its own; and `Cache-Control: no-store`, unless it says another."""
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != ScopeType.HTTP:
            await self._inner(scope, receive, send)
            return
        is_head = scope["method"] == "HEAD"
        if is_head:
            scope["method"] = "GET"

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = {name.lower() for name, _value in message["headers"]}
                usual = (header for header in self._headers if header[0] not in said)
                headers = [*message["headers"], *usual, *_left(scope)]
                if not any(name.lower() == b"cache-control" for name, _value in headers):
                    headers.append(_NOT_KEPT)
                message["headers"] = headers
            elif is_head and message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        if _is_readable(scope) and _names_its_host(scope):
            await self._inner(scope, receive, answer)
            return
        scope["headers"] = [each for each in scope["headers"] if each[0] != b"host"]
        request: Request[Any, Any, Any] = Request(scope, receive, send)
        refused = self._refuse(request).to_asgi_response(None, request)
        await refused(scope, receive, answer)


def _left(scope: Any) -> list[tuple[bytes, bytes]]:
    """What the caller has left of their limit, if the request was counted."""
    counted: Counted | None = scope.get("state", {}).get(COUNTED)
    said = counted.headers if counted is not None else {}
    return [(name.lower().encode(), value.encode()) for name, value in said.items()]


def _is_readable(scope: Any) -> bool:
    """Whether path and query are text without NUL, which no database column can hold."""
    for raw in (scope.get("raw_path") or scope["path"].encode(), scope["query_string"]):
        try:
            text = unquote_to_bytes(raw.replace(b"+", b" ")).decode()
        except UnicodeDecodeError:
            return False
        if "\0" in text:
            return False
    return True


def _names_its_host(scope: Any) -> bool:
    """Whether each Host is one: the framework makes an address of it."""
    for name, value in scope["headers"]:
        if name == b"host":
            found = _HOST.fullmatch(value)
            if found is None or int((found[2] or b":0")[1:] or 0) > _LARGEST_PORT:
                return False
    return True


class Asked(Request[Any, Any, Any]):
    """A request whose body is refused, and not a defect, if no parser can take it or its sender is gone."""

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """The body as it comes in.

        Raises:
            ClientException: the sender is gone; nobody reads the answer.
        """
        try:
            async for part in super().stream():
                yield part
        except InternalServerException as error:  # for this alone
            raise ClientException("the sender is gone") from error

    async def json(self) -> Any:
        """The body as JSON.

        Raises:
            ClientException: it is no UTF-8, or nested too deep.
        """
        try:
            return await super().json()
        except (UnicodeDecodeError, RecursionError) as error:
            raise ClientException("the body cannot be read") from error
