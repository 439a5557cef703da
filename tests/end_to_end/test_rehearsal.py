"""`comanda rehearse` as a person runs it: a file of past sales in, three figures a branch out, and nothing twice.

Slow because each run starts a cloud with its own PostgreSQL, twice: one target serves what can be told of it in turn.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.kernel.language import Language
from terminal.demo.cloud import cloud_folder
from terminal.demo.program import program
from terminal.rehearsal.mapping import load_mapping
from terminal.rehearsal.sales_file import read_past_sales
from terminal.rehearsal.target import FACTS, Target

SALES = """\
local;ticket;fecha;plato;cant;importe;opciones
Miraflores;1;03/11/2025 13:05;Lomo saltado;2;64,00;[Papas, [Término medio, Sin cebolla]]
Barranco;1;03/11/2025 13:06;Chicha;1;8,50;
Miraflores;2;03/11/2025 23:50;Ceviche;1;38,00;
Miraflores;1;03/11/2025 13:05;Chicha;3;20,00;
Barranco;2;04/11/2025 01:10;Lomo saltado;1;0,00;
Barranco;3;04/11/2025 12:00;Lomo saltado;uno;32,00;
Miraflores;2;04/11/2025 12:30;Ceviche;1;42,00;
"""
MAPPING = """\
currency = "PEN"
time_zone = "America/Lima"

[numbers]
decimal = ","

[columns]
branch = "local"
ticket = "ticket"
date = "fecha"
item_name = "plato"
quantity = "cant"
amount = "importe"
modifiers = "opciones"

[dates]
day_first = true
"""

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("rehearsal")]


def rehearse(folder: Path, *options: str) -> tuple[int, dict[str, Any], str]:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "terminal.cli",
            "rehearse",
            str(folder / "ventas.csv"),
            "--mapping",
            str(folder / "mapping.toml"),
            "--json",
            *options,
        ],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, "COMANDA_HOME": str(folder / "home"), "COMANDA_LANGUAGE": "en"},
    )
    return done.returncode, json.loads(done.stdout or "{}"), done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "ventas.csv").write_text(SALES, encoding="cp1252")
    (tmp_path / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    yield tmp_path
    for target in tmp_path.rglob(FACTS):
        shutil.rmtree(cloud_folder(target.parent))  # for root it lies elsewhere, and nobody else would remove it


def test_file_tills_and_cloud_agree_and_a_repeat_adds_nothing(folder: Path) -> None:
    """One day first, the whole file, and the day again, all of one target, which another program then makes anew."""
    target = ("--target", str(folder / "target"), "--tills", "2")
    code, one_day, errors = rehearse(folder, "--days", "1", *target)
    assert code == 0, errors
    assert [(each["branch"], each["file"]["tickets"]) for each in one_day["branches"]] == [
        ("Barranco", 1),
        ("Miraflores", 2),
    ]
    assert one_day["tickets_per_second_and_till"] > 0

    code, whole, errors = rehearse(folder, *target)
    assert code == 0, errors
    said = {each["branch"]: each for each in whole["branches"]}
    assert said["Miraflores"]["file"] == {"tickets": 3, "total_minor": 16400}
    assert said["Barranco"]["file"] == {"tickets": 2, "total_minor": 850}
    for each in whole["branches"]:
        assert each["file"] == each["tills"] == each["cloud"]
    assert [(row["line"], row["reason"]) for row in whole["rejected_rows"]] == [
        (7, whole["rejected_rows"][0]["reason"])
    ]

    code, again, errors = rehearse(folder, "--days", "1", *target)
    assert code == 0, errors
    assert again["branches"] == one_day["branches"]
    assert "tickets_per_second_and_till" not in again

    # Its database is at a revision that this program does not know: one sentence less to read, and no traceback.
    facts = folder / "target" / FACTS
    facts.write_text(facts.read_text().replace(program(), "another"))
    code, anew, errors = rehearse(folder, "--days", "1", *target)
    assert code == 0, errors
    assert anew["branches"] == one_day["branches"]
    assert "tickets_per_second_and_till" in anew, "all of it is sold once more"


async def test_a_run_that_was_killed_while_tills_enrolled_goes_on(folder: Path) -> None:
    target = Target(folder / "target", Language.SPANISH)
    try:
        await target.prepare(read_past_sales(folder / "ventas.csv", load_mapping(folder / "mapping.toml")), tills=1)
    finally:
        await target.stop()
    # The cloud has let this one in; the kill came before the till could keep what it was told.
    (target.till(0, 1).root / "device.toml").unlink()

    code, said, errors = rehearse(folder, "--target", str(target.folder))
    assert code == 0, errors
    assert said["agree"] is True

    target.till(1, 1).database.write_bytes(b"not a database" * 1_000)
    code, _said, errors = rehearse(folder, "--target", str(target.folder))
    assert code == 1
    assert "Traceback" not in errors
    assert str(target.till(1, 1).database) in errors


def test_a_mapping_that_names_a_missing_column_is_told_in_one_sentence(folder: Path) -> None:
    mapping = MAPPING.replace('"importe"', '"monto"')
    (folder / "mapping.toml").write_text(mapping, encoding="utf-8")
    code, _said, errors = rehearse(folder)
    assert code == 1
    assert "monto" in errors
    assert "Traceback" not in errors
