"""Numbers as files write them become exact integers or a problem, never a wrong number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.rehearsal.errors import RowError
from terminal.rehearsal.number_text import NumberFormat, NumberReader

POINT = NumberFormat(decimal=".", thousands=(",", " ", "'"), declared=True)
COMMA = NumberFormat(decimal=",", thousands=(".", " ", "'"), declared=True)
UNDECLARED = NumberFormat()


def money(written: NumberFormat, decimals: int = 2, currency: str = "PEN") -> NumberReader:
    return NumberReader("amount", written, decimals, currency)


def problem_of(written: NumberFormat, text: str) -> str:
    try:
        money(written).exact(text)
    except RowError as problem:
        return problem.code
    return ""


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("12.50", 1250),
        ("$16.98 ", 1698),
        ("S/ 12.50", 1250),
        ("S/. 12.50", 1250),
        ("S/.50", 5000),
        ("s/12.50", 1250),
        ("US$ 1,234.50", 123450),
        ("12.50 PEN", 1250),
        ("1,23,456.00", 12345600),
        ("1'234.50", 123450),
        ("1 234.50", 123450),
        ("1\u00a0234.50", 123450),
        ("1\u202f234.50", 123450),
        ("(3.50)", -350),
        ("($3.50)", -350),
        ("$(3.50)", -350),
        ("-3.50", -350),
        ("\u22123.50", -350),
        ("3.50-", -350),
        ("-$3.50", -350),
        ("$-3.50", -350),
        ("3.50- €", -350),
        ("+3.50", 350),
        (".5", 50),
        ("5.", 500),
        ("12.-", 1200),
        ("12.–", 1200),
        ("12.5000", 1250),
        ("0", 0),
        ("-0.00", 0),
        ("٣.٥٠", 350),
    ],
)
def test_money_with_a_decimal_point(text: str, cents: int) -> None:
    assert money(POINT).exact(text) == cents


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("1.234,50 €", 123450),
        ("S/ 12,50", 1250),
        ("R$ 1.234.567,8", 123456780),
        ("12,-", 1200),
        ("1 234,5 zł", 123450),
        ("12.500", 1250000),
    ],
)
def test_money_with_a_decimal_comma(text: str, cents: int) -> None:
    assert money(COMMA).exact(text) == cents


@pytest.mark.parametrize(
    "text",
    [
        *("", "abc", "12,50", "1,2345", "1.2.3", "12abc", "1e3", "--5", "(-5)", "1,234 567", "$", "-", ".", "NaN"),
        *("12.5O", "5 EUR", "1 2 3", ",123", "12,,345", "inf", "0x10", "²", "1_000"),
    ],
)
def test_what_is_no_number_in_the_declared_marks_is_refused(text: str) -> None:
    with pytest.raises(RowError) as caught:
        money(POINT).exact(text)
    assert caught.value.code == "bad_number"


@pytest.mark.parametrize(("text", "decimals"), [("1.005", 2), ("1.5", 0), ("1.2345", 3)])
def test_more_decimals_than_the_currency_has_are_refused(text: str, decimals: int) -> None:
    with pytest.raises(RowError) as caught:
        money(POINT, decimals).exact(text)
    assert caught.value.code == "too_many_decimals"


@pytest.mark.parametrize("text", ["9" * 17, "1" + "0" * 5000, "999999999999999999.99"])
def test_an_absurdly_big_number_is_refused(text: str) -> None:
    with pytest.raises(RowError) as caught:
        money(POINT).exact(text)
    assert caught.value.code == "number_too_big"


def test_a_currency_without_decimals_reads_grouped_amounts_once_the_marks_are_declared() -> None:
    assert money(COMMA, decimals=0, currency="CLP").exact("$ 1.500") == 1500
    assert money(POINT, decimals=0, currency="JPY").exact("¥1,500") == 1500
    assert money(POINT, decimals=0, currency="JPY").exact("1500.00") == 1500


def test_a_currency_without_decimals_does_not_guess_what_1_500_means() -> None:
    with pytest.raises(RowError) as caught:
        money(UNDECLARED, decimals=0, currency="CLP").exact("1.000")
    assert caught.value.code == "ambiguous_number"


@pytest.mark.parametrize("text", ["12.500", "S/ 1.000", "-999.000"])
def test_money_of_which_nobody_said_the_decimal_mark_is_not_read_if_it_could_be_a_thousand_times_more(
    text: str,
) -> None:
    assert problem_of(UNDECLARED, text) == "ambiguous_number"
    assert problem_of(POINT, text) == ""


@pytest.mark.parametrize(("text", "code"), [("0,350", "bad_number"), ("1,234", "ambiguous_number")])
def test_a_quantity_with_an_undeclared_mark_before_three_digits_is_not_guessed(text: str, code: str) -> None:
    for written in (text, text.replace(",", ".")) if code == "ambiguous_number" else (text,):
        with pytest.raises(RowError) as caught:
            NumberReader("quantity", UNDECLARED, 3, any_decimals=True).exact(written)
        assert caught.value.code == code
    assert NumberReader("quantity", COMMA, 3, any_decimals=True).exact(text) == int(text.replace(",", ""))


@pytest.mark.parametrize(("text", "milli"), [("0.350", 350), ("2", 2000), ("1.5", 1500), ("12", 12000), ("1.25", 1250)])
def test_other_quantities_need_no_declared_mark(text: str, milli: int) -> None:
    assert NumberReader("quantity", UNDECLARED, 3, any_decimals=True).exact(text) == milli


@pytest.mark.parametrize("text", ["0,123", "00,123.00", "012,345"])
def test_a_group_of_digits_never_begins_with_zero(text: str) -> None:
    assert problem_of(POINT, text) == "bad_number"


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("12.600000000000001", 1260),
        ("12.599999999999998", 1260),
        ("0.30000000000000004", 30),
        ("-7.199999999999999", -720),
        ("12345.670000000002", 1234567),
        ("99.99999999999999", 10000),
    ],
)
def test_what_floats_leave_behind_an_amount_is_dropped(text: str, cents: int) -> None:
    assert money(POINT).exact(text) == cents


@pytest.mark.parametrize("text", ["12.600001", "12.612345678901", "12.6000000123456"])
def test_other_long_amounts_are_still_refused(text: str) -> None:
    assert problem_of(POINT, text) == "too_many_decimals"


@pytest.mark.parametrize(
    ("text", "cents"),
    [("1.05E+01", 1050), ("1.2345e+03", 123450), ("5E-01", 50), ("-1.5E+00", -150), ("2E+03", 200000), ("1E-02", 1)],
)
def test_numbers_as_narrow_columns_of_spreadsheets_write_them(text: str, cents: int) -> None:
    assert money(POINT).exact(text) == cents
    assert money(COMMA).exact(text.replace(".", ",")) == cents


@pytest.mark.parametrize(
    ("text", "code"), [("1e3", "bad_number"), ("12.5E+01", "bad_number"), ("1.5E-05", "too_many_decimals")]
)
def test_what_only_looks_like_such_a_number_is_refused(text: str, code: str) -> None:
    assert problem_of(POINT, text) == code


def test_three_decimals() -> None:
    assert money(POINT, decimals=3, currency="KWD").exact("KD 1.500") == 1500
    assert money(COMMA, decimals=3, currency="KWD").exact("1.234,5 د.ك") == 1234500


@pytest.mark.parametrize(
    ("text", "cents"), [("3.333", 333), ("3.335", 334), ("-3.335", -334), ("0.994999", 99), ("2", 200)]
)
def test_the_nearest_reading_rounds_half_away_from_zero(text: str, cents: int) -> None:
    assert money(POINT).nearest(text) == cents


@given(
    minor=st.integers(-(10**12), 10**12),
    decimals=st.sampled_from([0, 2, 3]),
    written=st.sampled_from([POINT, COMMA]),
    mark=st.sampled_from(["", ",", ".", " ", "\u00a0", "'"]),
    style=st.sampled_from(["-{}", "{}-", "({})", "$ -{}", "-{} €", "({} $)"]),
    zeros=st.integers(0, 3),
)
def test_every_amount_survives_being_written_and_read(
    minor: int, decimals: int, written: NumberFormat, mark: str, style: str, zeros: int
) -> None:
    if mark == written.decimal:
        mark = ""
    whole, part = divmod(abs(minor), 10**decimals)
    text = f"{whole:,}".replace(",", mark)
    if decimals:
        text += written.decimal + str(part).zfill(decimals) + "0" * zeros
    sign = style if minor < 0 else style.replace("-", "").replace("(", "").replace(")", "")
    assert money(written, decimals).exact(sign.format(text)) == minor


@given(st.text(alphabet="0123456789.,-() '$S/\u00a0x٣", max_size=14))
def test_any_text_is_a_number_or_a_row_problem(text: str) -> None:
    reader = money(POINT)
    code = ""
    try:
        assert reader.exact(text) == reader.nearest(text)
    except RowError as problem:
        code = problem.code
    assert code in {"", "bad_number", "too_many_decimals", "number_too_big"}
