"""What operators do for people and devices: shut a lost device out, let somebody in whom strangers keep out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloud.composition import assemble
from cloud.enrolment.room import enrolment
from cloud.replication.device_rows import NewDevice
from cloud.settings import read_settings
from shared.tenancy.records import DeviceKind
from tests.cloud.enrolment.devices import asked_with
from tests.cloud.test_cloud_cli import Run, environment, folder, run  # noqa: F401

Enrol = Callable[[str, str], NewDevice]


@pytest.fixture
def url(postgres: Any, database_name: str) -> dict[str, str]:
    return {"COMANDA_DATABASE_URL": postgres.app_url(database_name)}


@pytest.fixture
def branch(run: Run, url: dict[str, str]) -> str:  # noqa: F811
    made = json.loads(run("create-organization", "La Boya", "--json", **url).said)
    return str(made["branches"]["main"]["id"])


@pytest.fixture
def enrol(run: Run, url: dict[str, str], branch: str, folder: Path) -> Enrol:  # noqa: F811
    """Enrols a device of a name, from an address."""

    def enrolled(name: str, address: str) -> NewDevice:
        pairing = ("create-pairing-code", name, "--organization", "la-boya", "--branch", branch, "--kind", "till")
        code = run(*pairing, **url).said.split()[2].rstrip(",")

        async def enrol() -> NewDevice:
            parts = assemble(read_settings(environment(folder, **url)))
            try:
                asked = asked_with(Ed25519PrivateKey.generate(), code)
                return await enrolment(parts).enrol(**asked, kind=DeviceKind.TILL, name="", address=address)
            finally:
                await parts.database.dispose()

        return asyncio.run(enrol())

    return enrolled


def test_a_lost_device_is_shut_out_by_its_id(run: Run, url: dict[str, str], branch: str, enrol: Enrol) -> None:  # noqa: F811
    device = enrol("Caja", "192.0.2.1")
    ended = run("revoke-device", str(device.device_id), **url)
    assert ended.said.startswith(f"Device Caja ({device.device_id}) is shut out"), ended.complained
    unknown = run("revoke-device", branch, **url)
    assert (unknown.code, unknown.complained) == (
        1,
        f"There is no device {branch}: comanda-cloud list shows the ids.\n",
    )


def test_a_lost_device_is_shut_out_by_its_name_if_only_one_is_called_so(
    run: Run,  # noqa: F811
    url: dict[str, str],
    enrol: Enrol,
) -> None:
    bar, first = enrol("Caja del Bár", "192.0.2.1"), enrol("Caja", "192.0.2.2")
    second = enrol("Caja", "192.0.2.3")
    unsure = run("revoke-device", "caja", **url)
    named = [str(each.device_id) in unsure.complained for each in (bar, first, second)]
    assert (unsure.code, named) == (1, [False, True, True])
    assert "La Boya" in unsure.complained, "with its branch"
    assert run("revoke-device", str(second.device_id), **url).code == 0
    assert str(first.device_id) in run("revoke-device", "CAJA", **url).said, "the other one is out already"
    unknown = run("revoke-device", "Cocina", **url)
    assert (unknown.code, f"Caja del Bár, La Boya ({bar.device_id})" in unknown.complained) == (1, True)
    run("create-organization", "El Faro", **url)
    assert "--organization SLUG" in run("revoke-device", "caja del bar", **url).complained
    assert run("revoke-device", "caja del bar", "--organization", "el-faro", **url).code == 1
    assert str(bar.device_id) in run("revoke-device", "caja del bar", "--organization", "la-boya", **url).said


def test_somebody_whom_strangers_keep_out_gets_a_link(run: Run, url: dict[str, str], branch: str) -> None:  # noqa: F811
    assert UUID(branch)
    words = ("create-account", "rosa@boya.pe", "--role", "organization_admin", "--organization", "la-boya")
    assert run(*words, given="long enough for us\n", **url).code == 0
    made = run("log-in-link", "Rosa@boya.pe", **url, COMANDA_PUBLIC_URL="https://comanda.pe")
    assert "https://comanda.pe/login?pass=" in made.said, made.complained
    assert "60 minutes" in made.said
    unknown = run("log-in-link", "nobody@boya.pe", **url)
    assert (unknown.code, unknown.complained.split(":")[0]) == (1, "There is no account nobody@boya.pe")


def test_an_api_key_is_made_listed_and_revoked(run: Run, url: dict[str, str], branch: str) -> None:  # noqa: F811
    of = ("--organization", "la-boya")
    account = ("create-account", "ana@boya.pe", "--role", "organization_admin", *of)
    assert run(*account, given="correct horse battery staple", **url).code == 0
    make = ("create-api-key", "Rappi", *of, "--as", "ana@boya.pe", "--scope", "orders:write", "--branch", branch)
    made = json.loads(run(*make, "--json", **url).said)
    assert made["key"].startswith("comanda_")
    (listed,) = json.loads(run("api-keys", *of, "--json", **url).said)
    assert (listed["scopes"], listed["branches"], listed["prefix"]) == (["orders:write"], [branch], made["key"][:16])
    assert "Rappi" in run("revoke-api-key", listed["prefix"], *of, **url).said
    assert run("api-keys", *of, **url).said.rstrip().endswith("revoked")
    wrong = run(*make[:-3], "everything:read", **url)
    assert (wrong.code, "everything:read" in wrong.complained) == (1, True)
    unknown = run("revoke-api-key", "Uber", *of, **url)
    assert (unknown.code, "Rappi" in unknown.complained) == (1, True)
