"""What is wrong with a request is told by the names that the caller knows, in the caller's language."""

from __future__ import annotations

from typing import Any

from litestar.testing import AsyncTestClient

Client = AsyncTestClient[Any]
FAULTS = (
    ("/api/v1/reports/sales?from=soon", "from", "FIELD_NO_DATE"),
    ("/api/v1/reports/sales?by=moon", "by", "FIELD_NO_CHOICE"),
    ("/api/v1/receipts?limit=0", "limit", "FIELD_TOO_SMALL"),
    ("/api/v1/receipts?limit=101", "limit", "FIELD_TOO_LARGE"),
    ("/api/v1/receipts?limit=x", "limit", "FIELD_WRONG_TYPE"),
    ("/api/v1/receipts?branch=7", "branch", "FIELD_NO_ID"),
    ("/api/v1/safety-readings?from=0.5", "from", "FIELD_NO_INSTANT"),
    (f"/api/v1/receipts?fields={'x' * 1_001}", "fields", "FIELD_TOO_LONG"),
)


async def test_a_fault_has_a_code_and_the_name_in_the_address(client: Client, tenant: Any, bearer: Any) -> None:
    client.headers.update(bearer(tenant))
    for path, field, code in FAULTS:
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_REQUEST"), path
        (fault,) = answer.json()["params"]["fields"]
        assert (fault["field"], fault["code"]) == (field, code), path
    (fault,) = (await client.get("/api/v1/receipts?limit=0")).json()["params"]["fields"]
    assert fault["reason"] == "It is at least 1."


async def test_a_fault_of_a_body_is_told_in_the_callers_language(client: Client, tenant: Any, bearer: Any) -> None:
    client.headers.update({**bearer(tenant), "accept-language": "es"})
    body = {"branch_id": "x", "kind": "tin", "name": "n" * 500}
    answer = await client.post("/api/v1/devices/pairing-codes", json=body)
    faults = {fault["field"]: (fault["code"], fault["reason"]) for fault in answer.json()["params"]["fields"]}
    assert faults == {
        "branch_id": ("FIELD_NO_ID", "No es un identificador (UUID)."),
        "kind": ("FIELD_NO_CHOICE", "No es uno de los valores posibles."),
        "name": ("FIELD_TOO_LONG", "Tiene como máximo 120."),
    }
    missing = await client.post("/api/v1/session", json={"email": 7})
    assert {fault["field"]: fault["code"] for fault in missing.json()["params"]["fields"]} == {
        "email": "FIELD_WRONG_TYPE",
        "password": "FIELD_MISSING",
    }
