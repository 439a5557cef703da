"""`comanda printer add`, `set`, `remove`, `list`, `test`: set up the printers of a device's branch, and try them.

It works without a network, also while a screen of the same device is open. What is changed is written in the name of
the person whose PIN is given, and reaches the other devices as any other work.
"""

from __future__ import annotations

import argparse
import asyncio
import getpass
import shlex
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import fields
from pathlib import Path
from typing import Any
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.language import Texts
from shared.kernel.permissions import Permission
from shared.kernel.text import search_key
from shared.printers.rules import Paper
from shared.printers.settings import PrinterSettings, settings_of
from shared.printers.templates import require_template
from terminal.commands.printer_options import SETTINGS
from terminal.commands.screen import find_device
from terminal.composition import Device, running
from terminal.desks.desk import Desk
from terminal.desks.printers import PrintRuleWanted
from terminal.device import CONFIGURATION, DeviceFolder, home
from terminal.printing.logos import logo_of
from terminal.printing.records import State
from terminal.snapshots.sources import PRINTERS

FIRST_CONTACT_SECONDS = 20.0
"""How long a device that knows nobody waits for its cloud."""
TEST_SECONDS = 15.0
"""Longer than connecting, asking for status, sending and asking again may take together."""
_LOOK_SECONDS = 0.05
_ENDED = (State.SENT, State.CONFIRMED, State.FAILED, State.UNKNOWN)


def run_setup(asked: argparse.Namespace, texts: Texts) -> int:
    """Run one of the commands. Returns the exit code."""
    folder = find_device(home(), asked.device, "till")
    return asyncio.run(_ACTIONS[asked.printer_command](folder, asked, texts))


async def _add(folder: DeviceFolder, asked: argparse.Namespace, texts: Texts) -> int:
    of_device = folder.configuration().identity.device_id
    settings = settings_of(asked.name, {"address": asked.address, "device_id": of_device, **_said(asked)})
    return await _put(folder, asked, texts, settings)


async def _set(folder: DeviceFolder, asked: argparse.Namespace, texts: Texts) -> int:
    return await _put(folder, asked, texts, None)


async def _put(folder: DeviceFolder, asked: argparse.Namespace, texts: Texts, settings: PrinterSettings | None) -> int:
    async with _opened(folder, texts) as device:
        desk = device.desk
        if settings is None:
            settings = _changed(_known(desk, asked.name), asked, of_device=folder.configuration().identity.device_id)
        wanted = None if asked.prints is None else [_wanted(each, desk, texts, asked.here) for each in asked.prints]
        await _log_in(desk, asked, texts)
        await desk.printers.put(settings, wanted)
        print(texts("cli_printer.put", name=settings.name, what=_described(settings, desk, texts)))
        if settings.name in folder.configuration().printers:
            print(texts("cli_printer.own_first", name=settings.name))
        if not_here := _not_here(settings.name, desk, texts):
            print(texts("cli_printer.file_first", name=settings.name, what=not_here))
        print(texts("cli_printer.try_it", name=settings.name, of_device=_of_device(asked)))
    return 0


async def _remove(folder: DeviceFolder, asked: argparse.Namespace, texts: Texts) -> int:
    async with _opened(folder, texts) as device:
        _known(device.desk, asked.name)
        await _log_in(device.desk, asked, texts)
        await device.desk.printers.switch(asked.name, on=False)
        print(texts("cli_printer.removed", name=asked.name, of_device=_of_device(asked)))
    return 0


async def _list(folder: DeviceFolder, asked: argparse.Namespace, texts: Texts) -> int:
    async with running(folder, online=False) as device:
        desk = device.desk
        of_device = folder.configuration().printer_settings
        known = {**desk.seen[PRINTERS].printers, **of_device}
        names = {each.id: each.name for each in await desk.printers.devices()}
        for name, settings in sorted(known.items()):
            where = (
                "" if settings.device_id is None else texts("cli_printer.at", device=names.get(settings.device_id, "?"))
            )
            own = texts("cli_printer.in_configuration") if name in of_device else ""
            off = "" if settings.is_active else texts("cli_printer.off")
            not_here = _not_here(name, desk, texts)
            here = texts("cli_printer.not_here", what=not_here) if not_here else ""
            print(" · ".join(filter(None, (name, off, _described(settings, desk, texts), here, where, own))))
        if not known:
            print(texts("cli_printer.none", of_device=_of_device(asked)))
    return 0


