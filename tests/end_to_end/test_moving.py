"""A till sends what it sold, moves to another branch with a code, and is enrolled there; without a network it stays.

Slow because it runs the real cloud and the real commands on a PostgreSQL of its own.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest

from cloud.database.embedded import throwaway_server
from cloud.database.migrate import migrate
from cloud.database.roles import create_database
from terminal.device import DeviceFolder
from tests.end_to_end.cloud_programs import ROOT, cloud

PLAN = """
[organization]
name = "La Boya"
country = "PE"
currency = "PEN"

[[branches]]
key = "centro"
name = "Centro"
zone = "America/Lima"

[[branches]]
key = "norte"
name = "Norte"
zone = "America/Lima"
"""
pytestmark = pytest.mark.slow


def comanda(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the device to its end."""
    environment = {"COMANDA_HOME": str(home), "COMANDA_LANGUAGE": "en", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "terminal.cli", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_a_till_moves_to_another_branch_after_it_has_sent_all(tmp_path: Path) -> None:
    home, plan = tmp_path / "home", tmp_path / "plan.toml"
    plan.write_text(PLAN)
    with throwaway_server() as server:
        create_database(server.url(), "comanda")
        migrate(server.url("comanda"), server.app_password)
        url = server.url("comanda", "comanda_app")
        with cloud(tmp_path, database_url=url, secret="only-for-tests-" * 4) as programs:
            founded = json.loads(programs.run("create-organization", "--plan", str(plan), "--json"))
            served = programs.begin("serve", "--port", "0", "--with-worker")
            address = f"http://127.0.0.1:{served.port}"
            there = ("--organization", "la-boya", "--branch")
            code = (
                programs.run("create-pairing-code", "Caja", *there, "centro", "--kind", "till").split()[2].rstrip(",")
            )
            enrolled = comanda(home, "enroll", address, code)
            assert enrolled.returncode == 0, enrolled.stderr
            before = DeviceFolder(home / "till").configuration().identity

            told = programs.run("move-device", "caja", *there, "norte")
            found = re.search(r"comanda move (\S+)", told)
            assert found is not None, told
            wrong = comanda(home, "move", "AAAA-AAAA")
            assert wrong.returncode == 1, wrong.stdout
            assert DeviceFolder(home / "till").configuration().identity == before, "a wrong code changes nothing"
            moved = comanda(home, "move", found[1])
            assert moved.returncode == 0, moved.stderr
            after = DeviceFolder(home / "till").configuration()
            assert after.identity.branch_id == UUID(founded["branches"]["norte"]["id"])
            assert (after.name, after.identity.device_id != before.device_id) == ("Caja", True)
            assert not (home / "till.moving").exists()
            listed = json.loads(programs.run("list", "devices", "--json"))["devices"]
            assert {(each["branch"], each["revoked"]) for each in listed} == {("Centro", True), ("Norte", False)}
            shutil.rmtree(home)
