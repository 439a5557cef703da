"""The printers of a plan: what must agree about them, and the steps that write them with what they print."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from cloud.founding.plan import BranchPlan, PrinterPlan
from shared.printers.addresses import may_be_of_a_branch, transport_kind
from shared.printers.rules import Paper, is_name, is_of_a_device
from shared.printers.settings import PrinterSettings, settings_of

_OF_STATION = f"{Paper.KITCHEN}:"
PAPERS = tuple(paper for paper in Paper if paper is not Paper.OTHER)


class Printed(NamedTuple):
    """What a printer prints: a document, of the station with this key or of all. `place` counts those who print it."""

    printer: str
    paper: Paper
    station: str
    place: int


def wrong_name(printer: PrinterPlan) -> bool:
    """Whether jobs could not name it."""
    return not is_name(printer.name)


def wrong_address(printer: PrinterPlan) -> str:
    """The key of the sentence about its address; empty if it is right."""
    kind = transport_kind(printer.address)
    if kind is None or not may_be_of_a_branch(printer.address):
        return "plan.printer_address"
    return "plan.printer_of_device" if is_of_a_device(kind) else ""


def paper_of(text: str) -> tuple[Paper, str] | None:
    """A document and the key of its station (or empty) of `kitchen:bar`; None if it is none."""
    if text.startswith(_OF_STATION):
        return Paper.KITCHEN, text.removeprefix(_OF_STATION)
    return (Paper(text), "") if text in {str(paper) for paper in PAPERS} else None


def printer_settings(printer: PrinterPlan) -> PrinterSettings:
    """The settings that a plan means. The code page brings its usual number."""
    return settings_of(printer.name, printer.model_dump(exclude={"name", "prints"}, exclude_none=True))


def printed_in(branch: BranchPlan) -> Iterator[Printed]:
    """What the printers of a branch print, in their order."""
    places: Counter[tuple[Paper, str]] = Counter()
    for printer in branch.printers:
        for text in dict.fromkeys(printer.prints):
            what = paper_of(text)
            assert what is not None, "the plan was checked"
            yield Printed(printer.name, *what, places[what])
            places[what] += 1
