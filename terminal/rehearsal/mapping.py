"""A mapping: names of the files of past sales, meaning of their columns, and how they write numbers and dates.

This module reads a TOML file into frozen, checked values. The content of the sales files is checked where they are read
(`sales_file`). README.md beside this file describes the format.
"""

from __future__ import annotations

import tomllib
import zoneinfo
from collections.abc import Iterable
from collections.abc import Mapping as Table
from dataclasses import dataclass
from datetime import date, time, tzinfo
from pathlib import Path
from re import Pattern
from typing import Any

from shared.countries.currencies import Currency
from shared.countries.currencies import currency as currency_of
from terminal.rehearsal.date_text import BadFormat, compile_date_format, compile_time_format
from terminal.rehearsal.errors import MappingError
from terminal.rehearsal.mapping_section import Column, Section
from terminal.rehearsal.modifier_text import ModifierFormat
from terminal.rehearsal.number_text import NumberFormat
from terminal.rehearsal.plain_text import comparable, plain
from terminal.rehearsal.table_format import TableFormat, table_format

SHIPPED = Path(__file__).parent / "mappings"


@dataclass(frozen=True, slots=True)
class Columns:
    """Column of each value. None or empty if the file does not have it."""

    branch: Column | None
    ticket: tuple[Column, ...]
    date: Column | None
    time: Column | None
    item_code: Column | None
    item_name: Column | None
    category: Column | None
    quantity: Column | None
    amount: Column | None
    unit_price: Column | None
    discount: Column | None
    modifiers: tuple[Column, ...]

    @property
    def named(self) -> tuple[Column, ...]:
        """All columns that the mapping names."""
        single = [self.branch, self.date, self.time, self.item_code, self.item_name, self.category, self.quantity]
        single += [self.amount, self.unit_price, self.discount]
        return (*(column for column in single if column is not None), *self.ticket, *self.modifiers)


@dataclass(frozen=True, slots=True)
class BranchRule:
    """Where the branch comes from if no column holds it: a constant, or the name or the folder of the file."""

    constant: str | None
    file_pattern: Pattern[str] | None
    source: str  # "column", "constant", "file_pattern", "file_stem" or "folder"


@dataclass(frozen=True, slots=True)
class DateRule:
    """How dates and times are written, and where the date comes from if no column holds it."""

    formats: tuple[str, ...]
    time_formats: tuple[str, ...]
    day_first: bool | None
    constant: date | None
    file_pattern: Pattern[str] | None


@dataclass(frozen=True, slots=True)
class AmountRule:
    """What amounts mean: for the line or for one unit, discounts as money or per cent, and their decimals."""

    amount_is: str  # "line" or "unit"
    discount_is: str  # "money" or "percent"
    decimals: int  # of the numbers as written: those of the currency, or 0 if the file counts minor units


@dataclass(frozen=True, slots=True)
class RowRule:
    """Picks rows by one column: by `values` (compared without case and blanks) or by `pattern`."""

    column: Column
    values: frozenset[str]
    pattern: Pattern[str] | None

    def picks(self, cell: str) -> bool:
        """Whether the rule picks a row with this cell."""
        return comparable(cell) in self.values or bool(self.pattern and self.pattern.search(plain(cell)))


@dataclass(frozen=True, slots=True)
class ItemListRule:
    """The item list. `file` is a file name or pattern; the file is beside the sales."""

    file: str
    table: TableFormat
    key: Column
    name: Column | None
    category: Column | None
    price: Column | None
    numbers: NumberFormat
    decimals: int

    @property
    def named_columns(self) -> tuple[Column, ...]:
        """All columns of the list that the mapping names."""
        given = (column for column in (self.key, self.name, self.category, self.price) if column is not None)
        return (*given, *self.table.fill_down)


@dataclass(frozen=True, slots=True)
class Mapping:
    """Everything needed to read one kind of file. `currency_decimals` is the exponent of `currency`."""

    file: str
    currency: str
    currency_decimals: int
    time_zone: str
    zone: tzinfo
    cut_off: time
    patterns: tuple[str, ...]
    table: TableFormat
    columns: Columns
    branch: BranchRule
    numbering: str  # "daily", "global" or "none"
    dates: DateRule
    amounts: AmountRule
    numbers: NumberFormat
    quantity_numbers: NumberFormat
    modifiers: ModifierFormat
    leave_out: tuple[RowRule, ...]
    keep_only: tuple[RowRule, ...]
    items: ItemListRule | None

    @property
    def named_columns(self) -> tuple[Column, ...]:
        """All columns of the sales that the mapping names anywhere."""
        rules = [rule.column for rule in (*self.leave_out, *self.keep_only)]
        return (*self.columns.named, *rules, *self.table.fill_down)


