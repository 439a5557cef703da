"""Files as restaurants really have them, each read by its mapping alone."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import date, time
from pathlib import Path

import pytest

from terminal.rehearsal.mapping import load_mapping, parse_mapping
from terminal.rehearsal.past_sales import PastSales
from terminal.rehearsal.sales_file import read_past_sales

Reading = Callable[..., PastSales]
PLAIN_HEADER = "ticket,date,item,quantity,amount\n"

PERUVIAN_MAPPING = """
currency = "PEN"
time_zone = "America/Lima"
cut_off = "04:00"

[columns]
branch = "Local"
ticket = ["Serie", "Número"]
date = "Fecha y hora"
item_code = "Código"
item_name = "Descripción"
category = "Categoría"
quantity = "Cant."
amount = "Importe"
discount = "Dscto"

[dates]
formats = ["%d/%m/%Y %H:%M"]

[numbers]
decimal = ","

[[leave_out]]
column = "Local"
values = ["total"]

[[leave_out]]
column = "Estado"
values = ["Anulado"]
"""
PERUVIAN_FILE = """Local;Serie;Número;Fecha y hora;Código;Descripción;Categoría;Cant.;Importe;Dscto;Estado
Miraflores;B001;15;03/04/2025 13:05;P10;Ají de gallina;Fondos;2;S/ 1.059,80;;Emitido
Miraflores;B002;15;03/04/2025 13:01;P20;Chicha morada;Bebidas;1,500;S/ 12,00;-2,00;Emitido
Miraflores;B001;15;03/04/2025 13:04;P20;Chicha morada;Bebidas;1;S/ 8,00;0;Emitido
Miraflores;B001;16;03/04/2025 13:09;P20;Chicha morada;Bebidas;1;S/ 8,00;0;ANULADO
Total;;;;;;;5,5;S/ 1.087,80;;
"""


def test_semicolons_decimal_commas_cp1252_soles_and_day_first_time_in_one_column(read: Reading) -> None:
    sales = read({"ventas.csv": PERUVIAN_FILE.encode("cp1252")}, PERUVIAN_MAPPING)
    assert sales.rejected == ()
    assert sales.left_out == 2
    assert [(t.number, str(t.opened_at)[:16], t.total_minor) for t in sales.tickets] == [
        ("B002 15", "2025-04-03 13:01", 1000),
        ("B001 15", "2025-04-03 13:04", 106780),
    ]
    line = sales.tickets[0].lines[0]
    assert (line.row, line.item, line.item_name, line.category) == (3, "P20", "Chicha morada", "Bebidas")
    assert (line.quantity_milli, line.unit_price_minor, line.amount_minor, line.till_discount_minor) == (
        1500,
        800,
        1000,
        200,
    )
    assert sales.cut_off == time(4)
    assert sales.tickets[1].lines[0].item_name == "Ají de gallina"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
def test_the_encoding_is_found_in_the_file(read: Reading, encoding: str) -> None:
    sales = read({"ventas.csv": PERUVIAN_FILE.encode(encoding)}, PERUVIAN_MAPPING)
    assert sales.tickets[1].lines[0].item_name == "Ají de gallina"
    assert sales.total_minor == 107780


@pytest.mark.parametrize(("declared", "real"), [("cp1252", "cp1252"), ("utf-8", "utf-8-sig"), ("cp850", "cp850")])
def test_the_encoding_can_be_declared(read: Reading, declared: str, real: str) -> None:
    mapping = PERUVIAN_MAPPING + f'[files]\nencoding = "{declared}"\n'
    assert read({"v.csv": PERUVIAN_FILE.encode(real)}, mapping).tickets[1].lines[0].item_name == "Ají de gallina"


def test_one_tab_separated_utf16_file_a_branch_in_a_folder_with_gzip_among_them(
    read: Reading, plain_mapping: str
) -> None:
    header = "ticket\tdate\titem\tquantity\tamount\n"
    mapping = plain_mapping.replace('constant = "Centro"', 'file_pattern = "ventas-(.+)-2025"')
    files = {
        "ventas-norte-2025.TSV": (header + "1\t2025-01-02\tCeviche\t1\t30.00\n").encode("utf-16"),
        "ventas-año 10-2025.tsv": (header + "1\t2025-01-02\tLomo\t1\t40.00\n").encode("utf-16"),
        "ventas-año 9-2025.tsv.gz": gzip.compress((header + "1\t2025-01-02\tLomo\t2\t80.00\n").encode("utf-16")),
        ".ventas-oculto-2025.tsv": b"",
        "notes.md": b"not for us",
    }
    sales = read(files, mapping + '[files]\nglob = "ventas-*.tsv"\n')
    assert [(f.branch, f.tickets, f.total_minor) for f in sales.figures()] == [
        ("año 9", 1, 8000),
        ("año 10", 1, 4000),
        ("norte", 1, 3000),
    ]


@pytest.mark.parametrize("way", ["file_stem", "folder"])
def test_the_branch_can_be_the_name_of_the_file_or_of_its_folder(read: Reading, way: str, plain_mapping: str) -> None:
    mapping = plain_mapping.replace('constant = "Centro"', f'from = "{way}"') + '[files]\nglob = "**/*.csv"\n'
    names = {"file_stem": ("a/surco.csv", "b/lince.csv"), "folder": ("surco/1.csv", "lince/1.csv")}[way]
    sales = read(dict.fromkeys(names, PLAIN_HEADER + "1,2025-01-02,Lomo,1,40.00\n"), mapping)
    assert sales.branches == ("lince", "surco")


def test_no_header_and_columns_by_position(read: Reading) -> None:
    mapping = """
        currency = "PEN"
        time_zone = "America/Lima"
        files = {header = false}
        branch = {constant = "Centro"}
        dates = {day_first = true}
        columns = {ticket = 1, date = 2, time = 3, item_name = 4, amount = 5}
    """
    sales = read({"s.csv": '7|3/4/2025|930|"Pan | queso"|4.50\n8|3/4/2025|0931|Pan|1.00\n'}, mapping)
    assert [(t.number, str(t.opened_at)[:16], t.total_minor) for t in sales.tickets] == [
        ("7", "2025-04-03 09:30", 450),
        ("8", "2025-04-03 09:31", 100),
    ]
    assert sales.tickets[0].lines[0].item == "Pan | queso"
    assert sales.tickets[0].lines[0].row == 1


@pytest.mark.parametrize(
    ("currency", "decimal", "text", "minor"),
    [
        ("INR", ".", '"₹ 1,23,456.00"', 12345600),
        ("CLP", ",", "$1.500", 1500),
        ("JPY", ".", '"¥1,500"', 1500),
        ("KWD", ".", "KD 1.500", 1500),
        ("EUR", ",", '"1.234,50 €"', 123450),
    ],
)
def test_currencies_with_no_two_and_three_decimals(
    read: Reading, currency: str, decimal: str, text: str, minor: int, plain_mapping: str
) -> None:
    mapping = plain_mapping.replace("PEN", currency) + f'[numbers]\ndecimal = "{decimal}"\n'
    assert read({"s.csv": PLAIN_HEADER + f"1,2025-01-02,X,1,{text}\n"}, mapping).total_minor == minor


def test_amounts_in_minor_units(read: Reading, plain_mapping: str) -> None:
    mapping = plain_mapping + "[amounts]\nin_minor_units = true\n"
    assert read({"s.csv": PLAIN_HEADER + "1,2025-01-02,X,2,1250\n"}, mapping).total_minor == 1250


def test_quantities_may_be_written_in_another_way_than_money(read: Reading, plain_mapping: str) -> None:
    mapping = plain_mapping + '[numbers]\ndecimal = ","\n[numbers.quantity]\ndecimal = "."\n'
    line = read({"s.csv": PLAIN_HEADER + '1,2025-01-02,X,2.000,"12,50"\n'}, mapping).tickets[0].lines[0]
    assert (line.quantity_milli, line.amount_minor, line.unit_price_minor) == (2000, 1250, 625)


def test_the_lines_of_a_ticket_are_found_all_over_the_files_and_twice_the_same_line_counts_twice(read: Reading) -> None:
    first = PLAIN_HEADER + "1,2025-01-02,Lomo,1,40.00\n2,2025-01-02,Lomo,1,40.00\n1,2025-01-02,Lomo,1,40.00\n"
    second = PLAIN_HEADER + "1,2025-01-02,Pan,1,5.00\n1,2025-01-03,Pan,1,5.00\n"
    sales = read({"a.csv": first, "b.csv": second})
    assert [(t.business_date.day, t.number, len(t.lines), t.total_minor) for t in sales.tickets] == [
        (2, "1", 3, 8500),
        (2, "2", 1, 4000),
        (3, "1", 1, 500),
    ]
    assert [(line.file, line.row) for line in sales.tickets[0].lines] == [("a.csv", 2), ("a.csv", 4), ("b.csv", 2)]


def test_global_ticket_numbers_join_lines_over_midnight(read: Reading, plain_mapping: str) -> None:
    mapping = plain_mapping + '[tickets]\nnumbering = "global"\n'
    rows = "1,2025-01-03T00:05,Pan,1,5.00\n1,2025-01-02T23:55,Lomo,1,40.00\n"
    (ticket,) = read({"s.csv": PLAIN_HEADER + rows}, mapping).tickets
    assert (ticket.business_date, str(ticket.opened_at)[:16]) == (date(2025, 1, 2), "2025-01-02 23:55")
    assert ticket.total_minor == 4500


def test_ticket_numbers_that_start_again_with_the_business_day_are_told_apart_by_it(
    read: Reading, plain_mapping: str
) -> None:
    mapping = plain_mapping.replace('time_zone = "America/Lima"', 'time_zone = "America/Lima"\ncut_off = "04:00"')
    rows = "1,2025-01-03 00:30,Lomo,1,40.00\n1,2025-01-03 13:00,Pan,1,5.00\n"
    rows += "120,2025-01-02 23:58,Lomo,1,40.00\n120,2025-01-03 00:05,Pan,1,5.00\n"
    sales = read({"s.csv": PLAIN_HEADER + rows}, mapping)
    assert [(t.number, t.business_date.day, str(t.opened_at)[8:16], t.total_minor) for t in sales.tickets] == [
        ("120", 2, "02 23:58", 4500),
        ("1", 2, "03 00:30", 4000),
        ("1", 3, "03 13:00", 500),
    ]
    assert sales.first_days(1).total_minor == 8500
    without_time = read({"s.csv": PLAIN_HEADER + "1,2025-01-03,Pan,1,5.00\n"}, mapping)
    assert without_time.tickets[0].business_date == date(2025, 1, 3)


def test_unit_prices_are_multiplied_exactly_and_the_line_is_rounded_once(read: Reading, plain_mapping: str) -> None:
    computed = plain_mapping.replace('amount = "amount"', 'unit_price = "amount"')
    rows = "1,2025-01-02,A,3,8.4746\n1,2025-01-02,B,100,0.0050847458\n1,2025-01-02,C,2,6.300000000000001\n"
    rows += "1,2025-01-02,D,0.350,12.9915\n1,2025-01-02,E,1,1.05E+01\n"
    for mapping in (computed, plain_mapping + '[amounts]\namount_is = "unit"\n'):
        sales = read({"s.csv": PLAIN_HEADER + rows}, mapping)
        assert sales.rejected == ()
        assert [line.amount_minor for line in sales.tickets[0].lines] == [2542, 51, 1260, 455, 1050]
        assert sales.tickets[0].lines[0].unit_price_minor == 847
    cents = computed + "[amounts]\nin_minor_units = true\n"
    assert read({"s.csv": PLAIN_HEADER + "1,2025-01-02,A,3,847.46\n"}, cents).total_minor == 2542


def test_a_unit_price_that_only_informs_costs_no_row(read: Reading, plain_mapping: str) -> None:
    mapping = plain_mapping.replace("[columns]", '[columns]\nunit_price = "price"')
    rows = "ticket,date,item,quantity,amount,price\n1,2025-01-02,X,2,10.00,gratis\n1,2025-01-02,X,2,10.00,5.000\n"
    lines = read({"s.csv": rows}, mapping).tickets[0].lines
    assert [(line.unit_price_minor, line.amount_minor) for line in lines] == [(500, 1000), (500, 1000)]


def test_every_row_can_be_a_ticket_of_its_own(read: Reading, plain_mapping: str) -> None:
    mapping = plain_mapping.replace('ticket = "ticket"', "") + '[tickets]\nnumbering = "none"\n'
    sales = read({"s.csv": PLAIN_HEADER + "1,2025-01-02,Lomo,1,40.00\n1,2025-01-02,Lomo,1,40.00\n"}, mapping)
    assert len({t.key for t in sales.tickets}) == 2


def test_keys_are_unique_whatever_the_names_are_and_the_same_in_every_reading(
    read: Reading, plain_mapping: str
) -> None:
    mapping = plain_mapping.replace('constant = "Centro"', "").replace("[columns]", '[columns]\nbranch = "b"')
    mapping = mapping.replace('ticket = "ticket"', 'ticket = ["t1", "t2"]')
    header = "b,t1,t2,date,item,quantity,amount\n"
    rows = ["x,1|2,3,2025-01-02,X,1,1\n", "x,1,2|3,2025-01-02,X,1,1\n", "x,1\\,2|3,2025-01-02,X,1,1\n"]
    one = read({"s.csv": header + "".join(rows)}, mapping)
    other = read({"s.csv": header + "".join(reversed(rows))}, mapping)
    assert len({t.key for t in one.tickets}) == 3
    assert {t.key for t in one.tickets} == {t.key for t in other.tickets}


def test_amounts_per_unit_and_amounts_to_be_computed(read: Reading, plain_mapping: str) -> None:
    per_unit = plain_mapping + '[amounts]\namount_is = "unit"\n'
    rows = PLAIN_HEADER + "1,2025-01-02,Pollo,0.350,12.99\n1,2025-01-02,Pan,3,1.00\n"
    computed = plain_mapping.replace('amount = "amount"', 'unit_price = "amount"')
    for mapping in (per_unit, computed):
        lines = read({"s.csv": rows}, mapping).tickets[0].lines
        assert [(line.unit_price_minor, line.amount_minor) for line in lines] == [(1299, 455), (100, 300)]


def test_a_discount_in_per_cent(read: Reading, plain_mapping: str) -> None:
    mapping = plain_mapping.replace("[columns]", '[columns]\ndiscount = "off"') + '[amounts]\ndiscount_is = "percent"\n'
    rows = "ticket,date,item,quantity,amount,off\n1,2025-01-02,X,1,10.00,12.5%\n1,2025-01-02,X,1,10.00,\n"
    assert [line.amount_minor for line in read({"s.csv": rows}, mapping).tickets[0].lines] == [875, 1000]


def test_a_unit_price_beside_an_amount_only_informs(read: Reading, plain_mapping: str) -> None:
    mapping = plain_mapping.replace("[columns]", '[columns]\nunit_price = "price"')
    rows = "ticket,date,item,quantity,amount,price\n1,2025-01-02,X,3,10.00,3.3333\n1,2025-01-02,X,2,12.00,5.00\n"
    one, two = read({"s.csv": rows}, mapping).tickets[0].lines
    assert (one.unit_price_minor, one.amount_minor, one.till_unit_minor, one.till_discount_minor) == (333, 1000, 334, 2)
    assert (two.unit_price_minor, two.amount_minor, two.till_unit_minor, two.till_discount_minor) == (500, 1200, 600, 0)


def test_nested_choices_become_their_leaves(read: Reading, plain_mapping: str) -> None:
    mapping = plain_mapping.replace("[columns]", '[columns]\nmodifiers = "choices"')
    rows = (
        "ticket,date,item,quantity,amount,choices\n"
        '1,2025-01-02,Bowl,1,10.00,"[Salsa (Hot), [Black Beans, [Rice], Cheese]]"\n'
        "1,2025-01-02,Bowl,1,10.00,NULL\n"
        "1,2025-01-02,Bowl,1,10.00,[Rice\n"
    )
    lines = read({"s.csv": rows}, mapping).tickets[0].lines
    assert [line.modifiers for line in lines] == [("Salsa (Hot)", "Black Beans", "Rice", "Cheese"), (), ("Rice",)]


def test_the_item_list_gives_names_categories_and_prices_and_may_be_missing(read: Reading, plain_mapping: str) -> None:
    mapping = plain_mapping.replace("item_name", "item_code")
    mapping += '[items]\nfile = "items.csv"\nkey = "id"\nname = "name"\ncategory = "kind"\nprice = "price"\n'
    rows = "1,2025-01-02,7,2,10.00\n1,2025-01-02,8,1,3.00\n2,2025-01-02,8,1,3.00\n3,2025-01-02,8,1,4.00\n"
    items = "id;name;kind;price\n7;Té verde;Bebidas;$5.50 \n9;Nunca vendido;Postres;12\n10;Sin precio;;gratis\n"
    files = {"sales.csv": PLAIN_HEADER + rows, "items.csv": items}
    without = read({"sales.csv": files["sales.csv"]}, mapping)
    assert [(i.key, i.name, i.price_minor) for i in without.items] == [("7", "7", 500), ("8", "8", 300)]
    assert without.item_list_file == ""
    for path in ("", "sales.csv"):
        sales = read(files, mapping, path)
        assert sales.files == ("sales.csv",)
        assert sales.tickets[0].lines[0].item_name == "Té verde"
        assert [(i.key, i.name, i.category, i.price_minor) for i in sales.items] == [
            ("7", "Té verde", "Bebidas", 550),
            ("9", "Nunca vendido", "Postres", 1200),
            ("10", "Sin precio", "", 0),
            ("8", "8", "", 300),
        ]
        assert [(r.file, r.line, r.reason_code) for r in sales.rejected] == [("items.csv", 4, "bad_number")]


def test_title_lines_above_the_header_and_cells_filled_down(read: Reading, plain_mapping: str) -> None:
    mapping = plain_mapping + '[files]\nskip_lines = 2\nfill_down = ["ticket", "date"]\n'
    rows = "Reporte de ventas,,,,\nsucursal 1\n\n" + PLAIN_HEADER + "1,2025-01-02,Lomo,1,40.00\n,,Pan,1,5.00\n"
    (ticket,) = read({"s.csv": rows}, mapping).tickets
    assert [line.row for line in ticket.lines] == [5, 6]


def test_the_delimiter_hint_of_spreadsheets_is_understood(read: Reading) -> None:
    rows = "sep=|\n" + (PLAIN_HEADER + '1,2025-01-02,"Lomo, saltado",1,40.00\n').replace(",", "|")
    (ticket,) = read({"s.csv": rows}).tickets
    assert (ticket.lines[0].row, ticket.total_minor) == (3, 4000)


def test_the_date_can_come_from_the_file_name(read: Reading, plain_mapping: str) -> None:
    mapping = plain_mapping.replace('date = "date"', "") + '[dates]\nfile_pattern = "z-(.+)"\nformats = ["%d-%m-%Y"]\n'
    sales = read({"z-03-04-2025.csv": "ticket,item,quantity,amount\n1,X,1,1.00\n"}, mapping)
    assert sales.dates == (date(2025, 4, 3),)
    assert sales.tickets[0].opened_at.time() == time(12)


def test_only_the_rows_that_are_wanted(read: Reading, plain_mapping: str) -> None:
    mapping = (
        plain_mapping
        + '[[keep_only]]\ncolumn = "item"\npattern = "^[LP]"\n[[leave_out]]\ncolumn = "item"\nvalues = "PAN"\n'
    )
    rows = "1,2025-01-02,Lomo,1,1.00\n1,2025-01-02, pan ,1,1.00\n1,2025-01-02,Agua,1,1.00\n"
    sales = read({"s.csv": PLAIN_HEADER + rows}, mapping)
    assert [line.item for line in sales.tickets[0].lines] == ["Lomo"]
    assert sales.left_out == 2


def test_names_lose_what_could_steer_a_screen_but_keep_what_looks_like_markup(read: Reading) -> None:
    rows = '1,2025-01-02,"[/red]Té\x1b[31m \u202eevil\u200b",1,1.00\n1,2025-01-02,"=""0012""",1,1.00\n'
    lines = read({"s.csv": PLAIN_HEADER + rows}).tickets[0].lines
    assert [line.item for line in lines] == ["[/red]Té[31m evil", "0012"]


