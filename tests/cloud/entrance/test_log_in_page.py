"""The log-in page: the cookie, the way back, and nothing for other sites."""

from __future__ import annotations

from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from cloud.accounts.commands import BY_PERSON, BY_PERSON_AND_ADDRESS, LogIn
from cloud.accounts.guards import COOKIE
from cloud.accounts.throttle import Attempt
from cloud.app import create_app
from cloud.composition import assemble
from cloud.entrance.browsers import BROWSER_COOKIE
from cloud.parts import Parts
from cloud.settings import Settings
from shared.kernel.permissions import Role

Client = AsyncTestClient[Litestar]
OURS = {"origin": "http://testserver.local"}


async def enter(client: Client, email: str, password: str, headers: dict[str, str] = OURS, **more: str) -> Any:
    form = {"email": email, "password": password, **more}
    return await client.post("/login", data=form, headers=headers, follow_redirects=False)


async def test_logging_in_leads_to_the_page_that_was_wanted(client: Client, tenant: Any) -> None:
    wanted = "/reports/sales?from=2026-11-01&to=2026-11-23"
    form = await client.get("/login", params={"next": wanted})
    assert form.status_code == 200
    assert "from=2026-11-01&amp;to=2026-11-23" in form.text
    answer = await enter(client, tenant.emails[Role.BRANCH_MANAGER], tenant.password, next=wanted)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert answer.status_code == 303
    onward = await client.get(
        answer.headers["location"], headers={"cookie": cookie.split(";")[0]}, follow_redirects=False
    )
    assert (onward.status_code, onward.headers["location"]) == (303, wanted)
    page = await client.get(wanted, headers={"cookie": cookie.split(";")[0]}, follow_redirects=False)
    assert page.status_code == 200


async def test_strangers_at_the_address_of_a_known_browser_lock_nobody_out(client: Client, tenant: Any) -> None:
    """The guests of a house share its address."""
    email = tenant.emails[Role.BRANCH_MANAGER]
    await enter(client, email, tenant.password)
    known = client.cookies[BROWSER_COOKIE]
    client.cookies.clear()
    for _guess in range(BY_PERSON_AND_ADDRESS.tries):
        assert (await enter(client, email, "a guess")).status_code == 401
    assert BROWSER_COOKIE not in client.cookies
    assert (await enter(client, email, tenant.password)).status_code == 429
    mine = await enter(client, email, tenant.password, {**OURS, "cookie": f"{BROWSER_COOKIE}={known}"})
    assert (mine.status_code, mine.cookies[BROWSER_COOKIE]) == (303, known)
    client.cookies.clear()
    forged = {**OURS, "cookie": f"{BROWSER_COOKIE}={'x' * 3_000}"}
    other = await enter(client, tenant.emails[Role.WAITER], tenant.password, forged)
    assert len(other.cookies[BROWSER_COOKIE]) == len(known)


async def test_a_browser_that_keeps_no_cookie_is_told_instead_of_being_sent_round(client: Client, tenant: Any) -> None:
    answer = await enter(client, tenant.emails[Role.WAITER], tenant.password)
    client.cookies.clear()
    told = await client.get(answer.headers["location"], follow_redirects=False)
    assert (told.status_code, "<form" in told.text) == (400, True)
    assert "your browser did not keep the session" in told.text


async def test_a_browser_at_another_address_is_told_the_public_one(
    parts: Parts, settings: Settings, tenant: Any
) -> None:
    public = settings.model_copy(update={"public_url": "https://cloud.example.com"})
    async with AsyncTestClient(create_app(assemble(public, database=parts.database))) as client:
        client.headers["accept-language"] = "en"
        answer = await enter(client, tenant.emails[Role.WAITER], tenant.password)
        told = await client.get(answer.headers["location"], follow_redirects=False)
    assert told.status_code == 400
    assert "logging in works at https://cloud.example.com only" in told.text


