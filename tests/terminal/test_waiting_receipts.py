"""A receipt that waits for its printer says what is true when it comes out: who corrects a method corrects it, too."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from restaurant import MANAGER
from sqlalchemy import select, update

from shared.payments.rules import Tender, TenderKind
from terminal.desks.desk import Desk
from terminal.printing.documents import PaperKind, ReceiptDocument, decode
from terminal.printing.records import State, print_job
from tests.faults.till_on_disk import TillOnDisk, copy_till, found_till
from tests.terminal.supervision.program import ordered


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("founded")
    asyncio.run(found_till(folder))
    return folder


@pytest.fixture
def till(founded: Path, tmp_path: Path) -> TillOnDisk:
    return copy_till(founded, tmp_path / "till")


async def receipt_row(desk: Desk) -> tuple[Any, ReceiptDocument]:
    async with desk.store.reading() as connection:
        row = (await connection.execute(select(print_job).where(print_job.c.kind == PaperKind.RECEIPT))).one()
    document = decode(PaperKind.RECEIPT, row.payload)
    assert isinstance(document, ReceiptDocument)
    return row, document


async def sold_for_cash_and_corrected(desk: Desk, state: State) -> tuple[Any, ReceiptDocument, str]:
    order_id = await ordered(desk)
    order = desk.orders[order_id]
    cash, other = (
        next(each for each in desk.methods if (each.kind is TenderKind.CASH) is is_cash) for is_cash in (True, False)
    )
    tender = Tender(cash.id, cash.name, cash.kind, order.due_minor + 1_000)
    await desk.pay(order_id, order.checks[0].id, [tender])
    assert (await receipt_row(desk))[1].change_minor == 1_000
    async with desk.store.transaction() as connection:
        await connection.execute(update(print_job).values(state=state))
    desk.actor = MANAGER
    (payment,) = await desk.tenders.kept(order.checks[0].id)
    await desk.tenders.replace(order_id, payment.id, other)
    return (*await receipt_row(desk), other.name)


@pytest.mark.parametrize("state", [State.QUEUED, State.FAILED, State.CLAIMED])
async def test_a_receipt_that_is_not_printed_yet_names_the_corrected_method(till: TillOnDisk, state: State) -> None:
    async with till.desk() as desk:
        row, document, method = await sold_for_cash_and_corrected(desk, state)
    assert [each.title for each in document.payments] == [method]
    assert document.change_minor == 0, "nobody gets change of a card"
    assert document.number
    assert document.lines
    assert row.state == (State.QUEUED if state is State.CLAIMED else state), "the worker reads it anew"


async def test_a_receipt_that_may_be_on_paper_stays_as_it_was(till: TillOnDisk) -> None:
    async with till.desk() as desk:
        row, document, method = await sold_for_cash_and_corrected(desk, State.SENDING)
    assert [each.title for each in document.payments] != [method]
    assert row.state == State.SENDING
