from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from terminal.widgets.text_cells import fit, wrap

TEXTS = st.text(max_size=60) | st.text("ab ñé 日本語\u202e\x1b[2J\x07\u0301", max_size=60)
WIDTHS = st.integers(1, 40)


@given(TEXTS, WIDTHS, st.sampled_from(["left", "right", "center"]))
def test_fitted_text_takes_exactly_its_cells(text, width, align) -> None:
    assert cell_len(fit(text, width, align)) == width


@given(TEXTS, st.integers(2, 40), st.integers(1, 4))
def test_wrapped_lines_keep_within_width_and_count(text, width, most) -> None:
    lines = wrap(text, width, most)
    assert len(lines) <= most
    assert all(cell_len(line) <= width for line in lines)


@given(TEXTS, WIDTHS)
def test_no_control_or_bidi_character_is_ever_drawn(text, width) -> None:
    drawn = fit(text, width) + "".join(wrap(text, width, 3))
    assert not [char for char in drawn if unicodedata.category(char) in {"Cc", "Cf", "Cs"}]


def test_what_is_cut_says_so() -> None:
    assert fit("Ají de gallina", 8) == "Ají de…" + " "
    assert wrap("Arroz con pato a la chiclayana", 12, 2) == ("Arroz con", "pato a la c…")


def test_a_wide_character_is_never_cut_in_half() -> None:
    assert fit("炒飯 Chaufa", 4) == "炒… "


def test_a_word_longer_than_the_line_is_broken() -> None:
    assert wrap("Otorrinolaringología", 10, 3) == ("Otorrinola", "ringología")


def test_a_line_does_not_end_with_the_dot_that_parts_it_from_the_next() -> None:
    assert wrap("cajón abierto · recibo: impreso", 16, 3) == ("cajón abierto", "recibo: impreso")
