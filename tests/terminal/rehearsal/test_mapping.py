"""A mapping says one thing clearly or is refused with one sentence."""

from __future__ import annotations

import re
import string
from datetime import date, time
from pathlib import Path

import pytest

from shared.kernel.language import Language, catalogue
from terminal.rehearsal.errors import TEXTS_ROOM, MappingError
from terminal.rehearsal.mapping import load_mapping, parse_mapping

ROOM = Path(load_mapping.__code__.co_filename).parent


def refused(text: str) -> MappingError:
    with pytest.raises(MappingError) as caught:
        parse_mapping(text)
    for language in Language:
        assert catalogue(TEXTS_ROOM, language)[f"mapping.{caught.value.code}"]
        sentence = caught.value.sentence(language)
        assert "{" not in sentence
        assert sentence.endswith((".", "?", ")"))
    return caught.value


def test_the_plain_mapping_is_understood(plain_mapping: str) -> None:
    mapping = parse_mapping(plain_mapping)
    assert (mapping.currency, mapping.currency_decimals, mapping.cut_off) == ("PEN", 2, time(0))
    assert mapping.branch.constant == "Centro"
    assert mapping.columns.ticket == ("ticket",)


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ('currency = "PEN"', 'currency = "soles"', "bad_currency"),
        ('currency = "PEN"', "", "missing_key"),
        ('currency = "PEN"', 'currency = ""', "wrong_kind_text"),
        ('currency = "PEN"', 'currency = "PEN"\nzzz = 1', "unknown_key"),
        ('currency = "PEN"', 'currency = "PEN"\ncutoff = "04:00"', "unknown_key_near"),
        ('currency = "PEN"', 'currency = "PEN"\ncut_off = "4 am"', "wrong_kind_time"),
        ('currency = "PEN"', "currency =", "not_toml"),
        ("America/Lima", "Peru", "unknown_time_zone"),
        ("America/Lima", "../../etc/passwd", "unknown_time_zone"),
        ('item_name = "item"', "", "no_item_column"),
        ('item_name = "item"', 'item_name = ["a", "b"]', "wrong_kind_column"),
        ('item_name = "item"', "item_name = 0", "wrong_kind_column"),
        ('amount = "amount"', "", "no_amount_column"),
        ('amount = "amount"', 'amount = "amount"\namout = "x"', "unknown_key_near"),
        ('ticket = "ticket"', "", "no_ticket_column"),
        ("[columns]", '[tickets]\nnumbering = "none"\n[columns]', "ticket_not_needed"),
        ("[columns]", '[tickets]\nnumbering = "weekly"\n[columns]', "not_a_choice"),
        ("[columns]", '[columns]\nbranch = "shop"', "two_branches"),
        ("[columns]", 'from = "folder"\n[columns]', "two_branches"),
        ('constant = "Centro"', "", "no_branch"),
        ('constant = "Centro"', 'file_pattern = "("', "bad_pattern"),
        ('constant = "Centro"', 'file_pattern = "ventas"', "pattern_without_group"),
        ('date = "date"', "", "no_date"),
        ("[columns]", "[dates]\nconstant = 2025-01-01\n[columns]", "two_dates"),
        ("[columns]", '[dates]\nconstant = "ayer"\n[columns]', "wrong_kind_date"),
        ("[columns]", '[dates]\nformats = "dd/mm/yyyy"\n[columns]', "bad_date_format"),
        ("[columns]", '[dates]\ntime_formats = "%h"\n[columns]', "bad_date_format"),
        ("[columns]", '[dates]\nday_first = "yes"\n[columns]', "wrong_kind_flag"),
        ("[columns]", '[numbers]\ndecimal = ";;"\n[columns]', "bad_mark"),
        ("[columns]", '[numbers]\ndecimal = ","\nthousands = ","\n[columns]', "bad_mark"),
        ("[columns]", '[modifiers]\nbrackets = "["\n[columns]', "bad_brackets"),
        ("[columns]", '[files]\nencoding = "utf-9"\n[columns]', "unknown_encoding"),
        ("[columns]", '[files]\nencoding = "base64"\n[columns]', "unknown_encoding"),
        ("[columns]", '[files]\ndelimiter = ";;"\n[columns]', "bad_delimiter"),
        ("[columns]", "[files]\ndelimiter = []\n[columns]", "bad_delimiter"),
        ("[columns]", '[files]\ndelimiter = [",", ";"]\n[columns]', "bad_delimiter"),
        ("[columns]", "[files]\nquote = \"''\"\n[columns]", "bad_quote"),
        ("[columns]", "[files]\nskip_lines = -1\n[columns]", "wrong_kind_count"),
        ("[columns]", "[files]\nglob = 3\n[columns]", "wrong_kind_texts"),
        ("[columns]", "[files]\nheader = false\n[columns]", "column_needs_number"),
        ("[columns]", '[leave_out]\ncolumn = "x"\n[columns]', "wrong_kind_tables"),
        ("[columns]", '[[leave_out]]\ncolumn = "x"\n[columns]', "missing_key"),
        ("[columns]", '[items]\nfile = "items.csv"\n[columns]', "missing_key"),
        ('[branch]\nconstant = "Centro"', 'branch = "Centro"', "wrong_kind_table"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_sentence(
    before: str, after: str, code: str, plain_mapping: str
) -> None:
    assert before in plain_mapping
    assert refused(plain_mapping.replace(before, after, 1)).code == code


def test_an_unknown_key_names_the_nearest_known_one(plain_mapping: str) -> None:
    error = refused(plain_mapping.replace("quantity =", "quantty ="))
    assert error.params["nearest"] == "quantity"
    assert error.sentence(Language.ENGLISH).endswith("did you mean quantity?")


def test_a_mapping_is_found_by_path_or_by_the_name_under_which_it_ships(tmp_path: Path, plain_mapping: str) -> None:
    own = tmp_path / "own.toml"
    own.write_text(plain_mapping, encoding="utf-8-sig")
    assert load_mapping(own).currency == "PEN"
    assert load_mapping("coffee-three-outlets").currency == "USD"
    assert load_mapping("chipotle.toml").dates.constant == date(2012, 7, 1)
    with pytest.raises(MappingError) as caught:
        load_mapping("tacos")
    assert caught.value.code == "not_found"
    assert "coffee-three-outlets" in caught.value.sentence()
    own.write_bytes('title = "Año"'.encode("cp1252"))
    with pytest.raises(MappingError) as caught:
        load_mapping(own)
    assert caught.value.code == "not_utf8"


def test_the_example_for_integrators_is_a_mapping() -> None:
    example = re.search(r"```toml\n(.*?)```", (ROOM / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert example
    assert parse_mapping(example[1]).items is not None


def test_both_languages_say_the_same_things_with_the_same_values() -> None:
    def fields(language: Language) -> dict[str, set[str | None]]:
        sentences = catalogue(TEXTS_ROOM, language)
        return {code: {field for _, field, _, _ in string.Formatter().parse(text)} for code, text in sentences.items()}

    assert fields(Language.SPANISH) == fields(Language.ENGLISH)


def test_every_code_that_can_be_raised_has_a_sentence_and_every_sentence_a_code() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in sorted(ROOM.glob("*.py")))
    mapping_codes = set(re.findall(r'MappingError\(\s*"(\w+)"', source)) | set(re.findall(r'code = "(\w+)"', source))
    mapping_codes |= set(re.findall(r'else "((?:unknown_key|missing_column)\w*)"', source))
    kinds = re.findall(r'_wrong\(key, "(\w+)"\)', source) + re.findall(r'section\.value\([^)]*"(\w+)"\)', source)
    mapping_codes |= {f"wrong_kind_{kind}" for kind in [*kinds, "time"]}
    row_codes = set(re.findall(r'RowError\("(\w+)"', source)) | {"empty_file"}
    expected = {f"mapping.{code}" for code in mapping_codes} | {f"row.{code}" for code in row_codes}
    assert set(catalogue(TEXTS_ROOM, Language.ENGLISH)) == expected
