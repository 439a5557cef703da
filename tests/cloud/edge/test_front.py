"""What stands before the routes, and what every answer carries."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from cloud.accounts.guards import COOKIE
from cloud.app import create_app
from cloud.composition import assemble
from cloud.parts import Parts
from cloud.settings import Settings
from shared.kernel.permissions import Role

Client = AsyncTestClient[Litestar]
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.mark.parametrize("path", ["/health", "/login", "/static/icon.svg", "/favicon.ico", "/robots.txt"])
async def test_head_answers_what_get_would_without_a_body(client: Client, path: str) -> None:
    asked, got = await client.head(path), await client.get(path)
    assert (asked.status_code, asked.content) == (200, b"")
    assert got.content
    assert asked.headers["content-type"] == got.headers["content-type"]


async def test_head_of_what_is_not_there_is_not_found(client: Client) -> None:
    assert (await client.head("/nothing")).status_code == 404


@pytest.mark.parametrize("address", ["/login?next=%00", "/%00", "/login?next=%ff", "/api/v1/exceptions?after=%c3%28"])
async def test_an_address_that_is_no_text_is_refused_before_any_route(client: Client, address: str) -> None:
    answer = await client.get(address)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_REQUEST")


@pytest.mark.parametrize("text", ["a\0@b.pe", "\0"])
async def test_a_text_with_nul_is_refused(client: Client, text: str) -> None:
    answer = await client.post("/api/v1/session", json={"email": text, "password": "x"})
    assert answer.status_code == 400
    form = await client.post(
        "/login", data={"email": "a@b.pe", "password": text}, headers={"origin": "http://testserver.local"}
    )
    assert form.status_code == 400


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"email":' * 50_000, b'{"email": "\xff"}', b'{"email": "\\ud800"}', b""]
)
async def test_a_body_that_no_parser_takes_is_refused(client: Client, body: bytes) -> None:
    answer = await client.post("/api/v1/session", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400, answer.text


@pytest.mark.parametrize("host", ["a:99999999", "a:65536", "http://a", "[::1", "a b", "a:b", "[x]", "\u00fc.pe"])
@pytest.mark.parametrize("path", ["/login", "/api/v1/reports/sales", "/static/icon.svg"])
async def test_a_host_that_is_none_is_refused_and_no_defect(client: Client, path: str, host: str) -> None:
    answer = await client.get(path, headers={"host": host.encode("latin-1")})
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_REQUEST")


@pytest.mark.parametrize(
    "host", ["testserver.local", "127.0.0.1:8700", "a:65535", "[::1]:8700", "caja_1.local:", "EXAMPLE.com"]
)
async def test_a_host_is_one_with_and_without_a_port(client: Client, host: str) -> None:
    assert (await client.get("/login", headers={"host": host})).status_code == 200


async def answered(app: Litestar, said: Iterable[Any], **asked: object) -> list[Any]:
    """What the app sends to the server for a request: HTTP itself hides some of it."""
    messages, sent = iter(said), list[Any]()

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    scope: Any = {
        "type": "http",
        "http_version": "1.1",
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 1),
        "headers": [(b"content-type", b"application/json"), (b"host", b"a")],
        "state": {},
        **asked,
    }
    await app(scope, receive, send)
    return sent


async def test_whoever_goes_in_the_middle_of_a_request_is_no_defect(
    app: Litestar, caplog: pytest.LogCaptureFixture
) -> None:
    """A device whose network breaks while it sends; its log line would ask the operator to report a mistake."""
    said = [
        {"type": "http.request", "body": b'{"email":', "more_body": True},
        {"type": "http.disconnect"},
    ]
    path = "/api/v1/session"
    with caplog.at_level(logging.WARNING):
        sent = await answered(app, said, method="POST", path=path, raw_path=path.encode())
    assert sent[0]["status"] == 400
    assert caplog.text == ""


async def test_head_answers_like_get_and_sends_no_body(app: Litestar) -> None:
    """The server believes that it answers a GET, and would send it."""
    said = [{"type": "http.request", "body": b"", "more_body": False}]
    heads, bodies = [], []
    for method in ("GET", "HEAD"):
        start, *rest = await answered(app, said, method=method, path="/login", raw_path=b"/login")
        heads.append((start["status"], sorted(start["headers"])))
        bodies.append(b"".join(each["body"] for each in rest if each["type"] == "http.response.body"))
    assert heads[0] == heads[1]
    assert (bodies[0] != b"", bodies[1]) == (True, b"")


async def test_a_browser_reads_a_page_where_a_program_reads_a_problem(client: Client) -> None:
    page = await client.get("/nothing", headers=BROWSER)
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "There is nothing at this address." in page.text
    assert "Log out" not in page.text, "nobody has logged in"
    assert 'href="/login"' in page.text
    assert 'href="/exceptions"' not in page.text
    known = await client.get("/nothing", headers={**BROWSER, "cookie": f"{COOKIE}=x"})
    assert "Log out" in known.text
    assert '<a href="/">Home</a>' in known.text
    assert (await client.get("/nothing")).json()["code"] == "NO_SUCH_PAGE"
    assert (await client.get("/api/v1/nothing", headers=BROWSER)).json()["code"] == "NO_SUCH_PAGE"
    assert (await client.post("/health", headers=BROWSER)).headers["content-type"].startswith("text/html")


async def test_nothing_is_kept_unless_it_says_so(client: Client) -> None:
    for path in ("/login", "/health", "/nothing", "/api/v1/exceptions", "/schema/openapi.json"):
        assert (await client.get(path)).headers["cache-control"] == "no-store", path
    assert "immutable" in (await client.get("/static/icon.svg")).headers["cache-control"]


async def test_a_long_page_is_compressed_for_those_who_take_it(client: Client) -> None:
    packed = await client.get("/schema/openapi.json", headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert json.loads(packed.text)["openapi"]
    plain = await client.get("/schema/openapi.json", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers


async def test_a_server_that_is_reached_by_tls_says_that_it_always_is(
    client: Client, settings: Settings, parts: Parts
) -> None:
    assert "strict-transport-security" not in (await client.get("/login")).headers
    public = settings.model_copy(update={"public_url": "https://cloud.example.com"})
    async with AsyncTestClient(create_app(assemble(public, database=parts.database))) as behind_proxy:
        assert "max-age=" in (await behind_proxy.get("/login")).headers["strict-transport-security"]


@pytest.mark.parametrize(
    ("origin", "host", "status"),
    [
        ("https://cloud.example.com", "127.0.0.1:8700", 303),
        ("https://cloud.example.com:443", "cloud", 303),
        ("https://CLOUD.example.com", "127.0.0.1:8700", 303),
        ("https://cloud.example.com:8443", "127.0.0.1:8700", 403),
        ("http://cloud.example.com", "127.0.0.1:8700", 403),
        ("https://cloud.example.com.evil.example", "127.0.0.1:8700", 403),
        ("https://evil.example", "127.0.0.1:8700", 403),
        ("https://[", "127.0.0.1:8700", 403),
        ("null", "127.0.0.1:8700", 403),
    ],
)
async def test_the_public_address_is_ours_whatever_host_a_proxy_passes_on(
    parts: Parts, settings: Settings, tenant: Any, origin: str, host: str, status: int
) -> None:
    public = settings.model_copy(update={"public_url": "https://cloud.example.com"})
    form = {"email": tenant.emails[Role.WAITER], "password": tenant.password}
    async with AsyncTestClient(create_app(assemble(public, database=parts.database))) as client:
        answer = await client.post(
            "/login",
            data=form,
            headers={"origin": origin, "host": host, "accept-language": "en"},
            follow_redirects=False,
        )
    assert answer.status_code == status
    if status == 403:
        assert "Open https://cloud.example.com; " in answer.text
        assert "COMANDA_PUBLIC_URL" in answer.text
