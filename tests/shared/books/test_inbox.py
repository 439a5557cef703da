"""What waits for a person: each race and event is told with its names and amounts, and ends as it says."""

from __future__ import annotations

from uuid import UUID

import pytest
import sqlalchemy as sa
from evening import ONE, Hands, meet
from restaurant import BRANCH, CASHIER, MANAGER, ORGANIZATION, TILL, WAITER, Replica, Village

from shared.books.causes import count_exceptions
from shared.books.exception_views import Ends, OpenException
from shared.books.inbox import open_exceptions
from shared.books.settling import settle_exception
from shared.books.telling import KINDS, action_name, kind_name, what_happened, what_to_do
from shared.domains import TEXT_ROOMS
from shared.exceptions.commands import note_event
from shared.exceptions.rules import EventKind
from shared.kernel.errors import DomainError
from shared.kernel.language import Language, Texts, catalogue
from shared.kernel.permissions import DeviceKind, Permission
from shared.orders.commands import first_check_id
from shared.truth.family import Difference

ES, EN = (Texts(language, TEXT_ROOMS) for language in (Language.SPANISH, Language.ENGLISH))
CEVICHE, TEA = 4_250, 1_200


@pytest.fixture
async def till(village: Village) -> Hands:
    return Hands(village, village.replica(TILL))


@pytest.fixture
async def other(village: Village) -> Hands:
    return Hands(village, village.replica(WAITER, "B"))


@pytest.fixture
async def order(till: Hands, other: Hands) -> UUID:
    """One ceviche at 42.50 on table 1, sent."""
    found = await till.open()
    await till.add(found)
    await till.send(found)
    await meet(till, other)
    return found


async def inbox(replica: Replica) -> list[OpenException]:
    async with replica.connection() as reader:
        found = await open_exceptions(reader, ORGANIZATION, BRANCH)
        assert await count_exceptions(reader, ORGANIZATION, BRANCH) == len(found)
    return found


async def settle(replica: Replica, exception: UUID, note: str = "ya se habló") -> None:
    async with replica.work(MANAGER) as work:
        await settle_exception(work, exception, note)


def told(each: OpenException) -> str:
    return f"{what_happened(ES, each)} {what_to_do(ES, each)}"


async def test_a_bill_that_two_tills_took_money_for_is_told_with_its_amount(
    till: Hands, other: Hands, order: UUID
) -> None:
    check = first_check_id(order)
    await till.pay(check, CEVICHE)
    await other.pay(check, CEVICHE)
    await meet(till, other)
    (here,), (there,) = await inbox(till.replica), await inbox(other.replica)
    assert here == there
    assert told(here) == "Pedido A-1, mesa 1: pagado dos veces (1 Ceviche). Devuelve S/ 42.50."
    assert what_happened(EN, here) == "Order A-1, table 1: paid twice (1 Ceviche)."
    assert here.ends == (Ends.GIVE_BACK,)
    row = here.first("checks")
    assert row is not None
    assert await till.give_back(row.id) == CEVICHE
    await meet(till, other)
    assert await inbox(till.replica) == await inbox(other.replica) == []


async def test_what_was_paid_and_taken_off_can_be_given_back_or_put_on_again(
    till: Hands, other: Hands, order: UUID
) -> None:
    await till.pay(first_check_id(order), CEVICHE)
    (line,) = (await other.order(order)).lines
    void = await other.void(line.id, ONE)
    await meet(till, other)
    (found,) = await inbox(till.replica)
    assert told(found) == (
        "Pedido A-1, mesa 1: se pagó y luego se quitó 1 Ceviche. "
        "Devuelve S/ 42.50, o vuelve a ponerlo en la cuenta si lo tuvieron."
    )
    assert found.ends == (Ends.GIVE_BACK, Ends.LIFT_VOID)
    row = found.first("line_voids")
    assert row is not None
    assert row.id == void
    await till.lift(row.id)
    assert await inbox(till.replica) == []


async def test_each_amount_is_that_of_its_own_difference(till: Hands, other: Hands, order: UUID) -> None:
    """Both are paid here; there one of them is taken off, and the other one paid."""
    check = first_check_id(order)
    tea = await till.add(order, "chi")
    await till.send(order)
    await meet(till, other)
    await till.pay(check, CEVICHE + TEA)
    await other.void(tea, ONE)
    await other.pay(check, CEVICHE)
    await meet(till, other)
    amounts = {each.kind: each.amount_minor for each in await inbox(till.replica)}
    assert amounts == {Difference.PAID_TWICE: CEVICHE, Difference.PAID_THEN_TAKEN_OFF: TEA}


