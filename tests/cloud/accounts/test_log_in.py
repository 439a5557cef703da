"""Logging in: the right password opens, everything else says and takes the same."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from datetime import timedelta
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient
from sqlalchemy import select, update

from cloud.accounts.commands import (
    BY_PERSON,
    BY_PERSON_AND_ADDRESS,
    BY_PERSON_AND_BROWSER,
    KNOWN_FOR,
    PASS_LASTS,
    LogIn,
)
from cloud.accounts.common_passwords import is_common
from cloud.accounts.guards import SECURE_COOKIE
from cloud.accounts.opening import create_account
from cloud.accounts.passwords import Passwords
from cloud.accounts.throttle import Attempt
from cloud.app import create_app
from cloud.composition import assemble
from cloud.database.control_records import Account, Throttle
from cloud.parts import Parts
from cloud.settings import read_settings
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Role

Client = AsyncTestClient[Litestar]


async def log_in(client: Client, email: str, password: str) -> Any:
    return await client.post("/api/v1/session", json={"email": email, "password": password})


async def test_the_right_password_gives_a_program_tokens_and_no_cookie(
    client: Client, parts: Parts, tenant: Any
) -> None:
    answer = await log_in(client, tenant.emails[Role.BRANCH_MANAGER].upper(), tenant.password)
    assert answer.status_code == 200
    body = answer.json()
    assert body["role"] == "branch_manager"
    assert body["organization_id"] == str(tenant.organization_id)
    assert body["branches"] == [str(tenant.branch_id)]
    claims = parts.tokens.read(body["token"])
    assert str(claims.sub) == body["account_id"]
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"


async def test_over_tls_the_cookie_is_for_this_host_only(parts: Parts, tenant: Any, tmp_path: Any) -> None:
    settings = read_settings({}, secret="x" * 40, public_url="https://comanda.pe", data_folder=tmp_path)
    secure = create_app(assemble(settings, database=parts.database, clock=parts.clock))
    async with AsyncTestClient(secure) as client:
        form = {"email": tenant.emails[Role.WAITER], "password": tenant.password}
        ours = {"origin": "https://comanda.pe"}
        answer = await client.post("/login", data=form, headers=ours, follow_redirects=False)
        assert answer.headers["set-cookie"].startswith(f"{SECURE_COOKIE}=")
        assert "Secure" in answer.headers["set-cookie"].split("; ")


async def test_wrong_unknown_and_closed_say_the_same(client: Client, parts: Parts, tenant: Any) -> None:
    closed = tenant.emails[Role.WAITER]
    async with parts.database.control() as session:
        await session.execute(update(Account).where(Account.email == closed).values(closed_at=parts.clock.now()))
    answers = [
        await log_in(client, tenant.emails[Role.BRANCH_MANAGER], "not the password"),
        await log_in(client, "nobody@nowhere.pe", tenant.password),
        await log_in(client, closed, tenant.password),
    ]
    assert {answer.status_code for answer in answers} == {401}
    bodies = [answer.json() for answer in answers]
    assert bodies[0] == bodies[1] == bodies[2]
    assert bodies[0]["code"] == "WRONG_EMAIL_OR_PASSWORD"
    assert all("set-cookie" not in answer.headers for answer in answers)


async def test_an_unknown_account_costs_as_much_hashing_as_a_known_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not timed: counted. Both ways compute one argon2id of the same parameters."""
    from cloud.accounts import passwords

    computed: list[str] = []
    real = passwords._matches

    def counted(stored: str, password: str) -> bool:
        computed.append(stored.rsplit("$", 2)[0])
        return real(stored, password)

    monkeypatch.setattr(passwords, "_matches", counted)
    hasher = Passwords()
    stored = await hasher.hashed("a long enough password")
    assert await hasher.matches(stored, "a long enough password")
    assert not await hasher.matches(None, "nobody has this password")
    assert len(computed) == 2
    assert computed[0] == computed[1]


async def test_a_guesser_is_slowed_down_and_the_owner_gets_in_later(client: Client, tenant: Any, clock: Any) -> None:
    email = tenant.emails[Role.BRANCH_MANAGER]
    for _ in range(BY_PERSON_AND_ADDRESS.tries):
        assert (await log_in(client, email, "a guess")).status_code == 401
    refused = await log_in(client, email, tenant.password)
    assert (refused.status_code, refused.json()["code"]) == (429, "TOO_MANY_TRIES")
    assert 0 < int(refused.headers["retry-after"]) <= 60
    clock.advance(timedelta(seconds=int(refused.headers["retry-after"])))
    assert (await log_in(client, email, tenant.password)).status_code == 200


