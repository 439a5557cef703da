"""What Enter would do with a typed line: a dish, a question, or a sentence that says what to type."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import DomainError
from shared.kernel.language import Language, Texts
from terminal.screens.order.command import AddAgain, SetQuantity
from terminal.screens.order.menu_line import MenuLine, Reading, Refusal, Take, Which
from tests.terminal.screens.paper_desk import PaperDesk
from tests.terminal.screens.paper_menu import item_of, menu_of, paper_menu
from tests.terminal.screens.till import driven

MENU = paper_menu()
LINE = MenuLine(MENU)


def renamed(code: str, name: str, barcodes: tuple[str, ...] = ()) -> MenuLine:
    """The menu with another name for one dish."""
    return MenuLine(
        menu_of(
            [
                replace(
                    category,
                    items=tuple(
                        replace(item, name=name, barcodes=barcodes) if item.code == code else item
                        for item in category.items
                    ),
                )
                for category in MENU.categories
            ]
        )
    )


@pytest.mark.parametrize(
    ("text", "code", "quantity"),
    [
        ("chicha", "chm", 1_000),
        ("morada chi", "chm", 1_000),
        ("chi", "chi", 1_000),
        ("2 lom", "lom", 2_000),
        ("3xkola inca", "inc", 3_000),
        ("para dos", "par", 1_000),
    ],
)
def test_enter_adds(text, code, quantity) -> None:
    assert LINE.read(text).deed == Take(item_of(MENU, code), quantity)


def test_equal_fits_are_a_question_with_the_items_it_is_about() -> None:
    reading = LINE.read("2*morada")
    assert reading.deed == Which("morada", 2, 2_000, shown=2)
    assert reading.found is not None
    assert [item.code for item in reading.found] == ["maz", "chm"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2", "order.code_unknown"),
        ("9999999999999", "order.code_unknown"),
        ("2x9", "order.code_unknown"),
        ("lom 2", "order.quantity_first"),
        ("xyz", "order.not_found"),
        ("0 lom", "QUANTITY_NOT_SENSIBLE"),
    ],
)
def test_what_means_nothing_gets_a_sentence(text, code) -> None:
    deed = LINE.read(text).deed
    assert isinstance(deed, Refusal)
    assert deed.code == code
    for language in Language:
        assert Texts(language, ("shared.orders", "terminal"))(deed.code, **deed.params)


def test_a_number_that_belongs_to_a_name_is_no_quantity() -> None:
    line = renamed("agu", "Coca 0 azúcar")
    assert line.read("0 azucar").deed == Take(line.menu.by_code["agu"], 1_000)


def test_a_number_that_may_be_either_is_asked_about_and_both_answers_work() -> None:
    line = renamed("cau", "Causa 4 quesos")
    doubt = line.read("4 quesos").deed
    assert isinstance(doubt, Refusal)
    assert doubt.code == "order.number_in_name"
    causa = line.menu.by_code["cau"]
    assert line.read("4*quesos").deed == Take(causa, 4_000)
    assert line.read("1*4 quesos").deed == Take(causa, 1_000)


def test_a_scan_is_its_barcode_and_nothing_else() -> None:
    line = renamed("inc", "Inca Kola", ("7750182000123",))
    assert line.scanned("7750182000123").deed == Take(line.menu.by_code["inc"], 1_000)
    assert line.scanned("lom").deed == Refusal("order.barcode_unknown", {"text": "lom"})


@given(st.text(max_size=30))
def test_whatever_is_typed_is_read(text) -> None:
    assert isinstance(LINE.read(text), Reading)
    assert LINE.read(".").deed == AddAgain()
    assert LINE.read("3*").deed == SetQuantity(3_000)


# Through the keys


def lines_of(desk: PaperDesk) -> list[tuple[str, int]]:
    return [(line.item_name, line.quantity_milli) for line in next(iter(desk.orders.values())).lines]


async def test_typing_a_whole_word_adds_that_dish() -> None:
    async with driven(script="1234\n7\nchicha\n") as till:
        assert lines_of(till.desk) == [("Chicha morada", 1_000)]


async def test_a_bare_number_opens_no_dish() -> None:
    async with driven(script="1234\n7\ninc\n2\n") as till:
        assert lines_of(till.desk) == [("Inca Kola", 1_000)]
        assert "No hay código «2»" in await till.grid()


async def test_enter_asks_among_equals_and_more_letters_answer() -> None:
    async with driven(size=(80, 24), script="1234\n7\n2*morada") as till:
        assert "2 iguales: más letras o flechas" in await till.grid()
        await till.press("enter", "enter")
        assert till.desk.orders == {}
        await till.type("chi\n")
        assert lines_of(till.desk) == [("Chicha morada", 2_000)]


async def test_a_question_says_how_many_of_the_tiles_it_is_about() -> None:
    fits_less = replace(item_of(MENU, "inc"), id=uuid4(), code="cmx", name="Mix de moradas")
    desk = PaperDesk()
    desk.menu = menu_of(
        [*MENU.categories[:-1], replace(MENU.categories[-1], items=(*MENU.categories[-1].items, fits_less))]
    )
    async with driven(desk, size=(80, 24), script="1234\n7\nmorada") as till:
        shown = await till.grid()
        assert "Mix de moradas" in shown
        assert "2 de 3 van primero" in shown
        assert "2 iguales" not in shown


async def test_arrows_answer_too() -> None:
    async with driven(script="1234\n7\nmorada\n") as till:
        await till.press("right", "right", "enter")
        assert lines_of(till.desk) == [("Chicha morada", 1_000)]


async def test_a_dot_repeats_what_was_added_last_with_its_options() -> None:
    async with driven(script="1234\n7\n.\n") as till:
        assert "nada que repetir" in await till.grid()
        await till.type("2*bif\n21")
        await till.press("enter")
        await till.type(".")
        assert "2 × Bife ancho" in await till.grid()
        await till.press("enter")
        first = next(iter(till.desk.orders.values())).lines[0]
        assert first.quantity_milli + sum(line.quantity_milli for line in _others(till.desk)) == 4_000


def _others(desk: PaperDesk) -> list:
    return list(next(iter(desk.orders.values())).lines[1:])


async def test_minus_takes_one_off_at_once_and_a_digit_after_it_says_how_many() -> None:
    async with driven(script="1234\n7\n5*lom\n-") as till:
        assert lines_of(till.desk) == [("Lomo saltado", 4_000)]
        await till.type("1\n")
        assert lines_of(till.desk) == [("Lomo saltado", 4_000)]
        await till.type("-3")
        assert "serán 1" in await till.grid()
        await till.press("enter")
        assert lines_of(till.desk) == [("Lomo saltado", 1_000)]
        await till.type("-1\n")
        assert lines_of(till.desk) == [("Lomo saltado", 1_000)]
        assert "F6 lo quita" in await till.grid()


async def test_two_digits_after_minus_are_a_code() -> None:
    desk = PaperDesk()
    desk.menu = menu_of(
        [
            replace(
                category,
                items=tuple(replace(item, code="17" if item.code == "cau" else item.code) for item in category.items),
            )
            for category in desk.menu.categories
        ]
    )
    async with driven(desk, script="1234\n7\n2*lom\n-17\n") as till:
        assert lines_of(till.desk) == [("Lomo saltado", 1_000), ("Causa limeña", 1_000)]


async def test_an_order_is_opened_by_its_letter_and_number() -> None:
    async with driven(script="1234\n7\nlom\n<f2>a1\n") as till:
        assert till.screen_name == "order"
        assert "Lomo saltado" in await till.grid()


async def test_the_floor_asks_too() -> None:
    async with driven(script="1234\nmesa\n") as till:
        assert till.screen_name == "floor"
        assert "Puede ser varios: más letras o ←→" in await till.grid()
        await till.type("7\n")
        assert till.screen_name == "order"


def with_barcodes(desk: PaperDesk, barcodes: dict[str, tuple[str, ...]]) -> PaperDesk:
    """Some dishes, by code, have these barcodes."""
    desk.menu = menu_of(
        [
            replace(
                category,
                items=tuple(replace(item, barcodes=barcodes.get(item.code, ())) for item in category.items),
            )
            for category in desk.menu.categories
        ]
    )
    return desk


async def test_a_scan_adds_its_item_once_or_as_many_as_were_typed_before() -> None:
    desk = with_barcodes(PaperDesk(), {"inc": ("7750182000123",)})
    async with driven(desk, script="1234\n7\n") as till:
        await till.app.screen.scanned("7750182000123")
        await till.type("3*")
        await till.app.screen.scanned("7750182000123")
        assert lines_of(desk) == [("Inca Kola", 4_000)]
        assert till.app.screen.line.text == ""
        with pytest.raises(DomainError, match="barcode_unknown"):
            await till.app.screen.scanned("123")


async def test_a_barcode_of_two_items_asks_which() -> None:
    desk = with_barcodes(PaperDesk(), {"inc": ("555",), "agu": ("555",)})
    async with driven(desk, script="1234\n7\n") as till:
        await till.app.screen.scanned("555")
        assert desk.orders == {}
        await till.press("right", "right", "enter")
        assert lines_of(desk) == [("Inca Kola", 1_000)]


async def test_equal_taps_are_one_line_and_what_is_typed_next_means_it() -> None:
    async with driven(script="1234\n7\nlom\ncau\nlom\nlom\n") as till:
        assert lines_of(till.desk) == [("Lomo saltado", 3_000), ("Causa limeña", 1_000)]
        await till.type("/sin ají\n")
        assert next(iter(till.desk.orders.values())).lines[0].notes == "sin ají"
        await till.type("lom\n")
        assert len(lines_of(till.desk)) == 3, "another note is another line"


async def test_a_line_of_what_is_sold_out_now_can_be_changed_and_lessened_but_not_enlarged() -> None:
    async with driven(script="1234\n7\n3*lim\n") as till:
        for item in till.desk.menu.items.values():
            till.desk.availability.say(item.id)
        till.desk.publish("left")
        for more in ("+", "4*\n", "lim\n", ".\n"):
            await till.type(more)
            assert "agotado" in await till.grid()
            assert lines_of(till.desk) == [("Limonada", 3_000)]
        await till.press("f4", "2")
        await till.type("-")
        (line,) = next(iter(till.desk.orders.values())).lines
        assert (line.modifiers, line.quantity_milli) == ((("Jarra", 1400),), 2_000)


async def test_three_items_with_two_modifiers_are_sent_from_the_floor_in_sixteen_keys() -> None:
    """Table 7; steak 10 medium, roast 11 rare, causa 12: codes of two digits."""
    desk = PaperDesk()
    short = {"bif": "10", "asa": "11", "cau": "12"}
    (doneness,) = item_of(desk.menu, "asa").modifier_groups
    desk.menu = menu_of(
        [
            replace(
                category,
                items=tuple(
                    replace(
                        item,
                        code=short.get(item.code, item.code),
                        modifier_groups=(doneness,) if item.code in ("bif", "asa") else item.modifier_groups,
                    )
                    for item in category.items
                ),
            )
            for category in desk.menu.categories
        ]
    )
    keys = ["7", "enter", *"10", "enter", "2", *"11", "enter", "1", *"12", "enter", "f5"]
    assert len(keys) <= 16
    async with driven(desk, script="1234\n") as till:
        await till.press(*keys)
        (order,) = desk.orders.values()
        assert order.table_name == "Mesa 7"
        assert [(line.item_name, [name for name, _ in line.modifiers]) for line in order.lines] == [
            ("Bife ancho", ["Término medio"]),
            ("Asado de tira", ["Jugoso"]),
            ("Causa limeña", []),
        ]
        assert desk.done[-1] == "send A-1"


async def test_enter_without_anything_typed_or_chosen_says_what_to_do() -> None:
    async with driven(script="1234\n") as till:
        await till.press("enter")
        assert "Primero escribe algo, o elige con las flechas." in await till.grid()
        await till.type("7\n")
        await till.press("enter")
        assert "Primero escribe algo, o elige con las flechas." in await till.grid()
