"""Ctrl U undoes the last step on an order, and says which."""

from __future__ import annotations

import pytest

from shared.kernel.quantity import ONE
from tests.terminal.screens.till import DrivenTill, driven

AT_SEVEN = "1234\n7\n"


def lines(till: DrivenTill) -> list[tuple[str, int, str]]:
    (order,) = till.desk.orders.values()
    return [(line.item_name, line.quantity_milli // ONE, line.notes) for line in order.lines]


@pytest.mark.parametrize(
    ("keys", "left", "said"),
    [
        ("lom\n", [], "Lomo saltado ya no está en el pedido"),
        ("lom\n2*lom\n", [("Lomo saltado", 1, "")], "Lomo saltado es otra vez 1"),
        ("lom\n+", [("Lomo saltado", 1, "")], "Lomo saltado es otra vez 1"),
        ("5*lom\n-", [("Lomo saltado", 5, "")], "Lomo saltado es otra vez 5"),
        ("lom\n4*\n", [("Lomo saltado", 1, "")], "Lomo saltado es otra vez 1"),
        ("lom\n/sin ají\n", [("Lomo saltado", 1, "")], "Lomo saltado tiene la nota de antes"),
        ("2*lom\n<f6>", [("Lomo saltado", 2, "")], "vuelve 2 × Lomo saltado"),
    ],
)
async def test_a_step_is_undone_and_named(keys, left, said) -> None:
    async with driven(script=f"{AT_SEVEN}{keys}<ctrl+u>") as till:
        assert lines(till) == left
        assert said in await till.grid()


async def test_options_are_undone() -> None:
    async with driven(script=f"{AT_SEVEN}asa\n") as till:
        await till.press("1")
        (order,) = till.desk.orders.values()
        await till.press("f4", "2")
        assert till.desk.orders[order.id].lines[0].modifier_ids != order.lines[0].modifier_ids
        await till.press("ctrl+u")
        assert till.desk.orders[order.id].lines[0].modifier_ids == order.lines[0].modifier_ids


async def test_steps_are_undone_one_after_the_other() -> None:
    async with driven(script=f"{AT_SEVEN}lom\ncau\n/sin ají\n") as till:
        for left in (2, 1, 0):
            await till.press("ctrl+u")
            assert len(lines(till)) == left
        await till.press("ctrl+u")
        assert "No hay nada que deshacer" in await till.grid()


async def test_what_was_sent_is_not_undone() -> None:
    async with driven(script=f"{AT_SEVEN}lom\n<f5><ctrl+u>") as till:
        assert lines(till) == [("Lomo saltado", 1, "")]
        assert "Lo enviado se anula con F6" in await till.grid()
        await till.type("cau\n")
        await till.press("ctrl+u", "ctrl+u")
        assert lines(till) == [("Lomo saltado", 1, "")]


async def test_what_another_device_changed_since_is_left_alone() -> None:
    async with driven(script=f"{AT_SEVEN}lom\n") as till:
        (order,) = till.desk.orders.values()
        await till.desk.set_quantity(order.id, order.lines[0].id, 3 * ONE)
        await till.press("ctrl+u")
        assert lines(till) == [("Lomo saltado", 3, "")]
        assert "Eso cambió desde entonces" in await till.grid()


async def test_while_something_is_typed_it_deletes_that() -> None:
    async with driven(script=f"{AT_SEVEN}lom\ncau<ctrl+u>") as till:
        assert lines(till) == [("Lomo saltado", 1, "")]
        assert till.app.screen.line.text == ""


async def test_another_order_has_steps_of_its_own() -> None:
    async with driven(script=f"{AT_SEVEN}lom\n<f2>8\n<ctrl+u>") as till:
        assert "No hay nada que deshacer" in await till.grid()
        assert lines(till) == [("Lomo saltado", 1, "")]


async def test_a_failed_step_is_none() -> None:
    async with driven(script=f"{AT_SEVEN}lom\n") as till:
        till.desk.fails.append(RuntimeError("disk"))
        await till.type("cau\n")
        await till.press("ctrl+u")
        assert lines(till) == []