async def test_a_person_whom_strangers_of_many_addresses_keep_out_of_a_new_place_gets_in_by_an_operators_link(
    parts: Parts, tenant: Any
) -> None:
    log_in = LogIn(parts.database, parts.passwords, parts.throttle, parts.refusals)
    email = tenant.emails[Role.BRANCH_MANAGER]
    await parts.throttle.take([Attempt(BY_PERSON, email)] * BY_PERSON.tries)
    with pytest.raises(DomainError, match="LOG_IN_HELD") as held:
        await log_in.enter(email, tenant.password, "198.51.100.7")
    assert 0 < held.value.params["seconds"] <= BY_PERSON.each.total_seconds()
    given = await log_in.pass_for(email.upper())
    assert (await log_in.enter(email, tenant.password, "198.51.100.7", "", given)).email == email
    for guess in range(BY_PERSON_AND_BROWSER.tries + 1):
        with pytest.raises(DomainError) as refused:
            await log_in.enter(email, "a guess", "198.51.100.8", "", given)
        is_over = guess == BY_PERSON_AND_BROWSER.tries
        assert refused.value.code == ("TOO_MANY_TRIES" if is_over else "WRONG_EMAIL_OR_PASSWORD"), "it is no password"
    await parts.throttle.take([Attempt(BY_PERSON, tenant.emails[Role.WAITER])] * BY_PERSON.tries)
    for other_email, other_pass in ((tenant.emails[Role.WAITER], given), (email, "made up")):
        with pytest.raises(DomainError, match="LOG_IN_HELD"):
            await log_in.enter(other_email, tenant.password, "198.51.100.9", "", other_pass)
    with pytest.raises(DomainError, match="ACCOUNT_UNKNOWN"):
        await log_in.pass_for("nobody@nowhere.pe")


async def test_an_operators_link_holds_for_an_hour(parts: Parts, tenant: Any, clock: Any) -> None:
    log_in = LogIn(parts.database, parts.passwords, parts.throttle, parts.refusals)
    email = tenant.emails[Role.BRANCH_MANAGER]
    given = await log_in.pass_for(email)
    clock.advance(PASS_LASTS)
    await parts.throttle.take([Attempt(BY_PERSON, email)] * BY_PERSON.tries)
    with pytest.raises(DomainError, match="LOG_IN_HELD"):
        await log_in.enter(email, tenant.password, "198.51.100.7", "", given)


async def test_one_persons_typos_do_not_lock_out_a_colleague(client: Client, tenant: Any) -> None:
    for _ in range(BY_PERSON_AND_ADDRESS.tries + 1):
        await log_in(client, tenant.emails[Role.WAITER], "a guess")
    assert (await log_in(client, tenant.emails[Role.BRANCH_MANAGER], tenant.password)).status_code == 200


async def test_success_gives_the_tries_back(client: Client, tenant: Any) -> None:
    email = tenant.emails[Role.BRANCH_MANAGER]
    for _ in range(4):
        for _ in range(BY_PERSON_AND_ADDRESS.tries - 1):
            assert (await log_in(client, email, "a guess")).status_code == 401
        assert (await log_in(client, email, tenant.password)).status_code == 200


async def test_strangers_keep_nobody_out_of_where_they_have_been(parts: Parts, tenant: Any) -> None:
    """Their addresses use up the tries of one person; where that person has logged in before, they do not count."""
    log_in = LogIn(parts.database, parts.passwords, parts.throttle, parts.refusals)
    email, colleague = tenant.emails[Role.BRANCH_MANAGER], tenant.emails[Role.WAITER]
    await log_in.enter(email, tenant.password, "203.0.113.7", "browser of the office")
    for _try in range(BY_PERSON.tries - 1):
        await parts.throttle.take([Attempt(BY_PERSON, email), Attempt(BY_PERSON, colleague)])
    for address in ("198.51.100.1", "198.51.100.2"):
        with suppress(DomainError):
            await log_in.enter(email, "a guess", address)
    with pytest.raises(DomainError, match="LOG_IN_HELD"):
        await log_in.enter(email, tenant.password, "198.51.100.3")
    with pytest.raises(DomainError, match="LOG_IN_HELD"):
        await log_in.enter(email, tenant.password, "198.51.100.3", "another browser")
    assert await log_in.enter(email, tenant.password, "203.0.113.7")
    assert await log_in.enter(email, tenant.password, "198.51.100.3", "browser of the office")
    await parts.throttle.take([Attempt(BY_PERSON, colleague)])
    with pytest.raises(DomainError, match="LOG_IN_HELD"):
        await log_in.enter(colleague, tenant.password, "203.0.113.7", "browser of the office")


