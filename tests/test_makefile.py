"""`make` takes the newest interpreter that starts; when none does it says in one sentence what to install."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOOLS = ("make", "sh", "touch", "mkdir", "ln", "sleep")
WORKS = """#!/bin/sh
case "$1 $2" in
    "-c "*print*) echo 3 {minor} ;;
    "-m venv") mkdir -p .venv/bin && ln -s "$0" .venv/bin/python && echo "{name}" > .venv/made_by ;;
esac
"""
REFUSES = "#!/bin/sh\necho 'pyenv: command not found in this version' >&2\nexit 127\n"
HAS_NO_VENV = """#!/bin/sh
case "$2" in *ensurepip*) echo "No module named 'ensurepip'" >&2; exit 1 ;; esac
echo 3 {minor}
"""
HANGS = "#!/bin/sh\nexec sleep 600\n"


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A fresh checkout, and a PATH without any Python."""
    for name in ("Makefile", "pyproject.toml", "constraints.txt", "packaging/find_python.sh"):
        target = tmp_path / name
        target.parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, target)
    (tmp_path / "tools").mkdir()
    for name in TOOLS:
        found = shutil.which(name)
        assert found is not None
        (tmp_path / "tools" / name).symlink_to(found)
    return tmp_path


@pytest.fixture
def put(house: Path) -> Callable[..., Path]:
    def put(name: str, script: str, minor: int = 0, folder: str = "tools") -> Path:
        path = house / folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(script.replace("{minor}", str(minor)).replace("{name}", f"{folder}/{name}"))
        path.chmod(0o755)
        return path

    return put


def make(house: Path, *more: str) -> subprocess.CompletedProcess[str]:
    path = f"{house}/shims:{house}/tools"
    command = [str(house / "tools" / "make"), ".venv/.ready", *more]
    return subprocess.run(command, cwd=house, env={"PATH": path}, capture_output=True, text=True, check=False)


def made_by(house: Path) -> str:
    return (house / ".venv" / "made_by").read_text().strip()


def test_the_newest_that_starts_is_taken_whatever_it_is_called(house: Path, put: Callable[..., Path]) -> None:
    put("python3.11", WORKS, 11)
    put("python3.12", WORKS, 12)
    put("python3", WORKS, 13)
    assert make(house).returncode == 0
    assert made_by(house) == "tools/python3"


def test_a_shim_that_refuses_and_one_that_cannot_make_a_venv_are_passed_over(
    house: Path, put: Callable[..., Path]
) -> None:
    put("python3.13", REFUSES, folder="shims")
    put("python3.12", REFUSES, folder="shims")
    put("python3.14", HAS_NO_VENV, 14)
    put("python3.12", WORKS, 12)
    put("python3.11", WORKS, 11, folder="shims")
    assert make(house).returncode == 0
    assert made_by(house) == "tools/python3.12"


def test_when_none_will_do_one_sentence_says_what_to_install(house: Path, put: Callable[..., Path]) -> None:
    put("python3", WORKS, 15)
    put("python3.13", REFUSES)
    put("python3.11", HAS_NO_VENV, 11)
    done = make(house)
    assert done.returncode != 0
    (sentence,) = [line for line in (done.stdout + done.stderr).splitlines() if not line.startswith("make: ")]
    assert sentence.startswith("Comanda needs Python 3.11, 3.12, 3.13 or 3.14")
    assert "install one" in sentence
    assert not (house / ".venv").exists()


def test_an_interpreter_that_is_named_is_taken(house: Path, put: Callable[..., Path]) -> None:
    put("python3.14", WORKS, 14)
    mine = put("mine", WORKS, 12, folder="elsewhere")
    assert make(house, f"PYTHON={mine}").returncode == 0
    assert made_by(house) == "elsewhere/mine"


@pytest.mark.parametrize(
    ("name", "script", "minor"),
    [("nonsense", None, 0), ("old", WORKS, 10), ("new", WORKS, 15), ("shim", REFUSES, 0), ("bare", HAS_NO_VENV, 12)],
)
def test_a_named_interpreter_that_will_not_do_is_named_in_one_sentence_and_no_other_is_taken(
    name: str, script: str | None, minor: int, house: Path, put: Callable[..., Path]
) -> None:
    put("python3.14", WORKS, 14)
    mine = put(name, script, minor, folder="elsewhere") if script else house / name
    done = make(house, f"PYTHON={mine}")
    assert done.returncode != 0
    (sentence,) = [line for line in (done.stdout + done.stderr).splitlines() if not line.startswith("make: ")]
    assert sentence.startswith(f"PYTHON={mine} does not start as Python 3.11, 3.12, 3.13 or 3.14")
    assert not (house / ".venv").exists()


def test_a_shim_that_hangs_is_passed_over(house: Path, put: Callable[..., Path]) -> None:
    """Slow: it waits for a limit of real seconds, shortened here."""
    found = shutil.which("timeout")
    if found is None:
        pytest.skip("this machine has no timeout(1)")
    (house / "tools" / "timeout").symlink_to(found)
    script = house / "packaging" / "find_python.sh"
    script.write_text(script.read_text().replace("seconds=10\n", "seconds=1\n"))
    put("python3.14", HANGS, folder="shims")
    put("python3.12", WORKS, 12)
    assert make(house).returncode == 0
    assert made_by(house) == "tools/python3.12"


def test_a_venv_that_works_is_kept_and_one_whose_interpreter_is_gone_is_made_anew(
    house: Path, put: Callable[..., Path]
) -> None:
    old = put("python3.12", WORKS, 12)
    assert make(house).returncode == 0
    put("python3.13", WORKS, 13)
    (house / ".venv" / ".ready").unlink()
    assert make(house).returncode == 0
    assert made_by(house) == "tools/python3.12"
    old.unlink()
    (house / ".venv" / ".ready").unlink()
    (house / ".venv" / "bin" / "python").unlink()
    assert make(house).returncode == 0
    assert made_by(house) == "tools/python3.13"
