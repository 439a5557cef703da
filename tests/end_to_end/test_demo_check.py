"""`comanda demo --check`: it holds, it leaves nothing behind, and it can fail."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from shared.kernel.language import Language, Texts
from terminal.demo.check import run_check
from terminal.demo.cli import ROOMS
from terminal.demo.house import DemoHouse
from terminal.demo.plan import SHIPPED, Plan, read_plan
from terminal.demo.progress import Progress

pytestmark = pytest.mark.slow
"""Seconds: each makes a PostgreSQL cluster, starts the cloud, founds a restaurant and enrols three devices."""

LONGEST_SECONDS = 240
"""Far more than it takes, for machines that do other things meanwhile."""
PROMISES = (
    "The cloud is stopped",
    "Typed “2*lom”: 2 × Lomo saltado",
    "Kitchen ticket on paper: 2 × Lomo saltado",
    "The kitchen bumps each with its number and Enter",
    "The till restarts without a cloud",
    "The screen says the change",
    "on paper: dishes, options, total, received and change",
    "The receipt opens the drawer once",
    "All of this happened without a cloud",
    "Nothing left to upload",
    "a newly enrolled device hold the same",
    "The report shows the sale once",
    "nothing doubled",
    "Nothing of another branch reached",
)


@pytest.fixture
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="comanda-test-"))
    path.chmod(0o711)  # the database's own user must be able to enter
    yield path
    shutil.rmtree(path, ignore_errors=True)


def test_one_sale_goes_from_the_first_key_to_the_report_and_nothing_is_left_behind(folder: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COMANDA_")}
    environment |= {"COMANDA_HOME": str(folder), "COMANDA_LANGUAGE": "en", "TMPDIR": str(folder)}
    ended = subprocess.run(
        [sys.executable, "-m", "terminal.cli", "demo", "--check"],
        capture_output=True,
        text=True,
        env=environment,
        timeout=LONGEST_SECONDS,
        check=False,
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr
    ticked = [line for line in ended.stdout.splitlines() if line.startswith("✓ ")]
    assert [promise for promise in PROMISES if not any(promise in line for line in ticked)] == []
    assert "✗" not in ended.stdout
    assert ended.stderr == ""
    assert list(folder.iterdir()) == []
    assert str(folder) not in _all_commands()


class MispricedHouse(DemoHouse):
    """The cloud founds it from a plan whose lomo saltado costs more than the check believes."""

    @property
    def plan(self) -> Plan:
        return read_plan(SHIPPED)


def test_a_price_that_is_not_the_plans_fails_the_check(folder: Path) -> None:
    wrong = folder / "wrong.toml"
    right_line = next(line for line in SHIPPED.read_text().splitlines() if 'code = "lom"' in line)
    wrong.write_text(SHIPPED.read_text().replace(right_line, right_line.replace("44.00", "44.10")))
    output = io.StringIO()
    texts = Texts(Language.ENGLISH, ROOMS)
    progress = Progress(texts, Console(file=output, width=200, highlight=False))
    house = MispricedHouse(folder / "house", Language.ENGLISH, plan=wrong)
    house.root.mkdir(mode=0o711)

    assert run_check(house, texts, progress) == 1

    (failure,) = output.getvalue().split("✗ ")[1:]
    assert failure.startswith("Typed “2*lom”")
    expected, seen = failure.split("expected: ")[1].split("seen:")
    assert "9400" in expected
    assert "9420" in seen
    assert str(folder) not in _all_commands()


def _all_commands() -> str:
    return subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
