"""A client of the cloud's report API."""

from __future__ import annotations

from typing import Any, Self

import httpx

from terminal.demo.plan import Account
from terminal.demo.trouble import DemoTrouble

ANSWER_SECONDS = 30


class ReportClient:
    """Requests of a person with an account. An asynchronous context manager that logs in.

    Raises:
        DemoTrouble: CLOUD_REFUSED (params: path, status, answer).
    """

    def __init__(self, url: str, account: Account) -> None:
        self._client = httpx.AsyncClient(base_url=url, timeout=ANSWER_SECONDS, trust_env=False)
        self._account = account

    async def __aenter__(self) -> Self:
        credentials = {"email": self._account.email, "password": self._account.password}
        try:
            session = await self._answer("POST", "/api/v1/session", json=credentials)
        except BaseException:
            await self._client.aclose()
            raise
        self._client.headers["Authorization"] = f"Bearer {session['token']}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def sales(self, day: str, by: str = "branch") -> dict[str, Any]:
        """`GET /api/v1/reports/sales` of one business date (`YYYY-MM-DD`)."""
        return await self._answer("GET", "/api/v1/reports/sales", params={"from": day, "to": day, "by": by})

    async def pairing_code(self, branch_id: object, kind: str, name: str) -> str:
        """Make a pairing code for one more device."""
        wanted = {"branch_id": str(branch_id), "kind": kind, "name": name}
        return str((await self._answer("POST", "/api/v1/devices/pairing-codes", json=wanted))["code"])

    async def _answer(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        response = await self._client.request(method, path, **options)
        if not response.is_success:
            raise DemoTrouble("CLOUD_REFUSED", path=path, status=response.status_code, answer=response.text[:200])
        return dict(response.json())
