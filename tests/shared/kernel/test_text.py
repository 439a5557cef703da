"""Text from people comes out as one line of plain text that cannot steer a screen or a printer."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.kernel.text import clean, search_key, search_keys

HOSTILE = st.text(
    st.characters() | st.sampled_from("\x00\x1b\x7f\x9b\n\r\t\v\f\u200b\u200d\u202e\u2066\u2028\ufeff\u0301e\u00ad "),
    max_size=60,
)


@given(HOSTILE, st.integers(1, 40))
def test_nothing_that_steers_remains_and_the_length_holds(text: str, limit: int) -> None:
    cleaned = clean(text, limit)
    assert len(cleaned) <= limit
    assert {unicodedata.category(char) for char in cleaned}.isdisjoint({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
    assert cleaned == cleaned.strip()
    assert "  " not in cleaned
    cleaned.encode()


@given(HOSTILE)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert unicodedata.is_normalized("NFC", once)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  sin\n cebolla\t", "sin cebolla"),
        ("Jos\u0065\u0301", "José"),
        ("e\u200b\u0301", "é"),
        ("\x1b[31mrojo\x1b[0m", "[31mrojo[0m"),
        ("[/red]{x}%s", "[/red]{x}%s"),
        ("abc\u202ecba", "abccba"),
        ("a\x00b", "ab"),
        ("a\u2028b", "a b"),
        ("\ud800x", "x"),
        ("\u0301\u0301", "\u0301\u0301"),
        ("\u200b\n", ""),
        ("ñandú ☕ 日本", "ñandú ☕ 日本"),
    ],
)
def test_what_people_meant_is_kept(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@given(HOSTILE)
@example("𝕬")
@example("İ")
def test_a_search_finds_a_name_in_any_case_and_with_or_without_accents(text: str) -> None:
    bare = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    assert search_key(text) == search_key(bare)
    assert search_key("  LÓMO   Saltado ") == search_key("lomo saltado")


@given(st.lists(HOSTILE, max_size=6))
def test_many_texts_are_searched_as_each_of_them(texts: list[str]) -> None:
    assert search_keys(texts) == [search_key(text) for text in texts]


@given(HOSTILE)
def test_a_search_compares_letters_without_case_and_accents(text: str) -> None:
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    assert search_key(text) == " ".join(bare.split())
