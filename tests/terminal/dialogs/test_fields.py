"""What a form's fields take, and what they say of what does not fit."""

from __future__ import annotations

import pytest

from terminal.dialogs.fields import Filling
from terminal.dialogs.questions import Field, FieldKind, Form


def filled(kind: FieldKind, text: str, **more: object) -> Filling:
    return Filling.begin(Form("", (Field("it", "Dato", kind, **more),))).with_text(text)


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        (FieldKind.PHONE, "+51 (1) 999-222x", "+51 (1) 999-222"),
        (FieldKind.NUMBER, "4a5²", "45"),
        (FieldKind.TIME, "19:30 h", "19:30"),
        (FieldKind.TEXT, "Ñuñoa [/red] 🍕", "Ñuñoa [/red] 🍕"),
    ],
)
def test_a_field_keeps_what_its_kind_takes(kind, typed, kept) -> None:
    assert filled(kind, typed).text == kept


@pytest.mark.parametrize(
    ("typed", "time"),
    [
        ("1930", "19:30"),
        ("19:30", "19:30"),
        ("7", "07:00"),
        ("730", "07:30"),
        ("9.05", "09:05"),
        ("8pm", "20:00"),
        ("8:30 p.m.", "20:30"),
        ("12am", "00:00"),
        ("12 PM", "12:00"),
        ("+30", "+30"),
        ("", ""),
    ],
)
def test_a_time_comes_back_as_clocks_show_it(typed, time) -> None:
    filling = filled(FieldKind.TIME, typed)
    assert filling.trouble() is None
    assert filling.answer() == {"it": time}


@pytest.mark.parametrize(
    ("kind", "typed", "code"),
    [
        (FieldKind.TIME, "25:00", "form.no_time"),
        (FieldKind.TIME, "1975", "form.no_time"),
        (FieldKind.TIME, "13pm", "form.no_time"),
        (FieldKind.NUMBER, "2.5", "form.no_number"),
        (FieldKind.NUMBER, "-1", "form.no_number"),
        (FieldKind.PHONE, "12-34", "form.no_phone"),
    ],
)
def test_what_does_not_fit_says_so(kind, typed, code) -> None:
    trouble = filled(kind, typed).trouble()
    assert trouble is not None
    assert (trouble[0], trouble[1].code) == (0, code)


def test_a_needed_field_may_not_stay_empty() -> None:
    trouble = filled(FieldKind.TEXT, "   ", needed=True).trouble()
    assert trouble is not None
    assert trouble[1].code == "form.needed"


def test_ten_thousand_characters_are_cut() -> None:
    filling, fits = filled(FieldKind.TEXT, "", most=30).inserted("x" * 10_000)
    assert (len(filling.text), fits) == (30, False)


def test_a_form_begins_at_its_first_empty_field() -> None:
    form = Form("", (Field("name", "Nombre", value="Rosa"), Field("phone", "Teléfono", FieldKind.PHONE)))
    assert Filling.begin(form).field.id == "phone"
    assert not Filling.begin(form).is_changed