def test_the_shipped_coffee_mapping_reads_its_quirks(tmp_path: Path) -> None:
    header = '"transaction_id,""transaction_date"",""transaction_time"",""sales_outlet_id"",""product_id"",""quantity""'
    header += ',""line_item_amount"",""unit_price"""\r\n'
    rows = "7,2019-04-01,12:04:43,3,52,1,2.50,2.50\r\n7,2019-04-01,12:05:00,5,71,2,0.00,3.75\r\n"
    rows += "7,2019-04-01,12:04:44,3,71,1,3.75,3.75\r\n7,2019-04-02,01:00:44,3,52,1,2.50,2.50\r\n"
    source = tmp_path / "sales_receipts_2019-04.csv.gz"
    source.write_bytes(gzip.compress((header + rows).encode()))
    sales = read_past_sales(source, load_mapping("coffee-three-outlets"))
    assert [(f.branch, f.tickets, f.total_minor) for f in sales.figures()] == [("3", 2, 875), ("5", 1, 0)]
    assert sales.tickets[2].lines[0].till_discount_minor == 750
    assert sales.rejected == ()


def test_the_shipped_chipotle_mapping_reads_its_quirks(tmp_path: Path) -> None:
    rows = "order_id\tquantity\titem_name\tchoice_description\titem_price\n"
    rows += "1\t2\tChicken Bowl\t[Tomatillo-Red Chili Salsa (Hot), [Black Beans, Rice]]\t$16.98 \n" + (
        "1\t1\tIzze\tNULL\t$3.39 \n" * 2
    )
    (tmp_path / "orders.tsv").write_text(rows, encoding="utf-8")
    (ticket,) = read_past_sales(tmp_path, load_mapping("chipotle")).tickets
    assert ticket.total_minor == 1698 + 2 * 339
    assert [len(line.modifiers) for line in ticket.lines] == [3, 0, 0]
    assert ticket.lines[0].unit_price_minor == 849


def test_progress_is_told_while_a_file_is_read(tmp_path: Path, read: Reading, plain_mapping: str) -> None:
    (tmp_path / "s.csv").write_text(PLAIN_HEADER + "1,2025-01-02,X,1,1.00\n" * 4500, encoding="utf-8")
    told: list[tuple[str, int]] = []
    read_past_sales(tmp_path, parse_mapping(plain_mapping), on_progress=lambda file, rows: told.append((file, rows)))
    assert told == [("s.csv", 2000), ("s.csv", 4000), ("s.csv", 4500)]
