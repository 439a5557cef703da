"""A row that cannot be read is reported with line and reason, all else is read; a file that cannot be: one sentence."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.kernel.language import Language
from terminal.rehearsal.errors import MappingError
from terminal.rehearsal.past_sales import PastSales

Reading = Callable[..., PastSales]
PLAIN_HEADER = "ticket,date,item,quantity,amount\n"

GOOD = "1,2025-01-02,Lomo,1,40.00\n"
ReadPlain = Callable[[str], PastSales]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("1,2025-01-02,Lomo,1,abc", "bad_number"),
        ("1,2025-01-02,Lomo,dos,1.00", "bad_number"),
        ("1,2025-01-02,Lomo,1,1.005", "too_many_decimals"),
        ("1,2025-01-02,Lomo,1.0005,1.00", "too_many_decimals"),
        ("1,2025-01-02,Lomo,1," + "9" * 20, "number_too_big"),
        ("1,2025-01-02,Lomo,10000,1.00", "quantity_too_big"),
        ('1,2025-01-02,Lomo,"1,234",1.00', "ambiguous_number"),
        ('1,2025-01-02,Lomo,"0,350",1.00', "bad_number"),
        ("1,2025-01-02,Lomo,0.001,9999999999999.00", "amount_too_big"),
        ("1,2025-02-30,Lomo,1,1.00", "bad_date"),
        ("1,0001-01-01,Lomo,1,1.00", "date_not_sensible"),
        ("1,1899-12-30,Lomo,1,1.00", "date_not_sensible"),
        ("1,9999-12-31,Lomo,1,1.00", "date_not_sensible"),
        ("1,9025-01-02,Lomo,1,1.00", "date_not_sensible"),
        ("1,03/04/2025,Lomo,1,1.00", "ambiguous_date"),
        ("1,,Lomo,1,1.00", "missing_date"),
        (" ,2025-01-02,Lomo,1,1.00", "missing_ticket"),
        ("1,2025-01-02,,1,1.00", "missing_item"),
        ("1,2025-01-02,Lomo,,1.00", "missing_quantity"),
        ("1,2025-01-02,Lomo,1,", "missing_amount"),
        ("1,2025-01-02,Lomo,0,1.00", "quantity_not_positive"),
        ("1,2025-01-02,Lomo,-1,1.00", "quantity_not_positive"),
        ("9,2025-01-02,Lomo,-1,-1.00", "negative_amount"),
        ("9,2025-01-02,Lomo,1,(40.00)", "negative_amount"),
        ("1,2025-01-02,Lomo,1", "wrong_column_count"),
        ("1,2025-01-02,Lomo,1,1,50", "wrong_column_count"),
        ("Total", "wrong_column_count"),
        ('1,2025-01-02,"Lomo,1,1.00', "quote_not_closed"),
        ('1,2025-01-02,Lomo,1,"1.00', "quote_not_closed"),
        (PLAIN_HEADER.strip(), "repeated_header"),
    ],
)
def test_a_bad_row_is_reported_and_takes_no_other_with_it(read_plain: ReadPlain, row: str, code: str) -> None:
    sales = read_plain(GOOD + row + "\n" + GOOD + '2,2025-01-02,"Pan, dulce",1,5.00\n')
    assert [(r.file, r.line, r.reason_code) for r in sales.rejected] == [("sales.csv", 3, code)]
    assert sales.rejected[0].text == row.strip()
    assert [(t.number, t.total_minor) for t in sales.tickets] == [("1", 8000), ("2", 500)]
    for language in Language:
        assert "{" not in sales.rejected[0].sentence(language)
        assert sales.rejected[0].sentence(language) != f"row.{code}"


def test_bytes_that_are_no_text_are_reported_even_if_nobody_declared_the_encoding(
    read: Reading, plain_mapping: str
) -> None:
    good = "1,2025-01-02,Ají,1,40.00\n".encode()
    for mapping in (plain_mapping, plain_mapping + '[files]\nencoding = "utf-8"\n'):
        sales = read({"s.csv": PLAIN_HEADER.encode() + good + b"1,2025-01-02,L\xf3mo,1,1.00\n" + good * 2}, mapping)
        assert [(r.line, r.reason_code, r.text) for r in sales.rejected] == [
            (3, "undecodable", "1,2025-01-02,L\ufffdmo,1,1.00")
        ]
        assert sales.total_minor == 12000


def test_line_numbers_are_those_of_the_file_even_after_cells_with_line_ends(read_plain: ReadPlain) -> None:
    sales = read_plain(
        '1,2025-01-02,"Lomo\n\nsaltado",1,40.00\r\n\n,,,,\n1,2025-01-02,Pan,1,x\n1,2025-01-02,Té,1,3.00\n'
    )
    assert [(line.row, line.item) for line in sales.tickets[0].lines] == [(2, "Lomo saltado"), (8, "Té")]
    assert [r.line for r in sales.rejected] == [7]


def test_a_quote_that_is_never_closed_spoils_its_own_row_only(read_plain: ReadPlain) -> None:
    sales = read_plain('1,2025-01-02,"Lomo,1,1.00\n' + GOOD * 500)
    assert [(r.line, r.reason_code) for r in sales.rejected] == [(2, "quote_not_closed")]
    assert sales.total_minor == 500 * 4000


def test_a_file_without_quoting_may_hold_quotes(read: Reading, plain_mapping: str) -> None:
    sales = read({"s.csv": PLAIN_HEADER + '1,2025-01-02,"El Gordo,1,1.00\n'}, plain_mapping + '[files]\nquote = ""\n')
    assert sales.tickets[0].lines[0].item == '"El Gordo'


def test_blank_cells_too_many_at_the_end_of_a_row_do_no_harm(read_plain: ReadPlain) -> None:
    assert read_plain("1,2025-01-02,Lomo,1,40.00,,\n").total_minor == 4000


def test_a_bad_time_is_reported_and_a_blank_one_is_noon(read: Reading, plain_mapping: str) -> None:
    mapping = plain_mapping.replace("[columns]", '[columns]\ntime = "time"')
    header = "time," + PLAIN_HEADER
    sales = read({"s.csv": header + "25:00," + GOOD + "," + GOOD + "9:30," + GOOD}, mapping)
    assert [r.reason_code for r in sales.rejected] == ["bad_time"]
    assert sales.tickets[0].opened_at.hour == 9
    assert read({"s.csv": header + "," + GOOD}, mapping).tickets[0].opened_at.hour == 12


def test_an_empty_file_among_others_is_reported(read: Reading) -> None:
    sales = read({"a.csv": "", "b.csv": PLAIN_HEADER + GOOD, "c.csv": PLAIN_HEADER, "d.csv": "\n\n"})
    assert [(r.file, r.reason_code) for r in sales.rejected] == [("a.csv", "empty_file"), ("d.csv", "empty_file")]
    assert sales.total_minor == 4000


def test_a_missing_branch_is_reported(read: Reading, plain_mapping: str) -> None:
    mapping = plain_mapping.replace('constant = "Centro"', "").replace("[columns]", '[columns]\nbranch = "shop"')
    sales = read({"s.csv": "shop," + PLAIN_HEADER + "," + GOOD + "A," + GOOD}, mapping)
    assert [r.reason_code for r in sales.rejected] == ["missing_branch"]
    assert sales.branches == ("A",)


@pytest.mark.parametrize(
    ("files", "change", "code"),
    [
        ({"s.csv": PLAIN_HEADER.replace("amount", "Total") + GOOD}, "", "missing_column"),
        ({"s.csv": PLAIN_HEADER.replace("amount", "amounts") + GOOD}, "", "missing_column_near"),
        ({"s.csv": PLAIN_HEADER.replace("item", "date") + GOOD}, "", "two_columns"),
        ({"s.csv": PLAIN_HEADER + GOOD}, '[[leave_out]]\ncolumn = 9\nvalues = "x"\n', "missing_column_number"),
        ({"s.txt": PLAIN_HEADER + GOOD}, '[files]\nglob = "*.csv"\n', "no_files"),
        ({"s.csv": PLAIN_HEADER, "s.csv.gz": gzip.compress(PLAIN_HEADER.encode())}, "", "file_twice"),
        ({"s.csv": b"PK\x03\x04 a workbook"}, "", "not_a_text_file"),
        ({"s.csv.gz": gzip.compress((PLAIN_HEADER + GOOD * 5000).encode())[:-40]}, "", "damaged_gzip"),
        ({"s.csv": "ticket,año\n".encode("cp1252")}, '[files]\nencoding = "utf-8"\n', "wrong_encoding"),
        ({"s.csv": (PLAIN_HEADER + GOOD).encode("utf-16")}, '[files]\nencoding = "utf-8"\n', "contradicted_encoding"),
        ({"s.csv": PLAIN_HEADER + GOOD}, '[files]\nencoding = "utf-16"\n', "contradicted_encoding"),
        ({"s.csv": (PLAIN_HEADER + "Ají").encode()}, '[files]\nencoding = "cp1252"\n', "contradicted_encoding"),
        (
            {"s.csv": (PLAIN_HEADER + GOOD + GOOD.replace("o", "ó") * 2).encode("cp1252")},
            '[files]\nencoding = "utf-8"\n',
            "wrong_encoding_rows",
        ),
        (
            {"s.csv": (PLAIN_HEADER + GOOD * 9 + GOOD.replace("o", "ó") * 3).encode("cp1252")},
            '[files]\nencoding = "utf-8"\n',
            "wrong_encoding_rows",
        ),
        (
            {"s.csv": PLAIN_HEADER + GOOD, "i1.csv": "k\n", "i2.csv": "k\n"},
            '[items]\nfile = "i*.csv"\nkey = "k"\n',
            "two_item_lists",
        ),
        (
            {"s.csv": PLAIN_HEADER + GOOD, "i.csv": "code,name\n"},
            '[items]\nfile = "i.csv"\nkey = "id"\n',
            "missing_column",
        ),
    ],
)
def test_files_that_do_not_fit_the_mapping_are_refused_with_one_sentence(
    read: Reading, files: dict[str, str | bytes], change: str, code: str, plain_mapping: str
) -> None:
    with pytest.raises(MappingError) as caught:
        read(files, plain_mapping + change)
    assert caught.value.code == code
    for language in Language:
        sentence = caught.value.sentence(language)
        assert "{" not in sentence
        assert "\n" not in sentence
        assert sentence != f"mapping.{code}"


def test_a_path_that_is_not_there_is_refused(read: Reading, plain_mapping: str) -> None:
    with pytest.raises(MappingError) as caught:
        read({}, plain_mapping, "nowhere.csv")
    assert caught.value.code == "path_missing"


@pytest.mark.parametrize(
    ("section", "code"),
    [
        ('[branch]\nfile_pattern = "x-(.+)"', "file_name_without_branch"),
        ('[branch]\nconstant = "Centro"\n[dates]\nfile_pattern = "(.+)"', "file_name_without_date"),
    ],
)
def test_a_file_name_that_does_not_tell_what_it_should_is_refused(
    read: Reading, section: str, code: str, plain_mapping: str
) -> None:
    mapping = plain_mapping.replace('[branch]\nconstant = "Centro"', section)
    if "[dates]" in section:
        mapping = mapping.replace('date = "date"', "")
    with pytest.raises(MappingError) as caught:
        read({"s.csv": PLAIN_HEADER + GOOD}, mapping)
    assert caught.value.code == code


def test_a_missing_column_is_told_with_the_columns_that_there_are(read: Reading) -> None:
    with pytest.raises(MappingError) as caught:
        read({"s.csv": "ticket;Fecha;item\n"})
    assert caught.value.params["columns"] == "ticket, Fecha, item"


def test_headers_are_found_whatever_their_case_and_blanks(read: Reading) -> None:
    assert read({"s.csv": " TICKET, Date ,item,Quantity,\u200bamount\n" + GOOD}).total_minor == 4000


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.lists(st.one_of(st.just(GOOD.encode()), st.binary(max_size=30).map(lambda junk: junk + b"\n")), max_size=12))
def test_whatever_stands_in_a_file_it_is_read_or_reported(read: Reading, rows: list[bytes]) -> None:
    try:
        sales = read({"s.csv": PLAIN_HEADER.encode() + b"".join(rows)})
    except MappingError as error:
        assert error.sentence()  # noqa: PT017 (either way is fine; both are told)
    else:
        for rejected in sales.rejected:
            assert rejected.line >= 2
            assert "{" not in rejected.sentence().replace("{", "", rejected.text.count("{"))


def test_a_choice_too_many_rejects_its_row_and_no_other(read: Reading, plain_mapping: str) -> None:
    mapping = plain_mapping.replace("[columns]", '[columns]\nmodifiers = "choices"')
    header = PLAIN_HEADER.replace("amount", "amount,choices")
    many = ",".join(f"c{at}" for at in range(61))
    text = header + f'1,2025-01-02,Lomo,1,40.00,"{many}"\n1,2025-01-02,Lomo,1,40.00,"{many[:-4]},c0,c0"\n'
    sales = read({"s.csv": text}, mapping)
    assert [(r.line, r.reason_code, r.amount_minor) for r in sales.rejected] == [(2, "too_many_modifiers", 4000)]
    assert sales.total_minor == 4000


@pytest.mark.parametrize("mapping_end", ['[amounts]\namount_is = "unit"\n', ""])
def test_a_price_that_no_till_could_multiply_rejects_its_row(
    read: Reading, plain_mapping: str, mapping_end: str
) -> None:
    text = PLAIN_HEADER + "1,2025-01-02,Lomo,9000,9000000000000.00\n" + GOOD
    sales = read({"s.csv": text}, plain_mapping + mapping_end)
    assert [r.reason_code for r in sales.rejected] == (["amount_too_big"] if mapping_end else [])
    assert sales.tickets[0].lines[-1].amount_minor == 4000


def test_a_ticket_never_comes_to_more_than_money_can_be(read_plain: ReadPlain) -> None:
    sales = read_plain("1,2025-01-02,Lomo,1,9000000000000.00\n" * 2)
    assert [(r.line, r.reason_code) for r in sales.rejected] == [(3, "amount_too_big")]


def test_a_ticket_without_end_is_cut_where_a_mapping_must_be_wrong(read_plain: ReadPlain) -> None:
    sales = read_plain(GOOD * 1002)
    assert [(r.line, r.reason_code) for r in sales.rejected] == [(1002, "too_many_lines"), (1003, "too_many_lines")]


def test_prices_of_the_item_list_that_cannot_be_are_reported(read: Reading, plain_mapping: str) -> None:
    mapping = plain_mapping + '[items]\nfile = "items.csv"\nkey = "k"\nprice = "p"\n'
    items = "k,p\nLomo,-5.00\nPan,99999999999999999\nOtro,abc\n"
    sales = read({"s.csv": PLAIN_HEADER + GOOD, "items.csv": items}, mapping)
    assert [(r.file, r.line, r.reason_code) for r in sales.rejected] == [
        ("items.csv", 2, "negative_price"),
        ("items.csv", 3, "number_too_big"),
        ("items.csv", 4, "bad_number"),
    ]
    assert [(item.key, item.price_minor) for item in sales.items] == [("Lomo", 4000), ("Pan", 0), ("Otro", 0)]


def test_no_cell_is_filled_from_a_rejected_row(read: Reading, plain_mapping: str) -> None:
    mapping = plain_mapping + '[files]\nfill_down = ["ticket", "date"]\n'
    rows = "1,2025-01-02,Lomo,1,40.00\n,,Pan,x,5.00\n,,Pan,1,5.00\n"
    rows += "Total,,,2,45.00\n,,Té,1,3.00\n2,2025-01-02,Pan,1,5.00\n"
    sales = read({"s.csv": PLAIN_HEADER + rows}, mapping)
    assert [(t.number, t.total_minor) for t in sales.tickets] == [("1", 4500), ("2", 500)]
    assert [(r.line, r.reason_code) for r in sales.rejected] == [
        (3, "bad_number"),
        (5, "missing_item"),
        (6, "missing_ticket"),
    ]


@pytest.mark.parametrize("first", ["2,2025-01-02,Lomo,dos,40.00\n", "2,2025-01-02,Lomo,40.00\n"])
def test_rows_below_the_rejected_first_row_of_a_ticket_do_not_join_the_ticket_above(
    read: Reading, plain_mapping: str, first: str
) -> None:
    mapping = plain_mapping + '[files]\nfill_down = ["ticket", "date"]\n'
    sales = read({"s.csv": PLAIN_HEADER + GOOD + first + ",,Pan,1,5.00\n"}, mapping)
    assert [(t.number, t.total_minor) for t in sales.tickets] == [("1", 4000)]
    assert [r.line for r in sales.rejected] == [3, 4]


def test_folders_of_one_name_in_two_places_are_not_taken_for_one_branch(read: Reading, plain_mapping: str) -> None:
    files = {"a/2025/x.csv": PLAIN_HEADER + GOOD, "b/2025/x.csv": PLAIN_HEADER + GOOD}
    glob = '[files]\nglob = "**/*.csv"\n'
    by_folder = plain_mapping.replace('constant = "Centro"', 'from = "folder"') + glob
    with pytest.raises(MappingError) as caught:
        read(files, by_folder)
    assert caught.value.code == "two_folders"
    for language in Language:
        assert "file_pattern" in caught.value.sentence(language)
    by_path = plain_mapping.replace('constant = "Centro"', 'file_pattern = "^([^/]+)/"') + glob
    assert [(f.branch, f.total_minor) for f in read(files, by_path).figures()] == [("a", 4000), ("b", 4000)]
