"""From the code on the table to the dish on the kitchen's wall and back, through the real pages."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from cloud.guests.contact import Contacts
from cloud.guests.news import GuestNews
from cloud.guests.room import ROOM
from cloud.jobs.kinds import JobCall
from cloud.parts import Parts
from cloud.realtime.hub import Hub, Room
from shared.floor.commands import add_table
from shared.floor.records import DiningTable
from shared.guests.accepting import accept
from shared.guests.codes_of_tables import issue_code
from shared.guests.records import GuestOrder
from shared.kernel.permissions import SYSTEM
from shared.menu.availability import set_out
from shared.menu.records import Item
from shared.orders.records import OrderLine
from tests.cloud.guests.conftest import Branch, NewPhone


async def becomes(look: Callable[[], Awaitable[bool]]) -> bool:
    """Whether something becomes so."""
    for _try in range(400):
        if await look():
            return True
        await asyncio.sleep(0.05)
    return False


async def lines(branch: Branch) -> list[Any]:
    async with branch.parts.database.read(branch.shop.tenant.organization_id) as read:
        return list(await read.scalars(sa.select(OrderLine).order_by(OrderLine.id)))


async def test_a_phone_reads_the_menu_orders_and_sees_what_the_branch_says(branch: Branch, phone: NewPhone) -> None:
    lucia = phone()
    menu = await lucia.get()
    assert menu.status_code == 200
    assert "Lomo" in menu.text
    assert "38.00" in menu.text
    assert not lucia.cookies, "who only reads gets no token"
    await lucia.put("Lomo", "huevo", pieces=2, notes="sin cebolla")
    await lucia.put("Chicha")
    page = await lucia.table()
    assert "Huevo · sin cebolla" in page
    assert "91.00" in page  # 2 x (38 + 3) + 9
    answer = await lucia.order("Lucía")
    assert answer.status_code == 303
    page = await lucia.table()
    assert "Con el personal" in page
    assert "No hay nada en el carrito" in page
    assert await lines(branch) == []

    await branch.accept()
    made = await lines(branch)
    assert [(line.item_name, line.quantity_milli, line.notes) for line in made] == [
        ("Lomo", 2_000, "sin cebolla"),
        ("Chicha", 1_000, ""),
    ]
    page = await lucia.table()
    assert "Aceptado" in page
    assert "camino a la cocina" in page
    assert "Lucía" in page
    assert "91.00" in page


async def test_the_code_alone_admits_nobody_and_the_word_of_the_table_does(branch: Branch, phone: NewPhone) -> None:
    await branch.takes(direct=True)
    lucia, nora, stranger = phone(), phone(), phone()
    await lucia.put("Lomo")
    await lucia.order("Lucía")
    await branch.accept()
    page = await lucia.table()
    word = page.partition('class="word">')[2].partition("<")[0]
    await stranger.put("Chicha", pieces=99)
    await stranger.order()
    assert "Lucía" not in await stranger.table()
    assert "Con el personal" in await stranger.table()
    assert [each.asks for each in await branch.waiting()] == ["first"]

    await nora.put("Chicha")
    assert (await nora.post("/admit", word="WRONG")).status_code == 409
    assert (await nora.post("/admit", word=f" {word.lower()} ")).status_code == 303
    page = await nora.table()
    assert "Lucía" in page
    await lucia.put("Chicha")
    assert page.count("<h3>Chicha</h3>") == 1
    assert (await nora.table()).count("<h3>Chicha</h3>") == 2, "one cart, each their own line"
    await nora.order("Nora")
    waiting = await branch.waiting()
    assert sorted((each.asks, each.name) for each in waiting) == [("first", ""), ("nobody", "Nora")]


async def test_a_double_tap_and_two_phones_at_once_are_one_order(branch: Branch, phone: NewPhone) -> None:
    lucia = phone()
    await lucia.put("Lomo")
    page = await lucia.table()

    shown = dict(re.findall(r'name="(line-[0-9a-f-]{36})" value="(\d+)"', page))
    for _tap in range(3):
        assert (await lucia.post("/order", name="", **shown)).status_code == 303
    await lucia.put("Chicha")
    assert (await lucia.post("/order", name="", **shown)).status_code == 303
    assert len(await branch.waiting()) == 1
    assert "Chicha" in await lucia.table()


async def test_what_is_sold_out_or_costs_something_else_is_said_and_the_rest_of_the_cart_stays(
    branch: Branch, phone: NewPhone
) -> None:
    lucia = phone()
    await lucia.put("Lomo")
    await lucia.put("Chicha")
    page = await lucia.table()
    async with branch.work() as work:
        await set_out(work, branch.shop.items["Chicha"])

    shown = dict(re.findall(r'name="(line-[0-9a-f-]{36})" value="(\d+)"', page))
    answer = await lucia.post("/order", name="", **shown)
    assert answer.status_code == 409
    assert "Chicha" in answer.text
    assert await branch.waiting() == []
    page = await lucia.table()
    assert "<h3>Lomo</h3>" in page
    chicha = page.partition("<h3>Chicha</h3>")[2].partition('name="line" value="')[2][:36]
    await lucia.post("/change", line=chicha, pieces="0")
    async with branch.parts.units.work(branch.shop.tenant.organization_id, SYSTEM) as work:
        (await work.get(Item, branch.shop.items["Lomo"])).price_minor = 4_000
    shown = {name: "3800" for name in shown if name != f"line-{chicha}"}
    answer = await lucia.post("/order", name="", **shown)
    assert (answer.status_code, "ha cambiado" in answer.text) == (409, True)
    assert "40.00" in answer.text, "and the new price stands there to be confirmed"
    assert (await lucia.order()).status_code == 303


async def test_nobody_answered_in_time_and_the_guest_is_told(branch: Branch, phone: NewPhone, parts: Parts) -> None:
    lucia = phone()
    await lucia.put("Lomo")
    await lucia.order()
    (waiting,) = await branch.waiting()
    (job,) = ROOM.jobs
    provided = ROOM.provide(parts)
    args = {"branch": str(branch.shop.tenant.branch_id), "guest_order": str(waiting.id)}
    await job.run(JobCall(branch.shop.tenant.organization_id, args, 1), provided)
    assert "Retirado" in await lucia.table()
    await branch.accept()
    page = await lucia.table()
    assert "Aceptado" in page
    assert "ya viene" in page


async def test_a_silent_branch_takes_nothing_and_says_the_paper_way(
    branch: Branch, phone: NewPhone, parts: Parts
) -> None:
    lucia = phone()
    await lucia.put("Lomo")
    rooms, parts.hub._rooms = parts.hub._rooms, {}  # every device is away
    try:
        answer = await lucia.order()
        assert (answer.status_code, "no puede oír" in answer.text) == (409, True)
        assert (await lucia.get("/state")).json()["heard"] is False
    finally:
        parts.hub._rooms = rooms
    assert (await lucia.get("/state")).json()["heard"] is True
    assert await branch.waiting() == []
    assert "<h3>Lomo</h3>" in await lucia.table()


async def test_guests_and_devices_of_a_branch_may_meet_different_processes(
    branch: Branch, parts: Parts, clock: Any
) -> None:
    ours, theirs = Hub(), parts.hub
    ours.beyond(theirs.hear)
    here = branch.shop.tenant.organization_id, branch.shop.tenant.branch_id
    asking, noting = Contacts(parts.database, ours, parts.clock), Contacts(parts.database, theirs, parts.clock)
    running = asyncio.create_task(noting.run())

    async def heard() -> bool:
        async with parts.database.read(here[0]) as read:
            return await asking.is_heard(read, *here)

    try:
        assert not await heard(), "nobody has noted it yet"
        assert await becomes(heard)
    finally:
        running.cancel()
    clock.advance(timedelta(seconds=30))
    assert not await heard(), "what was noted long ago is no contact"


async def test_news_are_read_once_for_all_phones_and_told_to_those_whom_they_concern(
    branch: Branch, phone: NewPhone, parts: Parts
) -> None:
    async with parts.units.work(branch.shop.tenant.organization_id, SYSTEM, branch.shop.tenant.branch_id) as work:
        space = await work.session.scalar(sa.select(DiningTable.space_id))
        assert space is not None
        table = await add_table(work, branch.shop.tenant.branch_id, space, "8")
        await work.session.flush()
        code = (await issue_code(work, table.id)).code
    lucia, nora = phone(), phone()
    nora.branch = replace(branch, code=code)
    for each in (lucia, nora):
        await each.put("Lomo")
        await each.order()
    mine, other = (each.order_id for each in await branch.waiting())
    tenant, news = branch.shop.tenant, GuestNews(parts.database, parts.hub, parts.clock)
    here = tenant.organization_id, tenant.branch_id
    with (
        parts.hub.waiting([Room.of_session(*here, mine)], lambda _hint: True) as hears,
        parts.hub.waiting([Room.of_session(*here, other)], lambda _hint: True) as hears_nothing,
    ):
        async with news.watched(*here), news.watched(*here):
            await asyncio.sleep(1)  # it has looked once
            async with branch.work() as work:
                await accept(work, next(each.id for each in await branch.waiting() if each.order_id == mine))
            assert await hears.news(20)
            assert not await hears_nothing.news(0)
    assert not news._watching


async def test_names_of_tables_and_dishes_cannot_stand_for_a_sign_of_the_page(
    branch: Branch, phone: NewPhone, parts: Parts
) -> None:
    async with parts.units.work(branch.shop.tenant.organization_id, SYSTEM) as work:
        (await work.get(Item, branch.shop.items["Lomo"])).name = "{{code}} {{table}}"
        (await work.get(DiningTable, branch.shop.table)).name = "<b>{{shown}}"
    page = (await phone().get()).text
    assert "&lt;b&gt;" in page
    assert "<b>" not in page


async def test_calls_are_one_of_a_kind_and_refusals_are_read(branch: Branch, phone: NewPhone) -> None:
    lucia = phone()
    for _press in range(3):
        assert (await lucia.post("/call", kind="bill")).status_code == 303
    page = await lucia.table()
    assert page.count("Ya se pidió la cuenta") == 1
    await lucia.put("Lomo")
    await lucia.order()
    await branch.refuse("Se acabó el <b>lomo</b>")
    page = (await lucia.get("/table")).text
    assert "Se acabó el &lt;b&gt;lomo&lt;/b&gt;" in page


async def test_old_foreign_and_guessed_codes_lead_nowhere(branch: Branch, phone: NewPhone, client: Any) -> None:
    lucia = phone()
    await lucia.put("Lomo")
    async with branch.work() as work:
        await issue_code(work, branch.shop.table)
    for path in (branch.path, f"/g/{branch.door}/AAAAAA", "/g/AAAAAAAAAA/AAAAAA", "/g/x/y"):
        answer = await client.get(path, headers={"accept": "text/html"})
        assert answer.status_code == 404
        assert "Lomo" not in answer.text
    assert (await lucia.post("/order", name="")).status_code == 404


async def test_another_sites_form_and_a_forged_cookie_do_nothing(branch: Branch, phone: NewPhone, client: Any) -> None:
    lucia = phone()
    await lucia.put("Lomo")
    form = {"item": str(branch.shop.items["Lomo"]), "pieces": "1"}
    foreign = await client.post(branch.path + "/add", data=form, headers={"origin": "https://evil.example"})
    assert foreign.status_code == 403
    thief = phone()
    thief.cookies = {"comanda_guest": lucia.cookies["comanda_guest"].partition(".")[0] + "." + "0" * 64}
    assert "<h3>Lomo</h3>" not in await thief.table()


async def test_every_field_that_a_guest_forges_is_refused(branch: Branch, phone: NewPhone) -> None:
    lucia = phone()
    for form in (
        {"item": "x", "pieces": "1"},
        {"item": str(branch.shop.items["Lomo"]), "pieces": "0"},
        {"item": str(branch.shop.items["Lomo"]), "pieces": "-1"},
        {"item": str(branch.shop.items["Lomo"]), "pieces": "1e9"},
        {"item": str(branch.shop.items["Lomo"]), "pieces": "1", "m-a": str(branch.shop.items["Chicha"])},
        {"item": str(UUID(int=7)), "pieces": "1"},
        {},
    ):
        answer = await lucia.post("/add", **form)
        assert 400 <= answer.status_code < 500, (form, answer.status_code)
    assert "No hay nada en el carrito" in await lucia.table()


async def test_a_table_orders_no_faster_than_the_house_allows(branch: Branch, phone: NewPhone) -> None:
    await branch.takes(orders_a_minute=2)
    lucia, codes = phone(), []
    for _round in range(3):
        await lucia.put("Chicha")
        codes.append((await lucia.order()).status_code)
    assert codes == [303, 303, 409]
    assert "Chicha" in await lucia.table()


async def test_the_menu_is_made_once_not_sent_again_and_new_when_something_changes(
    branch: Branch, phone: NewPhone
) -> None:
    lucia = phone()
    first = await lucia.get()
    etag = first.headers["etag"]
    assert (await lucia.get("", **{"if-none-match": etag})).status_code == 304
    assert len(first.content) < 60_000
    english = phone()
    english.language = "en"
    assert "Cart and table" in (await english.get()).text
    async with branch.work() as work:
        await set_out(work, branch.shop.items["Chicha"])
    branch.parts.hub.tell_organization(branch.shop.tenant.organization_id)

    async def is_new() -> bool:
        return bool((await lucia.get("", **{"if-none-match": etag})).status_code == 200)

    assert await becomes(is_new)


async def test_the_deadline_of_an_order_is_a_job(branch: Branch, phone: NewPhone, parts: Parts) -> None:
    lucia = phone()
    await lucia.put("Lomo")
    await lucia.order()
    async with parts.database.read(branch.shop.tenant.organization_id) as read:
        order = await read.scalar(sa.select(GuestOrder))
    assert order is not None
    assert order.deadline_at - order.placed_at == timedelta(seconds=300)
    async with parts.database.control() as session:
        found = (await session.execute(sa.text("SELECT task_name, args, scheduled_at FROM procrastinate_jobs"))).all()
    (job,) = [row for row in found if row.task_name == "guests.withdraw"]
    assert job.args["args"]["guest_order"] == str(order.id)
    assert job.scheduled_at > order.deadline_at


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", "[/red]", "\u202eevil", "'; drop table"])
async def test_hostile_names_and_notes_are_text(branch: Branch, phone: NewPhone, hostile: str) -> None:
    lucia = phone()
    await lucia.put("Lomo", notes=hostile)
    await lucia.order(hostile)
    page = (await lucia.get("/table")).text
    assert "<script>alert" not in page
    assert "\u202e" not in page
    await branch.accept()
    assert (await lucia.get("/table")).status_code == 200
