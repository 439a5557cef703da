"""A tenant's whole in one file that can be verified, and its deletion, of which nothing is left but a receipt.

Slow: it founds two restaurants, and looks through every table of the database.
"""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.cloud.test_cloud_cli import Run, folder, run  # noqa: F401

PLAN = Path(__file__).parents[3] / "terminal/demo/restaurant.toml"


@pytest.mark.slow
def test_a_tenant_is_exported_and_deleted_by_the_owner_alone(
    run: Run,  # noqa: F811
    postgres: Any,
    database_name: str,
    tmp_path: Path,
) -> None:
    url = {"COMANDA_DATABASE_URL": postgres.app_url(database_name)}
    owner = {**url, "COMANDA_DATABASE_OWNER_URL": postgres.owner_url(database_name)}
    assert run("create-organization", "--plan", str(PLAN), "--slug", "demo", **url).code == 0
    assert run("create-organization", "La Boya", **url).code == 0
    words = ("--role", "organization_admin", "--organization")
    for email, slug in (("rosa@demo.pe", "demo"), ("both@demo.pe", "demo"), ("both@demo.pe", "la-boya")):
        assert run("create-account", email, *words, slug, given="long enough for us\n", **url).code == 0

    path = tmp_path / "demo.zip"
    exported = run("export", "organization", "demo", "--to", str(path), **url)
    assert exported.code == 0, exported.complained
    assert path.stat().st_mode & 0o077 == 0, "nobody else reads it"
    assert f"comanda-cloud verify-export {path} checks it" in run("audit", "verify", str(path), **url).complained
    assert re.search(r"exported 2\d{3}-\d\d-\d\d \d\d:\d\d UTC: whole", run("verify-export", str(path), **url).said)
    checked = run("verify-export", str(path), "--json", **url)
    assert checked.code == 0, checked.complained
    verified = json.loads(checked.said)
    assert verified["changes"] > 100
    with zipfile.ZipFile(path) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert "La Boya" not in "".join(texts.values())
    for secret in ("password_hash", "pin_pepper", "token_hash", "code_hash"):
        assert not any(f'"{secret}"' in text for text in texts.values()), secret
    assert len(texts["tables/control.account.jsonl"].splitlines()) >= 2
    changed = tmp_path / "changed.zip"
    with zipfile.ZipFile(changed, "w") as archive:
        for name, text in texts.items():
            archive.writestr(name, text.replace("Centro", "Otro") if name.endswith("branches.jsonl") else text)
    told = run("verify-export", str(changed), **url)
    if texts["tables/branches.jsonl"].count("Centro"):
        assert (told.code, "branches is wrong" in told.complained) == (1, True)
    shutil.copy(path, changed)
    assert "There is a file" in run("export", "organization", "demo", "--to", str(changed), **url).complained

    early = run("delete", "organization", "demo", **owner)
    assert (early.code, "Close demo first" in early.complained) == (1, True)
    assert run("close", "organization", "demo", "--reason", "They left.", "--yes", **url).code == 0
    assert "can be deleted from" in run("delete", "organization", "demo", **owner).said
    assert "is not going to be deleted" in run("delete", "organization", "demo", "--undo", **url).said
    assert "can be deleted from" in run("delete", "organization", "demo", "--yes", "demo", **owner).said
    with psycopg.connect(postgres.owner_url(database_name)) as connection:
        connection.execute("update control.organization set delete_after = now() - interval '1 s' where slug = 'demo'")
        connection.execute(
            "insert into control.refused_log_in (account_id, act, tries, first_at, last_at, via, place)"
            " select id, 'account.refused', 1, now(), now(), 'page', '192.0.2.1' from control.account"
        )
    assert "--yes demo" in run("delete", "organization", "demo", **owner).complained
    assert "COMANDA_DATABASE_OWNER_URL" in run("delete", "organization", "demo", "--yes", "demo", **url).complained
    receipt = tmp_path / "receipt.json"
    deleted = run("delete", "organization", "demo", "--yes", "demo", "--receipt", str(receipt), **owner)
    assert deleted.code == 0, deleted.complained
    kept = json.loads(receipt.read_text())
    assert kept["rows"]["sync_changes"] == verified["changes"]
    assert kept["accounts"] >= 1

    listed = json.loads(run("list", "--json", **url).said)
    assert {each["slug"] for each in listed["organizations"]} == {"la-boya"}
    assert {each["email"] for each in listed["accounts"]} == {"both@demo.pe"}
    with psycopg.connect(postgres.owner_url(database_name)) as connection:
        refused = connection.execute("select count(*) from control.refused_log_in").fetchone()
        dump = connection.execute("select act, details->>'rows' from control.audit_event").fetchall()
        left = [
            name
            for (name,) in connection.execute(
                "select table_schema || '.' || table_name from information_schema.tables"
                " where table_type = 'BASE TABLE' and table_schema in ('public', 'control')"
            ).fetchall()
            if connection.execute(
                f"select count(*) from {name} as t where t::text like %s", [f"%{kept['organization_id']}%"]
            ).fetchone()
            != (0,)
        ]
    assert left == []
    assert refused == (1,), "of who works elsewhere, too"
    assert ("organization.deleted", str(sum(kept["rows"].values()))) in dump
