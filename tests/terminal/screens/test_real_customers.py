"""Customers and handing over, over the real desk and its encrypted store: what is kept, and what is told."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from restaurant import MANAGER

from shared.kernel.errors import DomainError
from shared.orders.contact_search import FoundBy
from shared.orders.contacts import ContactView
from shared.payments.rules import Tender
from terminal.printing.documents import PaperKind, decode
from terminal.printing.layout import Run, lay_out
from terminal.printing.records import print_job
from tests.faults.till_on_disk import PIN, TillOnDisk
from tests.terminal.screens.real_desk import rows
from tests.terminal.screens.two_tills import House, seen, two_tills

ROSA = ContactView("Rosa Quispe", "987654321", "Jr. Ancash 123")
DELIVERY = f"{PIN}\n<f4>987 654 321\nRosa Quispe\nJr. Ancash 123\n+20\n"


@pytest.fixture
async def house(founded: Path, tmp_path: Path) -> AsyncIterator[House]:
    async with two_tills(founded, tmp_path) as both:
        yield both


async def test_a_phone_is_known_again_however_it_is_written_and_no_log_names_anybody(
    till: TillOnDisk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with till.desk() as desk:
        await seen(desk, f"{DELIVERY}cev\n<f5>")
        known = await desk.customers.known(FoundBy.PHONE, "+51 987-654-321")
        assert known is not None
        assert (known.name, known.address) == ("Rosa Quispe", "Jr. Ancash 123")
        again = await seen(desk, f"{PIN}\n<f4>987654321\n")
        assert "Jr. Ancash 123" in again
        assert "Ya pidió antes" in again
        jobs = await rows(desk, print_job)
    for private in ("Rosa Quispe", "987654321", "987 654 321", "Ancash"):
        assert private not in caplog.text
        assert all(private.encode() not in bytes(job.payload) for job in jobs)


async def test_the_papers_say_number_promise_kind_and_whom_it_is_for(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        await seen(desk, f"{DELIVERY}cev\n<f5><f9>50\n")
        (order,) = desk.orders.values()
        promised = f"{order.promised_at.astimezone(desk.local_now().tzinfo):%H:%M}" if order.promised_at else ""
        jobs = await rows(desk, print_job)
        said = {}
        for job in jobs:
            sheet = lay_out(decode(PaperKind(job.kind), job.payload), 42, run=Run(contact=ROSA))
            said[job.kind] = "\n".join(line.text for line in sheet)
    assert order.to_hand_over
    assert promised in said[PaperKind.RECEIPT]
    assert "Jr. Ancash 123" in said[PaperKind.RECEIPT]
    if PaperKind.KITCHEN in said:
        for words in (promised, order.number, "Rosa Quispe"):
            assert words in said[PaperKind.KITCHEN]


async def test_the_wall_says_number_name_and_promise_and_follows_a_change(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        await seen(desk, f"{DELIVERY}cev\n<f5>")
        (ticket,) = desk.tickets
        assert ticket.promised_at is not None
        wall = await seen(desk, "", start="kds")
        assert "Rosa" in wall
        (order,) = desk.orders.values()
        desk.actor = MANAGER
        await desk.customers.note(order.id, ROSA, None)
        assert desk.tickets[0].promised_at is None


async def test_the_document_of_a_guest_is_on_the_receipt_of_a_table(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        await seen(desk, f"{PIN}\n1\ncev\n<ctrl+o>Inversiones SAC\n\n20123456789\n<f5><f9>50\n")
        known = await desk.customers.known(FoundBy.DOCUMENT, "20123456789")
        assert known is not None
        assert known.name == "Inversiones SAC"
        (paper,) = [each for each in await rows(desk, print_job) if each.kind == PaperKind.RECEIPT]
        document = decode(PaperKind.RECEIPT, paper.payload)
        text = "\n".join(line.text for line in lay_out(document, 42, run=Run(contact=known)))
    assert document.contact_of is not None
    assert "20123456789" in text


async def test_both_tills_hand_over_and_it_is_handed_over_once(house: House) -> None:
    await seen(house.till, f"{PIN}\n<f7><f5>cev\n<f9>50\n")
    await house.meet()
    for desk in (house.till, house.other):
        assert [order.number for order in desk.orders.values() if order.to_hand_over] == ["A-1"]
        said = await seen(desk, f"{PIN}\n<f5>\n", "\n")
        assert "A-1 entregado" in said
        assert not desk.orders
    await house.meet()
    for desk in (house.till, house.other):
        assert not desk.orders
        assert desk.open_exceptions == ()


async def test_what_is_paid_and_to_be_sent_again_is_listed_and_sent_from_there(house: House) -> None:
    """Its note was changed at the other till while it was paid here."""
    await seen(house.till, f"{PIN}\n<f7><f5>cev\n<f5>")
    await house.meet()
    await seen(house.other, f"{PIN}\na1\n<ctrl+up>/sin ají\n")
    await seen(house.till, f"{PIN}\na1\n<f9>50\n")
    await house.meet()
    for desk in (house.till, house.other):
        assert [(each.to_hand_over, each.unsent) for each in desk.orders.values()] == [(True, 1)]
    assert "está cobrado y sin enviar" in await seen(house.till, f"{PIN}\n<f5>\n")
    assert "enviado a cocina" in await seen(house.till, f"{PIN}\n<f5>\n", "\n")
    assert not any(order.unsent for order in house.till.orders.values())


async def test_a_payment_that_is_refused_sends_nothing_and_what_is_paid_was_told(till: TillOnDisk) -> None:
    """Paying sends in its own transaction: a till that dies in between loses neither."""
    async with till.desk() as desk:
        await seen(desk, f"{PIN}\n<f7><f5>cev\n")
        (order,) = desk.orders.values()
        assert order.to_pay is not None
        too_much = [
            Tender(method.id, method.name, method.kind, 10**9) for method in desk.methods if method.name == "Visa"
        ]
        desk.actor = MANAGER
        with pytest.raises(DomainError):
            await desk.pay(order.id, order.to_pay.id, too_much)
        assert desk.tickets == ()
        assert [each.unsent for each in desk.orders.values()] == [1]
        await seen(desk, f"{PIN}\na1\n<f9>50\n")
        assert len(desk.tickets) == 1
        assert [each.to_hand_over for each in desk.orders.values()] == [True]