async def test_a_discount_that_was_given_while_it_was_paid_is_given_back_or_explained(
    till: Hands, other: Hands, order: UUID
) -> None:
    check = first_check_id(order)
    await other.discount(check, rate_millionths=100_000, reason="cumpleaños")
    await till.pay(check, CEVICHE)
    await meet(till, other)
    (found,), (there,) = await inbox(till.replica), await inbox(other.replica)
    assert found == there
    assert told(found) == (
        "Pedido A-1, mesa 1: un descuento o el servicio cambió mientras se pagaba la cuenta: se cobró S/ 4.25 de más. "
        "Devuelve S/ 4.25, o escribe en una nota por qué no."
    )
    assert (found.size, found.amount_minor, found.ends) == (425, 425, (Ends.GIVE_BACK, Ends.NOTE))
    assert {row.name for row in found.rows if row.table == "discounts"} == {"cumpleaños"}
    await settle(till.replica, found.id)
    assert await inbox(till.replica) == []
    with pytest.raises(DomainError, match="NOTHING_TO_GIVE_BACK"):
        await till.give_back(check)


async def test_a_discount_that_was_lifted_while_it_was_paid_is_taken_or_ends_by_a_note(
    till: Hands, other: Hands, order: UUID
) -> None:
    check = first_check_id(order)
    given = await till.discount(check, amount_minor=500)
    await meet(till, other)
    await other.lift_discount(given)
    await till.pay(check, CEVICHE - 500)
    await meet(till, other)
    (found,) = await inbox(other.replica)
    assert what_happened(EN, found).endswith("while the bill was paid: S/ 5.00 too little was charged.")
    assert (found.size, found.ends) == (500, (Ends.CHARGE, Ends.NOTE))


async def test_what_is_added_while_another_till_takes_the_money_is_named(
    till: Hands, other: Hands, order: UUID
) -> None:
    await till.pay(first_check_id(order), CEVICHE)
    await other.add(order, "chi", 2 * ONE)
    await other.send(order)
    await meet(till, other)
    (found,) = await inbox(other.replica)
    assert what_happened(ES, found) == "Pedido A-1, mesa 1: se pidió 2 Chicha morada mientras se pagaba la cuenta."
    assert found.ends == (Ends.PAY, Ends.VOID_LINE)


async def test_a_table_that_two_devices_open_is_there_until_the_orders_are_joined(till: Hands, other: Hands) -> None:
    first, second = await till.open(), await other.open()
    await till.add(first)
    await other.add(second)
    assert await inbox(till.replica) == []
    await meet(till, other)
    (found,) = await inbox(till.replica)
    assert [found] == await inbox(other.replica)
    assert told(found) == (
        "Mesa 1: está abierta más de una vez, con los pedidos A-1, B-1. Une los pedidos, o cierra el que sobra."
    )
    assert found.ends == (Ends.JOIN,)
    with pytest.raises(DomainError, match="NEEDS_AN_ACTION"):
        await settle(till.replica, found.id)
    of_table = [row.id for row in found.rows if row.table == "orders"]
    assert sorted(of_table) == sorted([first, second])
    await till.join(second, first)
    assert await inbox(till.replica) == []


async def test_a_price_that_was_changed_while_it_was_paid_ends_by_a_note_and_a_new_price_is_open_again(
    till: Hands, other: Hands, order: UUID
) -> None:
    await till.pay(first_check_id(order), CEVICHE)
    (line,) = (await other.order(order)).lines
    await other.reprice(line.id, 3_000)
    await meet(till, other)
    (found,) = await inbox(till.replica)
    assert what_happened(ES, found) == (
        "Pedido A-1, mesa 1: el precio de 1 Ceviche cambió de S/ 42.50 a S/ 30.00 después de pagar "
        "el comprobante A-00000001."
    )
    assert found.ends_by_note
    assert found.amount_minor == CEVICHE - 3_000
    await settle(till.replica, found.id)
    assert await inbox(till.replica) == []
    with pytest.raises(DomainError, match="SETTLED_ALREADY"):
        await settle(till.replica, found.id)
    await meet(till, other)
    assert await inbox(other.replica) == []


async def test_no_note_settles_what_an_action_ends(till: Hands, other: Hands, order: UUID) -> None:
    await till.pay(first_check_id(order), CEVICHE)
    await other.pay(first_check_id(order), CEVICHE)
    await meet(till, other)
    (found,) = await inbox(till.replica)
    with pytest.raises(DomainError, match="NEEDS_AN_ACTION"):
        await settle(till.replica, found.id)
    assert await inbox(till.replica) == [found]


async def note_right(replica: Replica, size: int) -> None:
    async with replica.work(CASHIER) as work:
        await note_event(
            work,
            EventKind.WITHOUT_RIGHT,
            TILL,
            size=size,
            amount_minor=CEVICHE,
            device_id=TILL,
            reason=str(Permission.REFUND.value),
            details=[{"table": "refunds", "row": UUID(int=7).hex, "number": "A-R00000001"}],
        )


async def test_an_event_names_person_device_and_rows_and_is_open_again_when_it_grows(till: Hands) -> None:
    await note_right(till.replica, 1)
    (found,) = await inbox(till.replica)
    assert what_happened(ES, found) == (
        "Alguien hizo algo sin tener permiso para devolver dinero (A-R00000001, S/ 42.50), en Caja."
    )
    await settle(till.replica, found.id)
    assert await inbox(till.replica) == []
    await note_right(till.replica, 2)
    (again,) = await inbox(till.replica)
    assert (again.size, again.settled_up_to) == (2, 1)


