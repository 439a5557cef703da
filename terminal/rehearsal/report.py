"""The report of a rehearsal: figures of file, tills and cloud side by side, and whether they agree."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any

import httpx

from shared.countries.currencies import format_minor
from shared.kernel.language import Language, Texts
from shared.kernel.retries import retry_seconds
from terminal.rehearsal.past_sales import PastSales, RejectedFigures

FOLD_SECONDS = 600.0
"""Longest wait for the cloud's fold. It usually folds while it receives; this is for a very busy machine."""
FOLD_POLL_SECONDS = 0.3
LONGEST_PERIOD_DAYS = 360
MAX_ATTEMPTS = 8
"""Attempts of one request to a busy cloud. With their pauses they take some forty seconds."""
_BUSY = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


@dataclass(frozen=True, slots=True)
class Figures:
    """Number of tickets, and their sum in minor units."""

    tickets: int = 0
    total_minor: int = 0

    def __add__(self, other: Figures) -> Figures:
        return Figures(self.tickets + other.tickets, self.total_minor + other.total_minor)


@dataclass(frozen=True, slots=True)
class BranchResult:
    """Figures of one branch in file, tills and cloud. None of them counts the `rejected` rows of the file."""

    branch: str
    file: Figures
    tills: Figures
    cloud: Figures
    rejected: RejectedFigures

    @property
    def agree(self) -> bool:
        """Whether the three figures are equal."""
        return self.file == self.tills == self.cloud


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result of a rehearsal.

    Attributes:
        tickets_per_second: of one till while it rings up, on average of all tills; None if nothing was rung up.
    """

    branches: list[BranchResult]
    tickets_per_second: float | None


async def ask_cloud(
    url: str, email: str, password: str, sales: PastSales, branches: Mapping[str, str]
) -> dict[str, Figures]:
    """Ask the cloud's report API for the figures of each branch, after it has folded all that was pushed.

    Only for the business dates of `sales`: the target may hold other days of an earlier run.

    Raises:
        httpx.HTTPError: no answer, or an error.
    """
    found = {branch: Figures() for branch in branches}
    names = {identity: branch for branch, identity in branches.items()}
    async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as client:
        session = await _answer(client, "POST", "/api/v1/session", json={"email": email, "password": password})
        client.headers["Authorization"] = f"Bearer {session['token']}"
        await _folded(client, sales.dates[0])
        for first, last in periods(sales.dates):
            for group in (await _report(client, first, last))["groups"]:
                branch = names.get(group["key"])
                if branch is not None:
                    found[branch] += Figures(group["checks"], group["total_minor"])
    return found


def periods(dates: Sequence[date]) -> Iterator[tuple[date, date]]:
    """Cut sorted dates into periods that the report accepts. Each begins and ends on one of the dates."""
    first = last = dates[0]
    for day in dates:
        if day - first > timedelta(days=LONGEST_PERIOD_DAYS):
            yield first, last
            first = day
        last = day
    yield first, last


async def _folded(client: httpx.AsyncClient, day: date) -> None:
    for _poll in range(int(FOLD_SECONDS / FOLD_POLL_SECONDS)):
        report = await _report(client, day, day)
        if not any(branch["waiting_changes"] for branch in report["branches"]):
            return
        await asyncio.sleep(FOLD_POLL_SECONDS)


async def _report(client: httpx.AsyncClient, first: date, last: date) -> dict[str, Any]:
    period = {"from": first.isoformat(), "to": last.isoformat(), "by": "branch"}
    return await _answer(client, "GET", "/api/v1/reports/sales", params=period)


async def _answer(client: httpx.AsyncClient, method: str, path: str, **options: Any) -> dict[str, Any]:
    """Send a request, and repeat it for a while if the cloud is busy."""
    for attempt in range(1, MAX_ATTEMPTS + 1):
        asked_to_wait = ""
        try:
            response = await client.request(method, path, **options)
        except httpx.TransportError:
            if attempt == MAX_ATTEMPTS:
                raise
        else:
            if response.status_code not in _BUSY or attempt == MAX_ATTEMPTS:
                response.raise_for_status()
                return dict(response.json())
            asked_to_wait = response.headers.get("Retry-After", "")
        wait = float(asked_to_wait) if asked_to_wait.isdigit() else None
        await asyncio.sleep(retry_seconds(attempt, jitter=0.5, retry_after=wait))
    raise AssertionError("the last try answers or raises")


def as_json(outcome: Outcome, sales: PastSales, seconds: float, language: Language) -> dict[str, Any]:
    """The result for programs. `tickets_per_second_and_till` is there only if anything was rung up in this run."""
    rate = outcome.tickets_per_second
    return {
        "branches": [
            {
                "branch": result.branch,
                **{
                    who: {"tickets": figures.tickets, "total_minor": figures.total_minor}
                    for who, figures in (("file", result.file), ("tills", result.tills), ("cloud", result.cloud))
                },
                "rejected": {"rows": result.rejected.rows, "total_minor": result.rejected.total_minor},
            }
            for result in outcome.branches
        ],
        "currency": sales.currency,
        "rejected_rows": [
            {
                "file": row.file,
                "line": row.line,
                "reason": row.reason_code,
                "sentence": row.sentence(language),
                "branch": row.branch,
                "amount_minor": row.amount_minor,
            }
            for row in sales.rejected
        ],
        **({} if rate is None else {"tickets_per_second_and_till": round(rate, 1)}),
        "agree": bool(outcome.branches) and all(result.agree for result in outcome.branches),
        "seconds": round(seconds, 1),
    }


def as_table(outcome: Outcome, sales: PastSales, texts: Texts) -> list[str]:
    """The result for people: one line for each branch, and one for all."""
    results = outcome.branches
    lines = [*results, _all(results, texts("rehearsal.all"))]
    heads = [texts(f"rehearsal.{name}") for name in ("branch", "file", "tills", "cloud")]
    cells = [
        [result.branch, *(_figures(figures, sales.currency) for figures in (result.file, result.tills, result.cloud))]
        for result in lines
    ]
    widths = [max(len(row[at]) for row in [heads, *cells]) for at in range(4)]
    agreed = [*(result.agree for result in results), all(result.agree for result in results)]
    marks = ["  ✓" if agrees else f"  ✗ {texts('rehearsal.differs')}" for agrees in agreed]
    notes = [_rejected(result.rejected, sales.currency, texts) for result in lines]
    rows = [_aligned(row, widths) + mark + note for row, mark, note in zip(cells, marks, notes, strict=True)]
    return [_aligned(heads, widths), *rows]


def _all(results: Sequence[BranchResult], name: str) -> BranchResult:
    return BranchResult(
        branch=name,
        file=sum((result.file for result in results), Figures()),
        tills=sum((result.tills for result in results), Figures()),
        cloud=sum((result.cloud for result in results), Figures()),
        rejected=RejectedFigures(
            sum(result.rejected.rows for result in results), sum(result.rejected.total_minor for result in results)
        ),
    )


def _figures(figures: Figures, currency: str) -> str:
    return f"{figures.tickets:,}  {format_minor(figures.total_minor, currency)}"


def _rejected(rejected: RejectedFigures, currency: str, texts: Texts) -> str:
    if not rejected.rows:
        return ""
    money = format_minor(rejected.total_minor, currency)
    return "  " + texts("rehearsal.rejected_of", rows=rejected.rows, money=money)


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    """Align the name to the left and the figures to the right."""
    first, *others = cells
    return "  ".join([first.ljust(widths[0]), *(cell.rjust(at) for cell, at in zip(others, widths[1:], strict=True))])
