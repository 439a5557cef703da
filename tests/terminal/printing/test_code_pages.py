"""Every text can be written with the letters that a printer has, and none of them steers it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.printing.code_pages import CODE_PAGES, PC437, PC850, WPC1252, CodePage


@pytest.mark.parametrize("page", [PC850, WPC1252], ids=lambda page: page.name)
def test_spanish_is_written_as_it_is(page: CodePage) -> None:
    spanish = "áéíóúüñ ÁÉÍÓÚÜÑ ¿qué? ¡sí! N° 5"
    assert page.encode(page.spell(spanish)).decode(page.codec) == spanish


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("“ají” – 5 €…", '"ají" - 5 EUR...'),
        ("PICANTERÍA Łódź", "PICANTERÍA Lódz"),
        ("alérgico al 🥜", "alérgico al [peanuts]"),
        ("Борщ", "Borshch"),
        ("ﬁno ⅓", "fino 1/3"),
        ("水煮 con arroz", "[#ac21] con arroz"),
        ("caf" + "e\u0301", "café"),
    ],
)
def test_what_the_page_lacks_is_spelled_sensibly(written: str, printed: str) -> None:
    import unicodedata

    assert PC850.spell(unicodedata.normalize("NFC", written)) == printed


def test_an_accent_that_the_page_lacks_leaves_its_letter() -> None:
    assert PC437.spell("PICANTERÍA") == "PICANTERIA"


@given(text=st.text(max_size=60), name=st.sampled_from(sorted(CODE_PAGES)))
def test_any_text_becomes_as_many_printable_bytes_as_letters(text: str, name: str) -> None:
    page = CODE_PAGES[name]
    spelled = page.spell(text)
    raw = page.encode(spelled)
    assert len(raw) == len(spelled)
    assert all(byte >= 0x20 and byte != 0x7F for byte in raw)


@given(text=st.text(st.sampled_from("xñ \u0301\u0302\u0e31\u093e水猫👍"), max_size=12))
def test_marks_of_any_number_are_spelled_where_the_font_draws_them(text: str) -> None:
    assert PC850.spell("x\u0301\u0302", lambda _char: True) == "x"
    assert "水" not in PC850.spell(text, lambda char: char != "水")


@pytest.mark.parametrize("codec", ["utf-8", "gbk", "utf-16", "cp037"])
def test_a_page_of_several_bytes_a_letter_cannot_be_made(codec: str) -> None:
    with pytest.raises(ValueError, match="single-byte"):
        CodePage("wrong", 1, codec)
