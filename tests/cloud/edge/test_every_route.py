"""What holds for each route and page that there is, read from the route table: a new one needs no test of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute
from litestar.testing import AsyncTestClient

from cloud.accounts.guards import SECURE_COOKIE
from cloud.app import LEAST_COMPRESSED_BYTES, SECURITY_HEADERS, create_app
from cloud.composition import assemble
from cloud.parts import Parts
from cloud.settings import Settings

PUBLIC = "https://cloud.example.com"
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8", "accept-encoding": "identity"}
GIVEN = {"uuid": lambda: str(uuid4()), "str": lambda: "barra", "int": lambda: "7"}
KEPT = {"/static/comanda.css", "/static/icon.svg", "/static/live.js", "/favicon.ico"}
KEPT |= {"/g-static/guest.css", "/g-static/guest.js"}
FRAMEWORKS = "/schema/"
"""What is not the document there is refused by the framework itself."""
Bearer = Callable[..., dict[str, str]]


def addresses(app: Litestar, method: str, but: str = "") -> Iterator[str]:
    """One address of each route that takes a method, and not the other one."""
    for route in app.routes:
        if isinstance(route, HTTPRoute) and method in route.methods and but not in route.methods:
            parts = [
                part if isinstance(part, str) else GIVEN[part.full.rpartition(":")[2]]()
                for part in route.path_components
            ]
            yield "/" + "/".join(parts)


@pytest.fixture
async def secure(parts: Parts, settings: Settings) -> AsyncIterator[AsyncTestClient[Litestar]]:
    """The app as production runs it, by TLS."""
    public = settings.model_copy(update={"public_url": PUBLIC})
    app = create_app(assemble(public, database=parts.database, clock=parts.clock))
    async with AsyncTestClient(app, base_url=PUBLIC, raise_server_exceptions=False) as client:
        client.headers.update(BROWSER)
        yield client


@pytest.fixture(params=["logged in", "nobody"])
async def caller(request: Any, tenant: Any, bearer: Bearer, cookie: Any) -> dict[str, str]:
    """A token for the API and a session for pages, or neither."""
    if request.param == "nobody":
        return {}
    token = (await cookie(tenant))["cookie"].partition("=")[2]
    return bearer(tenant) | {"cookie": f"{SECURE_COOKIE}={token}"}


async def test_head_answers_what_get_would(secure: AsyncTestClient[Any], caller: dict[str, str]) -> None:
    for address in addresses(secure.app, "GET"):
        got = await secure.get(address, headers=caller, follow_redirects=False)
        asked = await secure.head(address, headers=caller, follow_redirects=False)
        assert (asked.status_code, asked.content) == (got.status_code, b""), address
        for name in ("content-type", "location", "cache-control"):
            assert asked.headers.get(name) == got.headers.get(name), (address, name)


async def test_every_answer_says_how_long_it_is_good_and_what_a_browser_may_do(
    secure: AsyncTestClient[Any], caller: dict[str, str]
) -> None:
    asked = [("GET", address) for address in addresses(secure.app, "GET")]
    asked += [
        (method, address) for method in ("POST", "PUT", "PATCH", "DELETE") for address in addresses(secure.app, method)
    ]
    asked += [("GET", "/nothing"), ("POST", "/nothing"), ("GET", "/api/v1/nothing"), ("GET", "/%00")]
    for method, address in asked:
        answer = await secure.request(method, address, headers=caller, follow_redirects=False)
        assert answer.status_code < 500, (method, address)
        kept = answer.headers["cache-control"]
        is_asked_again = kept == "private, no-cache" and "etag" in answer.headers
        assert "no-store" in kept or "max-age" in kept or is_asked_again, address
        assert "no-store" in kept or is_asked_again or address in KEPT, address
        assert "max-age=" in answer.headers["strict-transport-security"], address
        for name, value in SECURITY_HEADERS.items():
            stricter = name == "Content-Security-Policy" and address.startswith("/g/")
            assert stricter or answer.headers[name] == value, (address, name)
            assert not stricter or "default-src" in answer.headers[name], address
        for cookie in answer.headers.get_list("set-cookie"):
            of_guests = cookie.startswith("__Secure-comanda_guest") and "Path=/g;" in cookie
            assert cookie.startswith("__Host-") or of_guests, (address, cookie)
            assert {"secure", "httponly"} <= {part.strip().lower() for part in cookie.split(";")}, (address, cookie)


async def test_a_browser_gets_a_page_and_a_program_a_problem_for_what_is_refused(
    secure: AsyncTestClient[Any], caller: dict[str, str]
) -> None:
    refused = [("GET", f"{address.rstrip('/')}/nothing") for address in addresses(secure.app, "GET")]
    refused += [("PATCH", address) for address in addresses(secure.app, "GET", but="PATCH")]
    for method, address in refused:
        if address.startswith(FRAMEWORKS):
            continue
        page = await secure.request(method, address, headers=caller, follow_redirects=False)
        program = await secure.request(method, address, headers={**caller, "accept": "*/*"}, follow_redirects=False)
        assert page.status_code in {404, 405}, (method, address)
        assert program.headers["content-type"] == "application/problem+json", (method, address)
        kind = "application/problem+json" if address.startswith("/api/") else "text/html; charset=utf-8"
        assert page.headers["content-type"] == kind, (method, address)


async def test_what_is_long_is_compressed_for_those_who_take_it(
    secure: AsyncTestClient[Any], caller: dict[str, str]
) -> None:
    packed = 0
    for address in addresses(secure.app, "GET"):
        plain = await secure.get(address, headers=caller, follow_redirects=False)
        answer = await secure.get(address, headers={**caller, "accept-encoding": "gzip"}, follow_redirects=False)
        is_long = len(plain.content) > LEAST_COMPRESSED_BYTES
        assert (answer.headers.get("content-encoding") == "gzip") == is_long, address
        assert "content-encoding" not in plain.headers, address
        packed += is_long
    assert packed > 1


def test_no_field_of_a_body_is_named_like_what_the_program_provides(secure: AsyncTestClient[Any]) -> None:
    """Litestar takes a wrong field with such a name for a fault of the program, and answers 500."""
    named = []
    for route in secure.app.routes:
        for handler in getattr(route, "route_handlers", ()):
            body = getattr(handler.parsed_data_field, "annotation", None)
            fields = set(getattr(body, "model_fields", ()))
            named += [(handler.name or route.path, *fields & set(handler.resolve_dependencies()))]
    assert [each for each in named if len(each) > 1] == []
    assert len(named) > 40
