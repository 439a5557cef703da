"""What is found in the menu: whole words first, in any order; codes and barcodes apart from names."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.ids import derived_id
from shared.menu.rules import Menu, MenuCategory, MenuItem
from shared.menu.search import Fit, Lines, MenuSearch, Name, Typed, words_of


def item(name: str, code: str = "", *barcodes: str) -> MenuItem:
    return MenuItem(
        id=derived_id(name),
        name=name,
        code=code,
        category_id=UUID(int=1),
        category_name="Carta",
        price_minor=1_000,
        tax_category_id=UUID(int=2),
        unit="",
        station_id=None,
        modifier_groups=(),
        barcodes=barcodes,
    )


def search_in(*items: MenuItem) -> MenuSearch:
    return MenuSearch(Menu((MenuCategory(UUID(int=1), "Carta", None, items),), {each.id: each for each in items}, {}))


SEARCH = search_in(
    item("Chicharrón de calamar", "17"),
    item("Chicha morada", "chm"),
    item("Mazamorra morada", "2b"),
    item("Arroz con lomo"),
    item("Lomo saltado", "ls"),
    item("Salomón"),
    item("Pan", "lom"),
    item("Parrilla (2 personas)", "par"),
    item("Inca Kola", "inc", "7750182000123", "075012345678"),
    item("7 Up", "25"),
)


def names(text: str) -> list[str]:
    return [each.name for each in SEARCH.find(text).items]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("chicha", "Chicha morada"),
        ("CHICHARRON", "Chicharrón de calamar"),
        ("morada chi", "Chicha morada"),
        ("kola inca", "Inca Kola"),
        ("inca kola", "Inca Kola"),
        ("saltado lom", "Lomo saltado"),
        ("lom", "Pan"),
        ("lomo", "Lomo saltado"),
        ("LÓMO sal", "Lomo saltado"),
        ("personas 2", "Parrilla (2 personas)"),
        ("7up", "7 Up"),
        ("7750182000123", "Inca Kola"),
        ("17", "Chicharrón de calamar"),
        ("salom", "Salomón"),
    ],
)
def test_a_text_means_one_item(text, name) -> None:
    sure = SEARCH.find(text).sure
    assert sure is not None
    assert sure.name == name


def test_the_better_fit_comes_first_and_the_menu_decides_among_equals() -> None:
    assert names("lomo") == ["Lomo saltado", "Arroz con lomo", "Salomón"]
    assert names("lom") == ["Pan", "Lomo saltado", "Arroz con lomo", "Salomón"]


def test_what_fits_equally_well_is_not_guessed() -> None:
    found = SEARCH.find("morada")
    assert [each.name for each in found.items] == ["Chicha morada", "Mazamorra morada"]
    assert found.sure is None
    assert found.equals == 2


def test_a_number_alone_never_means_a_name_nor_half_a_code() -> None:
    assert names("2") == ["Mazamorra morada", "7 Up"], "codes that begin so are shown"
    assert SEARCH.find("2").sure is None
    assert SEARCH.find("7").sure is None
    assert SEARCH.find("(2").sure is None


def test_a_barcode_is_found_whole_with_or_without_zeros_in_front() -> None:
    (kola,) = SEARCH.by_barcode("7750182000123")
    assert kola.name == "Inca Kola"
    assert SEARCH.by_barcode("0075012345678") == (kola,)
    assert SEARCH.by_barcode("75012345678") == (kola,)
    assert SEARCH.by_barcode("775018200012") == ()
    assert SEARCH.by_barcode("inc") == ()


def test_a_code_or_barcode_that_two_items_have_is_asked_about() -> None:
    search = search_in(item("Agua", "1", "555"), item("Agua con gas", "1", "555"))
    assert search.find("1").sure is None
    assert search.find("1").equals == len(search.by_barcode("555")) == 2


@pytest.mark.parametrize("text", ["", "  ", "zzz", "()", "´"])
def test_nothing_is_found_for_nothing(text) -> None:
    assert SEARCH.find(text).items == ()


def test_words_are_what_stands_between_signs() -> None:
    assert words_of("Parrilla (2 personas)") == ("parrilla", "2", "personas")
    assert Name("A-17").fit(Typed("a17")) is Fit.NAME


WORDS = st.text(st.sampled_from("aáñ7.( "), max_size=8)


@given(st.lists(WORDS, max_size=30), WORDS)
def test_a_menu_is_searched_as_each_of_its_names(dishes: list[str], text: str) -> None:
    """Many names are prepared together, and only those are looked at that hold the longest word: nothing is missed."""
    typed = Typed(text)
    found = search_in(*(item(f"{name} {at}") for at, name in enumerate(dishes))).find(text).items
    alone = [at for at, name in enumerate(dishes) if typed and Name(f"{name} {at}").fit(typed) is not None]
    if any(char.isalpha() for char in text):
        assert sorted(int(each.name.rpartition(" ")[2]) for each in found) == alone


@given(st.lists(st.text("ab", max_size=5), max_size=30), st.text("ab", min_size=1, max_size=3))
def test_all_texts_that_hold_a_part_are_found_once_and_in_order(texts: list[str], part: str) -> None:
    looked_at = list(Lines(texts).holding(part))
    assert [at for at in looked_at if part in texts[at]] == [at for at, text in enumerate(texts) if part in text]
    assert looked_at == sorted(set(looked_at))