async def _logo(folder: DeviceFolder, asked: argparse.Namespace, texts: Texts) -> int:
    if (asked.file is None) is not asked.none:
        raise DomainError("cli_printer.logo_missing")
    image = None if asked.none else logo_of(Path(asked.file))
    async with _opened(folder, texts) as device:
        await _log_in(device.desk, asked, texts)
        await device.desk.printers.put_logo(image)
        print(texts("cli_printer.logo_gone" if image is None else "cli_printer.logo_put"))
    return 0


async def _text(folder: DeviceFolder, asked: argparse.Namespace, texts: Texts) -> int:
    changes = asked.clear or bool(asked.rows)
    async with _opened(folder, texts) as device:
        if changes:
            require_template(asked.paper, asked.block, "\n".join(asked.rows))
            await _log_in(device.desk, asked, texts)
            await device.desk.printers.put_text(asked.paper, asked.block, "\n".join(asked.rows))
        look = await device.desk.printers.look()
        print(look.templates.get((asked.paper, asked.block)) or texts("cli_printer.text_usual"))
    return 0


async def _test(folder: DeviceFolder, asked: argparse.Namespace, texts: Texts) -> int:
    async with running(folder) as device:
        desk = device.desk
        job = await desk.printers.try_page(asked.name)
        state, fault = await desk.printers.what_became_of(job)
        until = asyncio.get_running_loop().time() + TEST_SECONDS
        while state not in _ENDED and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(_LOOK_SECONDS)
            state, fault = await desk.printers.what_became_of(job)
    if fault is not None:
        where = texts("cli_printer.its_address", address=desk.setup.printers[asked.name].address)
        print(fault.sentence(texts.language, asked.name), where, file=sys.stderr)
    ended = state if state in _ENDED else State.QUEUED
    print(texts(f"cli_printer.tested.{ended}", name=asked.name), file=sys.stderr if fault else sys.stdout)
    return 0 if state in (State.SENT, State.CONFIRMED) else 1


@asynccontextmanager
async def _opened(folder: DeviceFolder, texts: Texts) -> AsyncIterator[Device]:
    """The device, without printing or syncing, which another program may do. One that knows nobody meets its cloud."""
    async with running(folder, online=False) as device:
        if device.desk.staff:
            yield device
            return
    print(texts("cli_printer.first_contact"), file=sys.stderr)
    async with running(folder) as device:
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST_CONTACT_SECONDS):
                await _staff_known(device.desk)
        if not device.desk.staff:
            raise DomainError("cli_printer.nobody_known", path=folder.root / CONFIGURATION)
        yield device


async def _staff_known(desk: Desk) -> None:
    news = asyncio.Event()
    stop = desk.subscribe(lambda _names: news.set())
    try:
        while not desk.staff:
            await news.wait()
            news.clear()
    finally:
        stop()


async def _log_in(desk: Desk, asked: argparse.Namespace, texts: Texts) -> None:
    """Let somebody act who may set up printers.

    Raises:
        DomainError: see `Gate.check`; cli_printer.needs_a_pin, if there is no terminal to ask on.
    """
    if asked.pin_stdin:
        pin = (await asyncio.to_thread(sys.stdin.readline)).strip()
    elif sys.stdin.isatty():
        pin = (await asyncio.to_thread(getpass.getpass, texts("cli_printer.pin"))).strip()
    else:
        raise DomainError("cli_printer.needs_a_pin")
    actor = await desk.log_in(pin)
    if not actor.may(Permission.MANAGE_PRINTERS):
        raise DomainError("cli_printer.may_not", name=actor.name)


def _said(asked: argparse.Namespace) -> dict[str, Any]:
    """The settings that the command line says."""
    return {field: value for field in SETTINGS if (value := getattr(asked, field)) is not None}


def _known(desk: Desk, name: str) -> PrinterSettings:
    """A printer of the branch.

    Raises:
        DomainError: PRINTER_UNKNOWN, cli_printer.only_in_configuration (params: name).
    """
    held = desk.seen[PRINTERS].printers.get(name)
    if held is None:
        is_own = name in desk.setup.printers
        raise DomainError("cli_printer.only_in_configuration" if is_own else "PRINTER_UNKNOWN", name=name)
    return held


