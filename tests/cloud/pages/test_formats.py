"""How pages write days and times: as people read them, never as programs do."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from cloud.parts import Parts
from shared.kernel.permissions import Role
from tests.cloud.conftest import PASSWORD
from tests.cloud.pages.test_every_page import pages_of

RAW = re.compile(r"\d{4}-\d{2}-\d{2}|\d\dT\d\d:\d\d")
"""A day or an instant as programs write it."""
OF_MAIN = re.compile(r"<main.*</main>", re.DOTALL)
NOT_READ = re.compile(r"<(script|style|textarea)\b.*?</\1>|<[^>]*>", re.DOTALL)
"""Tags, with the values of their fields and `datetime`, and what nobody reads."""


@pytest.mark.parametrize("language", ["es", "en"])
async def test_no_page_shows_a_day_or_an_instant_as_programs_write_it(
    client: AsyncTestClient[Litestar],
    app: Litestar,
    parts: Parts,
    chain: Any,
    cookie: Any,
    bearer: Any,
    language: str,
) -> None:
    ends_at = (parts.clock.now() + timedelta(days=30)).isoformat()
    wanted = {"name": "Contador", "scopes": ["reports:read"], "proof": PASSWORD, "ends_at": ends_at}
    made = await client.post("/api/v1/api-keys", json=wanted, headers=bearer(chain.tenant, Role.ORGANIZATION_ADMIN))
    assert made.status_code == 201, made.text
    held = {**await cookie(chain.tenant, Role.ORGANIZATION_ADMIN), "accept-language": language}
    found, seen = [], 0
    device = f"/devices/{chain.tills['Centro'].device_id}"
    for path in [*pages_of(app), device, f"{device}/revocation"]:
        answer = await client.get(path, headers=held)
        assert answer.status_code < 500, path
        main = OF_MAIN.search(answer.text)
        text = NOT_READ.sub(" ", main[0]) if main else ""
        seen += "23 dic 2026" in text or "23 dec 2026" in text.lower()
        found += [(path, " ".join(text[max(0, at.start() - 30) : at.end() + 20].split())) for at in RAW.finditer(text)]
        if path == "/audit":
            assert "13:00:00" in text, "by the clock of Lima"
            assert "18:00:00" not in text
    assert found == []
    assert seen, "the end of the key"
