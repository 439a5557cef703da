"""One rehearsal on one target: prepare, sell offline, sync, compare. Its output is in `cli`."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any
from uuid import UUID

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from shared.kernel.language import Texts
from terminal.device import DeviceFolder
from terminal.rehearsal.past_sales import PastSales, PastTicket
from terminal.rehearsal.report import BranchResult, Figures, Outcome, ask_cloud
from terminal.rehearsal.target import Facts, Target
from terminal.rehearsal.till import Rung, Share
from terminal.rehearsal.workers import Workers

BAR_SECONDS = 0.25


class Rehearsal:
    """One run.

    Args:
        sales: all sales of the file; the target is made for all of them.
        days: ring up only the first days.
        tills: in each branch.
    """

    def __init__(
        self, sales: PastSales, days: int | None, tills: int, target: Target, console: Console, texts: Texts
    ) -> None:
        self._whole = sales
        self.sales = sales.first_days(days) if days else sales
        self._tills = tills
        self._target = target
        self._console = console
        self._texts = texts

    async def run(self) -> Outcome:
        """Run the rehearsal.

        Raises:
            DomainError: see `Target.prepare`; a till's store (StoreError) or link (LinkError) failed;
                REHEARSAL_TICKET_DIFFERS.
            httpx.HTTPError, OSError, BrokenExecutor: the cloud's report or the disk failed, or a worker was killed.
        """
        target, texts = self._target, self._texts
        folders = self._folders()
        with Workers(len(folders)) as workers:
            try:
                with self._console.status(texts("rehearsal.preparing")):
                    facts = await target.prepare(self._whole, self._tills)
                    target.point_tills()
                    await workers.sync(folders)
                    await target.stop()
                rung = await self._with_bar(workers.ring_up(self._shares(facts)), workers)
                with self._console.status(texts("rehearsal.syncing")):
                    await target.start()
                    await workers.sync(folders)
                    cloud_figures = await ask_cloud(
                        target.cloud.url, facts.email, facts.password, self.sales, facts.branches
                    )
            finally:
                await target.stop()
        return Outcome(self._results(rung, cloud_figures), _rate(rung))

    def _folders(self) -> list[DeviceFolder]:
        places = [self._whole.branches.index(branch) for branch in self.sales.branches]
        return [self._target.till(at, number) for at in places for number in range(1, self._tills + 1)]

    def _shares(self, facts: Facts) -> list[Share]:
        """Deal the tickets of a branch to its tills by their position in the file. A repeat deals alike."""
        items = {name: UUID(text) for name, text in facts.items.items()}
        modifiers = {name: UUID(text) for name, text in facts.modifiers.items()}
        wanted = {ticket.key for ticket in self.sales.tickets}
        hands: list[list[PastTicket]] = []
        for branch in self.sales.branches:
            dealt: list[list[PastTicket]] = [[] for _ in range(self._tills)]
            for at, ticket in enumerate(self._whole.tickets_of(branch)):
                if ticket.key in wanted:
                    dealt[at % self._tills].append(ticket)
            hands += dealt
        zone = self.sales.time_zone
        return [
            Share(folder, zone, hand, items, modifiers) for folder, hand in zip(self._folders(), hands, strict=True)
        ]

    async def _with_bar(self, work: Coroutine[Any, Any, list[Rung]], workers: Workers) -> list[Rung]:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        task = asyncio.ensure_future(work)
        with Progress(*columns, console=self._console) as bar:
            shown = bar.add_task(self._texts("rehearsal.selling"), total=len(self.sales.tickets))
            while not task.done():
                bar.update(shown, completed=workers.tickets)
                await asyncio.wait({task}, timeout=BAR_SECONDS)
            bar.update(shown, completed=workers.tickets)
        return task.result()

    def _results(self, rung: list[Rung], cloud_figures: dict[str, Figures]) -> list[BranchResult]:
        results = []
        for at, figures in enumerate(self.sales.figures()):
            hands = sum(rung[at * self._tills : (at + 1) * self._tills], Rung())
            tills = Figures(hands.tickets, hands.total_minor)
            file_figures = Figures(figures.tickets, figures.total_minor)
            rejected = self.sales.rejected_of(figures.branch)
            results.append(BranchResult(figures.branch, file_figures, tills, cloud_figures[figures.branch], rejected))
        return results


def _rate(rung: list[Rung]) -> float | None:
    total = sum(rung, Rung())
    return total.sold / max(total.seconds, 0.001) if total.sold else None
