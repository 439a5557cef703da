"""The operators' page: what it has systemd read is what systemd reads."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from tests.cloud.test_cloud_cli import ROOT

PAGE = ROOT / "packaging" / "operators.md"
VERIFIER = shutil.which("systemd-analyze")


def unit() -> str:
    """The unit of the page, with a program and a user that are here."""
    text = PAGE.read_text(encoding="utf-8")
    begun = text.index("    [Unit]")
    block = dedent(text[begun : text.index("WantedBy=multi-user.target", begun)] + "WantedBy=multi-user.target\n")
    return block.replace("/opt/comanda/bin/comanda-cloud", sys.executable).replace("User=comanda", "User=root")


@pytest.mark.skipif(VERIFIER is None, reason="needs systemd-analyze, which is not installed here")
@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("comanda-cloud.service", "serve --with-worker"),
        ("comanda-cloud@8701.service", "serve --port %i"),
        ("comanda-worker.service", "worker"),
    ],
)
def test_systemd_reads_the_units_of_the_page(tmp_path: Path, name: str, command: str) -> None:
    assert VERIFIER is not None
    (tmp_path / name).write_text(unit().replace("serve --with-worker", command), encoding="utf-8")
    read = subprocess.run([VERIFIER, "verify", str(tmp_path / name)], capture_output=True, text=True, check=False)
    assert (read.returncode, read.stderr.strip()) == (0, "")