async def test_guesses_from_a_known_browser_are_slowed_down_too_and_it_is_forgotten(
    parts: Parts, tenant: Any, clock: Any
) -> None:
    log_in = LogIn(parts.database, parts.passwords, parts.throttle, parts.refusals)
    email = tenant.emails[Role.BRANCH_MANAGER]
    await log_in.enter(email, tenant.password, "203.0.113.7", "browser")
    for _guess in range(BY_PERSON_AND_BROWSER.tries):
        with pytest.raises(DomainError, match="WRONG_EMAIL_OR_PASSWORD"):
            await log_in.enter(email, "a guess", "203.0.113.7", "browser")
    with pytest.raises(DomainError, match="TOO_MANY_TRIES"):
        await log_in.enter(email, tenant.password, "203.0.113.7", "browser")
    clock.advance(KNOWN_FOR)
    for _try in range(BY_PERSON.tries):
        await parts.throttle.take([Attempt(BY_PERSON, email)])
    with pytest.raises(DomainError, match="LOG_IN_HELD"):
        await log_in.enter(email, tenant.password, "203.0.113.7", "browser")


async def test_the_throttle_stores_no_addresses(client: Client, parts: Parts, tenant: Any) -> None:
    await log_in(client, tenant.emails[Role.WAITER], "a guess")
    async with parts.database.control() as session:
        keys = (await session.scalars(select(Throttle.key))).all()
    assert keys
    assert all(len(key) == 32 for key in keys)


@pytest.mark.parametrize(
    "body",
    [{}, {"email": "a@b.pe"}, {"email": 3, "password": "x"}, {"email": "a@b.pe", "password": "x" * 257}, [], "text",
     {"email": "a@b.pe", "password": "x", "role": "super_admin"}],
)  # fmt: skip
async def test_a_body_of_another_form_is_refused_without_repeating_it(client: Client, body: Any) -> None:
    answer = await client.post("/api/v1/session", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_REQUEST")
    assert "xxxx" not in answer.text


async def test_logging_in_costs_the_same_statements_however_many_accounts_there_are(
    client: Client,
    parts: Parts,
    new_tenant: Callable[[str], Any],
    counting: Callable[..., AbstractContextManager[Any]],
) -> None:
    first = await new_tenant("uno")
    with counting(parts.database.writer) as few:
        await log_in(client, first.emails[Role.WAITER], first.password)
    await new_tenant("dos")
    with counting(parts.database.writer) as many:
        await log_in(client, first.emails[Role.BRANCH_MANAGER], first.password)
    assert few.count == many.count <= 24, many.seen


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"email": "no-address"}, "EMAIL_WRONG"),
        ({"email": "WAITER@el-faro.pe "}, "EMAIL_TAKEN"),
        ({"password": "short"}, "PASSWORD_SHORT"),
        ({"password": "Contraseña123"}, "PASSWORD_COMMON"),
        ({"password": "new.el-faro.2026"}, "PASSWORD_COMMON"),
    ],
)
async def test_an_account_that_makes_no_sense_is_refused(
    parts: Parts, tenant: Any, changes: dict[str, Any], code: str
) -> None:
    wanted = {"email": "new@el-faro.pe", "name": "New", "password": "long enough for us", **changes}
    with pytest.raises(DomainError) as refused:
        async with parts.database.control() as session:
            await create_account(session, parts.passwords, parts.ids, parts.clock, **wanted)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "password", ["1234567890", "P4ssw0rd2024", "qwertyuiop", "aaaaaaaaaa", "1q2w3e4r5t", "iloveyou123", "2026-11-23"]
)
def test_a_password_that_guessers_begin_with_is_refused(password: str) -> None:
    assert is_common(password)


@pytest.mark.parametrize("password", ["correct horse battery", "k3uV9-xPqA2", "Mi perro come 3 veces", "zarcilla-demo"])
def test_a_password_of_somebodys_own_is_taken(password: str) -> None:
    assert not is_common(password, ("rosa@el-faro.pe",))
