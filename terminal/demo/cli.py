"""`comanda demo`: set everything up, print the welcome page, open the till, and stop everything at the end."""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from shared.domains import TEXT_ROOMS
from shared.kernel.errors import DomainError
from shared.kernel.language import Texts
from terminal.commands.screen import DEMO, show_screen
from terminal.demo.check import run_check
from terminal.demo.cloud import USUAL_PORT
from terminal.demo.house import DemoHouse
from terminal.demo.leaving import ending_in_order
from terminal.demo.progress import Progress
from terminal.demo.trouble import DemoTrouble
from terminal.demo.welcome import show_welcome
from terminal.device import home

ROOMS = (*TEXT_ROOMS, "terminal", "terminal.printing", "terminal.demo")


def run_demo(texts: Texts, *, check: bool, fresh: bool = False) -> int:
    """Run the demo until its till is closed, or check one sale from end to end. Returns the exit code.

    Args:
        texts: the catalogues.
        check: open no screen, and print the checks line by line.
        fresh: delete what earlier demos sold.
    """
    texts, console = Texts(texts.language, ROOMS), Console(highlight=False)
    progress = Progress(texts, console)
    with ending_in_order():
        try:
            if check:
                return _check(texts, progress)
            return _show(texts, progress, console, fresh=fresh)
        except DomainError as error:
            Console(stderr=True, highlight=False).print(Text(texts(error.code, **error.params)), soft_wrap=True)
            return 1


def _show(texts: Texts, progress: Progress, console: Console, *, fresh: bool) -> int:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise DemoTrouble("NEEDS_A_TERMINAL")
    house = DemoHouse(home() / DEMO, texts.language, USUAL_PORT)
    with house.claimed():
        try:
            with house.opened(progress, fresh=fresh):
                show_welcome(console, texts, house, home())
                till = house.plan.device("till")
                console.input(texts("demo.enter_opens", name=till.name))
                progress.say(texts("demo.opening", name=till.name))  # before the imports, which take seconds
                code = asyncio.run(show_screen(house.folder(till), "pos", online=True, light=False))
                progress.say(texts("demo.stopping"))
        except EOFError:
            code = 0
    progress.held(texts("demo.stopped"))
    return code


def _check(texts: Texts, progress: Progress) -> int:
    root = Path(tempfile.mkdtemp(prefix="comanda-check-"))
    root.chmod(0o711)  # the database's user must be able to enter
    house = DemoHouse(root, texts.language)
    try:
        return run_check(house, texts, progress)
    finally:
        house.forget()
        shutil.rmtree(root, ignore_errors=True)
