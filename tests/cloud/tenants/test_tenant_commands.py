"""What an operator does about tenants on the command line, by short names and keys, without an id."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from tests.cloud.test_cloud_cli import Run, folder, run  # noqa: F401


@pytest.fixture
def url(postgres: Any, database_name: str) -> dict[str, str]:
    return {"COMANDA_DATABASE_URL": postgres.app_url(database_name)}


def test_an_operator_closes_suspends_opens_and_names_without_an_id(
    run: Run,  # noqa: F811
    url: dict[str, str],
    postgres: Any,
    database_name: str,
) -> None:
    made = json.loads(run("create-organization", "La Boya", "--json", **url).said)
    branch = str(made["branches"]["main"]["id"])
    words = ("create-account", "rosa@boya.pe", "--role", "organization_admin", "--organization", "la-boya")
    assert run(*words, given="long enough for us\n", **url).code == 0

    assert "closed" in run("close", "account", "Rosa@boya.pe", "--reason", "left", **url).said
    assert "may log in again" in run("reopen", "account", "rosa@boya.pe", **url).said
    assert "no account" in run("close", "account", "nadie@boya.pe", **url).complained

    unsaid = run("suspend", "organization", "la-boya", **url)
    assert (unsaid.code, "Say why" in unsaid.complained) == (1, True)
    suspended = run("suspend", "organization", "la-boya", "--reason", "Invoice 7", "--json", **url)
    assert json.loads(suspended.said)["result"] == "organization_suspended"
    assert "is open" in run("reopen", "organization", "la-boya", **url).said

    assert "--organization SLUG" in run("close", "branch", "la-boya", "--reason", "Rent", **url).complained
    of_boya = ("--organization", "la-boya")
    assert "closed" in run("close", "branch", "La Boya", "--reason", "Rent", *of_boya, **url).said
    refused = run("create-pairing-code", "Caja", *of_boya, "--branch", "la boya", "--kind", "till", **url)
    assert (refused.code, "This branch is closed" in refused.complained) == (1, True)
    assert "is open" in run("reopen", "branch", "la-boya", *of_boya, **url).said

    assert run("rename", "branch", "la-boya", "centro", *of_boya, **url).code == 0
    assert run("rename", "organization", "la-boya", "boya", **url).code == 0
    taken = run("create-organization", "Otra", "--slug", "boya", **url)
    assert taken.code == 1
    code = ("create-pairing-code", "Caja", "--branch", "la-boya", "--kind", "till")
    assert "Pairing code" in run(*code, "--organization", "la-boya", **url).said, "the former ones lead on"
    listed = json.loads(run("list", "branches", "--json", **url).said)["branches"]
    assert [(each["organization"], each["slug"], each["id"]) for each in listed] == [("boya", "centro", branch)]

    assert "branches 1/1, devices 1/3, accounts 1/3" in run("plan", "boya", "free", **url).said
    full = run("close", "organization", "boya", "--reason", "They left.", **url)
    assert "is closed" in full.said, full.complained
    with psycopg.connect(postgres.owner_url(database_name)) as connection:
        events = connection.execute("select act, via, reason from control.audit_event order by at, seq").fetchall()
    acts = [event for event in events if not event[0].startswith("device.")]
    assert [act for act, *_ in acts] == [
        "account.close",
        "account.reopen",
        "organization.suspend",
        "organization.reopen",
        "branch.close",
        "branch.reopen",
        "branch.slug",
        "organization.slug",
        "organization.plan",
        "organization.close",
    ]
    assert {via for _, via, _ in acts} == {"command"}
    assert [reason for *_, reason in acts if reason] == ["left", "Invoice 7", "Rent", "They left."]