def load_mapping(name_or_path: str | Path) -> Mapping:
    """Read a mapping: a TOML file, or the name of one that ships with Comanda (`coffee-three-outlets`).

    Raises:
        MappingError: not found, not TOML, an unknown or missing key, or a value without meaning.
    """
    path = Path(name_or_path)
    if not path.is_file():
        shipped = SHIPPED / f"{path.name.removesuffix('.toml')}.toml"
        if len(path.parts) != 1 or not shipped.is_file():
            names = ", ".join(sorted(shipped.stem for shipped in SHIPPED.glob("*.toml")))
            raise MappingError("not_found", file=str(name_or_path), shipped=names)
        path = shipped
    try:
        return parse_mapping(path.read_bytes().decode("utf-8-sig"), path.name)
    except UnicodeDecodeError:
        raise MappingError("not_utf8", file=str(name_or_path)) from None
    except OSError as error:
        raise MappingError("unreadable_file", file=str(name_or_path), detail=error.strerror or "") from None


def parse_mapping(text: str, file: str = "mapping") -> Mapping:
    """Turn the text of a mapping into checked values. `file` is only named in errors.

    Raises:
        MappingError: see `load_mapping`.
    """
    try:
        table: Table[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingError("not_toml", file=file, detail=str(error)) from None
    top = Section("", table)
    top.optional_text("title")
    currency = _currency(top)
    decimals = currency.exponent
    time_zone, zone = _zone(top)
    files = top.section("files")
    patterns = files.texts("glob")
    sales_table = table_format(files)
    files.finish()
    columns = _columns(top.section("columns"))
    numbers_section = top.section("numbers")
    quantity_section = numbers_section.section("quantity")
    numbers = _numbers(numbers_section, NumberFormat())
    mapping = Mapping(
        file=file,
        currency=currency.code,
        currency_decimals=decimals,
        time_zone=time_zone,
        zone=zone,
        cut_off=top.value("cut_off", _time_of_day, "time") or time(0),
        patterns=patterns,
        table=sales_table,
        columns=columns,
        branch=_branch(top.section("branch"), columns),
        numbering=_numbering(top.section("tickets"), columns),
        dates=_dates(top.section("dates"), columns),
        amounts=_amounts(top.section("amounts"), decimals),
        numbers=numbers,
        quantity_numbers=_numbers(quantity_section, numbers),
        modifiers=_modifiers(top.section("modifiers")),
        leave_out=tuple(_row_rule(rule) for rule in top.sections("leave_out")),
        keep_only=tuple(_row_rule(rule) for rule in top.sections("keep_only")),
        items=_items(top.section("items"), decimals) if top.has("items") else None,
    )
    top.finish()
    _check_positions(mapping.table, mapping.named_columns)
    if mapping.items is not None:
        _check_positions(mapping.items.table, mapping.items.named_columns)
    return mapping


def _currency(top: Section) -> Currency:
    code = top.text("currency").strip()
    try:
        return currency_of(code)
    except ValueError:
        raise MappingError("bad_currency", value=code) from None


def _zone(top: Section) -> tuple[str, tzinfo]:
    name = top.text("time_zone").strip()
    try:
        return name, zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise MappingError("unknown_time_zone", value=name) from None


def _time_of_day(raw: Any) -> time:
    return raw if isinstance(raw, time) else time.fromisoformat(raw)


def _calendar_date(raw: Any) -> date:
    return raw if type(raw) is date else date.fromisoformat(raw)


def _columns(section: Section) -> Columns:
    columns = Columns(
        branch=section.column("branch"),
        ticket=section.columns("ticket"),
        date=section.column("date"),
        time=section.column("time"),
        item_code=section.column("item_code"),
        item_name=section.column("item_name"),
        category=section.column("category"),
        quantity=section.column("quantity"),
        amount=section.column("amount"),
        unit_price=section.column("unit_price"),
        discount=section.column("discount"),
        modifiers=section.columns("modifiers"),
    )
    section.finish()
    if columns.item_code is None and columns.item_name is None:
        raise MappingError("no_item_column")
    if columns.amount is None and columns.unit_price is None:
        raise MappingError("no_amount_column")
    return columns


def _branch(section: Section, columns: Columns) -> BranchRule:
    constant = section.optional_text("constant")
    pattern = section.pattern("file_pattern")
    source = section.choice("from", ("column", "constant", "file_pattern", "file_stem", "folder"), "column")
    named = section.has("from")
    section.finish()
    if pattern is not None and pattern.groups < 1:
        raise MappingError("pattern_without_group", key="branch.file_pattern")
    ways = {"column": columns.branch is not None, "constant": constant is not None, "file_pattern": pattern is not None}
    ways |= {"file_stem": named and source == "file_stem", "folder": named and source == "folder"}
    given = [way for way, is_given in ways.items() if is_given]
    if not given:
        raise MappingError("no_branch")
    if len(given) > 1 or (named and source != given[0]):
        raise MappingError("two_branches", ways=", ".join(dict.fromkeys([*given, *([source] if named else [])])))
    return BranchRule(plain(constant) if constant else None, pattern, given[0])


def _numbering(section: Section, columns: Columns) -> str:
    numbering = section.choice("numbering", ("daily", "global", "none"), "daily")
    section.finish()
    if numbering == "none" and columns.ticket:
        raise MappingError("ticket_not_needed")
    if numbering != "none" and not columns.ticket:
        raise MappingError("no_ticket_column")
    return numbering


def _dates(section: Section, columns: Columns) -> DateRule:
    rule = DateRule(
        formats=section.texts("formats"),
        time_formats=section.texts("time_formats"),
        day_first=section.optional_flag("day_first"),
        constant=section.value("constant", _calendar_date, "date"),
        file_pattern=section.pattern("file_pattern"),
    )
    section.finish()
    for formats, check in ((rule.formats, compile_date_format), (rule.time_formats, compile_time_format)):
        for written in formats:
            try:
                check(written)
            except BadFormat as error:
                raise MappingError("bad_date_format", value=written, detail=str(error)) from None
    if rule.file_pattern is not None and rule.file_pattern.groups < 1:
        raise MappingError("pattern_without_group", key="dates.file_pattern")
    given = [columns.date is not None, rule.constant is not None, rule.file_pattern is not None]
    if not any(given):
        raise MappingError("no_date")
    if sum(given) > 1:
        raise MappingError("two_dates")
    return rule


def _amounts(section: Section, decimals: int) -> AmountRule:
    rule = AmountRule(
        amount_is=section.choice("amount_is", ("line", "unit"), "line"),
        discount_is=section.choice("discount_is", ("money", "percent"), "money"),
        decimals=0 if section.flag("in_minor_units", default=False) else decimals,
    )
    section.finish()
    return rule


def _numbers(section: Section, otherwise: NumberFormat) -> NumberFormat:
    declared = section.has("decimal")
    decimal = section.text("decimal", otherwise.decimal)
    default_marks = tuple(mark for mark in (*otherwise.thousands, ",", ".") if mark != decimal)
    thousands = section.texts("thousands", dict.fromkeys(default_marks) if declared else otherwise.thousands)
    thousands = tuple(dict.fromkeys(" " if mark.isspace() else mark for mark in thousands if mark))
    signs = section.texts("currency_signs", otherwise.currency_signs)
    section.finish()
    if len(decimal) != 1 or decimal.isalnum() or decimal.isspace() or decimal in "+-()":
        raise MappingError("bad_mark", key=f"{section.name}.decimal", value=decimal)
    for mark in thousands:
        if len(mark) != 1 or mark.isalnum() or mark in "+-()" or mark == decimal:
            raise MappingError("bad_mark", key=f"{section.name}.thousands", value=mark)
    return NumberFormat(decimal, thousands, signs, declared or otherwise.declared)


def _modifiers(section: Section) -> ModifierFormat:
    usual = ModifierFormat()
    written = ModifierFormat(
        separators=tuple(mark for mark in section.texts("separators", usual.separators) if mark),
        brackets=section.texts("brackets", usual.brackets),
        empty=frozenset(comparable(word) for word in section.texts("empty", usual.empty)) | {""},
    )
    section.finish()
    for pair in written.brackets:
        if len(pair) != 2:
            raise MappingError("bad_brackets", value=pair)
    return written


def _check_positions(table: TableFormat, named: Iterable[Column]) -> None:
    for column in named:
        if not table.header and isinstance(column, str):
            raise MappingError("column_needs_number", column=column)


def _row_rule(section: Section) -> RowRule:
    column = section.column("column")
    values = section.texts("values")
    pattern = section.pattern("pattern")
    section.finish()
    if column is None:
        raise MappingError("missing_key", key=f"{section.name}.column")
    if not values and pattern is None:
        raise MappingError("missing_key", key=f"{section.name}.values")
    return RowRule(column, frozenset(comparable(value) for value in values), pattern)


def _items(section: Section, decimals: int) -> ItemListRule:
    key = section.column("key")
    numbers = section.section("numbers")
    rule = ItemListRule(
        file=section.text("file"),
        table=table_format(section),
        key=key if key is not None else 1,
        name=section.column("name"),
        category=section.column("category"),
        price=section.column("price"),
        numbers=_numbers(numbers, NumberFormat()),
        decimals=0 if section.flag("in_minor_units", default=False) else decimals,
    )
    section.finish()
    if key is None:
        raise MappingError("missing_key", key="items.key")
    return rule
