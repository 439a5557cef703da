"""The OpenAPI document says what the API does: every answer that generated requests get stands in it.

A person, a device and nobody send each random request; those at the limits of the values come from whom the route lets
in. They are the same at every run.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.generation.meta import TestPhase
from schemathesis.specs.openapi import checks

from cloud.api.room import RESOURCES
from cloud.app import create_app
from cloud.composition import assemble
from cloud.control.commands import create_organization
from cloud.database.engine import create_engine
from cloud.database.transaction import Database
from cloud.exchange.routes import CONTENT_TYPE
from cloud.parts import Parts
from cloud.settings import read_settings
from shared.kernel.permissions import SYSTEM
from shared.tenancy.records import Branch, DeviceKind
from tests.cloud.conftest import Postgres, administrator
from tests.cloud.enrolment.devices import enrolled
from tests.cloud.serving import served

IS_SHORT = "COMANDA_API_CASES" not in os.environ
CASES = int(os.environ.get("COMANDA_API_CASES", "2"))
"""Random requests for each operation and caller, besides those at the limits of its values. `make api` takes more."""
SAMPLED = ("orders", "receipts", "reservations", "safety_readings", "staff", "items")
ALIKE = frozenset(
    name
    for resource in RESOURCES
    if IS_SHORT and resource.name not in SAMPLED
    for name in (f"list_{resource.name}", f"get_{resource.one}")
)
"""Operations that one function makes: in the short form the limits of their values are tried on some of them."""
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.unsupported_method,
]
CONFIG = {"seed": 11, "generation": {"deterministic": True, "max-examples": CASES, "with-security-parameters": False}}


@dataclass
class Api:
    """A server with one restaurant, and the headers of those who call it."""

    address: str
    callers: dict[str, dict[str, str]]


@dataclass
class House:
    """The restaurant, as the helpers of other tests want it."""

    organization_id: Any
    branch_id: Any


async def _found(parts: Parts) -> dict[str, dict[str, str]]:
    house = House(parts.ids.new(), parts.ids.new())
    async with parts.database.control() as session:
        await create_organization(
            session, organization_id=house.organization_id, slug="el-faro", name="El Faro", now=parts.clock.now()
        )
    async with parts.units.work(house.organization_id, SYSTEM) as work:
        work.add(Branch(organization_id=house.organization_id, id=house.branch_id, name="Centro", zone="America/Lima"))
    device, _key = await enrolled(parts, house, DeviceKind.TILL)
    person, _ = await administrator(parts, house.organization_id)
    own, _ = parts.tokens.for_device(device.device_id, house.organization_id, house.branch_id)
    await parts.database.dispose()
    return {"person": _bearer(person), "device": _bearer(own), "nobody": {}}


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


@pytest.fixture(scope="module")
def api(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    name, folder = postgres.clone(), tmp_path_factory.mktemp("api")
    callers = asyncio.run(_found(_parts(postgres.app_url(name), folder)))
    with served(create_app(_parts(postgres.app_url(name), folder))) as address:
        yield Api(address, callers)
    postgres.drop(name)


def _parts(url: str, folder: Path) -> Parts:
    settings = read_settings({}, secret="only-for-tests-" * 4, data_folder=folder, api_limits=0)
    return assemble(settings, database=Database(create_engine(url, name="tests", connections=5)))


def _document() -> dict[str, Any]:
    """The document of a server that connects to nothing."""
    settings = read_settings({"COMANDA_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}, secret="x" * 32)
    return create_app(assemble(settings)).openapi_schema.to_schema()


@schemathesis.serializer(CONTENT_TYPE)
def _as_it_is(_context: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


schema = schemathesis.openapi.from_dict(_document(), config=SchemathesisConfig.from_dict(CONFIG))


@pytest.mark.slow  # thousands of requests
@schema.parametrize()
@settings(phases=[Phase.explicit, Phase.generate], max_examples=CASES, derandomize=True, deadline=None, database=None)
def test_no_request_gets_an_answer_that_the_document_does_not_know(case: Any, api: Api) -> None:
    is_random = case.meta.phase.name is TestPhase.FUZZING
    if not is_random and case.operation.definition.raw["operationId"] in ALIKE:
        return
    for caller in api.callers if is_random else (_let_in(case),):
        case.call_and_validate(base_url=api.address, headers=api.callers[caller], checks=CHECKS)


def _let_in(case: Any) -> str:
    """A caller whom the route lets in."""
    kinds = [kind for wanted in case.operation.definition.raw.get("security", []) for kind in wanted]
    return kinds[0] if kinds else "nobody"