def _changed(held: PrinterSettings, asked: argparse.Namespace, of_device: UUID) -> PrinterSettings:
    """A printer with what the command line says. One that gets another address hangs on this device."""
    values = {each.name: getattr(held, each.name) for each in fields(held) if each.name != "name"}
    said = _said(asked)
    if "page" in said and "page_number" not in said:
        del values["page_number"]
    if asked.address is not None:
        said |= {"address": asked.address, "device_id": of_device}
    if asked.on:
        said["is_active"] = True
    return settings_of(held.name, values | said)


def _wanted(text: str, desk: Desk, texts: Texts, here: bool) -> PrintRuleWanted:
    """What a word means: `receipt`, `kitchen`, or `kitchen:Bar` for one station; in the user's language, too.

    Raises:
        DomainError: cli_printer.paper_unknown (params: word, words), cli_printer.station_unknown (word, words).
    """
    word, _colon, station = text.partition(":")
    papers = [paper for paper in Paper if paper is not Paper.OTHER]
    paper = next((each for each in papers if search_key(word) in _names(each, texts)), None)
    if paper is None:
        words = ", ".join(texts(f"printers.paper.{each}") for each in papers)
        raise DomainError("cli_printer.paper_unknown", word=word, words=words)
    if not station:
        return PrintRuleWanted(paper, None, here)
    found = next((each for each in desk.stations if search_key(each.name) == search_key(station)), None)
    if found is None or paper is not Paper.KITCHEN:
        words = ", ".join(each.name for each in desk.stations)
        raise DomainError("cli_printer.station_unknown", word=station, words=words)
    return PrintRuleWanted(paper, found.id, here)


def _names(paper: Paper, texts: Texts) -> set[str]:
    also = texts(f"printers.paper_also.{paper}").split() if texts.has(f"printers.paper_also.{paper}") else ()
    return {str(paper), search_key(texts(f"printers.paper.{paper}")), *map(search_key, also)}


def _not_here(name: str, desk: Desk, texts: Texts) -> str:
    """What a printer does not print on this device, although the branch says so: `recibos van a ticketera`."""
    stations = {each.id: each.name for each in desk.stations}
    return ", ".join(
        texts(
            "cli_printer.goes_to",
            paper=texts(f"printers.paper.{each.paper}") + _in_brackets(each.station_id, stations),
            printer=each.printer,
        )
        for each in desk.printers.diverted(name)
    )


def _in_brackets(station_id: UUID | None, stations: Mapping[UUID, str]) -> str:
    return "" if station_id is None else f" ({stations.get(station_id, '?')})"


def _of_device(asked: argparse.Namespace) -> str:
    """The option that the next command needs, too."""
    return f" --device {shlex.quote(asked.device)}" if asked.device else ""


def _described(settings: PrinterSettings, desk: Desk, texts: Texts) -> str:
    """Address, paper and documents of a printer in one line."""
    stations = {each.id: each.name for each in desk.stations}
    prints = [
        texts(f"printers.paper.{rule.document}") + _in_brackets(rule.station_id, stations)
        for rule in desk.printers.rules_of(settings.name)
    ]
    own_plan = desk.setup.own_plan
    own = [paper for paper in (Paper.RECEIPT, Paper.KITCHEN) if settings.name == own_plan.printer_of(paper)]
    prints += [texts(f"printers.paper.{paper}") for paper in own]
    prints += [
        texts(f"printers.paper.{Paper.KITCHEN}") + _in_brackets(station_id, stations)
        for station_id, name in own_plan.kitchen.items()
        if name == settings.name
    ]
    prints = list(dict.fromkeys(prints))
    paper = texts("cli_printer.paper", columns=settings.columns, page=settings.page, number=settings.page_number)
    stands_in = settings.substitute
    after = texts("cli_printer.stands_in_after", count=settings.substitute_after) if settings.substitute_after else ""
    substitute = texts("cli_printer.stands_in", substitute=stands_in) + after if stands_in else ""
    return " · ".join(filter(None, (settings.address, paper, ", ".join(prints), substitute)))


_ACTIONS = {
    "add": _add,
    "set": _set,
    "remove": _remove,
    "list": _list,
    "test": _test,
    "logo": _logo,
    "text": _text,
}
