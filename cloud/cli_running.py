"""What the short commands of `comanda-cloud` share: the parts, how they answer, and how they ask for a password."""

from __future__ import annotations

import asyncio
import getpass
import json
import os
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cloud.composition import assemble
from cloud.control.audit import Doer, doing
from cloud.database.opening import Say, generation_of, open_database
from cloud.parts import Parts
from cloud.realtime.carriers import carriers_of
from cloud.realtime.link import telling
from cloud.settings import Settings
from shared.kernel.language import Texts, language_of

as_json: ContextVar[bool] = ContextVar("as_json", default=False)
"""Whether the command was called with `--json`."""


def with_parts(settings: Settings, say: Say, work: Callable[[Parts], Awaitable[None]]) -> int:
    """Run something with the server's parts, and tell the running servers of what it changed."""

    async def run(parts: Parts) -> None:
        doing(operator())
        try:
            async with telling(carriers_of(parts.settings, parts.redis), parts.hub):
                await work(parts)
        finally:
            await parts.close()

    with open_database(settings, say, makes=False) as ready:
        asyncio.run(run(assemble(ready, generation=generation_of(ready))))
    return 0


def operator() -> Doer:
    """Whoever calls the command: they can do all on this server anyway."""
    return Doer(getpass.getuser(), "command", may_all=True)


def address_of(settings: Settings) -> str:
    """Where people and devices reach the server, as far as these settings say it."""
    if settings.public_url is not None:
        return settings.public_url
    listening = _listening_file(settings)
    noted = listening.read_text(encoding="utf-8").strip() if listening is not None and listening.is_file() else ""
    return noted or f"http://{settings.host}:{settings.port}"


@contextmanager
def listening_on(settings: Settings, address: str) -> Iterator[None]:
    """Let other commands know where the server of an embedded database listens, as long as it does.

    Its port may have come from its own command line. Of servers with a database of their own there may be many: there
    the settings say the address.
    """
    noted = _listening_file(settings)
    if noted is None:
        yield
        return
    noted.write_text(f"{address}\n", encoding="utf-8")
    try:
        yield
    finally:
        noted.unlink(missing_ok=True)


def _listening_file(settings: Settings) -> Path | None:
    return settings.data_folder / "listening" if settings.database_url is None else None


def answer(code: str, /, **params: object) -> None:
    """Print a result of the command to standard output: a sentence, or with `--json` an object a line.

    Mistakes and progress go to standard error, as sentences.
    """
    if as_json.get():
        print(json.dumps({"result": code.removeprefix("cli."), **params}, ensure_ascii=False, default=str))
        return
    print(Texts(language_of(os.environ), ("cloud",))(code, **params))


def as_objects(rows: Sequence[Any]) -> str:
    """Rows of a list as JSON, as `--json` prints them."""
    return json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=2, default=str)


def asked_password() -> str:
    """Ask for a password, or read it from standard input."""
    if sys.stdin.isatty():
        return getpass.getpass(Texts(language_of(os.environ), ("cloud",))("cli.ask_password"))
    return sys.stdin.readline().rstrip("\r\n")
