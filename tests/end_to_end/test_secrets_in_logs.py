"""No secret gets into the log of PostgreSQL, or into ours, not even with every statement and its parameters logged.

Slow because it runs the real commands on a PostgreSQL of its own.
"""

from __future__ import annotations

import json
import re
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloud.database.embedded import EmbeddedServer, Profile
from cloud.database.roles import create_database
from sync.messages import Pull
from terminal.syncing.link import CloudLink
from tests.end_to_end.cloud_programs import cloud

TALKATIVE = Profile(
    MappingProxyType(
        {
            "fsync": "off",
            "shared_buffers": "64MB",
            "log_statement": "all",
            "log_min_duration_statement": "0",
            "log_parameter_max_length": "-1",
            "log_parameter_max_length_on_error": "-1",
            "log_min_error_statement": "info",
        }
    ),
    signal.SIGQUIT,
    ("--no-sync",),
)
DEMO = Path(__file__).parents[2] / "terminal" / "demo" / "restaurant.toml"
EMAIL = "ana@el-faro.pe"
PASSWORD, WRONG, OF_PLAN = "four walls and a roof", "four walls and no roof", "a roof for the plan"
PINS = [f"8{number}917264" for number in range(10)]
SECRET = "the-secret-of-the-server-" + "0123456789" * 2

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    folder = Path(tempfile.mkdtemp(prefix="comanda-test-"))
    folder.chmod(0o755)
    with EmbeddedServer(folder / "database", TALKATIVE) as server:
        create_database(server.url(), "comanda")
        yield server
    shutil.rmtree(folder, ignore_errors=True)


def plan_with(folder: Path) -> Path:
    """The plan of the demo with PINs and a password that stand in no log by chance."""
    text = DEMO.read_text()
    for number, pin in enumerate(sorted(set(re.findall(r'pin = "(\d+)"', text)))):
        text = text.replace(f'pin = "{pin}"', f'pin = "{PINS[number]}"')
    path = folder / "restaurant.toml"
    path.write_text(re.sub(r'password = "[^"]+"', f'password = "{OF_PLAN}"', text))
    return path


async def test_no_secret_gets_into_a_log(server: EmbeddedServer, tmp_path: Path) -> None:
    settings = {
        "database_url": server.url("comanda", "comanda_app"),
        "database_owner_url": server.url("comanda"),
        "secret": SECRET,
    }
    with cloud(tmp_path, **settings) as programs:
        programs.run("migrate")
        founded = json.loads(programs.run("create-organization", "--plan", str(plan_with(tmp_path)), "--json"))
        role = ("--role", "organization_admin", "--organization", founded["slug"])
        programs.run("create-account", EMAIL, "--name", "Ana", *role, given=PASSWORD)
        served = programs.serve()
        secrets = await used(f"http://127.0.0.1:{served.port}", founded)
        programs.begin("worker").wait_for("Working")
    secrets |= {"password": PASSWORD, "wrong password": WRONG, "password of the plan": OF_PLAN, "secret": SECRET}
    secrets |= {"of the app": server.app_password, **{f"PIN {pin}": pin for pin in PINS}}
    logs = {"PostgreSQL": (server.root / "server.log").read_text(errors="replace"), "ours": programs.said}
    assert "insert into" in logs["PostgreSQL"].lower(), "statements are logged"
    assert EMAIL in logs["PostgreSQL"], "and so are their parameters"
    assert [(log, name) for log, text in logs.items() for name, value in secrets.items() if value in text] == []


async def used(address: str, founded: dict[str, Any]) -> dict[str, str]:
    """Log in, enrol and exchange, rightly and wrongly. Returns the secrets of it."""
    async with httpx.AsyncClient(base_url=address) as people:
        session = await people.post("/api/v1/session", json={"email": EMAIL, "password": PASSWORD})
        assert session.status_code == 200
        form = {"email": EMAIL, "password": PASSWORD}
        entered = await people.post("/login", data=form, headers={"origin": address})
        assert entered.status_code == 303
        for wrong in ({"email": EMAIL, "password": WRONG}, {"email": EMAIL, "password": WRONG, "more": 1}):
            assert (await people.post("/api/v1/session", json=wrong)).status_code in {400, 401}
        bearer = {"authorization": f"Bearer {session.json()['token']}"}
        opened = await people.post(
            "/api/v1/devices/pairing-codes",
            json={"branch_id": founded["branches"]["lima"]["id"], "kind": "till", "name": "Caja 2"},
            headers=bearer,
        )
    key, code = Ed25519PrivateKey.generate(), founded["devices"]["lima/caja"]["pairing_code"]
    link = CloudLink(address)
    try:
        enrolled = await link.enrol(code, "till", "Caja", key)
    finally:
        await link.close()
    link = CloudLink(address, enrolled.device_id, key)
    try:
        await link.exchange(Pull([]))
        token = await link.token()
    finally:
        await link.close()
    secrets = {
        "session token": session.json()["token"],
        "cookie": entered.cookies["comanda_session"],
        "code": code,
        "code without dashes": code.replace("-", ""),
        "code of the API": opened.json()["code"],
        "device token": token,
        "private key": key.private_bytes_raw().hex(),
    }
    return {name: value for name, value in secrets.items() if value}
