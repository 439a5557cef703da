"""A plan limits what is new, never what stands; a refusal says which plan has more."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from cloud.accounts.guards import COOKIE
from cloud.control.plans import PLANS, Counted, Feature, require_feature
from cloud.database.control_records import Tier
from cloud.parts import Parts
from cloud.tenants.room import tenants
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Role
from shared.tenancy.records import DeviceKind
from tests.cloud.conftest import Tenant
from tests.cloud.enrolment.devices import enrolled
from tests.cloud.tenants.test_closing import OPERATOR, OURS, token_refusal

Client = AsyncTestClient[Litestar]


def test_each_plan_has_at_least_what_the_smaller_one_has_and_the_largest_has_no_end() -> None:
    for smaller, larger in pairwise(PLANS.values()):
        assert smaller.features <= larger.features
        for counted, most in larger.most.items():
            assert smaller.most[counted] < most
    assert (PLANS[Tier.ENTERPRISE].most, PLANS[Tier.ENTERPRISE].features) == ({}, frozenset(Feature))


async def test_what_stands_goes_on_after_a_smaller_plan_and_nothing_new_is_opened(
    client: Client, parts: Parts, tenant: Tenant, cookie: Any
) -> None:
    made = [
        await enrolled(parts, tenant, DeviceKind.TILL, name=f"Caja {at}", address=f"192.0.2.{at}") for at in range(1, 5)
    ]
    await tenants(parts).set_plan(OPERATOR, tenant.organization_id, Tier.FREE)
    with pytest.raises(DomainError) as refused:
        await enrolled(parts, tenant, DeviceKind.TILL, name="Caja 9", address="192.0.2.9")
    told = {"plan": "Free", "most": 3, "held": 4, "more": "Starter"}
    assert (refused.value.code, refused.value.params) == ("PLAN_HAS_NO_MORE_DEVICES", told)
    for device, key in made:
        assert await token_refusal(parts, device.device_id, key) == ""
    client.headers.update(OURS)
    client.cookies.set(COOKIE, (await cookie(tenant))["cookie"].partition("=")[2])
    shown = await client.get("/organization")
    assert ("4 of 3" in shown.text, "1 devices more than the plan has" in shown.text) == (True, True)
    form = {"kind": "till", "names": "Caja 9"}
    asked = await client.post("/devices/new", data=form)
    assert (asked.status_code, "the plan Starter has room for more" in asked.text) == (403, True)
    async with parts.database.write(tenant.organization_id) as session:
        with pytest.raises(DomainError, match="PLAN_HAS_NOT"):
            await require_feature(session, tenant.organization_id, Feature.API_KEYS)
    client.cookies.set(COOKIE, (await cookie(tenant, Role.SUPER_ADMIN))["cookie"].partition("=")[2])
    await client.post("/organizations", data={"organization": str(tenant.organization_id), "reason": "A plan"})
    changed = await client.post("/organization/plan", data={"tier": "pro"})
    assert (changed.status_code, "another plan" in changed.text) == (200, True), changed.text
    await enrolled(parts, tenant, DeviceKind.TILL, name="Caja 9", address="192.0.2.9")
    assert Counted.DEVICES in PLANS[Tier.PRO].most
