"""What callers are told: a code, parameters, and a sentence in their language."""

from __future__ import annotations

import logging
import traceback
from typing import Any

import pytest
from litestar import Litestar, Router, get
from litestar.testing import AsyncTestClient
from sqlalchemy import make_url, text
from sqlalchemy.exc import IntegrityError

from cloud.accounts.guards import anyone
from cloud.app import create_app
from cloud.composition import assemble
from cloud.database.engine import create_engine
from cloud.database.transaction import Database
from cloud.parts import Parts
from shared.kernel.errors import DomainError, NotPermitted
from shared.kernel.permissions import Role

Client = AsyncTestClient[Litestar]


@get("/defect", guards=[anyone])
async def defect() -> None:
    msg = "secret detail"
    raise RuntimeError(msg)


@get("/rule", guards=[anyone])
async def rule() -> None:
    raise DomainError("CHECK_ALREADY_SETTLED", number="A-17")


@get("/forbidden", guards=[anyone])
async def forbidden() -> None:
    raise NotPermitted("edit_menu")


@pytest.fixture
async def failing(parts: Parts) -> Any:
    app = create_app(parts, [Router("/test", route_handlers=[defect, rule, forbidden])])
    async with AsyncTestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        ("", "es"), ("en", "en"), ("en-US,en;q=0.9", "en"), ("es-PE", "es"), ("fr, en;q=0.5", "en"), ("fr", "es"),
        ("en;q=0, es;q=0.1", "es"), ("en;q=nonsense", "es"), ("es;q=0.2, en;q=0.8", "en"), ("," * 1000, "es"),
    ],
)  # fmt: skip
async def test_the_sentence_is_in_the_callers_language(client: Client, wanted: str, language: str) -> None:
    answer = await client.get("/nowhere", headers={"accept-language": wanted})
    assert answer.headers["content-language"] == language
    assert (
        answer.json()["detail"]
        == {
            "es": "No hay nada en esta dirección.",
            "en": "There is nothing at this address.",
        }[language]
    )


async def test_a_problem_has_the_form_of_rfc_9457(client: Client) -> None:
    answer = await client.get("/nowhere")
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json() == {
        "type": "urn:comanda:problem:no-such-page",
        "title": "Not Found",
        "status": 404,
        "detail": "There is nothing at this address.",
        "instance": "/nowhere",
        "code": "NO_SUCH_PAGE",
        "params": {},
    }


async def test_a_rule_of_the_restaurant_keeps_its_code(failing: Client) -> None:
    settled, forbidden = await failing.get("/test/rule"), await failing.get("/test/forbidden")
    assert (settled.status_code, settled.json()["code"]) == (409, "CHECK_ALREADY_SETTLED")
    assert settled.json()["params"] == {"number": "A-17"}
    assert (forbidden.status_code, forbidden.json()["params"]) == (403, {"permission": "edit_menu"})


async def test_a_defect_tells_a_number_and_nothing_else(failing: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        answer = await failing.get("/test/defect")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert answer.json()["params"]["number"] in caplog.text


async def test_a_database_that_is_away_says_when_to_come_back(parts: Parts) -> None:
    away = Database(create_engine("postgresql://comanda_app:x@127.0.0.1:1/none", name="tests"))
    app = create_app(assemble(parts.settings, database=away))
    async with AsyncTestClient(app, raise_server_exceptions=False) as client:
        answer = await client.post("/api/v1/session", json={"email": "a@b.pe", "password": "x"})
        assert (answer.status_code, answer.json()["code"]) == (503, "DATABASE_UNAVAILABLE")
        assert answer.headers["retry-after"] == "5"
        assert (await client.get("/health")).status_code == 503


async def test_a_database_that_takes_no_writes_says_when_to_come_back(
    parts: Parts, postgres: Any, common_database: str
) -> None:
    """A guard of its disk may set it so, and whoever moves it."""
    url = make_url(postgres.app_url(common_database)).update_query_dict(
        {"options": "-c default_transaction_read_only=on"}
    )
    guarded = Database(create_engine(url.render_as_string(hide_password=False), name="tests"))
    app = create_app(assemble(parts.settings, database=guarded))
    async with AsyncTestClient(app, raise_server_exceptions=False) as client:
        answer = await client.post("/api/v1/session", json={"email": "a@b.pe", "password": "x"})
        assert (answer.status_code, answer.json()["code"]) == (503, "DATABASE_UNAVAILABLE")


async def test_no_value_of_a_row_stands_in_the_text_of_an_error(parts: Parts, tenant: Any) -> None:
    """It gets into logs: the server's details show the whole row, passwords' hashes too."""
    insert = text(
        "insert into control.account (id, email, name, password_hash, is_operator, language, version, created_at)"
        " values (gen_random_uuid(), :email, :name, :hash, false, '', 1, now())"
    )
    for email, name in (("new@el-faro.pe", None), (tenant.emails[Role.WAITER], "Ana")):
        given = {"email": email, "name": name, "hash": "HASH"}
        async with parts.database.control() as session:
            with pytest.raises(IntegrityError) as refused:
                await session.execute(insert, given)
            await session.rollback()
        told = "".join(traceback.format_exception(refused.value))
        assert "HASH" not in told
        assert email not in told
        assert "violates" in told


@pytest.mark.parametrize(
    ("method", "path", "options", "code"),
    [
        ("PATCH", "/health", {}, "METHOD_NOT_ALLOWED"),
        (
            "POST",
            "/api/v1/session",
            {"content": b"{", "headers": {"content-type": "application/json"}},
            "INVALID_REQUEST",
        ),
        ("POST", "/api/v1/session", {"content": b"x" * 2_000_000}, "REQUEST_TOO_LARGE"),
    ],
)
async def test_what_the_framework_refuses_has_a_code_too(
    client: Client, method: str, path: str, options: dict[str, Any], code: str
) -> None:
    assert (await client.request(method, path, **options)).json()["code"] == code


async def test_a_server_without_a_worker_serves_and_says_so(client: Client) -> None:
    answer = await client.get("/health")
    said = answer.json()
    assert (answer.status_code, said["database"]) == (200, "reachable")
    assert (said["status"], said["fold"]) == ("troubled", "nobody")
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_the_api_describes_itself(client: Client) -> None:
    answer = await client.get("/schema/openapi.json")
    assert {"/api/v1/session", "/api/v1/devices/enroll", "/health"} <= set(answer.json()["paths"])