@pytest.mark.parametrize(("minutes", "far"), [(-90, "90 min"), (500, "8 h"), (525_600, "365 días")])
async def test_a_wrong_clock_is_told_in_words_of_its_size(till: Hands, minutes: int, far: str) -> None:
    async with till.replica.work(CASHIER) as work:
        await note_event(work, EventKind.CLOCK_WRONG, TILL, device_id=TILL, details=[{"minutes": minutes}])
    (found,) = await inbox(till.replica)
    assert what_happened(ES, found).startswith(f"El reloj de Caja está mal por {far};")


async def test_money_that_is_short_is_told_and_written_off(till: Hands, other: Hands, order: UUID) -> None:
    """One portion is paid once and given back twice."""
    check = first_check_id(order)
    await till.pay(check, CEVICHE)
    await meet(till, other)
    (receipt_line,) = await till.receipt_lines()
    for each in (till, other):
        await each.refund(check, {receipt_line.id: ONE})
    await meet(till, other)
    by_kind = {each.kind: each for each in await inbox(till.replica)}
    short = by_kind[Difference.SHORT]
    assert what_happened(ES, short).startswith("Pedido A-1, mesa 1: falta S/ 42.50;")
    assert short.ends == (Ends.PAY, Ends.WRITE_OFF)
    assert by_kind[Difference.REFUNDED_TWICE].ends_by_note
    assert by_kind[Difference.REFUNDED_TWICE].amount_minor == CEVICHE
    await till.write_off(check)
    assert Difference.SHORT not in {each.kind for each in await inbox(till.replica)}


async def test_settling_believes_no_id_and_no_person(till: Hands) -> None:
    await note_right(till.replica, 1)
    (found,) = await inbox(till.replica)
    for actor, exception, note, code in (
        (CASHIER, found.id, "ya", "NOT_PERMITTED"),
        (MANAGER, UUID(int=1), "ya", "NOT_FOUND"),
        (MANAGER, found.id, " \n", "NOTE_MISSING"),
    ):
        with pytest.raises(DomainError, match=code):
            async with till.replica.work(actor) as work:
                await settle_exception(work, exception, note)
    assert await inbox(till.replica) == [found]


async def test_the_number_of_statements_does_not_grow_with_what_waits(till: Hands, other: Hands) -> None:
    async def statements() -> int:
        seen: list[str] = []
        async with till.replica.connection() as reader:
            sa.event.listen(reader.sync_connection, "before_cursor_execute", lambda *args: seen.append(args[2]))
            await open_exceptions(reader, ORGANIZATION, BRANCH)
        return len(seen)

    async def paid_twice() -> None:
        order = await till.open()
        await till.add(order)
        await till.send(order)
        await meet(till, other)
        for each in (till, other):
            await each.pay(first_check_id(order), CEVICHE)
        await meet(till, other)

    await note_right(till.replica, 1)
    await paid_twice()
    once = await statements()
    await paid_twice()
    await paid_twice()
    assert await statements() == once <= 17


@pytest.mark.parametrize("language", Language)
def test_every_kind_action_and_right_has_its_sentences(language: Language) -> None:
    texts = catalogue("shared.exceptions", language)
    wanted = {
        f"exceptions.{area}.{word}"
        for area, words in (
            ("kind", KINDS),
            ("happened", KINDS),
            ("next", KINDS),
            ("ends", Ends),
            ("right", (*Permission, *DeviceKind)),
        )
        for word in words
    }
    assert wanted <= texts.keys()
    known = Texts(language, TEXT_ROOMS)
    assert all(kind_name(known, kind) for kind in (*Difference, *EventKind))
    assert all(action_name(known, each) for each in Ends)


async def test_of_two_losses_of_a_check_only_the_one_that_was_paid_after_all_is_told(
    till: Hands, other: Hands, order: UUID
) -> None:
    await other.add(order, "chi")
    await other.send(order)
    await till.walk_out(order, stops_cooking=False)
    await meet(till, other)
    await till.pay(first_check_id(order), TEA)
    await other.walk_out(order, stops_cooking=False)
    await meet(till, other)
    (paid_after_all,) = await inbox(till.replica)
    assert paid_after_all.kind is Difference.PAID_AFTER_ALL
    assert [portion.name for portion in paid_after_all.portions] == ["Chicha morada"]
    assert paid_after_all.amount_minor == TEA
    await till.give_back(first_check_id(order))
    assert not await inbox(till.replica)


async def test_what_two_tills_wrote_off_is_told_as_the_loss_that_is_too_much(
    till: Hands, other: Hands, order: UUID
) -> None:
    for each in (till, other):
        await each.walk_out(order, stops_cooking=False)
    await meet(till, other)
    (told_once,) = await inbox(till.replica)
    assert told_once.amount_minor == CEVICHE
