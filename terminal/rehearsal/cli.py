"""`comanda rehearse`: read past sales, sell them again on tills without a network, sync, compare."""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from shared.kernel.language import Texts
from terminal.rehearsal.errors import MappingError
from terminal.rehearsal.mapping import load_mapping
from terminal.rehearsal.past_sales import PastSales
from terminal.rehearsal.report import Outcome, as_json, as_table
from terminal.rehearsal.run import Rehearsal
from terminal.rehearsal.sales_file import read_past_sales
from terminal.rehearsal.target import Target, fingerprint
from terminal.rehearsal.trouble import TROUBLES, sentence_of

SHOWN_REJECTIONS = 20


def run_rehearsal(asked: argparse.Namespace, texts: Texts) -> int:
    """Run the command. Returns 0 only if file, tills and cloud agree."""
    console = Console(stderr=True)

    def say(sentence: str) -> None:
        # Brackets are no markup here, and the sentence stays on one line, for programs that read it.
        console.print(sentence, markup=False, highlight=False, soft_wrap=True)

    begin = time.monotonic()
    try:
        with console.status(texts("rehearsal.reading")):
            sales = read_past_sales(asked.path, load_mapping(asked.mapping))
        if not sales.tickets:
            return _nothing(sales, asked, texts, say, begin)
        target = Target(asked.target or _default_target(sales, asked.tills), texts.language)
        rehearsal = Rehearsal(sales, asked.days, asked.tills, target, console, texts)
        outcome = asyncio.run(rehearsal.run())
    except MappingError as error:
        say(error.sentence(texts.language))
        return 1
    except TROUBLES as error:
        say(sentence_of(error, texts))
        return 1
    seconds = time.monotonic() - begin
    if asked.json:
        print(json.dumps(as_json(outcome, rehearsal.sales, seconds, texts.language), ensure_ascii=False))
    else:
        for line in (*as_table(outcome, rehearsal.sales, texts), _took(outcome, seconds, target.folder, texts)):
            print(line)
    _tell_rejections(sales, texts, say)
    return 0 if all(branch.agree for branch in outcome.branches) else 1


def _nothing(
    sales: PastSales, asked: argparse.Namespace, texts: Texts, say: Callable[[str], None], begin: float
) -> int:
    say(texts("rehearsal.nothing", rejected=len(sales.rejected)))
    if asked.json:
        nothing = as_json(Outcome([], None), sales, time.monotonic() - begin, texts.language)
        print(json.dumps(nothing, ensure_ascii=False))
    _tell_rejections(sales, texts, say)
    return 1


def _default_target(sales: PastSales, tills: int) -> Path:
    from terminal.device import home

    return home() / "rehearsals" / fingerprint(sales, tills)


def _took(outcome: Outcome, seconds: float, folder: Path, texts: Texts) -> str:
    if outcome.tickets_per_second is None:
        return texts("rehearsal.took_nothing_new", seconds=f"{seconds:.0f}", path=folder)
    rate = f"{outcome.tickets_per_second:.1f}"
    return texts("rehearsal.took", seconds=f"{seconds:.0f}", rate=rate, path=folder)


def _tell_rejections(sales: PastSales, texts: Texts, say: Callable[[str], None]) -> None:
    for row in sales.rejected[:SHOWN_REJECTIONS]:
        say(f"{row.file}:{row.line}: {row.sentence(texts.language)}")
    more = len(sales.rejected) - SHOWN_REJECTIONS
    if more > 0:
        say(texts("rehearsal.more_rejected", more=more))
