"""What the file, the tills and the cloud say, side by side, and whether they agree."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import httpx

from shared.kernel.language import Texts
from shared.kernel.money import format_minor
from terminal.rehearsal.past_sales import PastSales

FOLD_SECONDS = 600.0
"""A month of three outlets is folded while it is pushed; this is for a machine that is very busy."""
FOLD_POLL_SECONDS = 0.3
LONGEST_PERIOD_DAYS = 360


@dataclass(frozen=True, slots=True)
class Figures:
    """Tickets and what they came to, in minor units."""

    tickets: int = 0
    total_minor: int = 0

    def __add__(self, other: Figures) -> Figures:
        return Figures(self.tickets + other.tickets, self.total_minor + other.total_minor)


@dataclass(frozen=True, slots=True)
class BranchResult:
    """What the three say about one branch."""

    branch: str
    file: Figures
    tills: Figures
    cloud: Figures

    @property
    def agree(self) -> bool:
        """Whether they say the same."""
        return self.file == self.tills == self.cloud


async def ask_cloud(
    url: str, email: str, password: str, sales: PastSales, branches: Mapping[str, str]
) -> dict[str, Figures]:
    """What the cloud's report API says about each branch, once it has folded all that was pushed."""
    first, last = sales.dates[0] - timedelta(days=1), sales.dates[-1] + timedelta(days=1)
    async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as client:
        said = await client.post("/api/v1/session", json={"email": email, "password": password})
        said.raise_for_status()
        client.headers["Authorization"] = f"Bearer {said.json()['token']}"

        async def folded() -> bool:
            report = await _report(client, first, min(last, first + timedelta(days=1)))
            return not any(branch["waiting_changes"] for branch in report["branches"])

        for _poll in range(int(FOLD_SECONDS / FOLD_POLL_SECONDS)):
            if await folded():
                break
            await asyncio.sleep(FOLD_POLL_SECONDS)
        found = {branch: Figures() for branch in branches}
        names = {identity: branch for branch, identity in branches.items()}
        while first <= last:
            end = min(last, first + timedelta(days=LONGEST_PERIOD_DAYS))
            for group in (await _report(client, first, end))["groups"]:
                branch = names.get(group["key"])
                if branch is not None:
                    found[branch] += Figures(group["receipts"], group["total_minor"])
            first = end + timedelta(days=1)
    return found


async def _report(client: httpx.AsyncClient, first: date, last: date) -> dict[str, Any]:
    period = {"from": first.isoformat(), "to": last.isoformat(), "by": "branch"}
    said = await client.get("/api/v1/reports/sales", params=period)
    said.raise_for_status()
    return dict(said.json())


def as_json(results: Sequence[BranchResult], sales: PastSales, seconds: float, rate: float) -> dict[str, Any]:
    """The result for programs."""
    return {
        "branches": [
            {
                "branch": each.branch,
                **{
                    who: {"tickets": said.tickets, "total_minor": said.total_minor}
                    for who, said in (("file", each.file), ("tills", each.tills), ("cloud", each.cloud))
                },
            }
            for each in results
        ],
        "currency": sales.currency,
        "rejected_rows": [
            {"file": row.file, "line": row.line, "reason": row.reason_code, "sentence": row.sentence()}
            for row in sales.rejected
        ],
        "tickets_per_second_and_till": round(rate, 1),
        "agree": bool(results) and all(each.agree for each in results),
        "seconds": round(seconds, 1),
    }


def as_table(results: Sequence[BranchResult], sales: PastSales, texts: Texts) -> list[str]:
    """The result for people, one line a branch and a last one for all."""
    total = [sum((getattr(each, who) for each in results), Figures()) for who in ("file", "tills", "cloud")]
    rows = [(each.branch, each.file, each.tills, each.cloud, each.agree) for each in results]
    rows.append((texts("rehearsal.all"), *total, all(each.agree for each in results)))
    heads = [texts(f"rehearsal.{name}") for name in ("branch", "file", "tills", "cloud")]
    cells = [
        [name, *(f"{said.tickets:,}  {format_minor(said.total_minor, sales.currency)}" for said in figures), ok]
        for name, *figures, ok in rows
    ]
    widths = [max(len(str(row[at])) for row in [heads, *cells]) for at in range(4)]
    marks = ["", *("  ✓" if row[4] else f"  ✗ {texts('rehearsal.differs')}" for row in cells)]
    return [_aligned(row[:4], widths) + mark for row, mark in zip([heads, *cells], marks, strict=True)]


def _aligned(cells: Sequence[Any], widths: Sequence[int]) -> str:
    """The name to the left, figures to the right."""
    first, *others = (str(cell) for cell in cells)
    return "  ".join([first.ljust(widths[0]), *(cell.rjust(at) for cell, at in zip(others, widths[1:], strict=True))])
