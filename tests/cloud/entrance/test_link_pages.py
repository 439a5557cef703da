"""Mailed links: another password, an invitation. The same answer and the same work for whoever there is not."""

from __future__ import annotations

import email
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from litestar import Litestar
from litestar.testing import AsyncTestClient

from cloud.accounts.commands import BY_PERSON
from cloud.accounts.links import BY_ADDRESS, BY_EMAIL, BY_LINK, INVITATION_LASTS, RESET_LASTS
from cloud.accounts.throttle import Attempt
from cloud.database.control_records import MailedLink
from cloud.entrance.room import ROOM
from cloud.jobs.kinds import JobCall
from cloud.mail.links import mail_link
from cloud.mail.port import MAIL_FOLDER
from cloud.parts import Parts
from shared.kernel.permissions import SYSTEM, Role
from shared.staff.commands import take_on
from shared.staff.pins import NO_PIN
from tests.cloud.conftest import PASSWORD, Tenant

Client = AsyncTestClient[Litestar]
OURS = {"origin": "http://testserver.local"}
MANAGER = Role.BRANCH_MANAGER
NEW = "a new roof for the house"
ASKED = "If there is an account with this address, a link is on its way."


class Mailbox:
    """The mails of the folder: what the jobs that wait would send, one after the other."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._provided = ROOM.provide(parts)
        self._folder: Path = parts.settings.data_folder / MAIL_FOLDER
        self._done: set[str] = set()

    async def run_jobs(self) -> None:
        async with self._parts.database.control() as session:
            rows = await session.execute(
                sa.text("select args->'args'->>'link' from procrastinate_jobs where task_name = 'entrance.mail_link'")
            )
            waiting = [link for (link,) in rows if link not in self._done]
        for link in waiting:
            self._done.add(link)
            await mail_link(JobCall(None, {"link": link}, 1), self._provided)

    async def mails(self) -> list[Any]:
        await self.run_jobs()
        files = sorted(self._folder.glob("*.eml")) if self._folder.exists() else []
        return [email.message_from_bytes(file.read_bytes(), policy=default) for file in files]

    async def newest_path(self) -> str:
        """The path of the link in the newest mail."""
        found = re.search(r"http://127\.0\.0\.1:8700(/\S+)", (await self.mails())[-1].get_content())
        assert found is not None
        return found[1]


@pytest.fixture
def mailbox(parts: Parts) -> Mailbox:
    return Mailbox(parts)


@pytest.fixture
def ours(client: Client) -> Client:
    client.headers.update(OURS)
    return client


async def form_of(client: Client, path: str) -> dict[str, str]:
    page = await client.get(path)
    assert page.status_code == 200, page.text
    hidden = re.search(r'name="secret" value="([^"]+)"', page.text)
    assert hidden is not None
    return {"secret": hidden[1]}


async def test_who_forgot_the_password_chooses_another_by_mail_and_is_in(
    ours: Client, tenant: Tenant, mailbox: Mailbox, parts: Parts, cookie: Any
) -> None:
    other = await cookie(tenant, MANAGER)
    asked = await ours.post("/login/forgot", data={"email": tenant.emails[MANAGER].upper()})
    assert ASKED in asked.text
    (mail,) = await mailbox.mails()
    assert (mail["to"], mail["content-language"]) == (tenant.emails[MANAGER], "es")
    path = await mailbox.newest_path()
    form = await form_of(ours, path)
    refused = await ours.post("/login/reset", data={**form, "password": "password1234"})
    assert (refused.status_code, "one of the first" in refused.text) == (400, True)
    entered = await ours.post("/login/reset", data={**form, "password": NEW})
    assert (entered.status_code, entered.url.path) == (200, "/reports/sales")
    assert (await ours.get(path)).status_code == 404, "it is for once"
    assert (await ours.post("/login/reset", data={**form, "password": NEW})).status_code == 404
    ours.cookies.clear()
    assert (await ours.get("/profile", headers=other, follow_redirects=False)).status_code == 303
    for password, status in ((PASSWORD, 401), (NEW, 303)):
        answer = await ours.post(
            "/login", data={"email": tenant.emails[MANAGER], "password": password}, follow_redirects=False
        )
        assert answer.status_code == status
    assert await parts.sessions.open_sessions(tenant.accounts[MANAGER])


async def test_nobody_learns_who_has_an_account(
    ours: Client, parts: Parts, tenant: Tenant, mailbox: Mailbox, counting: Callable[..., AbstractContextManager[Any]]
) -> None:
    """Not timed: the same statements, and the same page."""
    seen, pages = [], []
    for address in (tenant.emails[MANAGER], "nobody@nowhere.pe"):
        with counting(parts.database.writer) as statements:
            pages.append((await ours.post("/login/forgot", data={"email": address})).text)
        seen.append(statements.seen)
    assert seen[0] == seen[1]
    assert pages[0] == pages[1]
    assert [mail["to"] for mail in await mailbox.mails()] == [tenant.emails[MANAGER]]


async def test_a_mailbox_is_not_filled_and_always_has_a_link_that_holds(
    ours: Client, tenant: Tenant, mailbox: Mailbox, clock: Any
) -> None:
    for _ask in range(BY_EMAIL.tries + 2):
        assert ASKED in (await ours.post("/login/forgot", data={"email": tenant.emails[MANAGER]})).text
    assert len(await mailbox.mails()) == BY_EMAIL.tries
    clock.advance(RESET_LASTS - timedelta(seconds=1))
    await form_of(ours, await mailbox.newest_path())
    clock.advance(timedelta(seconds=1))
    assert (await ours.get(await mailbox.newest_path())).status_code == 404


async def test_an_address_that_asks_without_end_is_told_to_wait_and_its_own_people_are_not(
    ours: Client, tenant: Tenant
) -> None:
    """A guest shares the address of the house."""
    await ours.post("/login", data={"email": tenant.emails[MANAGER], "password": PASSWORD})
    ours.cookies.clear()
    for at in range(BY_ADDRESS.tries):
        assert (await ours.post("/login/forgot", data={"email": f"a{at}@b.pe"})).status_code == 200
    refused = await ours.post("/login/forgot", data={"email": "another@b.pe"})
    assert (refused.status_code, bool(refused.headers["retry-after"])) == (429, True)
    assert (await ours.post("/login/forgot", data={"email": tenant.emails[MANAGER]})).status_code == 200


async def test_a_link_lets_an_owner_in_whom_strangers_keep_out_of_a_new_place(
    ours: Client, parts: Parts, tenant: Tenant, mailbox: Mailbox
) -> None:
    address = tenant.emails[MANAGER]
    await parts.throttle.take([Attempt(BY_PERSON, address)] * BY_PERSON.tries)
    held = await ours.post("/login", data={"email": address, "password": PASSWORD})
    assert (held.status_code, "Forgot your password?" in held.text) == (429, True)
    await ours.post("/login/forgot", data={"email": address})
    form = await form_of(ours, await mailbox.newest_path())
    assert (await ours.post("/login/reset", data={**form, "password": NEW})).url.path == "/reports/sales"


async def test_an_operators_link_does_the_same(ours: Client, parts: Parts, tenant: Tenant) -> None:
    token = await parts.links.reset_link(tenant.emails[MANAGER])
    entered = await ours.post("/login/reset", data={"secret": token, "password": NEW})
    assert entered.url.path == "/reports/sales"


@pytest.fixture
async def invited(parts: Parts, tenant: Tenant) -> Any:
    """Somebody new of the staff is invited."""
    staff_id = parts.ids.new()
    async with parts.units.work(tenant.organization_id, SYSTEM) as work:
        await take_on(work, staff_id, "Nora", Role.ORGANIZATION_ADMIN, NO_PIN)

    async def invite(address: str) -> None:
        async with parts.database.control() as session:
            await parts.links.invite(
                session, address, tenant.organization_id, staff_id, tenant.accounts[Role.ORGANIZATION_ADMIN]
            )

    return invite


async def test_somebody_who_is_invited_makes_an_account_and_is_in(
    ours: Client, parts: Parts, tenant: Tenant, mailbox: Mailbox, invited: Any
) -> None:
    await invited("Nora@el-faro.pe")
    (mail,) = await mailbox.mails()
    assert (mail["to"], "el-faro" in mail["subject"]) == ("nora@el-faro.pe", True)
    path = await mailbox.newest_path()
    assert "You are invited to el-faro" in (await ours.get(path)).text
    form = await form_of(ours, path)
    weak = await ours.post("/invitation", data={**form, "name": "Nora", "password": "nora123456"})
    assert (weak.status_code, 'value="Nora"' in weak.text) == (400, True)
    entered = await ours.post("/invitation", data={**form, "name": "Nora", "password": NEW})
    assert (entered.status_code, entered.url.path) == (200, "/reports/sales")
    assert (await ours.post("/invitation", data={**form, "name": "Nora", "password": NEW})).status_code == 404


async def test_who_has_an_account_accepts_with_its_password(
    ours: Client, tenant: Tenant, new_tenant: Any, mailbox: Mailbox, invited: Any
) -> None:
    other = await new_tenant("la-rosa")
    await invited(other.emails[MANAGER])
    form = await form_of(ours, await mailbox.newest_path())
    wrong = await ours.post("/invitation", data={**form, "password": "not it"})
    assert (wrong.status_code, "do not belong together" in wrong.text) == (401, True)
    assert (await ours.post("/invitation", data={**form, "password": PASSWORD})).url.path == "/organizations"
    assert "el-faro" in (await ours.get("/organizations")).text


async def test_strangers_who_ask_for_links_keep_nobody_from_accepting(
    ours: Client, new_tenant: Any, mailbox: Mailbox, parts: Parts, invited: Any
) -> None:
    other = await new_tenant("la-rosa")
    await invited(other.emails[MANAGER])
    form = await form_of(ours, await mailbox.newest_path())
    await parts.throttle.take([Attempt(BY_EMAIL, other.emails[MANAGER])] * (BY_EMAIL.tries - 1))
    assert (await ours.post("/invitation", data={**form, "password": PASSWORD})).url.path == "/organizations"


async def test_passwords_are_not_guessed_by_an_invitation(
    ours: Client, new_tenant: Any, mailbox: Mailbox, invited: Any
) -> None:
    other = await new_tenant("la-rosa")
    await invited(other.emails[MANAGER])
    form = await form_of(ours, await mailbox.newest_path())
    for _try in range(BY_LINK.tries):
        assert (await ours.post("/invitation", data={**form, "password": "not it"})).status_code == 401
    assert (await ours.post("/invitation", data={**form, "password": PASSWORD})).status_code == 429


async def test_a_second_invitation_and_a_week_end_the_first(
    ours: Client, mailbox: Mailbox, invited: Any, clock: Any
) -> None:
    await invited("nora@el-faro.pe")
    first = await mailbox.newest_path()
    clock.advance(timedelta(minutes=1))
    await invited("norma@el-faro.pe")
    second = await mailbox.newest_path()
    assert ((await ours.get(first)).status_code, (await ours.get(second)).status_code) == (404, 200)
    clock.advance(INVITATION_LASTS)
    assert (await ours.get(second)).status_code == 404


@pytest.mark.parametrize("link", ["", "x", "é", "A" * 43, "A" * 500])
async def test_what_is_no_link_opens_nothing(ours: Client, tenant: Tenant, link: str) -> None:
    for path in ("/login/reset", "/invitation"):
        answer = await ours.get(path, params={"key": link})
        assert (answer.status_code, "does not count (any more)" in answer.text) == (404, True)


async def test_a_link_of_one_kind_is_none_of_the_other_and_no_secret_is_kept(
    ours: Client, parts: Parts, tenant: Tenant
) -> None:
    token = await parts.links.reset_link(tenant.emails[MANAGER])
    assert (await ours.get("/invitation", params={"key": token})).status_code == 404
    async with parts.database.control() as session:
        row = (await session.scalars(sa.select(MailedLink))).one()
    assert token.encode() not in (row.token_hash or b"")


@pytest.mark.parametrize("path", ["/login/forgot", "/login/reset", "/invitation"])
async def test_another_sites_form_changes_nothing(client: Client, path: str) -> None:
    form = {"email": "a@b.pe", "secret": "x", "password": NEW}
    assert (await client.post(path, data=form, headers={"origin": "https://evil.example"})).status_code == 403
