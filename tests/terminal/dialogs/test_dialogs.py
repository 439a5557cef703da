"""The dialogs that ask, through the keys and taps of a person."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.kernel.errors import DomainError
from terminal.dialogs.questions import Amount, AmountKind, Choice, Field, FieldKind, Form, Given, Pick, Picked
from terminal.widgets.key_pad import KeyPad
from terminal.widgets.letter_pad import BLANK
from tests.terminal.dialogs.asked import asked

REASONS = ("Cambió de opinión", "Error al pedir", "Demora de la cocina", "Plato devuelto")
REASON = Pick("Anular", tuple(Choice(at, text) for at, text in enumerate(REASONS)), "¿Por qué?", own_text="Otro motivo")
DISCOUNT = Amount("Descuento", (AmountKind.PERCENT, AmountKind.MONEY), quick=(Given(AmountKind.PERCENT, 50_000),))
TAKEOUT = Form(
    "Para llevar",
    (
        Field("name", "Nombre", needed=True),
        Field("phone", "Teléfono", FieldKind.PHONE),
        Field("at", "Hora", FieldKind.TIME),
    ),
)

# Picking


async def test_a_digit_picks_a_row() -> None:
    async with asked(REASON) as it:
        await it.till.press("3")
        assert it.answers == [Picked(2, "Demora de la cocina")]
        assert it.till.screen_name == "order"


async def test_letters_filter_and_enter_takes_the_only_one() -> None:
    async with asked(REASON) as it:
        await it.till.type("coci\n")
        assert it.answers == [Picked(2, "Demora de la cocina")]


async def test_enter_takes_nothing_that_nobody_chose() -> None:
    async with asked(REASON) as it:
        await it.till.type("\n\n")
        assert it.answers == []
        assert "Elige con su número" in await it.till.grid()
        await it.till.press("down", "down", "enter")
        assert it.answers == [Picked(1, "Error al pedir")]


async def test_what_no_row_is_stays_said_while_others_change_something() -> None:
    async with asked(replace(REASON, own_text="")) as it:
        await it.till.type("9")
        assert "«9»" in await it.till.grid()
        it.till.app.screen.refresh_view()
        assert "«9»" in await it.till.grid()
        await it.till.press("backspace")
        assert "¿Por qué?" in await it.till.grid()


async def test_a_text_of_ones_own_may_hold_digits_and_question_marks() -> None:
    async with asked(REASON) as it:
        await it.till.type("5")
        await it.till.type("2 moscas?\n")
        assert it.answers == [Picked(None, "2 moscas?")]


async def test_letters_that_find_no_row_are_a_text_of_ones_own() -> None:
    async with asked(REASON) as it:
        await it.till.type("se cayo\n")
        assert it.answers == [Picked(None, "se cayo")]


async def test_escape_goes_back_from_text_to_rows_and_then_closes() -> None:
    async with asked(REASON) as it:
        await it.till.press("5", "x", "escape")
        assert it.till.screen_name == "pick"
        await it.till.press("escape")
        assert it.till.screen_name == "order"
        assert it.answers == []


async def test_a_dimmed_row_says_why() -> None:
    rows = (Choice(1, "Cuenta", "Ctrl B", "El pedido no tiene nada que cobrar."), Choice(2, "Turno", "Ctrl T"))
    async with asked(Pick("Más", rows)) as it:
        await it.till.press("1")
        assert "no tiene nada que cobrar" in await it.till.grid()
        assert it.answers == []


async def test_more_rows_than_digits_are_reached_by_letters() -> None:
    rows = tuple(Choice(at, f"Fila {chr(97 + at) * 3}") for at in range(26))
    async with asked(Pick("Más", rows), size=(80, 24)) as it:
        await it.till.type("zzz\n")
        assert it.answers == [Picked(25, "Fila zzz")]


MONEY_NEAR = Pick("¿De quién?", tuple(Choice(at, text) for at, text in enumerate(REASONS)), at=1, near_amount=True)


async def test_an_amount_typed_where_a_row_is_asked_picks_none() -> None:
    """`250` is no row 2 with 50 to follow."""
    async with asked(MONEY_NEAR) as it:
        await it.till.type("250\n")
        assert it.answers == []
        assert "«250» no es una fila" in await it.till.grid()
        await it.till.press("3")
        assert it.answers == [], "a number only marks its row, and begins anew after a refused one"
        assert "Enter elige: Demora de la cocina" in await it.till.grid()
        await it.till.press("enter")
        assert it.answers == [Picked(2, "Demora de la cocina")]


async def test_an_amount_is_no_reason_of_ones_own() -> None:
    async with asked(replace(REASON, near_amount=True)) as it:
        await it.till.type("250\n")
        assert it.answers == []
        await it.till.type("5\n2 moscas\n")
        assert it.answers == [Picked(None, "2 moscas")]


async def test_numbers_mark_rows_beyond_the_ninth_where_they_only_mark() -> None:
    rows = tuple(Choice(at, f"Fila {chr(97 + at) * 3}") for at in range(14))
    async with asked(Pick("Caja", rows, near_amount=True)) as it:
        await it.till.type("12\n")
        assert it.answers == [Picked(11, "Fila lll")]


# Amounts


async def test_an_amount_comes_back_in_the_unit_of_its_kind() -> None:
    async with asked(DISCOUNT) as it:
        await it.till.type("12.5\n")
        await it.ask(DISCOUNT)
        await it.till.press("tab")
        await it.till.type("7\n")
        assert it.answers == [Given(AmountKind.PERCENT, 125_000), Given(AmountKind.MONEY, 700)]


async def test_what_it_would_come_to_is_said_while_it_is_typed() -> None:
    def comes_to(given: Given) -> str:
        if given.value > 200_000:
            raise DomainError("form.needed", label="permiso")
        return f"quedan {1_000_000 - given.value}"

    async with asked(Amount("Descuento", (AmountKind.PERCENT,), comes_to=comes_to)) as it:
        await it.till.type("10")
        assert "quedan 900000" in await it.till.grid()
        await it.till.type("0")
        assert "Falta permiso" in await it.till.grid()


async def test_enter_without_an_amount_says_so() -> None:
    async with asked(DISCOUNT) as it:
        await it.till.type("\n")
        assert "Escribe primero cuánto" in await it.till.grid()
        assert it.answers == []


async def test_a_scanned_code_is_no_amount() -> None:
    async with asked(DISCOUNT) as it:
        await it.till.scan("7750182000000")
        assert "no es un importe" in await it.till.grid()
        await it.till.type("\n")
        assert it.answers == []


# Forms


async def test_enter_moves_on_and_accepts_in_the_last_field() -> None:
    async with asked(TAKEOUT) as it:
        await it.till.type("Rosa Ñ\n999 222 111\n1930\n")
        assert it.answers == [{"name": "Rosa Ñ", "phone": "999 222 111", "at": "19:30"}]


async def test_what_is_not_right_leads_to_its_field() -> None:
    async with asked(TAKEOUT) as it:
        await it.till.type("\n12\n\n")
        assert "Falta Nombre" in await it.till.grid()
        await it.till.type("Rosa")
        await it.till.press("f5")
        assert "no es un teléfono" in await it.till.grid()
        await it.till.type("345")
        await it.till.press("f5")
        assert it.answers == [{"name": "Rosa", "phone": "12345", "at": ""}]


async def test_escape_asks_before_it_drops_what_was_typed() -> None:
    async with asked(TAKEOUT) as it:
        await it.till.press("x", "escape")
        assert it.till.screen_name == "form"
        await it.till.press("escape")
        assert it.till.screen_name == "order"
        assert it.answers == []


async def test_pasted_text_fills_a_field_and_takes_nothing() -> None:
    async with asked(TAKEOUT) as it:
        await it.till.paste("Rosa\nQuispe\n")
        assert "Rosa Quispe" in await it.till.grid()
        assert it.till.screen_name == "form"


# All of them


@pytest.mark.parametrize(("question", "typed"), [(DISCOUNT, "10\n"), (REASON, "5se cayo\n")])
async def test_a_refused_answer_comes_back_with_what_was_typed(question, typed) -> None:
    async with asked(question) as it:
        it.refusals.append(DomainError("form.needed", label="permiso"))
        await it.till.type(typed)
        assert "Falta permiso" in await it.till.grid()
        assert it.till.screen_name == question_name(question)
        await it.till.press("enter")
        assert len(it.answers) == 1
        assert it.till.screen_name == "order"


def question_name(question: object) -> str:
    return type(question).__name__.lower()


async def test_what_is_typed_ahead_goes_to_the_dialog() -> None:
    async with asked() as it:
        it.ask_ahead(DISCOUNT)
        it.till.press_ahead("1", "0", "enter", "c", "a", "u", "enter")
        await it.till.settled()
        assert it.answers == [Given(AmountKind.PERCENT, 100_000)]
        assert it.till.desk.done == ["add A-4"]


async def test_twenty_enters_are_one_answer() -> None:
    async with asked(DISCOUNT) as it:
        it.till.press_ahead("1", *["enter"] * 20)
        await it.till.settled()
        assert it.answers == [Given(AmountKind.PERCENT, 10_000)]
        assert it.till.desk.done == []


async def test_the_lock_keeps_what_was_typed_for_its_person() -> None:
    async with asked(TAKEOUT) as it:
        await it.till.type("Rosa\n99")
        await it.till.press("f10")
        await it.till.type("2222\n")
        await it.ask(TAKEOUT)
        assert "Rosa " not in (await it.till.grid()).split("Teléfono")[0].split("Nombre")[1]
        await it.till.press("escape", "f10")
        await it.till.type("1234\n222\n\n")
        assert it.answers == [{"name": "Rosa", "phone": "99222", "at": ""}]


@pytest.mark.parametrize(
    ("question", "keys", "refusal"),
    [
        (TAKEOUT, ("f5",), "Falta Nombre"),
        (TAKEOUT, ("R", "escape"), "Esc otra vez"),
        (REASON, ("enter",), "Elige con su número"),
    ],
    ids=["a field that lacks", "what would be lost", "no such row"],
)
async def test_what_a_key_was_answered_stays_until_the_next_one(
    question: Form | Pick, keys: tuple[str, ...], refusal: str
) -> None:
    async with asked(question) as it:
        await it.till.press(*keys)
        said = await it.till.grid()
        assert refusal in said
        it.till.app._desk_changed(frozenset({"state"}))
        assert await it.till.grid() == said
        await it.till.press("backspace")
        assert refusal not in await it.till.grid()


async def test_a_dialog_asks_above_another_one() -> None:
    async with asked(TAKEOUT) as it:
        await it.till.type("Rosa")
        await it.ask(Form("Otro", (Field("x", "X"),)))
        await it.till.type("y\n")
        assert it.answers == [{"x": "y"}]
        await it.till.press("f5")
        assert it.answers[1:] == [{"name": "Rosa", "phone": "", "at": ""}]


async def test_fingers_write_as_keys_do() -> None:
    async with asked(TAKEOUT) as it:
        for key in ("a", BLANK, "b"):
            pad = it.till.app.screen.query_one(KeyPad)
            pad.post_message(KeyPad.Pressed(pad, key))
        await it.till.settled()
        await it.till.press("f5")
        assert it.answers == [{"name": "a b", "phone": "", "at": ""}]


async def test_hostile_text_is_shown_as_it_is() -> None:
    rows = (Choice(1, "[/red] 🍕 \u202eabc"),)
    async with asked(Pick("[/red]" * 50, rows, "[bold]" * 2_000, own_text="[/]")) as it:
        assert "[/red] 🍕" in await it.till.grid()
        await it.till.press("2")
        await it.till.type("[/red]\n")
        assert it.answers == [Picked(None, "[/red]")]


async def test_the_bar_of_a_form_says_whether_enter_goes_on_or_takes_it() -> None:
    async with asked(TAKEOUT) as it:
        assert "Enter Siguiente" in await it.till.grid()
        await it.till.type("Ana\n")
        assert "Enter Siguiente" in await it.till.grid()
        await it.till.press("enter")
        assert "Enter Aceptar" in await it.till.grid()
        await it.till.press("enter")
        assert it.answers == [{"name": "Ana", "phone": "", "at": ""}]
