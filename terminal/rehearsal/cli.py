"""`comanda rehearse`: read the past, sell it again on tills without a network, sync, compare."""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import time
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from shared.kernel.errors import DomainError
from shared.kernel.language import Texts
from terminal.device import DeviceFolder
from terminal.rehearsal import till
from terminal.rehearsal.mapping import load_mapping
from terminal.rehearsal.past_sales import PastSales, PastTicket
from terminal.rehearsal.problems import MappingError
from terminal.rehearsal.report import BranchResult, Figures, as_json, as_table, ask_cloud
from terminal.rehearsal.sales_file import read_past_sales
from terminal.rehearsal.target import Target, fingerprint

SHOWN_REJECTIONS = 20
_counter: Any = None
"""In a worker: how many tickets all workers have rung up; set when the worker starts."""


def run_rehearsal(asked: argparse.Namespace, texts: Texts) -> int:
    """The command; 0 only if file, tills and cloud agree."""
    console = Console(stderr=True)
    begin = time.monotonic()
    try:
        with console.status(texts("rehearsal.reading")):
            sales = read_past_sales(asked.path, load_mapping(asked.mapping))
    except MappingError as error:
        console.print(error.sentence(texts.language), markup=False)
        return 1
    if not sales.tickets:
        console.print(texts("rehearsal.nothing", rejected=len(sales.rejected)), markup=False)
        if asked.json:
            print(json.dumps(as_json([], sales, time.monotonic() - begin, 0.0), ensure_ascii=False))
        _tell_rejections(sales, console, texts)
        return 1
    target = Target(asked.target or _default_target(sales, asked.tills), texts.language)
    rehearsal = _Rehearsal(sales, asked.days, asked.tills, target, console, texts)
    try:
        results, rate = asyncio.run(rehearsal.run())
    except DomainError as error:
        console.print(texts(error.code, **error.params), markup=False)
        return 1
    kept = rehearsal.sales
    seconds = time.monotonic() - begin
    if asked.json:
        print(json.dumps(as_json(results, kept, seconds, rate), ensure_ascii=False))
    else:
        for line in as_table(results, kept, texts):
            print(line)
        print(texts("rehearsal.took", seconds=f"{seconds:.0f}", rate=f"{rate:.1f}", path=target.folder))
    _tell_rejections(kept, console, texts)
    return 0 if all(each.agree for each in results) else 1


def _default_target(sales: PastSales, tills: int) -> Path:
    from terminal.composition import home

    return home() / "rehearsals" / fingerprint(sales, tills)


def _tell_rejections(sales: PastSales, console: Console, texts: Texts) -> None:
    for row in sales.rejected[:SHOWN_REJECTIONS]:
        console.print(f"{row.file}:{row.line}: {row.sentence(texts.language)}", markup=False)
    more = len(sales.rejected) - SHOWN_REJECTIONS
    if more > 0:
        console.print(texts("rehearsal.more_rejected", more=more), markup=False)


class _Rehearsal:
    """One run on one target."""

    def __init__(
        self, sales: PastSales, days: int | None, tills: int, target: Target, console: Console, texts: Texts
    ) -> None:
        self._whole = sales
        self.sales = sales.first_days(days) if days else sales
        self._tills = tills
        self._target = target
        self._console = console
        self._texts = texts
        self._workers = min(os.cpu_count() or 1, len(self.sales.branches) * tills)

    async def run(self) -> tuple[list[BranchResult], float]:
        """Prepare, sell offline, sync, compare: a result for each branch, and tickets a second and till."""
        target, texts = self._target, self._texts
        context = multiprocessing.get_context("spawn")
        counter = context.Value("q", 0)
        with ProcessPoolExecutor(self._workers, context, _keep_counter, (counter,)) as pool:
            try:
                with self._console.status(texts("rehearsal.preparing")):
                    facts = await target.prepare(self._whole, self._tills)
                    target.point_tills()
                    folders = self._folders()
                    await self._all(pool, _first_pull, folders)
                    await target.stop()
                shares = self._shares(
                    {name: UUID(each) for name, each in facts.items.items()},
                    {name: UUID(each) for name, each in facts.modifiers.items()},
                )
                began = time.monotonic()
                rung = await self._with_bar(self._all(pool, _ring_up, shares), counter)
                rate = len(self.sales.tickets) / max(time.monotonic() - began, 0.001) / len(shares)
                with self._console.status(texts("rehearsal.syncing")):
                    await target.start()
                    await self._all(pool, _sync, folders)
                    said = await ask_cloud(target.cloud.url, facts.email, facts.password, self.sales, facts.branches)
            finally:
                await target.stop()
        return self._results(rung, said), rate

    def _folders(self) -> list[DeviceFolder]:
        places = [self._whole.branches.index(branch) for branch in self.sales.branches]
        return [self._target.till(at, number) for at in places for number in range(1, self._tills + 1)]

    def _shares(self, items: dict[str, UUID], modifiers: dict[str, UUID]) -> list[till.Share]:
        """Tickets go round the tills of their branch by their place in the whole file, so that a repeat deals alike."""
        wanted = {ticket.key for ticket in self.sales.tickets}
        shares = []
        for branch in self.sales.branches:
            hands: list[list[PastTicket]] = [[] for _ in range(self._tills)]
            for at, ticket in enumerate(self._whole.tickets_of(branch)):
                if ticket.key in wanted:
                    hands[at % self._tills].append(ticket)
            place = self._whole.branches.index(branch)
            for number, hand in enumerate(hands, start=1):
                folder = self._target.till(place, number)
                shares.append(till.Share(folder, self.sales.time_zone, hand, items, modifiers))
        return shares

    async def _all(self, pool: ProcessPoolExecutor, work: Callable[[Any], Any], arguments: Sequence[Any]) -> list[Any]:
        futures: list[Future[Any]] = [pool.submit(work, argument) for argument in arguments]
        return list(await asyncio.gather(*(asyncio.wrap_future(future) for future in futures)))

    async def _with_bar(self, work: Coroutine[Any, Any, list[Any]], counter: Any) -> list[Any]:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        task = asyncio.ensure_future(work)
        with Progress(*columns, console=self._console) as bar:
            shown = bar.add_task(self._texts("rehearsal.selling"), total=len(self.sales.tickets))
            while not task.done():
                bar.update(shown, completed=counter.value)
                await asyncio.wait({task}, timeout=0.25)
            bar.update(shown, completed=counter.value)
        return task.result()

    def _results(self, rung: list[till.Rung], said: dict[str, Figures]) -> list[BranchResult]:
        results = []
        for at, figures in enumerate(self.sales.figures()):
            hands = rung[at * self._tills : (at + 1) * self._tills]
            tills = sum((Figures(hand.tickets, hand.total_minor) for hand in hands), Figures())
            told = Figures(figures.tickets, figures.total_minor)
            results.append(BranchResult(figures.branch, told, tills, said[figures.branch]))
        return results


def _keep_counter(counter: Any) -> None:
    global _counter  # noqa: PLW0603 - the only way a pool hands a shared value to its workers
    _counter = counter


def _count(tickets: int) -> None:
    with _counter.get_lock():
        _counter.value += tickets


def _first_pull(folder: DeviceFolder) -> None:
    asyncio.run(till.first_pull(folder))


def _ring_up(share: till.Share) -> till.Rung:
    return asyncio.run(till.ring_up(share, _count))


def _sync(folder: DeviceFolder) -> None:
    asyncio.run(till.sync(folder))