async def test_a_wrong_password_shows_the_form_again_without_the_password(client: Client, tenant: Any) -> None:
    answer = await enter(client, tenant.emails[Role.WAITER], "this is not it <b>")
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert "This e-mail and password do not belong together." in answer.text
    assert tenant.emails[Role.WAITER] in answer.text
    assert "this is not it" not in answer.text


async def test_an_e_mail_address_stays_text(client: Client) -> None:
    answer = await enter(client, '"><script>alert(1)</script>', "x")
    assert answer.status_code == 401
    assert "<script>" not in answer.text
    assert "&lt;script&gt;" in answer.text


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/%0d%0aset-cookie:x ",
        "",
        "x",
    ],
)
async def test_nobody_is_led_to_another_site(client: Client, tenant: Any, elsewhere: str) -> None:
    answer = await enter(client, tenant.emails[Role.WAITER], tenant.password, next=elsewhere)
    onward = await client.get(answer.headers["location"], follow_redirects=False)
    assert (onward.status_code, onward.headers["location"]) == (303, "/reports/sales")
    straight = await client.get("/login/entered", params={"next": elsewhere}, follow_redirects=False)
    assert straight.headers["location"] == "/reports/sales"
    form = await client.get("/login", params={"next": elsewhere})
    assert 'value="/reports/sales"' in form.text


@pytest.mark.parametrize(
    "headers", [{}, {"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}]
)
async def test_another_sites_form_logs_nobody_in_or_out(client: Client, tenant: Any, headers: dict[str, str]) -> None:
    answer = await enter(client, tenant.emails[Role.WAITER], tenant.password, headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    out = await client.post("/logout", headers=headers, follow_redirects=False)
    assert out.status_code == 403
    assert "set-cookie" not in out.headers


async def test_logging_out_takes_the_cookie_back(client: Client) -> None:
    answer = await client.post("/logout", headers=OURS, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert "Max-Age=0" in answer.headers["set-cookie"]


async def test_too_many_tries_are_told_on_the_form(client: Client, tenant: Any) -> None:
    for _ in range(BY_PERSON_AND_ADDRESS.tries):
        await enter(client, tenant.emails[Role.WAITER], "a guess")
    answer = await enter(client, tenant.emails[Role.WAITER], tenant.password)
    assert answer.status_code == 429
    assert answer.headers["retry-after"]
    assert "<form" in answer.text


async def test_a_form_of_another_shape_is_refused_as_a_page(client: Client) -> None:
    answer = await client.post("/login", data={"email": "a@b.pe"}, headers=OURS)
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/html")


async def test_the_stylesheet_is_kept_for_ever_under_the_address_on_the_page(client: Client) -> None:
    page = await client.get("/login", headers={"accept-language": "es"})
    assert '<html lang="es">' in page.text
    address = page.text.split('rel="stylesheet" href="')[1].split('"')[0]
    sheet = await client.get(address)
    assert sheet.headers["content-type"].startswith("text/css")
    assert "immutable" in sheet.headers["cache-control"]
    icon = page.text.split('rel="icon" href="')[1].split('"')[0]
    assert (await client.get(icon)).headers["content-type"].startswith("image/svg+xml")


async def test_an_operators_link_lets_somebody_in_whom_strangers_keep_out(
    client: Client, parts: Parts, tenant: Any
) -> None:
    email = tenant.emails[Role.BRANCH_MANAGER]
    given = await LogIn(parts.database, parts.passwords, parts.throttle, parts.refusals).pass_for(email)
    await parts.throttle.take([Attempt(BY_PERSON, email)] * BY_PERSON.tries)
    held = await enter(client, email, tenant.password)
    assert (held.status_code, "comanda-cloud log-in-link" in held.text) == (429, True)
    assert 0 < int(held.headers["retry-after"]) <= 30
    form = await client.get("/login", params={"pass": given})
    assert f'name="given" value="{given}"' in form.text
    mistyped = await enter(client, email, "a typo", given=given)
    assert f'name="given" value="{given}"' in mistyped.text, "it holds on"
    assert (await enter(client, email, tenant.password, given=given)).status_code == 303
